"""The row of visits in the table of registers: every kind of event has words, every personal column a mask."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from domain import clock as time
from domain import history, registers
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.arrivals import Entered, Whom
from domain.visits.corrections import correct
from domain.visits.happenings import FIELDS, SIMPLE, happened
from domain.visits.models import Visit, VisitState
from domain.visits.register import VISITS, state_of
from tests import factories as make
from tests.cast import Cast

PERSONAL = {"name", "phone", "plate", "document"}
DOMAIN = Path(__file__).parents[3] / "domain" / "visits"


def come(cast: Cast, **values: Any) -> Visit:
    site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
    purpose, host = db.session.get_one(Purpose, cast.purpose_id), db.session.get_one(Host, cast.host_id)
    return make.make_visit(site, purpose, unit, host, **values)


def test_personal_columns_are_masked() -> None:
    columns = {column.name: column for column in (*VISITS.columns, *VISITS.details)}
    assert {name for name, column in columns.items() if column.mask} == PERSONAL
    assert registers.get("visits") is VISITS


def test_every_event_of_a_visit_has_words() -> None:
    """Fails when an operation records a kind that `domain/visits/happenings.py` cannot tell: add a sentence there."""
    recorded = set()
    for path in DOMAIN.glob("*.py"):
        recorded |= set(re.findall(r'"(visit\.[a-z_]+)"', path.read_text("utf-8")))
    told = {
        path
        for path in recorded
        if path not in {"visit.arrived", "visit.called", "visit.deputy", "visit.reminder", "visit.answer"}
    }
    for kind in told:
        event = SimpleNamespace(kind=kind, facts={"due_at": "2026-03-02T09:30:00+00:00", "fields": list(FIELDS)})
        assert happened(event).sentence != "Changed", f"{kind} has no words"


@pytest.mark.parametrize("state", list(VisitState))
def test_every_state_has_a_word_and_a_glyph_of_its_own(state: VisitState) -> None:
    now = time.now()
    others = [state_of(SimpleNamespace(state=other, due_at=now), now) for other in VisitState if other != state]
    own = state_of(SimpleNamespace(state=state, due_at=now), now)
    assert own.word not in {other.word for other in others}
    assert own.glyph not in {other.glyph for other in others}


def test_a_correction_tells_before_and_after(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            visit = come(cast, name="王小名")
            whom = Whom(db.session.get_one(Unit, cast.unit_id), db.session.get_one(Host, cast.host_id))
            entered = Entered(name="王小明", phone=visit.phone)
            fields = correct(
                visit, entered=entered, whom=whom, purpose_id=visit.purpose_id, actor=SYSTEM, now=time.now()
            )
            assert fields == ["name"]
            visit_id = visit.id
        with reading():
            event = history.of_entry(VISITS, visit_id, site_id=cast.site_id)[-1]
            (change,) = happened(event).changes
            assert (change.before, change.after) == ("王小名", "王小明")
            assert change.mask is not None
            assert change.mask(change.before) == "王*名"
            assert [row.id for row in VISITS.find("小明", cast.site_id, 5)] == [visit_id]
            assert list(VISITS.find("小名", cast.site_id, 5)) == []


def test_simple_happenings_are_told_alike_with_and_without_details() -> None:
    for kind, words in SIMPLE.items():
        assert happened(SimpleNamespace(kind=kind, facts=None)) is words
