"""What is counted of meetings: how much of its open time each room is used, and to how many nobody came (R3)."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from domain import clock, figures
from domain.database import db
from domain.figures import Bar, Chart, Day, Figure, Headline, Length, Panel, Said, Sums, Tallied, Verbatim, rate
from domain.meetings.models import Reservation, ReservationState, Room
from domain.meetings.service_models import ServiceOrder, ServiceStep
from domain.meetings.sheet_queries import LIVE, PATIENCE
from domain.permissions import Permission
from domain.sites.models import Site
from domain.text import N_

USED, ENDED, STEPS = "rooms.used", "meetings.end", "meetings.steps"
DRAWN = 10
"""So many rooms are drawn, the busiest; the table holds all of them."""
HOW = {"in_time": N_("In time"), "late": N_("Late"), "skipped": N_("Skipped with a reason")}


def _meetings(day: Day) -> Iterator[tuple[Any, str]]:
    """The day's reservations that have begun by now, and what became of each."""
    begun = Reservation.begins_at >= day.since, Reservation.begins_at < min(day.until, day.now)
    for meeting in db.session.scalars(select(Reservation).where(Reservation.site_id == day.site_id, *begun)):
        if meeting.state == ReservationState.CANCELLED:
            yield meeting, "cancelled"
        elif meeting.state == ReservationState.RELEASED or meeting.has_lapsed(day.now):
            yield meeting, "nobody"
        else:
            yield meeting, "held"


def _ends(day: Day) -> Iterator[tuple[str, int, float]]:
    for _, end in _meetings(day):
        yield end, 1, 0


def _used(day: Day) -> Iterator[tuple[str, int, float]]:
    for meeting, end in _meetings(day):
        if end == "held":
            until = min(meeting.ends_at, meeting.ended_at or meeting.ends_at)
            yield str(meeting.room_id), 1, max(0.0, (until - meeting.begins_at).total_seconds())


def _steps(day: Day) -> Iterator[tuple[str, int, float]]:
    """Of each step of the day's meetings whose time is past: whether it was ticked in time (M5)."""
    asked = (
        select(ServiceStep.due_at, ServiceStep.how, ServiceStep.ticked_at)
        .join(ServiceOrder, ServiceOrder.id == ServiceStep.order_id)
        .join(Reservation, Reservation.id == ServiceOrder.reservation_id)
        .where(
            Reservation.site_id == day.site_id,
            Reservation.begins_at >= day.since,
            Reservation.begins_at < day.until,
            Reservation.state.in_(LIVE),
            ServiceStep.void_at.is_(None),
        )
    )
    for due_at, how, ticked_at in db.session.execute(asked):
        late = ((ticked_at or day.now) - due_at - PATIENCE).total_seconds()
        if how == "skipped":
            yield "skipped", 1, 0
        elif late > 0:
            yield "late", 1, late
        elif how:
            yield "in_time", 1, 0


def _headlines(sums: Sums) -> list[Headline]:
    nobody, all_ = sums.of(ENDED, "nobody").count, sums.of(ENDED, "nobody", "held").count
    fact = Said(N_("nobody came: %(rate)s"), {"rate": rate(nobody, all_)})
    found = [Headline(N_("Meetings"), Verbatim(f"{all_:,}"), fact, "wait" if nobody else None)]
    late, steps = sums.of(STEPS, "late").count, sums.of(STEPS).count
    if steps:
        of = Said(N_("steps late: %(rate)s"), {"rate": rate(late, steps)})
        found.append(
            Headline(N_("Service of meetings"), Verbatim(f"{steps - late:,} / {steps:,}"), of, "wait" if late else "ok")
        )
    return found


