"""What is loud on the desk: calls from kiosks, meetings whose service is late, what is asked of the reader; in one
statement."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from flask import g
from sqlalchemy import CompoundSelect, String, cast, func, literal, null, select

from domain import clock, registers
from domain.database import db
from domain.meetings.sheet_queries import late, late_values
from domain.permissions import Permission
from domain.visits.queries import ringing
from web.navigation import asked_of_me
from web.permissions import actor


class Call(NamedTuple):
    """A call that nobody has answered yet."""

    ref: str
    step: str
    called_at: datetime
    language: str
    name: str


class Late(NamedTuple):
    """A meeting with late steps: who serves it, since when, how many."""

    ref: str
    attendant: str
    since: datetime
    steps: str
    room_name: str


@cache
def _all() -> CompoundSelect[Any]:
    calls, meetings = ringing().subquery("calls"), late().subquery("late_meetings")
    one = select(
        literal("call").label("kind"), calls.c.ref, calls.c.step, calls.c.called_at, calls.c.language, calls.c.name
    )
    other = select(
        literal("late"),
        meetings.c.ref,
        func.coalesce(meetings.c.attendant, ""),
        meetings.c.since,
        cast(meetings.c.count, String),
        meetings.c.room_name,
    )
    asked = [
        select(
            literal("asked"),
            literal(f"{place:02d}"),
            literal(""),
            cast(null(), one.selected_columns.called_at.type),
            cast(question.count().scalar_subquery(), String),
            literal(""),
        )
        for place, question in enumerate(registers.questions())
    ]
    return one.union_all(other, *asked)


def loud(now: datetime) -> dict[str, Sequence[Any]]:
    """Calls and late meetings, the oldest first, and what is asked of the reader."""
    midnight, _tomorrow = clock.day_span(clock.local_date(now, g.site.zone), g.site.zone)
    values = late_values(g.site.id, midnight=midnight, now=now) | {"me": actor().id, "here": g.site.id}
    rows = db.session.connection().execute(_all(), values).all()
    asked = sorted((row.ref, int(row.language)) for row in rows if row.kind == "asked")
    calls = [Call(*row[1:]) for row in rows if row.kind == "call"]
    meetings = [Late(*row[1:]) for row in rows if row.kind == "late" and actor().may(Permission.MEETINGS_SERVE)]
    return {
        "calls": sorted(calls, key=lambda call: call.called_at),
        "late_service": sorted(meetings, key=lambda one: one.since),
        "asked": asked_of_me([count for _place, count in asked]),
    }
