"""Whoever calls the reception, goes back or comes too late: nothing typed is lost, nothing is lost without a word."""

import pytest
from flask import Flask

from domain.database import db, writing
from domain.occupants.models import Unit
from domain.sites.models import Kiosk, Site
from domain.visits.models import ReceptionCall
from tests.cast import Cast, at_kiosk
from tests.client import FoyerClient
from tests.factories import make_host

WHY, DETAILS, CONSENT = (f"form[method=post][action='/kiosk/{step}']" for step in ("why", "details", "consent"))
WIPED = "What was entered here has been erased, and nothing was registered."
TYPED = {"name": "王五", "phone": "138 0013 8000"}


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> FoyerClient:
    return at_kiosk(app, cast)


def to_details(kiosk: FoyerClient, cast: Cast, language: str = "en") -> None:
    kiosk.get(f"/kiosk?language={language}")
    kiosk.submit("/kiosk/whom?q=zhang", form="form[method=post][action='/kiosk/whom']")
    kiosk.submit("/kiosk/why", {"purpose": cast.purpose_ref}, form=WHY)


def value(kiosk: FoyerClient, path: str, name: str) -> str:
    return str(kiosk.get(path).page.select_one(f"[name={name}]")["value"])


@pytest.mark.parametrize(
    ("button", "leads_to"),
    [("call", "/kiosk/called?step=details"), ("why", "/kiosk/why"), ("whom", "/kiosk/whom"), ("x", "/kiosk/details")],
)
def test_what_was_typed_is_still_there(cast: Cast, kiosk: FoyerClient, button: str, leads_to: str) -> None:
    to_details(kiosk, cast)
    left = kiosk.submit("/kiosk/details", TYPED | {"aside": button}, form=DETAILS)
    assert left.location == leads_to
    assert kiosk.get(leads_to).status_code == 200
    assert value(kiosk, "/kiosk/details", "name") == "王五"
    assert value(kiosk, "/kiosk/details", "phone") == "138 0013 8000"


def test_cancel_asks_first_once_something_was_typed_and_keeps_it(cast: Cast, kiosk: FoyerClient) -> None:
    to_details(kiosk, cast)
    asked = kiosk.submit("/kiosk/details", TYPED | {"aside": "cancel"}, form=DETAILS)
    assert asked.location == "/kiosk/cancel?step=details"
    page = kiosk.get(asked.location).page
    assert page.select_one("main [data-k=main]")["href"] == "/kiosk/details"
    assert page.select_one("main a:not([data-k])")["href"] == "/kiosk"
    assert not page.select(".foot a:not(.tongue)"), "nothing that erases stands where a second touch falls"
    assert value(kiosk, "/kiosk/details", "name") == "王五"
    for path in ("/kiosk/whom", "/kiosk/why", "/kiosk/privacy", "/kiosk/called?step=details"):
        step = path.partition("=")[2] or path.rpartition("/")[2]
        assert kiosk.get(path).page.select_one(f".foot a[href='/kiosk/cancel?step={step}']"), path
    kiosk.submit("/kiosk/details", form=DETAILS)
    asked = kiosk.submit("/kiosk/consent", {"visit": "1", "aside": "cancel"}, form=CONSENT)
    assert asked.location == "/kiosk/cancel?step=consent"
    assert kiosk.get("/kiosk/consent").page.select("[name=visit][checked]")
    kiosk.get("/kiosk")
    assert kiosk.get("/kiosk/cancel?step=details").location == "/kiosk"


def test_cancel_asks_nothing_where_nothing_was_typed(cast: Cast, kiosk: FoyerClient) -> None:
    to_details(kiosk, cast)
    for path in ("/kiosk/whom", "/kiosk/why", "/kiosk/leave", "/kiosk/invitation"):
        assert kiosk.get(path).page.select_one(".foot a[data-k=quiet]")["href"] == "/kiosk", path
    blank = {"name": "", "phone": "", "companions": "2", "aside": "cancel"}
    assert kiosk.submit("/kiosk/details", blank, form=DETAILS).location == "/kiosk"


def test_the_buttons_that_leave_belong_to_the_form_and_enter_is_none_of_them(cast: Cast, kiosk: FoyerClient) -> None:
    to_details(kiosk, cast)
    page = kiosk.get("/kiosk/details").page
    inside = page.select("#task button")
    buttons = [button for button in page.select("button") if button in inside or button.get("form") == "task"]
    assert "vh" in buttons[0].classes, "Enter presses the first button of a form"
    assert [button["value"] for button in buttons if button.get("name") == "aside"] == [
        "whom",
        "keys",
        "why",
        "cancel",
        "language",
        "call",
    ]


