"""Lending at the desk: who, what for, until when; and everything that may be wrong with it."""

from datetime import timedelta

import pytest
from flask import Flask

from domain import clock as time
from domain.database import db, writing
from domain.keys.cabinet import retire
from domain.keys.losses import report_lost
from domain.keys.models import KeySet
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from tests import factories as make
from tests.blueprints.keys.borrowing import CONTRACTOR, FORM, SIGNED, at_field, drawn, lend, loans, ref_of, refusal
from tests.cabinet import STROKES, Stock, actor_of, hand_out, key, key_set, worker
from tests.cast import Cast, at_desk
from tests.client import FoyerClient, _filled


@pytest.fixture
def roof(app: Flask, stock: Stock) -> str:
    return ref_of(app, stock.roof)


def test_a_key_is_scanned_lent_shows_as_out_and_comes_back(app: Flask, desk: FoyerClient) -> None:
    page = desk.get("/keys?q=GG-01", follow_redirects=True).page
    ref = page.select_one("a[href$='/loans/new']")["href"].split("/")[2]
    answer = lend(desk, ref, **SIGNED)
    assert answer.status_code == 303
    assert "GG-01 goes out to 冯*." in desk.get(answer.location).words
    assert "冯*" in desk.get("/keys").page.select(".hooks li")[0].get_text()
    (loan,) = loans(app)
    assert (loan.borrower, loan.phone, loan.purpose) == ("contractor", "+8613900000017", "换灯")
    assert (loan.acknowledged_how, loan.signature) == ("signature", STROKES)
    back = desk.submit(f"/keys/{ref}", form="form[action$='/returns']")
    assert "GG-01 is back on hook 2-1." in desk.get(back.location).words
    assert loans(app)[0].ended_at is not None


def test_staff_are_found_by_name_and_the_usual_time_is_chosen(app: Flask, cast: Cast, roof: str, desk, clock) -> None:
    values = drawn(desk, roof, who_text="chen")
    assert values["who"].startswith("person:")
    assert desk.post(f"/keys/{roof}/loans", data=values | {"purpose": "巡检", "how": "paper"}).status_code == 303
    (loan,) = loans(app)
    assert (loan.person_id, loan.acknowledged_how) == (cast.people["chen"], "paper")
    assert loan.due_at == time.now() + timedelta(hours=2)


def test_an_occupant_is_found_as_at_the_desk(app: Flask, cast: Cast, roof: str, desk: FoyerClient) -> None:
    desk.submit(f"/keys/{roof}/loans/new", {"borrower": "occupant", "find": "1"}, form=FORM)
    page = desk.post(f"/keys/{roof}/loans", data={"borrower": "occupant", "who_text": "zhang", "find": "1"})
    values = _filled(page.page.select_one(FORM))
    assert values["who"] == f"host:{cast.host_ref}"
    assert desk.post(f"/keys/{roof}/loans", data=values | {"purpose": "拍照", "how": "paper"}).status_code == 303
    assert loans(app)[0].host_id == cast.host_id


def test_a_visitor_in_the_building_borrows_as_the_one_who_signed_in(app: Flask, cast: Cast, roof: str, desk) -> None:
    with app.app_context(), writing():
        visit = make.make_visit(
            db.session.get_one(Site, cast.site_id),
            db.session.get_one(Purpose, cast.purpose_id),
            db.session.get_one(Unit, cast.unit_id),
            db.session.get_one(Host, cast.host_id),
            name="王小明",
        ).id
    page = desk.post(f"/keys/{roof}/loans", data={"borrower": "visitor", "who_text": "wxm", "find": "1"})
    assert "13800138000" not in page.text
    answer = desk.post(
        f"/keys/{roof}/loans", data=_filled(page.page.select_one(FORM)) | {"purpose": "布置", "how": "paper"}
    )
    assert answer.status_code == 303
    assert loans(app)[0].visit_id == visit


