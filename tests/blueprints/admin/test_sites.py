"""Sites are added and changed; every field takes what people type, and refuses it in words."""

import pytest
from flask import Flask

from blueprints.admin.site_forms import of_site
from domain.database import db, reading, writing
from domain.events import EventDetail
from domain.people.models import Grant, Person
from domain.permissions import Role
from domain.sites.models import Site
from tests.blueprints.admin.conftest import BAD, ODD
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

MAIN = "main form[method=post]"


def test_a_site_is_added_with_a_name_alone(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    answer = admin.submit("/admin/sites/new", {"name": "新楼"}, form=MAIN)
    assert answer.status_code == 303
    assert "5 purposes" in admin.get(answer.location).words
    with app.app_context(), reading():
        site = db.session.scalars(db.select(Site).where(Site.name == "新楼")).one()
        assert (site.zone, site.languages, site.brand) == ("Asia/Shanghai", ["zh_Hans", "en"], "#1b5566")


def test_a_change_is_kept_and_shown(app: Flask, cast: Cast, admin: FoyerClient, site_url: str) -> None:
    changed = {
        "name": "青屿",
        "zone": "Asia/Urumqi",
        "brand": "#AA0000",
        "languages": ["zh_Hans", "en", "ar"],
        "default_stay_minutes": "９０",
        "retention_days": "30",
        "badge_for_each": "1",
    }
    assert admin.submit(f"{site_url}/edit", changed, form=MAIN).status_code == 303
    with app.app_context(), reading():
        site = db.session.get_one(Site, cast.site_id)
        assert (site.name, site.zone, site.brand, site.default_stay_minutes) == ("青屿", "Asia/Urumqi", "#aa0000", 90)
        assert site.languages == ["zh_Hans", "en", "ar"]
        assert site.badge_for_each


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "Enter the name of the site."),
        ("name", "别处大厦", "A site of this name exists already."),
        ("name_en", "x" * 10_000, "At most 80 characters, now 10000."),
        ("zone", "Asia/Nowhere", "There is no such zone."),
        ("zone", "", "Choose the zone"),
        ("brand", "red", "Enter a colour"),
        ("brand", "#12345", "Enter a colour"),
        ("language", "xx", "Choose one of those shown."),
        ("languages", ["en"], "must be one of those offered"),
        ("languages", [], "Choose at least one."),
        ("default_stay_minutes", "4", "At least 5."),
        ("default_stay_minutes", "two", "Enter a whole number."),
        ("default_stay_minutes", "1e9", "Enter a whole number."),
        ("retention_days", "0", "At least 1."),
        ("retention_days", "9" * 10_000, "At most 40 characters"),
        ("deputy_after_minutes", "-1", "At least 0."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    admin: FoyerClient, site_url: str, field: str, typed: object, words: str
) -> None:
    answer = admin.submit(f"{site_url}/edit", {field: typed, "badge_for_each": "1"}, form=MAIN)
    assert answer.status_code in (409, 422)
    assert words in answer.words
    assert answer.page.select_one(f"#{field}-e, [name={field}]") is not None
    assert answer.page.select_one("[name=badge_for_each]").has_attr("checked"), "what was typed stays"


