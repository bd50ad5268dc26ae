"""Dates of a repeated meeting: a rule of RFC 5545, which must end (M2)."""

from datetime import date, datetime, time, timedelta
from itertools import islice

from dateutil.rrule import rrulestr

from domain.errors import DomainError
from domain.text import N_

MOST = 400
LAST_YEAR = 9000
LONGEST = timedelta(days=731)
PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH", "WKST"}
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
NO_RULE = N_("This is no rule of repeating that Foyer knows.")


def dates_of(rule: str, first: date) -> list[date]:
    """The days of the rule, from the first one on; they are days on the wall, so that no change of clocks moves them.

    Raises DomainError for what is no rule, never ends, reaches over more than two years or makes more than 400 dates.
    """
    parts = _parts(rule)
    if first.year > LAST_YEAR:
        raise DomainError(N_("This day is too far away."), field="day")
    last = first + LONGEST
    if "UNTIL" not in parts and "COUNT" not in parts:
        raise DomainError(N_("Say until when it repeats: a repeat has an end."), field="repeat_until")
    until = _until(parts.pop("UNTIL"), first) if "UNTIL" in parts else None
    if until and until > last:
        raise DomainError(N_("A repeat reaches over two years at most."), field="repeat_until")
    if "INTERVAL" in parts:
        _number(parts["INTERVAL"])
    count = _number(parts.pop("COUNT")) if "COUNT" in parts else MOST + 1
    # Whatever the rule is, it is asked no farther than two years: one that matches nothing would never come back.
    bounded = ";".join(f"{name}={value}" for name, value in parts.items())
    end = (until or last).strftime("%Y%m%dT235959")
    try:
        asked = rrulestr(f"{bounded};UNTIL={end}", dtstart=datetime.combine(first, time.min))
        found = [each.date() for each in islice(asked, min(count, MOST + 1))]
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise DomainError(NO_RULE, field="repeat") from error
    if len(found) > MOST:
        raise DomainError(
            N_("This makes more than %(most)d dates. Let it end earlier."), field="repeat_until", most=MOST
        )
    if count <= MOST and len(found) < count and until is None:
        raise DomainError(N_("A repeat reaches over two years at most."), field="repeat_until")
    if not found:
        raise DomainError(N_("There is no date in this repeat. Let it end later."), field="repeat_until")
    return found


def _parts(rule: str) -> dict[str, str]:
    parts = dict(part.partition("=")[::2] for part in rule.upper().removeprefix("RRULE:").split(";") if part)
    if parts.get("FREQ") not in FREQUENCIES or set(parts) - PARTS or len(rule) > 200:
        raise DomainError(NO_RULE, field="repeat")
    return parts


def _until(typed: str, first: date) -> date:
    try:
        until = date.fromisoformat(typed[:8])
    except ValueError as error:
        raise DomainError(NO_RULE, field="repeat") from error
    if until < first:
        raise DomainError(N_("The repeat ends before it begins."), field="repeat_until")
    return until


def _number(typed: str) -> int:
    if not typed.isascii() or not typed.isdecimal() or not 0 < len(typed) < 8 or not int(typed):
        raise DomainError(NO_RULE, field="repeat")
    return int(typed)