def test_the_search_of_a_borrower_is_a_region_and_lists_nobody_before_something_is_typed(roof: str, desk) -> None:
    found = desk.htmx(f"/keys/{roof}/loans/borrowers?borrower=staff&who_text=chen", target="who-found")
    assert "Chen" in found.words
    empty = desk.htmx(f"/keys/{roof}/loans/borrowers?borrower=occupant", target="who-found")
    assert "张三" not in empty.words
    assert desk.get(f"/keys/{roof}/loans/borrowers?borrower=staff").status_code == 303


def test_what_is_missing_is_asked_for_at_its_field_and_what_was_typed_stays(app: Flask, roof: str, desk) -> None:
    nobody = lend(desk, roof, purpose="换灯", how="paper")
    assert "Type a name and choose who it is." in at_field(nobody, "who_text")
    assert nobody.page.select_one("[name=purpose]")["value"] == "换灯"
    nameless = lend(desk, roof, **CONTRACTOR | {"name": "", "how": "paper"})
    assert at_field(nameless, "name")
    unreachable = lend(desk, roof, **CONTRACTOR | {"phone": "", "how": "paper"})
    assert "whoever borrows a key must be reached" in at_field(unreachable, "phone")
    wrong = lend(desk, roof, **CONTRACTOR | {"phone": "1380013", "how": "paper"})
    assert at_field(wrong, "phone")
    aimless = lend(desk, roof, **SIGNED | {"purpose": ""})
    assert "Say what the key is needed for." in at_field(aimless, "purpose")
    assert aimless.page.select_one("[name=name]")["value"] == "冯样"
    assert "Let the borrower sign, or choose another way." in refusal(lend(desk, roof, **CONTRACTOR))
    assert loans(app) == []


def test_all_that_is_missing_is_said_at_once(app: Flask, stock: Stock, desk: FoyerClient) -> None:
    answer = lend(desk, ref_of(app, stock.unit), borrower="contractor", name="", phone="", purpose="")
    assert answer.status_code == 422
    for name, words in (
        ("name", "Enter"),
        ("phone", "must be reached"),
        ("purpose", "needed for"),
        ("authority", "whose word"),
    ):
        assert words in at_field(answer, name)
    assert "Let the borrower sign" in refusal(answer)


@pytest.mark.parametrize("drawn_on_it", ["M1 1", "<script>alert(1)</script> M1 1L2 2", "M" + "1 1L" * 6000])
def test_what_is_no_signature_is_refused_in_words(app: Flask, roof: str, desk: FoyerClient, drawn_on_it: str) -> None:
    answer = lend(desk, roof, **CONTRACTOR | {"signature": drawn_on_it})
    assert answer.status_code == 422
    assert answer.page.select_one("[role=alert]")
    assert "<script>alert" not in answer.text
    assert loans(app) == []


def test_a_time_that_is_over_or_past_the_limit_is_refused_at_its_field(app: Flask, roof: str, desk, clock) -> None:
    past = lend(desk, roof, **SIGNED | {"day": "2026-03-01", "time": "09:00"})
    assert "This time is over." in at_field(past, "due_at")
    late = lend(desk, roof, **SIGNED | {"day": "2026-03-04", "time": "09:00"})
    assert "due back by 21:30 at the latest" in at_field(late, "due_at")
    half = lend(desk, roof, **SIGNED | {"day": "2026-03-02", "time": ""})
    assert "Enter the time too." in at_field(half, "time")
    made_up = lend(desk, roof, **SIGNED | {"due_at": "tomorrow"})
    assert "Choose one of those shown." in at_field(made_up, "due_at")
    assert loans(app) == []


def test_another_day_or_time_goes_before_the_choices(app: Flask, roof: str, desk, clock) -> None:
    assert lend(desk, roof, **SIGNED | {"time": "20:15"}).status_code == 303
    assert loans(app)[0].due_at == time.now() + timedelta(hours=10, minutes=45)


