"""What is loud on the desk: calls from kiosks and meetings whose service is late, and what is asked of the reader."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from flask import g
from sqlalchemy import String, cast, false, func, literal, select

from domain import clock, registers
from domain.meetings.sheet_queries import late, late_values
from domain.permissions import Permission
from domain.statements import Answer, Ready
from domain.visits.board import ringing
from web.navigation import asked_of_me
from web.permissions import actor


class Call(NamedTuple):
    """A call that nobody has answered yet; `signed_in`: somebody has signed in at that kiosk since."""

    ref: str
    step: str
    called_at: datetime
    language: str
    name: str
    signed_in: bool


class Late(NamedTuple):
    """A meeting with late steps: who serves it, since when, how many."""

    ref: str
    attendant: str
    since: datetime
    steps: str
    room_name: str


@cache
def _all() -> Ready:
    calls, meetings = ringing().subquery("calls"), late().subquery("late_meetings")
    one = select(
        *(literal("call").label("kind"), calls.c.ref, calls.c.step, calls.c.called_at, calls.c.language, calls.c.name),
        calls.c.signed_in,
    )
    other = select(
        literal("late"),
        meetings.c.ref,
        func.coalesce(meetings.c.attendant, ""),
        meetings.c.since,
        cast(meetings.c.count, String),
        meetings.c.room_name,
        false(),
    )
    return Ready(one.union_all(other), one_plan=True)


def loud(now: datetime) -> Answer[dict[str, Sequence[Any]]]:
    """Calls and late meetings, the oldest first."""
    midnight, _tomorrow = clock.day_span(clock.local_date(now, g.site.zone), g.site.zone)
    return _all().ask(**late_values(g.site.id, midnight=midnight, now=now)).then(_in_order)


def _in_order(rows: list[Any]) -> dict[str, Sequence[Any]]:
    calls = [Call(*row[1:]) for row in rows if row.kind == "call"]
    meetings = [Late(*row[1:-1]) for row in rows if row.kind == "late" and actor().may(Permission.MEETINGS_SERVE)]
    return {
        "calls": sorted(calls, key=lambda call: call.called_at),
        "late_service": sorted(meetings, key=lambda one: one.since),
    }


@cache
def _questions() -> Ready:
    return Ready(select(*[question.count().scalar_subquery() for question in registers.questions()]), one_plan=True)


def asked() -> Answer[list[dict[str, str]]]:
    """What is asked of the reader, a sentence each, and where it stands."""
    return _questions().ask(me=actor().id, here=g.site.id).then(lambda rows: asked_of_me(rows[0]))
