"""Signing in: one sentence for every failure, a limit on tries, and a session that ends by itself."""

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.events import HOUSE, Event, EventDetail
from domain.limits import PASSWORD_BY_ADDRESS, PASSWORD_EVERYWHERE, LimitCount
from domain.people import sign_in as signing
from domain.people.models import Grant, Person, StaffSession
from domain.permissions import Role
from domain.sites.models import Site
from tests import factories as make
from tests.blueprints.auth.browser import cookie_of, fresh
from tests.cast import Cast
from tests.client import FoyerClient

WRONG = "User name or password is wrong."


def sign_in(client: FoyerClient, login: str = "lisi", password: str = make.PASSWORD, **more: str):
    path = more.pop("path", "/sign-in")
    return client.submit(path, {"login": login, "password": password, **more}, headers=more.pop("headers", None))


def kinds(app: Flask) -> list[str]:
    with app.app_context(), reading():
        return list(db.session.scalars(select(Event.kind).where(Event.site_id == HOUSE).order_by(Event.number)))


def test_the_right_password_leads_to_the_desk(client: FoyerClient, cast: Cast, app: Flask) -> None:
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert client.get("/account").status_code == 200
    assert kinds(app) == ["person.signed_in"]


@pytest.mark.parametrize(
    ("login", "page"),
    [
        ("chen", "/meetings/runs"),
        ("lisi", "/desk"),
        ("zhou", "/desk"),
        ("wu", "/review"),
        ("he", "/review"),
        ("xu", "/admin/sites"),
    ],
)
def test_everybody_lands_where_the_own_work_stands(client: FoyerClient, cast: Cast, login: str, page: str) -> None:
    assert sign_in(client, login).location == page


def test_login_is_read_whatever_its_width_case_and_blanks(client: FoyerClient, cast: Cast) -> None:
    assert sign_in(client, " ＬｉＳｉ ").status_code == 303


def test_a_stranger_and_a_wrong_password_get_the_same_answer(client: FoyerClient, cast: Cast, app: Flask) -> None:
    stranger = sign_in(client, "xyzzy", "some password or other")
    wrong = sign_in(client, "lisi", "some password or other")
    assert stranger.status_code == wrong.status_code == 422
    assert WRONG in stranger.words
    assert stranger.words.replace("xyzzy", "lisi") == wrong.words
    assert kinds(app) == ["person.sign_in_refused", "person.sign_in_refused"]


def test_a_stranger_takes_as_long_as_somebody(app: Flask, cast: Cast, monkeypatch) -> None:
    checked: list[str] = []

    def watched(kept: str, _password: str) -> bool:
        checked.append(kept[:30])
        return False

    monkeypatch.setattr(signing, "is_password", watched)
    with app.app_context(), reading():
        for login in ("lisi", "xyzzy"):
            try:
                signing.prove(login=login, password="x", address="1", now=house_clock.now())
            except signing.WrongPassword:
                continue
    assert len(checked) == 2
    assert checked[0] == checked[1]


def test_who_left_does_not_get_in(client: FoyerClient, cast: Cast, app: Flask) -> None:
    with app.app_context(), writing():
        db.session.execute(update(Person).where(Person.login == "lisi").values(left_at=house_clock.now()))
    assert sign_in(client).status_code == 422


def test_neither_password_nor_login_of_a_stranger_stands_in_the_history(
    client: FoyerClient, cast: Cast, app: Flask
) -> None:
    sign_in(client, "my secret password", "another secret one")
    with app.app_context(), reading():
        kept = [str(event.facts) for event in db.session.scalars(select(Event))]
        kept += [str(detail.entered) for detail in db.session.scalars(select(EventDetail))]
        kept += list(db.session.scalars(select(LimitCount.key)))
    assert kept
    assert not any("secret" in line for line in kept)


def test_ten_wrong_tries_close_the_login_for_the_quarter_of_an_hour(
    client: FoyerClient, cast: Cast, app: Flask, clock: time_machine.Traveller
) -> None:
    for _ in range(10):
        assert sign_in(client, "lisi", "a wrong password").status_code == 422
    shut = sign_in(client)
    assert shut.status_code == 429
    assert "Too many tries" in shut.words
    assert sign_in(fresh(app), "chen").status_code == 303
    clock.shift(15 * 60)
    assert sign_in(client).status_code == 303


def test_a_stranger_closes_nobody_s_door(
    client: FoyerClient, cast: Cast, app: Flask, clock: time_machine.Traveller
) -> None:
    stranger = {"REMOTE_ADDR": "2001:db8::1"}
    for _ in range(11):
        shut = client.submit("/sign-in", {"login": "lisi", "password": "x"}, environ_overrides=stranger)
    assert shut.status_code == 429
    assert sign_in(fresh(app)).status_code == 303
    with app.app_context(), writing():
        for _ in range(PASSWORD_EVERYWHERE.tries):
            PASSWORD_EVERYWHERE.count(signing._limited_by("lisi"), now=house_clock.now())
    assert sign_in(fresh(app)).status_code == 429, "many who guess together are stopped"


