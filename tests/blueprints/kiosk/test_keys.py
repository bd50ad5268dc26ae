"""The details without a keyboard: one field at a time, with keys on the screen that work without scripts."""

from typing import Any

import pytest
from flask import Flask

from tests.cast import Cast, at_kiosk
from tests.client import FoyerClient
from tests.house.routes import own_phone

DETAILS, KEYS = "form[action='/kiosk/details']", "#task"


def begin(browser: FoyerClient, cast: Cast) -> None:
    browser.get("/kiosk?language=en")
    browser.submit("/kiosk/whom?q=zhang", form="form[method=post][action='/kiosk/whom']")
    browser.submit("/kiosk/why", {"purpose": cast.purpose_ref}, form="form[action='/kiosk/why']")


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> FoyerClient:
    found = at_kiosk(app, cast)
    begin(found, cast)
    return found


def type_out(kiosk: FoyerClient, path: str, name: str, keys: Any) -> str:
    """Touch one key after the other, each on the page that the last one brought; what stands in the field then."""
    page, typed = kiosk.get(path).page, ""
    for key in keys:
        form = page.select_one(KEYS)
        assert key in [button["value"] for button in form.select(".keys button")]
        sent = {each["name"]: each["value"] for each in form.select("input[type=hidden]")} | {name: typed, "key": key}
        page = kiosk.post(form["action"], data=sent).page
        typed = page.select_one(f"[name={name}]")["value"]
    return str(typed)


def test_phone_and_name_are_typed_without_a_keyboard(kiosk: FoyerClient) -> None:
    first = kiosk.submit("/kiosk/details", {"aside": "keys"}, form=DETAILS)
    assert first.location == "/kiosk/details/keys"
    page = kiosk.get(first.location).page
    assert page.select_one("h1").get_text() == "Mobile phone"
    assert not page.select(".keys [value=q]"), "a number is asked, and digits are offered"
    assert type_out(kiosk, first.location, "phone", [*"13800138009", "del", "0"]) == "13800138000"
    after = kiosk.submit(first.location, {"phone": "13800138000"}, form=KEYS)
    assert after.location == "/kiosk/details/keys?field=name"
    assert type_out(kiosk, after.location, "name", "wang wu") == "wang wu"
    after = kiosk.submit(after.location, {"name": "wang wu"}, form=KEYS)
    assert after.location == "/kiosk/details/keys?field=organisation"
    assert kiosk.submit(after.location, {"organisation": ""}, form=KEYS).location == "/kiosk/details"
    shown = kiosk.get("/kiosk/details").page
    assert [shown.select_one(f"[name={name}]")["value"] for name in ("phone", "name")] == ["13800138000", "Wang Wu"]


def test_what_is_wrong_is_said_at_once_and_what_was_typed_elsewhere_stays(kiosk: FoyerClient) -> None:
    kiosk.submit("/kiosk/details", {"name": "欧阳娜娜", "companions": "2", "aside": "keys"}, form=DETAILS)
    wrong = kiosk.submit("/kiosk/details/keys?field=phone", {"phone": "1380"}, form=KEYS)
    assert wrong.status_code == 422
    assert "11 digits are needed, now 4." in wrong.words
    back = wrong.page.select_one(".foot [name=aside][value=details]")
    assert back["form"] == "task"
    left = kiosk.post("/kiosk/details/keys?field=phone", data={"phone": "1380", "aside": "details"})
    assert left.location == "/kiosk/details"
    page = kiosk.get(left.location).page
    typed = {name: page.select_one(f"[name={name}]")["value"] for name in ("name", "phone", "companions")}
    assert typed == {"name": "欧阳娜娜", "phone": "1380", "companions": "2"}


@pytest.mark.parametrize(("written", "kept"), [("McAdam", "McAdam"), ("o'brien", "O'Brien"), ("wang 五", "wang 五")])
def test_small_letters_of_the_keys_become_a_name_and_no_other_is_touched(
    kiosk: FoyerClient, written: str, kept: str
) -> None:
    kiosk.submit("/kiosk/details/keys?field=name", {"name": written}, form=KEYS)
    assert kiosk.get("/kiosk/details").page.select_one("[name=name]")["value"] == kept


def test_the_code_for_the_own_phone_stands_where_one_types(kiosk: FoyerClient) -> None:
    assert kiosk.get("/kiosk/details").page.select_one("#task .qr")
    assert kiosk.get("/kiosk/details/keys?field=nothing").page.select_one("h1").get_text() == "Mobile phone"


def test_a_phone_has_keys_of_its_own(app: Flask, cast: Cast, client: FoyerClient) -> None:
    own_phone(app, client, cast)
    begin(client, cast)
    assert not client.get("/kiosk/details").page.select("#task .qr, [value=keys]")
    assert client.get("/kiosk/details/keys").location == "/kiosk/details"


def test_without_a_visit_begun_there_is_nothing_to_type(app: Flask, cast: Cast) -> None:
    assert at_kiosk(app, cast).get("/kiosk/details/keys").location == "/kiosk/whom?wiped=1"
