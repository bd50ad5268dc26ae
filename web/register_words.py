"""What stands in a register, in the reader's words: values masked or in full, events, who stands behind them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from flask_babel import gettext

from domain import history, registers
from domain.history_words import reason_of_ours
from domain.registers import Column, Register
from domain.sites.queries import in_language
from web.i18n import language, moment, moments, say, tell


def texts_of(column: Column, rows: Sequence[Any]) -> list[str]:
    """What stands in that column of each of the rows for this reader, masked."""
    write = _writes(column, full=False)
    return ["" if found is None or found == "" else write(found) for found in map(column.value, rows)]


def writer(column: Column, *, full: bool = False) -> Callable[[Any], str]:
    """What writes the value of a column for this reader: masked unless in full. Bound once for many rows."""
    value, write = column.value, _writes(column, full=full)

    def written(row: Any) -> str:
        found = value(row)
        return "" if found is None or found == "" else write(found)

    return written


def _writes(column: Column, *, full: bool) -> Callable[[Any], str]:
    match column.kind:
        case "moment":
            return moments()
        case "sentence":
            return cache(say)  # few differ among the rows of a page
        case "told":
            return _told
        case "by_language":
            return partial(in_language, language=language())
        case _ if column.mask and not full:
            return column.mask
        case "noted":
            return _noted
        case _:
            return column.show or str


def words_of(column: Column, row: Any, *, full: bool = False) -> str:
    """The value of a column of one row, as `writer` writes it."""
    return writer(column, full=full)(row)


def _told(said: tuple[str, dict[str, Any]]) -> str:
    return tell(*said)


def who_did(line: Any) -> str:
    """Who stands behind a line of the history."""
    match line.actor_kind:
        case "staff":
            return line.person_name or gettext("Desk")
        case "kiosk":
            return line.kiosk_name or gettext("Kiosk")
        case "visitor":
            return gettext("Visitor")
        case "host":
            return gettext("Host")
        case _:
            return "Foyer"


def reason_of(written: str) -> str:
    """Why something was done, as it was typed; what Foyer itself wrote there is said in the reader's language."""
    ours = reason_of_ours(written)
    return tell(*ours) if ours else written


def _noted(several: Sequence[str]) -> str:
    return " · ".join(map(reason_of, several))


def is_masked(register: Register, row: Any, lines: Sequence[dict[str, Any]]) -> bool:
    """Whether anything of an entry is kept from who reads it masked: a value, what a line of its history changed, or
    the borrower's signature. Where nothing is, there is nothing to be shown in full.
    """
    columns = [column for column in (*register.columns, *register.details) if column.mask]
    return (
        any(words_of(column, row) != words_of(column, row, full=True) for column in columns)
        or any(change["masked"] for line in lines for change in line["changes"])
        or bool(getattr(row, "signature", ""))
    )


def lines_of(register: Register, row: Any, *, full: bool) -> list[dict[str, Any]]:
    """The history of an entry as it is drawn, newest first."""
    drawn = []
    for line in reversed(history.of_entry(register, row.id, site_id=row.site_id)):
        what = registers.happening(register, line)
        drawn.append(
            {
                "at": line.at,
                "what": tell(what.sentence, what.values),
                "icon": what.icon,
                "tone": what.tone,
                "who": who_did(line),
                "note": reason_of(what.note),
                "changes": [
                    {
                        "field": say(change.label),
                        "before": _changed(change.before, change.mask, full=full),
                        "after": _changed(change.after, change.mask, full=full),
                        "masked": any(
                            _changed(one, change.mask, full=False) != _changed(one, change.mask, full=True)
                            for one in (change.before, change.after)
                        ),
                    }
                    for change in what.changes
                ],
            }
        )
    return drawn


def _changed(value: str | datetime, mask: Callable[[Any], str] | None, *, full: bool) -> str:
    if isinstance(value, datetime):
        return moment(value)
    return mask(value) if mask and not full else value