def test_a_long_period_asks_for_a_reason_and_the_history_keeps_it(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    edit = f"{site_url}/edit"
    assert admin.get(edit).page.select_one("[name=retention_reason]") is None
    asked = admin.submit(edit, {"retention_days": "3000"}, form=MAIN)
    assert asked.status_code == 422
    assert "More than 180 days need a reason" in asked.page.select_one("#retention_reason-e").text
    drawn = asked.page.select_one(MAIN)
    typed = {one["name"]: one["value"] for one in drawn.select("input[type=hidden]")}
    with app.app_context(), reading():
        typed |= of_site(db.session.get_one(Site, cast.site_id))
    typed |= {"retention_days": "3000", "retention_reason": "The insurer asks for it"}
    assert admin.post(edit, data={name: value for name, value in typed.items() if value}).status_code == 303
    with app.app_context(), reading():
        assert db.session.get_one(Site, cast.site_id).retention_days == 3000
        assert {"reason": "The insurer asks for it"} in db.session.scalars(db.select(EventDetail.entered)).all()
    assert admin.submit(edit, {"name_en": "Qingyu"}, form=MAIN).status_code == 303, "asked once, when it changes"
    assert "kept 3000 days here" in at_desk(app, cast, "he").get("/admin/privacy").words


def test_sites_bear_the_name_of_the_reader_s_language(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    for language, name, other in (("en", "Qingyu Centre", "青屿中心"), ("zh_Hans", "青屿中心", "Qingyu Centre")):
        with app.app_context(), writing():
            db.session.get_one(Person, cast.people["xu"]).language = language
        row = admin.get("/admin/sites").page.select_one(f"li:has(a[href='{site_url}'])")
        assert (row.select_one("h2").text, row.select_one("p").text.startswith(other)) == (name, True)
        for path in (site_url, f"{site_url}/purposes"):
            page = admin.get(path).page
            assert name in page.select_one(".phead").text
            assert other not in page.select_one(".phead").text


def test_everything_that_cannot_be_is_said_at_once(admin: FoyerClient, site_url: str) -> None:
    wrong = {
        "zone": "Asia/Nowhere",
        "languages": ["en"],
        "retention_days": "3000",
        "door_frames": "http://signs.example.com",
    }
    told = {"zone": "no such zone", "retention_reason": "need a reason", "door_frames": "Enter https://"}
    for path in (f"{site_url}/edit", "/admin/sites/new"):
        for more in ({"name": "新楼"}, {"name": "", "name_en": "x" * 81}):
            refused = admin.submit(path, wrong | more, form=MAIN)
            assert refused.status_code == 422
            for field, words in told.items():
                (said,) = refused.page.select(f"#{field}-e")
                assert words in said.get_text()
            assert "must be one of those offered" in refused.words
            assert ("Enter the name of the site." in refused.words) == (not more["name"])


def test_whoever_saves_reads_that_it_was_saved(admin: FoyerClient, site_url: str) -> None:
    for part, words in {
        "edit": "Qingyu Centre is changed.",
        "hours": "The opening hours are saved.",
        "notice": "Notice and directions are saved.",
        "fields": "The fields asked are saved.",
        "channels": "The channels are saved.",
    }.items():
        assert words in admin.get(admin.submit(f"{site_url}/{part}", form=MAIN).location).words


@pytest.mark.parametrize("typed", BAD.values(), ids=BAD.keys())
def test_what_is_no_name_is_refused(admin: FoyerClient, site_url: str, typed: str) -> None:
    answer = admin.submit(f"{site_url}/edit", {"name": typed}, form=MAIN)
    assert answer.status_code == 422
    assert answer.page.select_one("#name-e")


@pytest.mark.parametrize("typed", ODD.values(), ids=ODD.keys())
def test_what_may_be_a_name_is_shown_as_it_was_typed(admin: FoyerClient, site_url: str, typed: str) -> None:
    assert admin.submit(f"{site_url}/edit", {"name": typed, "name_en": ""}, form=MAIN).status_code == 303
    assert admin.get(site_url).page.select_one("h1").get_text() == typed.replace("\u202e", "")


def test_who_is_admin_of_one_site_sees_that_one_alone(app: Flask, cast: Cast, site_url: str) -> None:
    with app.app_context(), writing():
        person = db.session.get_one(Person, cast.people["qian"])
        db.session.add(Grant(person_id=person.id, role=Role.ADMIN, site_id=cast.other_site_id))
    browser = at_desk(app, cast, "qian")
    page = browser.get("/admin/sites")
    assert "别处大厦" in page.words
    assert "青屿中心" not in page.words
    assert "Add site" not in page.words
    for part in ("", "/edit", "/hours", "/notice", "/fields", "/channels", "/purposes", "/purposes/new"):
        assert browser.get(site_url + part).status_code == 404, part
    assert browser.get("/admin/sites/new").status_code == 404


def test_a_house_without_sites_can_begin(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        for site in db.session.scalars(db.select(Site)):
            site.closed_at = site.created_at
    assert "Add the first one" in at_desk(app, cast, "xu").get("/admin/sites").words


def test_the_same_form_sent_twice_makes_one_site(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    from tests.client import _filled

    drawn = admin.get("/admin/sites/new").page.select_one(MAIN)
    data = _filled(drawn) | {"name": "新楼"}
    answers = [admin.post("/admin/sites/new", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
