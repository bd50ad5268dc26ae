"""What stands in a register, in the reader's words: values masked or in full, events, who stands behind them."""

from typing import Any

from flask_babel import gettext

from domain import history
from domain.registers import Column, Register
from domain.sites.queries import in_language
from web.i18n import language, moment, say, tell


def words_of(column: Column, row: Any, *, full: bool = False) -> str:
    """The value of a column as this reader may see it: masked unless it is shown in full."""
    value = column.value(row)
    if value in (None, ""):
        return ""
    match column.kind:
        case "moment":
            return moment(value)
        case "sentence":
            return say(value)
        case "told":
            return tell(*value)
        case "by_language":
            return in_language(value, language(), "en" if not language().startswith("zh") else "zh_Hans")
    if column.mask and not full:
        return column.mask(value)
    return column.show(value) if column.show else str(value)


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


def lines_of(register: Register, row: Any, *, full: bool) -> list[dict[str, Any]]:
    """The history of an entry as it is drawn, newest first."""
    drawn = []
    for line in reversed(history.of_entry(register, row.id, site_id=row.site_id)):
        what = register.happened(line)
        drawn.append(
            {
                "at": line.at,
                "what": tell(what.sentence, what.values),
                "icon": what.icon,
                "tone": what.tone,
                "who": who_did(line),
                "note": what.note,
                "changes": [
                    {
                        "field": say(change.label),
                        "before": change.mask(change.before) if change.mask and not full else change.before,
                        "after": change.mask(change.after) if change.mask and not full else change.after,
                    }
                    for change in what.changes
                ],
            }
        )
    return drawn
