"""The run sheet (M4): an order and the meeting's times become steps, and the steps follow when either changes.

What is ticked stays as it was ticked. What is not moves with the meeting, and is void where nobody asks for it now.
Only what was prepared for another room, or for hours earlier, is asked for anew: nobody meets in a room that was never
cleaned because another one was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain import custody
from domain.codes import new_ref
from domain.database import db
from domain.identity import Actor
from domain.meetings import history, service_notices
from domain.meetings.models import Reservation, ReservationState, Room
from domain.meetings.phases import HOUSE_STEPS, Anchor, Category, Duty, Phase
from domain.meetings.service_models import OrderLine, ServiceItem, ServiceOrder, ServiceStep, StepTemplate
from domain.meetings.service_queries import hold_order, lines_of, order_of, step_templates_of
from domain.meetings.sheet_queries import LIVE

MOST_REPEATS = 40
MOVES = frozenset({"moved", "extended", "ended", "changed", "revived"})
VOIDS = frozenset({"cancelled", "released"})
STALE = timedelta(hours=4)
"""A meeting that moves by more is prepared anew."""


@dataclass(frozen=True)
class Wanted:
    """A step as it should be: what it is made of, the how-manieth of it, and when."""

    source: StepTemplate
    nth: int
    due_at: datetime


def house_steps(site_id: int) -> list[StepTemplate]:
    """The steps of the site's sheets; a site that has none yet begins with the house's."""
    found = list(step_templates_of(site_id, retired=True))
    if not found:
        found = [
            StepTemplate(
                ref=new_ref(),
                site_id=site_id,
                code=step.code,
                name="",
                phase=step.phase,
                anchor=step.anchor,
                minutes=step.minutes,
                every_minutes=step.every,
                category=step.category or "",
                duty=step.duty or "",
                longer_than=step.longer,
                position=position,
            )
            for position, step in enumerate(HOUSE_STEPS)
        ]
        db.session.add_all(found)
        db.session.flush()
    return [step for step in found if step.retired_at is None]


def end_of(reservation: Reservation) -> datetime:
    """When the meeting ends, or when it ended."""
    early = reservation.ended_at if reservation.state == ReservationState.ENDED else None
    return min(early, reservation.ends_at) if early else reservation.ends_at


def wanted(
    reservation: Reservation,
    lines: Sequence[tuple[OrderLine, ServiceItem]],
    sources: Sequence[StepTemplate],
    *,
    has_key: bool,
    key_out: bool = False,
) -> Iterator[Wanted]:
    """The steps that a sheet should have. `key_out`: a key went out for it, of whichever room."""
    begin, end = reservation.begins_at, end_of(reservation)
    length = (reservation.ends_at - begin) / timedelta(minutes=1)
    anchors = {Anchor.BEGIN: begin, Anchor.MIDDLE: begin + (reservation.ends_at - begin) / 2, Anchor.END: end}
    ordered = {Category(item.category) for _, item in lines}
    for source in sources:
        if source.category and source.category not in ordered:
            continue
        if source.longer_than and length <= source.longer_than:
            continue
        if source.duty == Duty.KEY_OUT and not has_key:
            continue
        if source.duty == Duty.KEY_BACK and not (has_key or key_out):
            continue
        due = anchors[Anchor(source.anchor)] + timedelta(minutes=source.minutes)
        if source.every_minutes is None:
            yield Wanted(source, 0, due.replace(second=0, microsecond=0))
            continue
        every = timedelta(minutes=_interval(source, lines))
        for nth in range(1, MOST_REPEATS + 1):
            if due + nth * every >= end:
                break
            yield Wanted(source, nth, due + nth * every)


def _interval(source: StepTemplate, lines: Sequence[tuple[OrderLine, ServiceItem]]) -> int:
    """Every so many minutes: the shortest that was ordered of its kind, else the step's own."""
    said = [line.every_minutes for line, item in lines if item.category == source.category and line.every_minutes]
    return min(said) if said else source.every_minutes or 0


def lay_out(order: ServiceOrder, reservation: Reservation, *, now: datetime) -> None:
    """Bring the sheet into line with order and meeting. The order is held by the caller."""
    lines = [(row.OrderLine, row.ServiceItem) for row in lines_of(order.id)]
    found = db.session.scalars(select(ServiceStep).where(ServiceStep.order_id == order.id)).all()
    there = {(step.source_id, step.nth): step for step in found}
    has_key = db.session.get_one(Room, reservation.room_id).key_id is not None
    sources = house_steps(order.site_id)
    if reservation.state in LIVE:
        asked = list(wanted(reservation, lines, sources, has_key=has_key, key_out=order.key_loan_id is not None))
    else:  # The room is nobody's; a key that went out for it must come back all the same.
        asked = [Wanted(source, 0, now) for source in sources if key_out(order) and source.duty == Duty.KEY_BACK]
    for each in asked:
        step = there.pop((each.source.id, each.nth), None)
        if step is None:
            db.session.add(_new(order, each))
        elif step.how is None:
            step.due_at, step.void_at = each.due_at, None
    for step in there.values():
        if step.how is None and step.void_at is None:
            step.void_at = now
    db.session.flush()


def key_out(order: ServiceOrder) -> int | None:
    """The key that went out for this meeting and is not back yet."""
    return None if order.key_loan_id is None else custody.keeper().key_out(order.key_loan_id)


def _new(order: ServiceOrder, each: Wanted) -> ServiceStep:
    source = each.source
    return ServiceStep(
        ref=new_ref(),
        site_id=order.site_id,
        order_id=order.id,
        source_id=source.id,
        nth=each.nth,
        phase=source.phase,
        code=source.code,
        name=source.name,
        category=source.category,
        duty=source.duty,
        due_at=each.due_at,
        reason="",
    )


@history.follows
def follow(kind: str, reservation: Reservation, facts: dict[str, Any], actor: Actor, now: datetime) -> None:
    """A meeting was moved, extended, ended or called off: its steps go along, and the attendant is told."""
    if kind not in MOVES | VOIDS:
        return
    found = order_of(reservation.id)
    if found is None or found.closed_at is not None:
        return
    order = hold_order(found.id)
    if kind == "moved" and _is_far(reservation, facts):
        _prepare_anew(order, reservation, actor=actor, now=now)
    lay_out(order, reservation, now=now)
    if kind in ("cancelled", "released", "moved"):
        called_off = kind in VOIDS
        service_notices.tell_attendant(
            order, "service.called_off" if called_off else "service.moved", now=now, again=now.isoformat()
        )


def _is_far(reservation: Reservation, facts: dict[str, Any]) -> bool:
    by = abs(reservation.begins_at - datetime.fromisoformat(facts["before"]))
    return bool(facts["other_room"]) or by > STALE


def _prepare_anew(order: ServiceOrder, reservation: Reservation, *, actor: Actor, now: datetime) -> None:
    """Open what was ticked of the preparation; the history keeps it. What left the store comes along."""
    done = db.session.scalars(
        select(ServiceStep).where(
            ServiceStep.order_id == order.id, ServiceStep.phase == Phase.PREPARE, ServiceStep.how.is_not(None)
        )
    ).all()
    if not done:
        return
    for step in done:
        step.open()
    db.session.flush()
    history.record("prepared_anew", reservation, actor=actor, now=now, facts={"step_ids": [step.id for step in done]})