def test_the_bell_rings_on_the_desk_from_a_form_too(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    to_details(kiosk, cast)
    page = kiosk.get("/kiosk/details").page
    token = page.select_one(f"{DETAILS} [name=form_token]")["value"]
    forged = kiosk.post("/kiosk/details", data={"form_token": "no", "aside": "call"})
    assert forged.location == "/kiosk/details"
    kiosk.post("/kiosk/details", data={"form_token": token, "aside": "call"})
    kiosk.post("/kiosk/details", data={"form_token": token, "aside": "call"})
    with app.app_context(), writing():
        assert [call.step for call in db.session.scalars(db.select(ReceptionCall))] == ["details"]


def test_a_search_and_the_boxes_that_were_ticked_are_there_after_the_bell(cast: Cast, kiosk: FoyerClient) -> None:
    kiosk.get("/kiosk?language=en")
    bell = kiosk.get("/kiosk/whom").page.select_one("button[formmethod=post]")
    kiosk.post(bell["formaction"], data={"q": "zha", bell["name"]: bell["value"]})
    assert value(kiosk, "/kiosk/whom", "q") == "zha"
    to_details(kiosk, cast)
    kiosk.submit("/kiosk/details", TYPED, form=DETAILS)
    assert not kiosk.get("/kiosk/consent").page.select("[checked]")
    assert kiosk.submit("/kiosk/consent", {"visit": "1", "aside": "privacy"}, form=CONSENT).location == "/kiosk/privacy"
    back = kiosk.get("/kiosk/privacy").page.select_one("a[href='/kiosk/consent']")
    assert back is not None, "who reads the notice comes back to the form"
    assert kiosk.get("/kiosk/consent").page.select("[name=visit][checked]")


def test_who_goes_back_finds_the_search_and_who_was_chosen(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    with app.app_context(), writing():
        make_host(db.session.get_one(Unit, cast.unit_id), "张四")
    kiosk.get("/kiosk?language=en")
    assert not kiosk.get("/kiosk/whom?q=zhang").page.select("#found [aria-current]"), "nobody was chosen yet"
    to_details(kiosk, cast)
    page = kiosk.get("/kiosk/why").page
    name = page.select_one(".whom b").get_text()
    assert len(page.select("a[href='/kiosk/whom']")) == 2, "back, and whom to change"
    page = kiosk.get("/kiosk/whom").page
    assert page.select_one("#q")["value"] == "zhang"
    assert len(page.select("#found .pick")) == 2
    (chosen,) = page.select("#found [aria-current]")
    assert chosen.select_one("b").get_text() == name
    kiosk.get("/kiosk")
    page = kiosk.get("/kiosk/whom").page
    assert (page.select_one("#q")["value"], page.select("#found .pick")) == ("", [])


def test_a_host_who_left_meanwhile_is_refused_beside_the_search(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    kiosk.get("/kiosk?language=en")
    form = kiosk.get("/kiosk/whom?q=zhang").page.select_one("#found form")
    sent = {field["name"]: field["value"] for field in form.select("input")}
    refused = kiosk.post("/kiosk/whom", data=sent | {"ref": "gone"})
    assert refused.status_code == 422
    assert refused.page.select_one("#q")["value"] == "zhang"


@pytest.mark.parametrize(("path", "name"), [("/kiosk/leave", "badge"), ("/kiosk/invitation", "code")])
def test_a_code_that_was_begun_is_there_after_the_bell(kiosk: FoyerClient, path: str, name: str) -> None:
    kiosk.get("/kiosk?language=en")
    token = kiosk.get(path).page.select_one("#task [name=form_token]")["value"]
    kiosk.post(path, data={"form_token": token, name: "0174", "aside": "call"})
    assert value(kiosk, path, name) == "0174"
    kiosk.get("/kiosk")
    assert value(kiosk, path, name) == "", "nothing of one visitor stays for the next (V13)"


@pytest.mark.parametrize("step", ["details", "consent"])
def test_a_form_that_comes_after_the_wipe_is_told_so_in_its_language(cast: Cast, kiosk: FoyerClient, step: str) -> None:
    to_details(kiosk, cast)
    kiosk.submit("/kiosk/details", TYPED, form=DETAILS)
    page = kiosk.get(f"/kiosk/{step}").page
    form = page.select_one(DETAILS if step == "details" else CONSENT)
    sent = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    kiosk.get("/kiosk")
    late = kiosk.post(f"/kiosk/{step}", data=sent)
    assert late.location == "/kiosk/whom?wiped=1"
    assert WIPED in kiosk.get(late.location).words
    assert WIPED not in kiosk.get("/kiosk/whom").words


def test_a_consent_sent_again_after_signing_in_shows_the_badge(cast: Cast, kiosk: FoyerClient) -> None:
    to_details(kiosk, cast)
    kiosk.submit("/kiosk/details", TYPED, form=DETAILS)
    sent = kiosk.get("/kiosk/consent").page.select_one(f"{CONSENT} [name=form_token]")["value"]
    kiosk.post("/kiosk/consent", data={"form_token": sent, "visit": "1"})
    assert kiosk.post("/kiosk/consent", data={"form_token": sent}).location == "/kiosk/badge"


def test_who_seems_to_be_inside_has_nothing_to_put_right(cast: Cast, kiosk: FoyerClient) -> None:
    for name in ("王五", "赵六"):
        to_details(kiosk, cast)
        kiosk.submit("/kiosk/details", TYPED | {"name": name}, form=DETAILS)
        answer = kiosk.submit("/kiosk/consent", {"visit": "1"}, form=CONSENT)
    assert answer.status_code == 422
    assert "to put right" not in answer.words
    assert answer.page.select_one("main [data-k=main]").get_text() == "Call reception"
    assert answer.page.select_one("main form")["action"] == "/kiosk/call"
    back = answer.page.select_one(".foot a[href='/kiosk/details']")
    assert back is not None, "a slip of the finger in the number is mended there"


@pytest.mark.parametrize(
    ("name", "language", "stands"),
    [("一号大堂", "zh_Hans", True), ("一号大堂", "en", False), ("Main lobby", "zh_Hans", False), ("B1", "ru", True)],
)
def test_a_name_in_one_script_stands_on_pages_of_that_script(
    app: Flask, cast: Cast, kiosk: FoyerClient, name: str, language: str, stands: bool
) -> None:
    with app.app_context(), writing():
        found = db.session.get_one(Kiosk, cast.kiosk_id)
        found.name, found.help = name, {"en": "On your right"}
        db.session.get_one(Site, cast.site_id).languages = ["zh_Hans", "en", "ru"]
    page = kiosk.get(f"/kiosk?language={language}").words
    assert (name in page) is stands
    assert ("On your right" in page) is (language != "zh_Hans")