def _panels(sums: Sums) -> list[Panel]:
    rooms = db.session.scalars(
        select(Room).where(Room.site_id == sums.site_id, Room.retired_at.is_(None)).order_by(Room.name)
    ).all()
    if not rooms:
        return []
    lines, weekdays = [], Counter(day.isoweekday() for day in sums.span.every_day())
    for room in rooms:
        days = sum(weekdays[day] for day in room.open_days)
        open_for = days * (room.closes - room.opens) * 60
        used, before = sums.of(USED, str(room.id)), sums.of(USED, str(room.id), before=True)
        share = round(100 * used.total / open_for) if open_for else 0
        lines.append((room, used, before, open_for, share))
    nobody, all_ = sums.of(ENDED, "nobody").count, sums.of(ENDED, "nobody", "held").count
    busiest = sorted(lines, key=lambda line: -line[-1])[:DRAWN]
    return [
        Panel(
            "rooms-used",
            N_("Use of the meeting rooms"),
            Said(N_("Nobody came to %(rate)s."), {"rate": rate(nobody, all_)})
            if all_
            else Said(N_("No meeting took place.")),
            (N_("Room"), N_("Meetings"), N_("In use for"), N_("Open for"), N_("Share"), N_("Used before")),
            [
                (
                    Verbatim(room.name),
                    Verbatim(str(used.count)),
                    Length(used.total),
                    Length(open_for),
                    Verbatim(f"{share} %"),
                    Length(before.total),
                )
                for room, used, before, open_for, share in lines
            ],
            Chart(
                "bars", [Bar(Verbatim(room.name), share, words=Verbatim(f"{share} %")) for room, *_, share in busiest]
            ),
        ),
        *([_of_steps(sums)] if sums.of(STEPS).count else []),
    ]


def _of_steps(sums: Sums) -> Panel:
    late, steps = sums.of(STEPS, "late"), sums.of(STEPS)
    return Panel(
        "meeting-steps",
        N_("Steps of the service"),
        Said(N_("Late: %(rate)s, %(mean)s on average."), {"rate": rate(late.count, steps.count), "mean": late.mean}),
        (N_("Steps"), N_("Now"), N_("Before")),
        [
            (
                Said(said),
                Verbatim(str(sums.of(STEPS, how).count)),
                Verbatim(str(sums.of(STEPS, how, before=True).count)),
            )
            for how, said in HOW.items()
        ],
        Chart(
            "bars",
            [
                Bar(Said(said), sums.of(STEPS, how).count, late=sums.of(STEPS, how).count if how == "late" else 0)
                for how, said in HOW.items()
            ],
        ),
    )


@figures.part_of("monthly")
def _next_month(site_id: int, first: date, last: date) -> Panel | None:
    """What the rooms are reserved for in the month after the report."""
    begin = (last.replace(day=28) + timedelta(days=4)).replace(day=1)
    end = (begin.replace(day=28) + timedelta(days=4)).replace(day=1)
    zone = db.session.get_one(Site, site_id).zone
    ahead = (
        Reservation.begins_at >= clock.day_span(begin, zone)[0],
        Reservation.begins_at < clock.day_span(end, zone)[0],
        Reservation.state == ReservationState.HELD,
    )
    rows = db.session.execute(
        select(Room.name, func.count(Reservation.id), func.sum(Reservation.people))
        .join(Reservation, Reservation.room_id == Room.id)
        .where(Reservation.site_id == site_id, *ahead)
        .group_by(Room.name)
        .order_by(Room.name)
    ).all()
    count = sum(row[1] for row in rows)
    return Panel(
        "next-month",
        N_("Next month's plan: meetings"),
        Said(N_("%(count)d meetings are reserved from %(first)s on."), {"count": count, "first": begin.isoformat()}),
        (N_("Room"), N_("Meetings"), N_("Number of people")),
        [tuple(Verbatim(str(value)) for value in row) for row in rows],
    )


def _first(site_id: int) -> Select[Any]:
    return select(func.min(Reservation.begins_at)).where(Reservation.site_id == site_id)


figures.add(
    Figure(
        "meetings",
        Permission.MEETINGS_READ,
        _first,
        (Tallied(USED, _used), Tallied(ENDED, _ends), Tallied(STEPS, _steps)),
        _headlines,
        _panels,
        place=3,
    )
)