def test_the_history_says_from_where(client: FoyerClient, cast: Cast, app: Flask) -> None:
    sign_in(client, "lisi", "a wrong password")
    sign_in(client)
    with app.app_context(), reading():
        entered = [each.entered for each in db.session.scalars(select(EventDetail))]
    assert [each for each in entered if "address" in each] == [{"address": "127.0.0.1"}] * 2


def test_the_limit_does_not_tell_whether_the_login_exists(
    client: FoyerClient, cast: Cast, clock: time_machine.Traveller
) -> None:
    for _ in range(10):
        sign_in(client, "xyzzy", "a wrong password")
    assert sign_in(client, "xyzzy", "a wrong password").status_code == 429


def test_one_address_cannot_try_many_logins(
    client: FoyerClient, cast: Cast, app: Flask, clock: time_machine.Traveller
) -> None:
    with app.app_context(), writing():
        for _ in range(PASSWORD_BY_ADDRESS.tries):
            PASSWORD_BY_ADDRESS.count(signing._limited_by("127.0.0.1"), now=house_clock.now())
    assert sign_in(client).status_code == 429
    other = fresh(app)
    assert (
        other.submit(
            "/sign-in",
            {"login": "lisi", "password": make.PASSWORD},
            environ_overrides={"REMOTE_ADDR": "2001:db8::1"},
        ).status_code
        == 303
    )


def test_a_success_forgets_the_wrong_tries_of_that_login(client: FoyerClient, cast: Cast, app: Flask) -> None:
    for _ in range(9):
        sign_in(client, "lisi", "a wrong password")
    assert sign_in(client).status_code == 303
    assert sign_in(fresh(app), "lisi", "a wrong password").status_code == 422


def test_bad_input_gets_a_sentence_and_loses_nothing(client: FoyerClient, cast: Cast) -> None:
    for login, password in (
        ("", ""),
        ("   ", "   "),
        ("x" * 10_000, "y" * 10_000),
        ("li\x00si\x1b[31m", "a\x00b"),
        ("🙂🙂", "🙂" * 12),
        ("' OR '1'='1", "'; DROP TABLE people; --"),
        ("<script>alert(1)</script>", "=1+1"),
        ("\u202elisi\u202c", "\u202e"),
    ):
        answer = sign_in(client, login, password)
        assert answer.status_code == 422
        shown = answer.page.select_one("#login")["value"]
        assert shown == "".join(c for c in login.strip(" \u202e\u202c") if c.isprintable())
        assert "value" not in answer.page.select_one("#password").attrs
        assert answer.page.select_one("title").text.startswith("Error:")


def test_it_leads_on_to_the_page_that_was_asked_for(client: FoyerClient, cast: Cast) -> None:
    asked = client.get("/account?x=1")
    assert asked.location == "/sign-in?next=/account?x%3D1"
    assert sign_in(client, path=asked.location).location == "/account?x=1"


def test_it_leads_nowhere_else(client: FoyerClient, cast: Cast, app: Flask) -> None:
    for bad in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/account\r\nX: y",
        "/sign-out",
        "/kiosk",
        "/nowhere",
        "account",
        "/" + "a" * 5000,
    ):
        answer = fresh(app).get("/sign-in", query_string={"next": bad})
        assert answer.page.select_one("form[method=post]")["action"] == "/sign-in", bad


def test_a_form_sent_twice_signs_in_once(client: FoyerClient, cast: Cast, app: Flask) -> None:
    page = client.get("/sign-in").page
    sent = {
        "login": "lisi",
        "password": make.PASSWORD,
        "form_token": page.select_one("[name=form_token]")["value"],
    }
    cookie = cookie_of(client)
    first = client.post("/sign-in", data=sent)
    client.set_cookie("foyer_staff", cookie)
    second = client.post("/sign-in", data=sent)
    assert first.location == second.location == "/desk"
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(StaffSession)) == 1


def test_the_browser_gets_another_name_when_it_signs_in_and_out(client: FoyerClient, cast: Cast) -> None:
    def name() -> str:
        with client.session_transaction() as session:
            return session["sid"]

    client.get("/sign-in")
    before = name()
    sign_in(client)
    during = name()
    client.submit("/sign-out")
    assert len({before, during, name()}) == 3


