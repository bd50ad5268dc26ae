"""Units are entered, found, changed, left, and occupied again."""

import pytest
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.occupants.models import Unit
from domain.sites.models import Site
from tests import factories as make
from tests.blueprints.admin.conftest import BAD, ODD
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

MAIN = "main form[method=post]"


def test_a_unit_is_entered_and_found(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    typed = {"number": "2203", "company": "演示医疗", "floor": "22", "directions_en": "Lift B, turn right"}
    answer = admin.submit("/admin/units/new", typed, form=MAIN)
    assert answer.status_code == 303
    assert "Lift B, turn right" in admin.get(answer.location).words
    for query in ("2203", "演示", "ysyl"):
        assert "演示医疗" in admin.get("/admin/units", query_string={"q": query}).words, query
    assert "No unit is found by that." in admin.get("/admin/units?q=9999").words


def test_the_same_number_and_company_stand_once(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    answer = admin.submit("/admin/units/new", {"number": "1806", "company": "示例科技有限公司"}, form=MAIN)
    assert answer.status_code == 409
    assert "entered already" in answer.page.select_one("#number-e").get_text()


@pytest.mark.parametrize(
    ("stands", "typed"),
    [
        ("1301", "１３０１"),
        ("B1-02", "b1-02"),
        ("B1-02", "B１－０２"),
        ("1301", "1301室"),
        ("1301", "1301 号"),
        ("1301号", "1301"),
    ],
)
def test_one_door_stands_once_however_its_number_is_typed(admin: FoyerClient, stands: str, typed: str) -> None:
    assert admin.submit("/admin/units/new", {"number": stands, "company": "Shop"}, form=MAIN).status_code == 303
    again = admin.submit("/admin/units/new", {"number": typed, "company": "shop"}, form=MAIN)
    assert again.status_code == 409
    assert "entered already" in again.page.select_one("#number-e").get_text()
    asked = admin.submit("/admin/units/new", {"number": typed, "company": "Other"}, form=MAIN)
    assert f"There is a unit {stands} Shop already." in asked.page.select_one("#shared-e").get_text()


@pytest.mark.parametrize(
    ("typed", "kept"), [(" １３０１\u200b", "1301"), ("Ｂ１－０２", "B1-02"), ("1302室", "1302室")]
)
def test_a_number_is_kept_narrow(app: Flask, admin: FoyerClient, typed: str, kept: str) -> None:
    entered = admin.submit("/admin/units/new", {"number": typed}, form=MAIN).location
    assert admin.submit(f"{entered}/edit", {"number": f"{typed} "}, form=MAIN).status_code == 303
    with app.app_context(), reading():
        assert kept in db.session.scalars(select(Unit.number)).all()


@pytest.mark.parametrize(("typed", "sign"), [("😀", "😀"), ("<b>1</b>", "<"), ("=1", "="), ("＞1", ">"), ("1️⃣", "⃣")])
def test_signs_that_no_door_has_are_refused_at_the_field(admin: FoyerClient, typed: str, sign: str) -> None:
    refused = admin.submit("/admin/units/new", {"number": typed}, form=MAIN)
    assert refused.status_code == 422
    assert refused.page.select_one("#number-e").get_text() == f"“{sign}” stands on no door. Leave it out."


def test_a_number_from_before_this_rule_stays_while_it_is_left_alone(
    app: Flask, cast: Cast, admin: FoyerClient
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Unit, cast.unit_id).number = "１８０６<"
    assert admin.submit(f"/admin/units/{cast.unit_ref}/edit", {"floor": "18A"}, form=MAIN).status_code == 303
    with app.app_context(), reading():
        assert db.session.get_one(Unit, cast.unit_id).number == "１８０６<"


def test_a_second_company_in_a_unit_is_asked_about_first(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    typed = {"number": "1806", "company": "Other Ltd"}
    answer = admin.submit("/admin/units/new", typed, form=MAIN)
    assert answer.status_code == 422
    asked = "There is a unit 1806 示例科技有限公司 already. Tick this to add another company in it."
    assert answer.page.select_one("#shared-e").get_text() == asked
    sent = {field["name"]: field.get("value", "") for field in answer.page.select(f"{MAIN} input[name]")}
    made = admin.post("/admin/units/new", data=sent | {"shared": "1"})
    assert made.status_code == 303
    # What is entered is said, and changing anything else of it asks nothing.
    assert "1806 Other Ltd is entered. Now add its hosts." in admin.get(made.location).words
    assert admin.submit(f"{made.location}/edit", {"floor": "18A"}, form=MAIN).status_code == 303
    other = admin.submit("/admin/units/new", {"number": "1807"}, form=MAIN).location
    assert admin.submit(f"{other}/edit", {"number": "1806"}, form=MAIN).status_code == 422


def test_nobody_is_asked_about_a_company_that_left(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    admin.submit(f"/admin/units/{cast.unit_ref}/departure", form=MAIN)
    assert admin.submit("/admin/units/new", {"number": "1806", "company": "Other Ltd"}, form=MAIN).status_code == 303


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"number": ""}, "number"),
        ({"company": "x" * 10_000}, "company"),
        ({"floor": "x" * 21}, "floor"),
        ({"directions_zh_Hans": "x" * 10_000}, "directions_zh_Hans"),
        *(({"number": bad}, "number") for bad in BAD.values()),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    cast: Cast, admin: FoyerClient, typed: dict[str, str], field: str
) -> None:
    answer = admin.submit(f"/admin/units/{cast.unit_ref}/edit", typed, form=MAIN)
    assert answer.status_code == 422
    assert answer.page.select_one(f"#{field}-e")


@pytest.mark.parametrize("typed", ODD.values(), ids=ODD.keys())
def test_a_company_is_shown_as_it_was_typed(cast: Cast, admin: FoyerClient, typed: str) -> None:
    url = f"/admin/units/{cast.unit_ref}"
    assert admin.submit(f"{url}/edit", {"company": typed}, form=MAIN).status_code == 303
    assert admin.get(url).page.select_one("h1").get_text() == f"1806 {typed}".replace("\u202e", "")


@pytest.mark.parametrize("query", ["😀😀", "'; DROP", "x" * 10_000, "\u202e\u202e", "%%", "<script>"])
def test_any_search_is_answered(admin: FoyerClient, query: str) -> None:
    for page in ("/admin/units", "/admin/hosts", "/admin/people"):
        assert admin.get(page, query_string={"q": query}).status_code == 200


def test_a_unit_that_left_is_out_of_the_list_until_it_is_occupied_again(
    app: Flask, cast: Cast, admin: FoyerClient
) -> None:
    url = f"/admin/units/{cast.unit_ref}"
    assert "2 hosts leave with it" in admin.get(f"{url}/departure").words
    assert admin.submit(f"{url}/departure", form=MAIN).status_code == 303
    assert "1806" not in admin.get("/admin/units").words
    assert "1806" in admin.get("/admin/units?gone=1").words
    page = admin.get(url)
    assert "Nobody is in this unit since" in page.words
    assert admin.submit(url, form=f"form[action='{url}/return']").status_code == 303
    assert "1806" in admin.get("/admin/units").words
    assert admin.submit(f"/admin/hosts/{cast.host_ref}/return", form=MAIN).status_code == 303
    assert "张三" in admin.get("/admin/hosts").words


def test_pages_lead_on_and_back(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        for number in range(30):
            make.make_unit(site, f"{number:04d}")
    first = admin.get("/admin/units")
    assert first.page.select_one("a[rel=prev]") is None
    second = admin.get(first.page.select_one("a[rel=next]")["href"])
    assert "1806" in second.words
    assert second.page.select_one("a[rel=next]") is None
    back = admin.get(second.page.select_one("a[rel=prev]")["href"])
    assert [each.get_text() for each in back.page.select("tbody th")] == [
        each.get_text() for each in first.page.select("tbody th")
    ]


def test_a_unit_of_another_site_is_not_there(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), reading():
        other = db.session.scalars(db.select(Unit).where(Unit.site_id == cast.other_site_id)).one().ref
    lead = at_desk(app, cast, "zhou")
    for browser in (admin, lead):
        for part in ("", "/edit", "/departure", "/hosts/new"):
            assert browser.get(f"/admin/units/{other}{part}").status_code == 404
        assert "别处公司" not in browser.get("/admin/units").words


def test_a_receptionist_does_not_enter_occupants(app: Flask, cast: Cast) -> None:
    browser = at_desk(app, cast)
    for url in ("/admin/units", "/admin/hosts", f"/admin/units/{cast.unit_ref}", f"/admin/hosts/{cast.host_ref}"):
        assert browser.get(url).status_code == 403
