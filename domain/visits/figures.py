"""What is counted of visits: when they come, how long they stay, how fast hosts answer, who was seen leaving (R3)."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from domain import clock, figures
from domain.database import db
from domain.figures import Bar, Chart, Day, Figure, Headline, Panel, Said, Sums, Tallied, Verbatim, rate
from domain.permissions import Permission
from domain.text import N_
from domain.visits.models import Visit, VisitState

QUICK = 180
STAYS = ((900, "15"), (1800, "30"), (3600, "60"), (7200, "120"), (14400, "240"))
STAY_NAMES = {
    "15": N_("to 15 min"),
    "30": N_("to 30 min"),
    "60": N_("to 1 h"),
    "120": N_("to 2 h"),
    "240": N_("to 4 h"),
    "more": N_("longer"),
}
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
BY_HOUR, ENDS, STAY, ANSWER = "visits.hour", "visits.end", "visits.stay", "visits.answer"


def _rows(day: Day, *columns: Any) -> Sequence[Any]:
    came = Visit.site_id == day.site_id, Visit.arrived_at >= day.since, Visit.arrived_at < day.until
    """Whoever came, gave up waiting or was refused, as the register and the desk count them."""
    return db.session.execute(select(*columns).where(*came)).all()


def _hours(day: Day) -> Iterator[tuple[str, int, float]]:
    for (arrived_at,) in _rows(day, Visit.arrived_at):
        yield f"{clock.local(arrived_at, day.zone):%H}", 1, 0


def _ends(day: Day) -> Iterator[tuple[str, int, float]]:
    for (state,) in _rows(day, Visit.state):
        yield state, 1, 0


def _stays(day: Day) -> Iterator[tuple[str, int, float]]:
    for state, arrived_at, left_at in _rows(day, Visit.state, Visit.arrived_at, Visit.left_at):
        if state == VisitState.LEFT:
            inside = (left_at - arrived_at).total_seconds()
            yield next((name for most, name in STAYS if inside <= most), "more"), 1, inside


def _answers(day: Day) -> Iterator[tuple[str, int, float]]:
    for arrived_at, answered_at, by in _rows(day, Visit.arrived_at, Visit.answered_at, Visit.answered_by):
        if answered_at and by in ("host", "deputy"):
            waited = max(0.0, (answered_at - arrived_at).total_seconds())
            yield "quick" if waited <= QUICK else "slow", 1, waited


def _headlines(sums: Sums) -> list[Headline]:
    came, before, answers = sums.of(BY_HOUR).count, sums.of(BY_HOUR, before=True).count, sums.of(ANSWER)
    quick = sums.of(ANSWER, "quick").count
    left, unseen = sums.of(ENDS, "left").count, sums.of(ENDS, "probably_left").count
    found = [
        Headline(
            N_("Visits"),
            Verbatim(f"{came:,}"),
            Said(N_("%(before)d in the span before"), {"before": before}),
        )
    ]
    if answers.count:
        found.append(
            Headline(
                N_("Answers of hosts, on average"),
                answers.mean,
                Said(N_("within 3 minutes: %(rate)s"), {"rate": rate(quick, answers.count)}),
                "ok" if quick == answers.count else "wait",
            )
        )
    if unseen:
        fact = Said(N_("seen leaving: %(rate)s"), {"rate": rate(left, left + unseen)})
        found.append(Headline(N_("Not seen leaving"), Verbatim(f"{unseen:,}"), fact, "late"))
    return found


def _by_hour(sums: Sums) -> Panel:
    hours = [f"{hour:02d}" for hour in range(24)]
    counted = [(hour, sums.of(BY_HOUR, hour).count, sums.of(BY_HOUR, hour, before=True).count) for hour in hours]
    busy = [number for number, (_, now, before) in enumerate(counted) if now or before]
    shown = counted[busy[0] : busy[-1] + 1] if busy else []
    most = max(shown, key=lambda one: one[1], default=("", 0, 0))
    finding = Said(N_("Nobody came."))
    if most[1]:
        finding = Said(
            N_("Most visits at %(hour)s: %(count)d of %(all)d, companions not counted."),
            {"hour": f"{most[0]}:00", "count": most[1], "all": sums.of(BY_HOUR).count},
        )
    return Panel(
        "visits-hour",
        N_("Visits by the hour"),
        finding,
        (N_("Hour"), N_("Now"), N_("Before")),
        [(Verbatim(f"{hour}:00"), Verbatim(str(now)), Verbatim(str(before))) for hour, now, before in shown],
        Chart("columns", [Bar(Verbatim(hour), now, before=before) for hour, now, before in shown]),
        size="w7",
    )


def _week(sums: Sums) -> Panel:
    grid: dict[tuple[int, str], int] = {}
    for (day, hour), count in sums.by_day.get(BY_HOUR, {}).items():
        grid[day.weekday(), hour] = grid.get((day.weekday(), hour), 0) + count
    present = sorted({hour for _, hour in grid})
    hours = [f"{hour:02d}" for hour in range(int(present[0]), int(present[-1]) + 1)] if present else []
    (weekday, busiest), most = max(grid.items(), key=lambda one: one[1], default=((0, ""), 0))
    finding = Said(N_("Nobody came."))
    if most:
        values = {"day": Said(WEEKDAYS[weekday]), "hour": f"{busiest}:00", "count": most}
        finding = Said(N_("Most visits on %(day)s at %(hour)s: %(count)d, companions not counted."), values)
    return Panel(
        "visits-week",
        N_("Visits by weekday and hour"),
        finding,
        (N_("Hour"), *WEEKDAYS),
        [(Verbatim(f"{at}:00"), *(Verbatim(str(grid.get((on, at), 0))) for on in range(7))) for at in hours],
        Chart(
            "grid",
            [Bar(Said(WEEKDAYS[on]), grid.get((on, at), 0)) for on in range(7) for at in hours],
            across=[Verbatim(at) for at in hours],
        ),
        size="w7",
    )


def _stay(sums: Sums) -> Panel:
    """How long is known of those alone who were seen leaving; who was not has a line of the table (V9)."""
    seen, over = sums.of(STAY), sums.of(ENDS, "left", "probably_left").count
    unseen = [sums.of(ENDS, "probably_left", before=before).count for before in (False, True)]
    return Panel(
        "visits-stay",
        N_("Time inside"),
        Said(N_("%(mean)s on average. Seen leaving: %(rate)s."), {"mean": seen.mean, "rate": rate(seen.count, over)})
        if seen.count
        else Said(N_("Nobody was seen leaving.")),
        (N_("Time inside"), N_("Visits"), N_("Before")),
        [
            (Said(words), Verbatim(str(sums.of(STAY, key).count)), Verbatim(str(sums.of(STAY, key, before=True).count)))
            for key, words in STAY_NAMES.items()
        ]
        + ([(Said(N_("Not seen leaving")), *(Verbatim(str(count)) for count in unseen))] if any(unseen) else []),
        Chart("bars", [Bar(Said(words), sums.of(STAY, key).count) for key, words in STAY_NAMES.items()]),
        size="w5" if sums.span.days > 1 else "w4",
    )


def _panels(sums: Sums) -> list[Panel]:
    return [_by_hour(sums), *([_week(sums)] if sums.span.days > 1 else []), _stay(sums)]


def _first(site_id: int) -> Select[Any]:
    return select(func.min(Visit.arrived_at)).where(Visit.site_id == site_id)


figures.add(
    Figure(
        "visits",
        Permission.VISITS_READ,
        _first,
        (Tallied(BY_HOUR, _hours), Tallied(ENDS, _ends), Tallied(STAY, _stays), Tallied(ANSWER, _answers)),
        _headlines,
        _panels,
        by_day=(BY_HOUR,),
        place=1,
    )
)
