"""V1, V8, V11: signing in makes one visit with a badge, and one person is in at most once."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from domain import events
from domain.database import db, reading, writing
from domain.errors import DomainError
from domain.notices import Notice
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast


def arrive(cast: Cast, **entered: object) -> Visit:
    site, purpose = db.session.get_one(Site, cast.site_id), db.session.get_one(Purpose, cast.purpose_id)
    unit, host = db.session.get_one(Unit, cast.unit_id), db.session.get_one(Host, cast.host_id)
    return make.make_visit(site, purpose, unit, host, **entered)  # type: ignore[arg-type]


def test_a_visit_gets_the_next_number_and_a_badge_with_a_check_code(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            first = arrive(cast)
            second = arrive(cast, name="赵六", phone="+8613800138001")
        assert (first.number, second.number) == (1, 2)
        assert (first.badge_number, second.badge_number) == (1, 2)
        assert len(first.badge_check) == 3
        assert first.ref != second.ref


def test_the_event_is_numbered_by_the_counter_and_the_host_is_told_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with reading():
            before = events.version(cast.site_id)
        with writing():
            visit = arrive(cast)
        with reading():
            event = db.session.scalars(select(events.Event).where(events.Event.kind == "visit.signed_in")).one()
            assert event.number == before + 1 == events.version(cast.site_id)
            assert "王五" not in str(event.facts)
            detail = db.session.get_one(events.EventDetail, (event.site_id, event.number))
            assert events.digest_of(detail.salt, detail.entered) == event.digest
            notices = db.session.scalars(select(Notice).where(Notice.subject_id == visit.id)).all()
            assert [notice.recipient_id for notice in notices] == [cast.host_id]


def test_one_phone_is_in_the_building_at_most_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            arrive(cast)
        with pytest.raises(DomainError, match="see the reception"), writing():
            arrive(cast, name="somebody else")
        with reading():
            assert db.session.scalar(select(func.count()).select_from(Visit)) == 1


def test_a_visitor_is_found_by_name_pinyin_initials_and_last_four(app: Flask, cast: Cast) -> None:
    from domain import registers

    with app.app_context():
        with writing():
            visit = arrive(cast, name="王小明")
        with reading():
            for typed in ("小明", "王小明", "wang", "wxm", "8000"):
                found = registers.get("visits").find(typed, cast.site_id, 5)
                assert [row.id for row in found] == [visit.id], typed