def test_a_unit_s_key_needs_the_owner_s_word(app: Flask, stock: Stock, desk: FoyerClient) -> None:
    unit = ref_of(app, stock.unit)
    refused = lend(desk, unit, **SIGNED)
    assert "Note whose word lets the borrower in" in at_field(refused, "authority")
    assert lend(desk, unit, **SIGNED | {"authority": "业主来电", "escort": "陈"}).status_code == 303
    assert (loans(app)[0].authority, loans(app)[0].escort) == ("业主来电", "陈")


def test_a_plant_room_s_key_is_never_lent_to_outsiders_and_to_listed_staff_alone(app, cast, stock, desk) -> None:
    plant = ref_of(app, stock.plant_set, KeySet)
    page = desk.get(f"/keys/{plant}/loans/new").page
    assert [one["value"] for one in page.select("[name=borrower]")] == ["staff"]
    made_up = desk.post(f"/keys/{plant}/loans", data=drawn(desk, plant) | {"borrower": "visitor"})
    assert "never lent to visitors" in at_field(made_up, "borrower")
    values = drawn(desk, plant, who_text="zhou") | {"purpose": "巡检", "how": "paper"}
    assert "this person is not on it" in at_field(desk.post(f"/keys/{plant}/loans", data=values), "borrower")
    values = drawn(desk, plant, who_text="chen") | {"purpose": "巡检", "how": "paper"}
    assert desk.post(f"/keys/{plant}/loans", data=values).status_code == 303
    assert loans(app)[0].set_id == stock.plant_set


def test_a_key_that_is_out_says_with_whom_and_since_when(app, cast, stock, roof, desk, clock) -> None:
    with app.app_context(), writing():
        hand_out(key(stock.roof), worker("王小明"), cast)
    answer = desk.get(f"/keys/{roof}/loans/new", follow_redirects=True)
    assert "GG-01 is out since 09:30: 王*明 has it until 10:30." in answer.words
    assert "王小明" not in answer.text


def test_two_tablets_that_lend_one_key_get_one_loan_and_words(app, cast, roof, desk) -> None:
    other = at_desk(app, cast, "zhou")
    first, second = drawn(desk, roof, borrower="contractor"), drawn(other, roof, borrower="contractor")
    assert desk.post(f"/keys/{roof}/loans", data=first | SIGNED).status_code == 303
    late = other.post(f"/keys/{roof}/loans", data=second | SIGNED | {"name": "赵六"})
    assert "GG-01 is out since 09:30" in refusal(late, 409)
    assert len(loans(app)) == 1


def test_a_lost_key_is_not_lent(app, cast, stock, roof, desk) -> None:
    values = drawn(desk, roof, borrower="contractor")
    with app.app_context(), writing():
        report_lost(key(stock.roof), note="", actor=actor_of(cast, "lisi"), now=time.now())
    assert "was reported lost" in refusal(desk.post(f"/keys/{roof}/loans", data=values | SIGNED), 409)


def test_a_retired_set_shows_its_past_and_is_not_lent(app, cast, stock, desk) -> None:
    plant = ref_of(app, stock.plant_set, KeySet)
    values = drawn(desk, plant)
    with app.app_context(), writing():
        retire(key_set(stock.plant_set), actor=actor_of(cast, "zhou"), now=time.now())
    assert "JF-B1 is retired." in desk.get(f"/keys/{plant}/loans/new", follow_redirects=True).words
    assert desk.post(f"/keys/{plant}/loans", data=values).status_code == 404
    assert desk.get(f"/keys/{plant}/loans/progress").status_code == 303


def test_the_same_form_sent_twice_lends_once(app, roof, desk) -> None:
    values = drawn(desk, roof, borrower="contractor") | SIGNED
    answers = [desk.post(f"/keys/{roof}/loans", data=values) for _ in range(2)]
    assert {answer.location for answer in answers} == {f"/keys/{roof}"}
    assert len(loans(app)) == 1


def test_a_key_of_another_site_is_not_there(app: Flask, cast: Cast, roof: str) -> None:
    far = at_desk(app, cast, "qian")
    for address in (f"/keys/{roof}", f"/keys/{roof}/loans/new", f"/keys/{roof}/returns"):
        assert far.get(address).status_code == 404
