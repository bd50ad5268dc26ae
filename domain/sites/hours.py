"""Opening hours as people write them: "08:00-12:00, 13:00-20:00"; after midnight as "20:00-02:00"."""

import re
import unicodedata
from itertools import pairwise

from domain.errors import DomainError
from domain.text import N_

Opening = dict[str, list[list[str]]]

WEEKDAYS = ("1", "2", "3", "4", "5", "6", "7")
DAY = 24 * 60
WEEK = 7 * DAY
LONGEST_TYPED = 200

# A Chinese keyboard writes a dash as two. What is full width is narrow before anybody looks.
_TO = r"\s*(?:[-\u2010-\u2015\u2212\u30fc~\u301c]{1,2}|至|到)\s*"
_SPLIT = re.compile(rf"[,;、\n]+|\s+(?=\d{{1,2}}[:.]\d\d{_TO})")
_SPAN = re.compile(
    rf"(?P<from_hour>\d{{1,2}})[:.](?P<from_minute>\d\d){_TO}(?P<to_hour>\d{{1,2}})[:.](?P<to_minute>\d\d)"
)


def parse_spans(typed: str) -> list[tuple[int, int]]:
    """The spans of one day in minutes after midnight, in order; an end after midnight is over 1440.

    Raises DomainError with a sentence that says which part is wrong.
    """
    if len(typed) > LONGEST_TYPED:
        raise DomainError(N_("At most %(max)d characters, now %(n)d."), max=LONGEST_TYPED, n=len(typed))
    found = []
    for part in filter(None, (part.strip() for part in _SPLIT.split(unicodedata.normalize("NFKC", typed)))):
        match = _SPAN.fullmatch(part)
        if not match:
            raise DomainError(
                N_("“%(part)s” is no span of time. Write it as 08:00-12:00, several with a comma between."),
                part=part[:40],
            )
        begin = int(match["from_hour"]) * 60 + int(match["from_minute"])
        end = int(match["to_hour"]) * 60 + int(match["to_minute"])
        if begin >= DAY or end > DAY or max(int(match["from_minute"]), int(match["to_minute"])) > 59:
            raise DomainError(N_("“%(part)s” has a time that no clock shows."), part=part[:40])
        if begin == end:
            raise DomainError(
                N_("“%(part)s” begins and ends at the same time. The whole day is 00:00-24:00."), part=part
            )
        found.append((begin, end if end > begin else end + DAY))
    found.sort()
    for (_, end), (begin, _) in pairwise(found):
        if begin < end:
            raise DomainError(N_("Two spans of this day overlap at %(time)s."), time=_clock(begin))
    return found


def read_hours(typed: dict[str, str]) -> Opening:
    """The opening hours of a week from what was typed for each ISO weekday.

    An empty day is closed, seven empty ones mean always open. Raises DomainError with the weekday as its field; also
    when a span that runs over midnight reaches into the next day's.
    """
    week: dict[str, list[tuple[int, int]]] = {}
    for day in WEEKDAYS:
        try:
            week[day] = parse_spans(typed.get(day, ""))
        except DomainError as error:
            raise DomainError(error.sentence, field=f"day_{day}", **error.values) from error
    for place, day in enumerate(WEEKDAYS):
        following = week[WEEKDAYS[(place + 1) % 7]]
        if week[day] and following and week[day][-1][1] - DAY > following[0][0]:
            raise DomainError(
                N_("This runs over midnight into the next day, which is open from %(time)s already."),
                field=f"day_{day}",
                time=_clock(following[0][0]),
            )
    return {day: [[_clock(begin), _clock(end)] for begin, end in spans] for day, spans in week.items() if spans}


def write_spans(spans: list[list[str]]) -> str:
    """Spans as they are typed: 08:00-12:00, 13:00-20:00."""
    return ", ".join(f"{begin}-{'24:00' if end == '00:00' else end}" for begin, end in spans)


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
