"""Changing and moving what is reserved: this meeting, this and the later ones of its repeat, or all that lie ahead.
What has begun or is over is never touched, nor are others' (M9).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from domain import clock
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.meetings import history
from domain.meetings.decisions import ROLES, approval_columns, must_be_let
from domain.meetings.lapses import release_lapsed, taken_in
from domain.meetings.models import Approver, Reservation, ReservationState, Room
from domain.meetings.notices import Organiser, organiser_of, tell_approvers, tell_organiser
from domain.meetings.queries import hold, hold_rooms, of_series
from domain.meetings.reservations import Clashes, Wish, must_fit, placed, span_columns, spans_for
from domain.meetings.spans import Span, must_be_open
from domain.meetings.waiting import offer_freed
from domain.sites.models import Site
from domain.text import N_

OVER = N_("This meeting is over. What was written of it stays.")
GONE = N_("This meeting was called off or released meanwhile.")


class Which(StrEnum):
    """Of a repeat: how many of its meetings are meant."""

    ONE = "one"
    LATER = "later"
    ALL = "all"


WHICH_NAMES = {
    Which.ONE: N_("This meeting alone"),
    Which.LATER: N_("This one and the later ones"),
    Which.ALL: N_("All that lie ahead"),
}


def meant(reservation: Reservation, which: Which, *, now: datetime) -> Sequence[Reservation]:
    """The meetings of the repeat that are meant and lie ahead still, of the same organiser; a meeting without a repeat
    is meant alone (M9).
    """
    if which is Which.ONE or reservation.series is None:
        return [reservation]
    since = max(now, reservation.begins_at) if which is Which.LATER else now
    return [
        one
        for one in of_series(reservation.series, site_id=reservation.site_id)
        if one.state == ReservationState.HELD
        and one.started_at is None
        and one.begins_at >= since
        and organiser_of(one) == organiser_of(reservation)
    ]


def must_be_held(reservation: Reservation, *, now: datetime) -> None:
    """Raise Conflict for what is over, called off or released."""
    if reservation.state == ReservationState.ENDED or (
        reservation.state == ReservationState.HELD and reservation.ends_at <= now
    ):
        raise Conflict(OVER)
    if reservation.state != ReservationState.HELD or reservation.has_lapsed(now):
        raise Conflict(GONE)


def change(
    reservation: Reservation,
    *,
    which: Which,
    room: Room,
    day: date,
    since: time,
    until: time,
    wish: Wish,
    site: Site,
    actor: Actor,
    now: datetime,
    instead: Mapping[date, time | None] | None = None,
) -> list[Reservation]:
    """Change what was said and when and where it is; of several, each keeps its day. Gives those that changed.

    `instead` says of a date that it stays as it is (None) or at which time it begins. Where neither room nor time
    change, the reserved time stays as it was accepted (M9). Raises DomainError, and Clashes as reserving does.
    """
    if which is not Which.ONE and day != clock.local_date(reservation.begins_at, site.zone):
        raise DomainError(N_("Only one meeting at a time moves to another day."), field="day")
    found = meant(reservation, which, now=now)
    hold_rooms({room.id, reservation.room_id} | {one.room_id for one in found})
    chosen = hold({one.id for one in found})
    must_be_held(reservation, now=now)
    rooms_before = {one.id: one.room_id for one in chosen}
    before = {one.id: (one.sequence, organiser_of(one)) for one in chosen}
    if which is Which.ONE and reservation.begins_at <= now:
        changed = [_while_it_runs(reservation, room, day, since, until, wish, site, actor=actor, now=now)]
        _tell(changed, before, now=now)
        return changed
    must_fit_when_changed(reservation, room, wish)
    if room.id != reservation.room_id or (wish.unit.id if wish.unit else None) != reservation.unit_id:
        must_be_let(room, unit_id=wish.unit.id if wish.unit else None, actor=actor)
    own = {day if which is Which.ONE else clock.local_date(one.begins_at, site.zone): one for one in chosen}
    if not own:
        raise Conflict(OVER)
    dates = placed(list(own), since, until, instead or {})
    moved = {each: times for each, times in dates.items() if _moves(own[each], room, each, times, site.zone)}
    release_lapsed([room.id], now=now)
    try:
        but = [own[each].id for each in moved]
        spans = spans_for(room, moved, zone=site.zone, now=now, but=but) if moved else {}
    except Clashes as error:
        if len(own) == 1:
            raise error.clashes[0].alone(room) from error
        raise
    changed = [_write(own[each], room, spans.get(each), wish, site, actor=actor, now=now) for each in dates]
    _tell(changed, before, now=now)
    offer_freed({rooms_before[one.id] for one in changed}, now=now)
    return changed


def _tell(changed: Sequence[Reservation], before: Mapping[int, tuple[int, Organiser]], *, now: datetime) -> None:
    """Tell the organiser what a calendar shows, and whoever organised it until now that they do no more."""
    risen = [one for one in changed if one.sequence != before[one.id][0]]
    for former in {organiser for _, organiser in before.values()}:
        lost = [one for one in risen if before[one.id][1] == former and organiser_of(one) != former]
        tell_organiser("meeting.handed_over", lost, now=now, organiser=former)
    tell_organiser("meeting.changed", risen, now=now)
    asked = [one for one in risen if one.is_tentative and one.approver != Approver.ORGANISER]
    if asked:
        tell_approvers(asked, roles=ROLES[Approver(asked[0].approver)], now=now)


def must_fit_when_changed(reservation: Reservation, room: Room, wish: Wish) -> None:
    """As for a new one; but a room that is smaller or otherwise set up since then refuses no meeting it has (M9)."""
    same_room = room.id == reservation.room_id
    if not same_room or wish.people > reservation.people or wish.layout != reservation.layout:
        must_fit(room, wish)
    elif not wish.title.strip():
        raise DomainError(N_("Say what the meeting is about."), field="title")


def _moves(one: Reservation, room: Room, day: date, times: tuple[time, time], zone: str) -> bool:
    begins, ends = clock.local(one.begins_at, zone), clock.local(one.ends_at, zone)
    now_at = (one.room_id, begins.date(), begins.time(), ends.time())
    return now_at != (room.id, day, *times)


def _write(
    one: Reservation, room: Room, span: Span | None, wish: Wish, site: Site, *, actor: Actor, now: datetime
) -> Reservation:
    before, was_at = one.room_id, one.begins_at
    said = {name: value for name, value in wish.columns().items() if getattr(one, name) != value}
    if not said and span is None:
        return one
    for name, value in said.items():
        setattr(one, name, value)
    if span:
        one.room_id = room.id
        for name, value in (span_columns(span, room) | _word_for(one, room, span, actor, now)).items():
            setattr(one, name, value)
    if span or {"title", "host_id", "person_id"} & set(said):
        one.sequence += 1
    db.session.flush()
    if {"title", "host_id", "person_id", "unit_id"} & set(said):
        history.index(one, wish.grams())
    if said:
        entered: dict[str, Any] = {name: said[name] for name in ("title", "notes") if name in said}
        history.record("changed", one, actor=actor, now=now, facts={"changed": sorted(said)}, entered=entered)
    if span:
        facts = {"begins_at": one.begins_at.isoformat(), "before": was_at.isoformat(), "room": room.name}
        history.record("moved", one, actor=actor, now=now, facts=facts | {"other_room": before != room.id})
    return one


def _word_for(one: Reservation, room: Room, span: Span, actor: Actor, now: datetime) -> dict[str, Any]:
    """Moved, it needs the word that the room asks for, as a new one would; what is held for who waited stays so."""
    if one.is_tentative and one.approver == Approver.ORGANISER:
        return {}
    return approval_columns(room, span.begins, actor=actor, now=now)


def _while_it_runs(
    one: Reservation,
    room: Room,
    day: date,
    since: time,
    until: time,
    wish: Wish,
    site: Site,
    *,
    actor: Actor,
    now: datetime,
) -> Reservation:
    """It has begun: what was said of it changes, its place and beginning do not."""
    if _moves(one, room, day, (since, until), site.zone):
        raise Conflict(N_("This meeting has begun. Extend it, or end it and reserve another room."), field="since")
    must_fit_when_changed(one, room, wish)
    return _write(one, room, None, wish, site, actor=actor, now=now)


def extend(reservation: Reservation, *, minutes: int, site: Site, actor: Actor, now: datetime) -> None:
    """Let it end later, with the clearing that it was accepted with; raises Conflict when the room is taken then."""
    (room,) = hold_rooms([reservation.room_id])
    hold([reservation.id])
    must_be_held(reservation, now=now)
    more = timedelta(minutes=minutes)
    span = Span(
        reservation.begins_at, reservation.ends_at + more, reservation.reserved_from, reservation.reserved_until + more
    )
    must_be_open(span, room=room, zone=site.zone)
    taken = taken_in(room, since=span.begins, until=span.reserved_until, now=now, but=[reservation.id])
    later = [since for since, _ in taken if since >= reservation.reserved_until]
    if later and min(later) < span.reserved_until:
        left = int((min(later) - reservation.reserved_until) / timedelta(minutes=1))
        raise Conflict(
            N_("The next meeting in %(room)s leaves %(left)d minutes more at most."), room=room.name, left=left
        )
    before = reservation.ends_at
    reservation.ends_at, reservation.reserved_until = span.ends, span.reserved_until
    reservation.sequence += 1
    db.session.flush()
    facts = {"ends_at": span.ends.isoformat(), "before": before.isoformat()}
    history.record("extended", reservation, actor=actor, now=now, facts=facts)
    tell_organiser("meeting.changed", [reservation], now=now)
