"""Who signs a register reads which times were put right, by whom, what stood there before, and who left with a key."""

from datetime import timedelta
from itertools import pairwise

import pytest

from domain import clock as time
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.keys.borrowers import visitor
from domain.keys.cabinet import add_key
from domain.keys.classes import KeyClass
from domain.review.marks import marks_of
from domain.sites.models import Site
from domain.visits.departures import confirm_at_closing, sign_out, take_back
from domain.visits.models import Visit
from domain.visits.register import VISITS
from domain.visits.stay_times import StayTimes
from tests import cabinet
from tests.blueprints.admin.test_every_page import MOST_STATEMENTS, statements
from tests.cast import at_desk


@pytest.fixture
def place(app, cast, clock):
    """The address of the register of visits at Qingyu."""
    with app.app_context(), reading():
        return f"/review/registers/{db.session.get_one(Site, cast.site_id).ref}/visits"


def row_of(page, number):
    """What stands under that entry in the table."""
    under = (
        below
        for head, below in pairwise(page.select("tr"))
        if "say" in below.classes and (entry := head.select_one("[data-entry]")) and entry.text == number
    )
    return " ".join(below.get_text(" ").split()) if (below := next(under, None)) else ""


def earlier(minutes, why="记错了"):
    """The arrival was so long ago, as the desk writes it later."""
    return StayTimes(time.now() - timedelta(minutes=minutes), why=why)


def test_a_corrected_time_is_told_under_its_entry_and_beside_the_table(app, cast, desk, place):
    first, second, _third = desk.visits(3)
    desk.correct(first, times=earlier(20))
    desk.correct(first, times=earlier(30), by="zhou")
    desk.correct(second, "王小明")
    page = at_desk(app, cast, "wu").get(place)
    marks = row_of(page.page, "0001")
    assert "Time corrected by Lisi: “In” was 09:30" in marks
    assert "Time corrected by Zhou: “In” was 09:10" in marks
    assert "corrected" not in row_of(page.page, "0002"), "a name is no time"
    assert "corrected" not in row_of(page.page, "0003")
    assert "1 × Time corrected 0001" in " ".join(page.page.select_one("#sign").get_text(" ").split())


def test_it_stays_when_something_is_said_on_the_entry(app, cast, desk, place):
    desk.correct(desk.visits(1)[0], times=earlier(20))
    wu = at_desk(app, cast, "wu")
    entry = wu.get(place).page.select_one("[data-entry]")["href"]
    wu.submit(entry, {"text": "为何"}, form="form[action$=comments]")
    said = row_of(wu.get(place).page, "0001")
    assert "Time corrected by Lisi" in said
    assert "为何" in said


def test_it_is_told_also_where_the_table_is_narrowed(app, cast, desk, place):
    desk.correct(desk.visits(1)[0], times=earlier(20))
    page = at_desk(app, cast, "wu").get(f"{place}?source=desk").page
    assert "Time corrected by Lisi" in row_of(page, "0001")


def test_however_many_were_corrected_costs_one_statement(app, cast, desk, place):
    wu = at_desk(app, cast, "wu")
    visits = desk.visits(12)
    wu.get(place)
    none = statements(app, lambda: wu.get(place))
    for visit in visits:
        desk.correct(visit, times=earlier(20))
    assert statements(app, lambda: wu.get(place)) == none <= MOST_STATEMENTS
    with app.app_context(), reading():
        assert statements(app, lambda: marks_of(VISITS, cast.site_id, visits)) == 1
        assert marks_of(VISITS, cast.other_site_id, visits) == {}
        assert marks_of(VISITS, cast.site_id, []) == {}


def test_who_left_with_a_key_is_marked_until_the_sign_out_is_taken_back(app, cast, desk, place):
    seen, unseen, other = desk.visits(3)
    wu = at_desk(app, cast, "wu")
    wu.get(place)
    before = statements(app, lambda: wu.get(place))
    with app.app_context(), writing():
        stock, now = cabinet.fill(cast), time.now()
        zhou, public = cabinet.actor_of(cast, "zhou"), KeyClass.PUBLIC
        place_of = {"cabinet": cabinet.cabinet_of(stock), "hook": 9, "actor": zhou, "now": now}
        garage = add_key(tag="GG-02", opens="地库门", class_code=public, **place_of)
        visits = [db.session.get_one(Visit, one) for one in (seen, unseen, other)]
        for key, visit in zip((cabinet.key(stock.roof), garage), visits, strict=False):
            cabinet.hand_out(key, visitor(visit.ref, site_id=cast.site_id, now=now), cast)
        sign_out(visits[0], how="desk", actor=SYSTEM, now=now, despite=True)
        confirm_at_closing(visits[1:2], seen=False, actor=SYSTEM, now=now)
        sign_out(visits[2], how="desk", actor=SYSTEM, now=now)
    page = wu.get(place).page
    assert "Left with a key" in row_of(page, "0001")
    assert "Probably left with a key" in row_of(page, "0002")
    assert "with a key" not in row_of(page, "0003")
    assert "1 × Left with a key 0001" in " ".join(page.select_one("#sign").get_text(" ").split())
    assert statements(app, lambda: wu.get(place)) == before
    with app.app_context(), writing():
        take_back(db.session.get_one(Visit, seen), actor=SYSTEM, now=time.now())
    assert "with a key" not in row_of(wu.get(place).page, "0001")
