"""Slips for the tests of this room, and what became of them."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from domain import clock
from domain.database import db, reading, writing
from domain.slips import operations as deeds
from domain.slips.models import Department, Nature, Slip, SlipKind, Source
from domain.slips.queries import steps_of
from tests.cabinet import actor_of
from tests.cast import Cast


def write(app: Flask, cast: Cast, nature: Nature = Nature.REPAIR, *, by: str = "lisi", **values: Any) -> str:
    """Li Si writes down a leak in 1806; gives the slip's ref."""
    given: dict[str, Any] = {
        "matter": "1806 空调漏水",
        "unit_id": cast.unit_id,
        "unit_number": "1806",
        "name": "张小三",
        "phone": "+8613800138000",
    }
    with app.app_context(), writing():
        slip = deeds.write(
            site_id=cast.site_id,
            nature=nature,
            source=Source.TELEPHONE,
            actor=actor_of(cast, by),
            now=clock.now(),
            **(given | values),
        )
        return slip.ref


def department(app: Flask, cast: Cast, name: str = "工程部") -> str:
    """A department of the site; gives its ref."""
    with app.app_context(), writing():
        return deeds.add_department(site_id=cast.site_id, name=name, actor=actor_of(cast, "zhou"), now=clock.now()).ref


def kind(app: Flask, cast: Cast, name: str = "空调", nature: Nature = Nature.REPAIR, **values: Any) -> str:
    """A kind of the site; gives its ref."""
    with app.app_context(), writing():
        zhou = actor_of(cast, "zhou")
        return deeds.add_kind(site_id=cast.site_id, name=name, nature=nature, actor=zhou, now=clock.now(), **values).ref


def slip_of(app: Flask, ref: str) -> Slip:
    """The slip as it stands."""
    with app.app_context(), reading():
        slip = db.session.scalars(select(Slip).where(Slip.ref == ref)).one()
        db.session.expunge(slip)
        return slip


def all_slips(app: Flask) -> list[Slip]:
    """Every slip, oldest first."""
    with app.app_context(), reading():
        slips = list(db.session.scalars(select(Slip).order_by(Slip.id)))
        db.session.expunge_all()
        return slips


def steps(app: Flask, ref: str) -> list[str]:
    """The kinds of its steps, oldest first."""
    slip = slip_of(app, ref)
    with app.app_context(), reading():
        return [step.kind for step in steps_of(slip.id)]


def listed(app: Flask, model: type[Department] | type[SlipKind]) -> list[Any]:
    """The departments or kinds, in their order."""
    with app.app_context(), reading():
        rows = list(db.session.scalars(select(model).order_by(model.position)))
        db.session.expunge_all()
        return rows


def form_to(path: str) -> str:
    """The form that posts there."""
    return f"form[action='{path}']"
