"""A form that was sent while the tablet was locked stands there again after the password, and nothing was saved."""

import io
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.people.models import Grant, Person, StaffSession
from domain.permissions import Role
from domain.visits.models import Visit
from tests import factories as make
from tests.blueprints.auth.browser import fresh
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

NEW_PASSWORD = "seven tulips, nine lamps"
TYPED = {"name": "何小样", "phone": "138 0013 8000", "organisation": "样本设计"}


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast, shared=True)


def filled(desk: FoyerClient, cast: Cast) -> dict[str, Any]:
    token = desk.get("/desk/sign-in").page.select_one("form[action='/desk/sign-in'] [name=form_token]")["value"]
    return {"form_token": token, **TYPED, "purpose": cast.purpose_ref, "whom": f"host:{cast.host_ref}"}


def visits(app: Flask) -> int:
    with app.app_context(), reading():
        return db.session.scalar(select(func.count()).select_from(Visit)) or 0


def send_on(client: FoyerClient, answer: Any, data: dict[str, Any]) -> Any:
    """What a browser does with a 307: the same form, to the other address."""
    assert answer.status_code == 307
    return client.post(answer.location, data=data)


def pass_by(client: FoyerClient, page: Any, action: str, **typed: str) -> Any:
    """Fill in the form of the way in, with what it carries along."""
    form = page.select_one(f"form[action^='{action}']")
    data = {
        each["name"]: each.get("value", "") for each in form.select("input[name]") if each.get("type") != "checkbox"
    }
    return client.post(form["action"], data=data | typed)


