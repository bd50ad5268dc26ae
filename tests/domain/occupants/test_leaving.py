"""Who leaves is found no more and nobody's deputy; who comes back is found again."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from domain import clock as house_clock
from domain import events
from domain.database import db, reading, writing
from domain.errors import DomainError, NotAllowed
from domain.identity import SYSTEM, Actor
from domain.occupants import erasure, operations
from domain.occupants.models import Host, Unit
from domain.occupants.queries import look_up
from domain.permissions import Role
from tests import factories as make
from tests.cabinet import actor_of
from tests.cast import Cast


def found(cast: Cast, query: str) -> list[str]:
    return [match.name for match in look_up(query, site_id=cast.site_id)]


def test_a_host_who_left_is_not_found_and_deputises_for_nobody(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            deputy = db.session.scalars(select(Host).where(Host.ref == cast.deputy_ref)).one()
            operations.host_left(deputy, actor=SYSTEM, now=house_clock.now())
        with reading():
            assert found(cast, "冯小样") == []
            assert db.session.get_one(Host, cast.host_id).deputy_id is None


def test_a_host_who_is_back_is_found_again(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            host = db.session.get_one(Host, cast.host_id)
            operations.host_left(host, actor=SYSTEM, now=house_clock.now())
            operations.host_is_back(host, actor=SYSTEM, now=house_clock.now())
        with reading():
            assert found(cast, "张三") == ["张三"]


def test_a_unit_that_left_takes_its_hosts_along(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            unit = db.session.get_one(Unit, cast.unit_id)
            operations.unit_left(unit, actor=SYSTEM, now=house_clock.now())
        with reading():
            assert found(cast, "张三") == found(cast, "1806") == []
            kinds = list(db.session.scalars(select(events.Event.kind)))
            assert kinds.count("host.left") == 2
            assert kinds.count("unit.left") == 1
        with writing():
            unit, host = db.session.get_one(Unit, cast.unit_id), db.session.get_one(Host, cast.host_id)
            with pytest.raises(DomainError, match="occupied again"):
                operations.host_is_back(host, actor=SYSTEM, now=house_clock.now())
            with pytest.raises(DomainError, match="occupied again"):
                make.make_host(unit, "赵六")
            operations.unit_is_back(unit, actor=SYSTEM, now=house_clock.now())
        with reading():
            assert found(cast, "1806") == ["示例科技有限公司"]


def test_changing_somebody_who_left_makes_nobody_found(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            host = db.session.get_one(Host, cast.host_id)
            operations.host_left(host, actor=SYSTEM, now=house_clock.now())
            operations.change_host(host, actor=SYSTEM, now=house_clock.now(), name="张三丰")
        with reading():
            assert found(cast, "张三丰") == []


def test_a_deputy_is_somebody_else_at_the_same_site_who_is_still_there(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        host = db.session.get_one(Host, cast.host_id)
        elsewhere = db.session.scalars(select(Unit).where(Unit.site_id == cast.other_site_id)).one()
        stranger = make.make_host(elsewhere, "外人")
        for wrong in (host.id, stranger.id):
            with pytest.raises(DomainError) as refused:
                operations.change_host(host, actor=SYSTEM, now=house_clock.now(), deputy_id=wrong)
            assert refused.value.field == "deputy"


def test_a_look_at_contacts_is_an_event_and_needs_the_right(app: Flask, cast: Cast) -> None:
    with app.app_context():
        lead = Actor("staff", cast.people["zhou"], "Zhou", cast.site_id, ((Role.LEAD, cast.site_id),))
        attendant = Actor("staff", cast.people["chen"], "Chen", cast.site_id, ((Role.ATTENDANT, cast.site_id),))
        with writing():
            host = db.session.get_one(Host, cast.host_id)
            operations.unmask(host, reason="快递到了", actor=lead, now=house_clock.now())
            with pytest.raises(NotAllowed):
                operations.unmask(host, reason="快递到了", actor=attendant, now=house_clock.now())
        with reading():
            event = db.session.scalars(select(events.Event).where(events.Event.kind == "host.unmasked")).one()
            assert (event.actor_id, event.subject_id) == (cast.people["zhou"], cast.host_id)


def test_how_somebody_was_reached_is_erased_after_the_days_of_the_site(app: Flask, cast: Cast, clock: Any) -> None:
    def held() -> tuple[str, str, str, int]:
        with reading():
            host = db.session.get_one(Host, cast.host_id)
            known = (
                select(func.count())
                .select_from(events.EventDetail)
                .join(
                    events.Event,
                    (events.Event.site_id == events.EventDetail.site_id)
                    & (events.Event.number == events.EventDetail.number),
                )
            )
            of_host = known.where(events.Event.subject == "host", events.Event.subject_id == host.id)
            return host.phone, host.email, host.channels, db.session.scalar(of_host) or 0

    with app.app_context():
        with writing():
            host, lead = db.session.get_one(Host, cast.host_id), actor_of(cast, "zhou")
            change: dict[str, Any] = {"email": "zhang@example.com", "channels": "wecombot://0123456789"}
            operations.change_host(host, **change, actor=lead, now=house_clock.now())
            operations.unmask(host, reason="快递到了", actor=lead, now=house_clock.now())
        clock.shift(timedelta(days=91))
        erasure.erase_left(now=house_clock.now())
        phone, email, channels, known = held()
        assert (bool(phone), email, channels) == (True, "zhang@example.com", "wecombot://0123456789")
        assert known, "What was entered of somebody who is here stays."
        with writing():
            operations.host_left(db.session.get_one(Host, cast.host_id), actor=SYSTEM, now=house_clock.now())
        clock.shift(timedelta(days=89))
        assert erasure.erase_left(now=house_clock.now()) == 0
        clock.shift(timedelta(days=2))
        assert erasure.erase_left(now=house_clock.now()) == 1
        assert held() == ("", "", "", 0)
        assert erasure.erase_left(now=house_clock.now()) == 0
        with reading():
            assert db.session.get_one(Host, cast.host_id).name == "张三"