def test_a_form_of_another_browser_is_refused(client: FoyerClient, cast: Cast, app: Flask) -> None:
    token = fresh(app).get("/sign-in").page.select_one("[name=form_token]")["value"]
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"login": "lisi", "password": make.PASSWORD, "form_token": token})
    assert answer.status_code == 422
    assert "open for too long" in answer.words


def test_who_is_signed_in_already_is_led_on(client: FoyerClient, cast: Cast) -> None:
    sign_in(client)
    assert client.get("/sign-in").location == "/desk"


def test_an_idle_session_ends_after_half_an_hour(
    client: FoyerClient, cast: Cast, clock: time_machine.Traveller
) -> None:
    sign_in(client)
    clock.shift(29 * 60)
    assert client.get("/account").status_code == 200
    clock.shift(29 * 60)
    assert client.get("/account").status_code == 200
    clock.shift(31 * 60)
    assert client.get("/account").location.startswith("/sign-in")


def test_a_busy_session_ends_after_twelve_hours(client: FoyerClient, cast: Cast, clock: time_machine.Traveller) -> None:
    sign_in(client)
    for _ in range(35):
        clock.shift(20 * 60)
        assert client.get("/account").status_code == 200
    clock.shift(20 * 60)
    assert client.get("/account").location.startswith("/sign-in")


def test_logging_out_ends_the_session_for_good(client: FoyerClient, cast: Cast, app: Flask) -> None:
    sign_in(client)
    cookie = cookie_of(client)
    answer = client.submit("/sign-out")
    assert (answer.location, answer.headers["Clear-Site-Data"]) == ("/sign-in", '"cache"')
    client.set_cookie("foyer_staff", cookie)
    assert client.get("/account").location.startswith("/sign-in")
    assert kinds(app)[-1] == "person.signed_out"


def test_a_stranger_reads_the_page_in_chinese_or_english(client: FoyerClient, cast: Cast) -> None:
    def tongue(path: str, **given) -> str:
        return client.get(path, **given).page.select_one("html")["lang"]

    assert tongue("/sign-in", headers={"Accept-Language": "zh-CN"}) == "zh-Hans"
    assert tongue("/sign-in", headers={"Accept-Language": "ja"}) == "en"
    assert tongue("/sign-in", headers={"Accept-Language": "zh-TW"}) == "zh-Hans"
    chinese = {"Accept-Language": "zh-CN"}
    other = client.get("/sign-in", headers=chinese).page.select_one("main a[lang=en]")
    assert tongue(other["href"], headers=chinese) == "en" == tongue("/sign-in", headers=chinese)
    assert tongue("/sign-in?language=ar") == "en"


def test_a_region_that_lost_its_session_sends_the_whole_page_to_sign_in(client: FoyerClient, cast: Cast) -> None:
    answer = client.htmx("/account", headers={"HX-Current-URL": "http://localhost/account"})
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/account"


def test_after_logging_out_the_page_speaks_what_was_read_last_until_another_is_chosen(
    client: FoyerClient, cast: Cast, app: Flask
) -> None:
    with app.app_context(), writing():
        db.session.execute(update(Person).where(Person.login == "lisi").values(language="zh_Hans"))
    assert client.get("/sign-in").page.select_one("html")["lang"] == "en", "what the browser asks for"
    sign_in(client)
    client.submit("/sign-out", form="main form[method=post]")
    assert client.get("/sign-in").page.select_one("html")["lang"] == "zh-Hans"
    assert client.get("/sign-in?language=en").page.select_one("html")["lang"] == "en"
    assert client.get("/sign-in").page.select_one("html")["lang"] == "en"
    cookie = client.get_cookie("foyer_language")
    assert cookie is not None
    assert (cookie.value, cookie.http_only) == ("zh_Hans", True)


def test_who_works_at_one_site_begins_there_and_at_several_chooses(client: FoyerClient, cast: Cast, app: Flask) -> None:
    with app.app_context(), writing():
        db.session.add(Grant(person_id=cast.people["lisi"], role=Role.RECEPTIONIST, site_id=cast.other_site_id))
        other = db.session.get_one(Site, cast.other_site_id).ref
    assert sign_in(client).location == "/site"
    assert client.get("/keys").location == "/site?next=/keys"
    chosen = client.submit("/site", {"site": other})
    assert chosen.status_code == 303
    assert "Other Place" in client.get("/account").words
    client.submit("/sign-out")
    assert sign_in(client).location == "/desk"
    assert "Other Place" in client.get("/account").page.select_one("dl.kv").text


def test_a_site_of_others_cannot_be_chosen(client: FoyerClient, cast: Cast, app: Flask) -> None:
    with app.app_context(), reading():
        other = db.session.get_one(Site, cast.other_site_id).ref
    sign_in(client)
    assert client.submit("/site", {"site": other}).status_code == 422