def test_what_was_typed_stands_there_again_after_the_password(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    data = filled(desk, cast)
    clock.shift(31 * 60)
    locked = send_on(desk, desk.post("/desk/sign-in", data=data, headers={"Referer": "http://localhost/desk"}), data)
    assert locked.status_code == 200
    assert "What was typed is kept, and not saved yet" in locked.words
    assert "何小样" not in locked.text, "a locked screen shows nothing of it"
    wrong = pass_by(desk, locked.page, "/unlock", password="not the password")
    assert wrong.status_code == 422
    free = pass_by(desk, wrong.page, "/unlock", password=make.PASSWORD)
    assert free.status_code == 200, free.words
    assert (free.status_code, free.page.select_one("form")["action"]) == (200, "/desk/sign-in")
    again = pass_by(desk, free.page, "/desk/sign-in")
    assert again.status_code == 422
    assert "Nothing was saved yet" in again.words
    form = again.page.select_one("form[action='/desk/sign-in']")
    assert {name: form.select_one(f"[name={name}]")["value"] for name in TYPED} == TYPED
    assert visits(app) == 0
    sent = {each["name"]: each.get("value", "") for each in form.select("input[type=hidden], input[type=text]")}
    token = form.select_one("[name=form_token]")["value"]
    assert desk.post("/desk/sign-in", data=data | {"form_token": token}).status_code == 303, sent
    assert visits(app) == 1


def test_a_form_that_stood_half_filled_in_when_the_screen_was_locked_stands_there_again(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    token = desk.get("/desk/sign-in").page.select_one("form[action='/lock'] [name=form_token]")["value"]
    data = {"form_token": token, **TYPED}
    page = {"Referer": "http://localhost/desk/sign-in"}
    locked = send_on(desk, desk.post("/lock?typed=/desk/sign-in", data=data, headers=page), data)
    assert "What was typed is kept, and not saved yet" in locked.words
    assert "何小样" not in locked.text
    assert desk.get("/desk").status_code == 303, "it is locked"
    free = pass_by(desk, locked.page, "/unlock", password=make.PASSWORD)
    again = pass_by(desk, free.page, "/desk/sign-in")
    form = again.page.select_one("form[action='/desk/sign-in']")
    assert {name: form.select_one(f"[name={name}]")["value"] for name in TYPED} == TYPED
    assert visits(app) == 0


def test_a_form_that_one_person_typed_is_given_to_no_other(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    token = desk.get("/desk/sign-in").page.select_one("form[action='/lock'] [name=form_token]")["value"]
    data = {"form_token": token, **TYPED}
    locked = send_on(desk, desk.post("/lock?typed=/desk/sign-in", data=data), data)
    sealed = locked.page.select_one("[name=held]")["value"]
    lead = at_desk(app, cast, "zhou")
    token = lead.get("/desk/sign-in").page.select_one("form[action='/desk/sign-in'] [name=form_token]")["value"]
    assert "何小样" not in lead.post("/desk/sign-in", data={"form_token": token, "held": sealed}).text


def test_who_was_signed_out_elsewhere_finds_it_after_signing_in(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    data = filled(desk, cast)
    desk.submit("/sign-out")
    out = send_on(desk, desk.post("/desk/sign-in", data=data), data)
    free = pass_by(desk, out.page, "/sign-in", login="lisi", password=make.PASSWORD)
    again = pass_by(desk, free.page, "/desk/sign-in")
    assert again.status_code == 422
    assert again.page.select_one("[name=name]")["value"] == "何小样"
    assert visits(app) == 0


def test_a_held_form_gives_no_right_and_no_other_address(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    data = filled(desk, cast)
    clock.shift(31 * 60)
    held = send_on(desk, desk.post("/desk/sign-in", data=data), data).page.select_one("[name=held]")["value"]
    manager = at_desk(app, cast, "he")
    assert manager.post("/desk/sign-in", data={"held": held}).status_code == 403
    lead = at_desk(app, cast, "zhou")
    assert "何小样" not in lead.post("/account/language", data={"held": held}).text
    assert lead.post("/desk/sign-in", data={"held": held[:-8] + "AAAAAAA="}).status_code == 422
    assert fresh(app).post("/unlock?held=/nowhere", data={"a": "b"}).status_code in (303, 307)
    assert visits(app) == 0


def test_a_page_that_sends_its_form_because_a_region_was_sent_away_saves_nothing(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    answer = desk.post("/desk/sign-in", data=filled(desk, cast) | {"held": "now"})
    assert answer.status_code == 422
    assert answer.page.select_one("[name=name]")["value"] == "何小样"
    assert visits(app) == 0


def test_a_password_that_must_be_changed_first_loses_nothing(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    data = filled(desk, cast)
    clock.shift(31 * 60)
    with app.app_context(), writing():
        db.session.execute(update(Person).where(Person.login == "lisi").values(must_change_password=True))
    locked = send_on(desk, desk.post("/desk/sign-in", data=data), data)
    free = pass_by(desk, locked.page, "/unlock", password=make.PASSWORD)
    held = {each["name"]: each["value"] for each in free.page.select("form[data-go-on] input")}
    must = send_on(desk, desk.post("/desk/sign-in", data=held), held)
    assert "Somebody else knows this password." in must.words
    assert "What was typed is kept, and not saved yet" in must.words
    new = {"password": make.PASSWORD, "password_new": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    wrong = pass_by(desk, must.page, "/password", **(new | {"password_again": "another one altogether"}))
    assert wrong.status_code == 422
    changed = pass_by(desk, wrong.page, "/password", **new)
    assert changed.status_code == 200, changed.words
    again = pass_by(desk, changed.page, "/desk/sign-in")
    assert again.status_code == 422
    assert again.page.select_one("[name=name]")["value"] == "何小样"
    assert visits(app) == 0


def test_setting_up_the_second_step_first_loses_nothing(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    data = filled(desk, cast)
    with app.app_context(), writing():
        db.session.add(Grant(person_id=cast.people["lisi"], role=Role.SUPERVISOR, site_id=cast.site_id))
        db.session.execute(update(StaffSession).values(second_factor_at=None))
    set_up = send_on(desk, desk.post("/desk/sign-in", data=data), data)
    assert "What was typed is kept, and not saved yet" in set_up.words
    secret = set_up.page.select_one("code").text.replace(" ", "")
    code = pyotp.TOTP(secret).generate_otp(int(house_clock.now().timestamp()) // 30)
    codes = pass_by(desk, set_up.page, "/second-factor/set-up", code=code)
    assert len(codes.page.select(".codes code")) == 10, "they are read before anything goes on"
    assert codes.page.select_one("form[data-go-on]") is None
    again = pass_by(desk, codes.page, "/desk/sign-in")
    assert again.status_code == 422
    assert again.page.select_one("[name=name]")["value"] == "何小样"
    assert visits(app) == 0


def go_on(client: FoyerClient, page: Any) -> Any:
    """What the browser does with a page that sends its form by itself."""
    form = page.select_one("form[data-go-on]")
    return client.post(form["action"], data={each["name"]: each["value"] for each in form.select("input")})


def test_a_form_with_a_file_stands_there_again_without_the_file(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    clock.shift(31 * 60)
    table = {"table": (io.BytesIO(b"x" * 200_000), "guests.csv"), "remark": "何小样"}
    sent = desk.post("/invitations/upload", data=table, headers={"Referer": "http://localhost/invitations/upload"})
    assert sent.status_code == 200
    assert "何小样" not in sent.text
    locked = go_on(desk, sent.page)
    assert "What was typed is kept, and not saved yet" in locked.words
    free = pass_by(desk, locked.page, "/unlock", password=make.PASSWORD)
    again = go_on(desk, free.page)
    assert again.status_code == 422
    assert "Nothing was saved yet" in again.words
    field = again.page.select_one("[name=table]")
    assert field["aria-invalid"] == "true"
    assert "choose it again" in again.page.select_one(f"#{field['id']}-e").get_text()


def test_a_file_that_was_chosen_when_the_screen_was_locked_is_asked_for_again(cast: Cast, desk: FoyerClient) -> None:
    token = desk.get("/invitations/upload").page.select_one("form[action='/lock'] [name=form_token]")["value"]
    for chosen, asked in ({}, False), ({"held_files": "table"}, True):
        data = {"form_token": token, **chosen}
        locked = send_on(desk, desk.post("/lock?typed=/invitations/upload", data=data), data)
        free = pass_by(desk, locked.page, "/unlock", password=make.PASSWORD)
        again = go_on(desk, free.page)
        assert ("choose it again" in again.words) is asked
        token = again.page.select_one("form[action='/lock'] [name=form_token]")["value"]


def test_a_form_with_a_file_that_was_not_to_be_saved_is_not(cast: Cast, desk: FoyerClient) -> None:
    page = desk.get("/invitations/upload").page
    token = page.select_one("form[enctype] [name=form_token]")["value"]
    table = {
        "form_token": token,
        "held": "now",
        "table": (io.BytesIO("姓名,手机号,找谁,日期\n".encode()), "guests.csv"),
    }
    answer = desk.post("/invitations/upload", data=table)
    assert answer.status_code == 422
    assert "choose it again" in answer.words
