"""The own account: its language, and the browsers that are signed in."""

from flask import Flask
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.people.models import Grant, StaffSession
from domain.permissions import Role
from tests import factories as make
from tests.blueprints.auth.browser import fresh
from tests.cast import Cast, at_desk


def test_it_says_who_one_is_and_what_one_may(app: Flask, cast: Cast) -> None:
    words = at_desk(app, cast).get("/account").words
    assert "lisi" in words
    assert "Receptionist, Qingyu Centre" in words


def test_everybody_has_the_page(app: Flask, cast: Cast) -> None:
    for login in cast.people:
        assert at_desk(app, cast, login).get("/account").status_code == 200


def test_a_stranger_is_asked_to_sign_in(app: Flask, cast: Cast) -> None:
    for path in ("/account", "/account/language", "/account/sessions", "/password", "/lock", "/site", "/sign-out"):
        answer = fresh(app).get(path)
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in"), path


def test_the_language_is_the_account_s(app: Flask, cast: Cast) -> None:
    client = at_desk(app, cast)
    assert client.submit("/account/language", {"language": "zh_Hans"}).location == "/account"
    assert client.get("/account").page.select_one("html")["lang"] == "zh-Hans"
    assert client.submit("/account/language", {"language": "ar"}).status_code == 422


def test_other_browsers_are_listed_and_signed_out(app: Flask, cast: Cast) -> None:
    here, there, third = at_desk(app, cast), at_desk(app, cast), at_desk(app, cast, shared=True)
    listed = here.get("/account").page.select("section li a.btn")
    assert len(listed) == 2
    for wrong in ("", "not my password"):
        assert here.submit(listed[0]["href"], {"password": wrong}).status_code == 422
    assert here.submit(listed[0]["href"], {"password": make.PASSWORD}).status_code == 303
    alive = [browser for browser in (there, third) if browser.get("/account").status_code == 200]
    assert len(alive) == 1
    assert here.submit("/account/sessions", {"password": "not my password"}).status_code == 422
    assert alive[0].get("/account").status_code == 200
    here.submit("/account/sessions", {"password": make.PASSWORD})
    assert alive[0].get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_a_browser_of_somebody_else_cannot_be_signed_out(app: Flask, cast: Cast) -> None:
    theirs = at_desk(app, cast, "chen")
    with app.app_context(), reading():
        ref = db.session.scalars(select(StaffSession)).one().ref
    assert at_desk(app, cast).get(f"/account/sessions/{ref}").status_code == 404
    assert theirs.get("/account").status_code == 200


def test_who_works_at_several_sites_sees_at_which_now(app: Flask, cast: Cast) -> None:
    lisi, admin = at_desk(app, cast), at_desk(app, cast, "xu")
    assert "Qingyu Centre" not in lisi.get("/account").page.select_one(".top .me").get_text()
    assert "Qingyu Centre" in admin.get("/account").page.select_one(".top .me").get_text()
    with app.app_context(), writing():
        db.session.add(Grant(person_id=cast.people["lisi"], role=Role.RECEPTIONIST, site_id=cast.other_site_id))
    assert "Qingyu Centre" in lisi.get("/desk").page.select_one(".top .me").get_text()
    assert "Other Place" in at_desk(app, cast, "qian").get("/account").words
