"""Who notices late that the words are not the own ones chooses the language where that is, and loses nothing."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.events import Event
from domain.identity import SYSTEM
from domain.sites.models import Site
from domain.visits.departures import sign_out
from domain.visits.invitation_codes import token_of
from domain.visits.models import Visit
from domain.visits.spoken import choose_language
from tests.blueprints.kiosk.test_aside import CONSENT, DETAILS, TYPED, to_details, value
from tests.blueprints.kiosk.test_sign_in import walk
from tests.cast import Cast, at_desk, at_kiosk
from tests.client import FoyerClient
from tests.house.routes import own_phone
from tests.invited import make_invitation

SPOKEN = ["zh_Hans", "en", "ar"]


def speaks(app: Flask, cast: Cast, languages: list[str]) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).languages = languages


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> FoyerClient:
    speaks(app, cast, SPOKEN)
    return at_kiosk(app, cast)


def tongue(client: FoyerClient, path: str) -> Any:
    """The button that leads to the languages, which says in which one the page is."""
    found = client.get(path).page.select_one(".foot .tongue")
    assert found is not None, f"{path} speaks one language alone"
    return found


def asks(client: FoyerClient, path: str, **typed: str) -> str:
    """Touch the button that sends the page's form, and where that leads."""
    button, form = tongue(client, path), client.get(path).page.select_one("#task")
    assert button["form"] == "task"
    sent = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    return str(client.post(form["action"], data=sent | typed | {button["name"]: button["value"]}).location)


def to_arabic(client: FoyerClient, asked: str) -> str:
    """From the page of the languages to the page behind it."""
    page = client.get(asked).page
    assert [(link["lang"], link.get("dir")) for link in page.select("main nav a")] == [
        ("zh-Hans", None),
        ("en", None),
        ("ar", "rtl"),
    ]
    back = page.select_one(".foot a.btn")["href"]
    answer = client.get(page.select_one("main nav a[lang=ar]")["href"])
    assert (answer.status_code, answer.location) == (303, back), "back to the same page, chosen or not"
    assert client.get(back).page.select("html")[0]["lang"] == "ar"
    return str(back)


@pytest.mark.parametrize(
    "path",
    [
        "/kiosk/why",
        "/kiosk/privacy",
        "/kiosk/called?step=details",
        "/kiosk/called?step=welcome",
        "/kiosk/called?step=leave",
    ],
)
def test_a_page_without_a_form_leads_to_the_languages_and_back(cast: Cast, kiosk: FoyerClient, path: str) -> None:
    to_details(kiosk, cast)
    button = tongue(kiosk, path)
    assert button.get_text() == "English"
    assert button["aria-label"] == "English · Language"
    assert to_arabic(kiosk, button["href"]) == path


def test_who_is_asked_whether_to_go_on_goes_on_in_the_own_language(cast: Cast, kiosk: FoyerClient) -> None:
    to_details(kiosk, cast)
    assert to_arabic(kiosk, tongue(kiosk, "/kiosk/still-here?step=why")["href"]) == "/kiosk/why"
    kiosk.submit("/kiosk/details", TYPED | {"aside": "cancel"}, form=DETAILS)
    cancel = "/kiosk/cancel?step=details"
    assert to_arabic(kiosk, tongue(kiosk, cancel)["href"]) == cancel


@pytest.mark.parametrize("path", ["/kiosk/details", "/kiosk/details/keys?field=name"])
def test_what_was_typed_is_there_in_the_other_language(cast: Cast, kiosk: FoyerClient, path: str) -> None:
    to_details(kiosk, cast)
    assert to_arabic(kiosk, asks(kiosk, path, name="王五")) == path
    assert value(kiosk, path, "name") == "王五"


def test_the_boxes_that_were_ticked_are_there_too(cast: Cast, kiosk: FoyerClient) -> None:
    to_details(kiosk, cast)
    kiosk.submit("/kiosk/details", TYPED, form=DETAILS)
    asked = kiosk.submit("/kiosk/consent", {"visit": "1", "aside": "language"}, form=CONSENT)
    assert to_arabic(kiosk, asked.location) == "/kiosk/consent"
    assert kiosk.get("/kiosk/consent").page.select("[name=visit][checked]")


@pytest.mark.parametrize(("path", "name"), [("/kiosk/leave", "badge"), ("/kiosk/invitation", "code")])
def test_a_code_that_was_begun_is_there_too(kiosk: FoyerClient, path: str, name: str) -> None:
    kiosk.get("/kiosk?language=en")
    assert to_arabic(kiosk, asks(kiosk, path, **{name: "0174"})) == path
    assert value(kiosk, path, name) == "0174"


def test_a_search_is_there_too(kiosk: FoyerClient) -> None:
    kiosk.get("/kiosk?language=en")
    button = tongue(kiosk, "/kiosk/whom?q=zh")
    assert (button["form"], button["formaction"]) == ("task", "/kiosk/language")
    back = to_arabic(kiosk, f"/kiosk/language?q=zhang&{button['name']}={button['value']}")
    assert back == "/kiosk/whom?q=zhang"
    assert value(kiosk, back, "q") == "zhang"


def test_an_invited_guest_is_still_greeted_by_name(app: Flask, cast: Cast, client: FoyerClient, clock: Any) -> None:
    speaks(app, cast, SPOKEN)
    own_phone(app, client, cast)
    client.get("/kiosk?language=en")
    with app.app_context(), writing():
        code = token_of(make_invitation(cast, phone="", email="wangwu@example.com").ref)
    path = f"/kiosk/invited?code={code}"
    greeted = client.get(path).page.select_one("h1").get_text()
    assert to_arabic(client, asks(client, path, phone="138")) == "/kiosk/invited"
    assert value(client, "/kiosk/invited", "phone") == "138"
    client.get("/kiosk/language?step=invited&language=en")
    assert client.get("/kiosk/invited").page.select_one("h1").get_text() == greeted


def test_a_guest_whom_the_reception_signs_in_comes_back_to_the_invitation(
    app: Flask, cast: Cast, kiosk: FoyerClient
) -> None:
    walk(kiosk, cast)
    kiosk.get("/kiosk?language=en")
    with app.app_context(), writing():
        digits = make_invitation(cast).digits
    kiosk.submit("/kiosk/invitation", {"code": digits}, form="#task")
    answer = kiosk.submit("/kiosk/invited", form="#task")
    assert answer.status_code == 422, "somebody with this number is inside"
    asked = answer.page.select_one(".foot .tongue")["href"]
    assert to_arabic(kiosk, asked) == "/kiosk/invited", "the steps of who has none told that everything was erased"


SENT = "main nav form"


def spoken_to(app: Flask) -> list[str]:
    """The languages of the visits, the first one first."""
    with app.app_context(), reading():
        return list(db.session.scalars(select(Visit.language).order_by(Visit.id)))


def chosen(app: Flask) -> list[dict[str, Any]]:
    """What the history says of languages that were chosen after the sign-in."""
    with app.app_context(), reading():
        kind = Event.kind == "visit.language_chosen"
        return list(db.session.scalars(select(Event.facts).where(kind).order_by(Event.number)))


def test_who_is_signed_in_reads_badge_and_answer_in_the_own_language(
    app: Flask, cast: Cast, kiosk: FoyerClient
) -> None:
    walk(kiosk, cast, purpose=cast.waiting_purpose_ref)
    asked = tongue(kiosk, "/kiosk/waiting")["href"]
    assert kiosk.get(to_back(kiosk, asked)).location == "/kiosk/waiting"
    kiosk.submit(asked, {"language": "ar"}, form=SENT)
    assert kiosk.get("/kiosk/waiting").page.select("html")[0]["lang"] == "ar"
    walk(kiosk, cast, phone="13800138001", name="赵六")
    asked = tongue(kiosk, "/kiosk/badge")["href"]
    assert kiosk.submit(asked, {"language": "ar"}, form=SENT).location == "/kiosk/badge"
    assert kiosk.get("/kiosk/badge").page.select("html")[0]["lang"] == "ar"
    assert spoken_to(app) == ["ar", "ar"]


def test_the_phone_and_the_reception_speak_as_was_chosen_after_the_sign_in(
    app: Flask, cast: Cast, kiosk: FoyerClient, client: FoyerClient
) -> None:
    walk(kiosk, cast)
    with app.app_context(), reading():
        ref = db.session.scalars(select(Visit.ref)).one()
    assert client.get(f"/b/{ref}").page.select("html")[0]["lang"] == "en"
    for language in ("ar", "ar", "zh_Hans"):
        kiosk.submit("/kiosk/language?step=badge", {"language": language}, form=SENT)
    assert client.get(f"/b/{ref}").page.select("html")[0]["lang"] == "zh-Hans"
    assert chosen(app) == [
        {"number": 1, "language": "ar", "before": "en"},
        {"number": 1, "language": "zh_Hans", "before": "ar"},
    ], "the same again is no event"
    assert "Chose another language" in at_desk(app, cast).get(f"/visits/{ref}").words


def test_a_visit_that_is_over_keeps_its_language(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    walk(kiosk, cast)
    page = kiosk.get("/kiosk/language?step=badge").page
    sent = {"form_token": page.select_one(f"{SENT} [name=form_token]")["value"], "language": "ar"}
    with app.app_context(), writing():
        visit = db.session.scalars(select(Visit)).one()
        sign_out(visit, how="desk", actor=SYSTEM, now=visit.arrived_at)
    assert not kiosk.get("/kiosk/language?step=badge").page.select(SENT)
    assert kiosk.post("/kiosk/language?step=badge", data=sent).location == "/kiosk/badge"
    assert (spoken_to(app), chosen(app)) == (["en"], [])
    with app.app_context(), writing():
        site, visit = db.session.get_one(Site, cast.site_id), db.session.scalars(select(Visit)).one()
        with pytest.raises(Conflict):
            choose_language(visit, language="ar", site=site, actor=SYSTEM, now=visit.arrived_at)


def test_a_language_is_chosen_for_the_own_visit_alone_and_among_those_of_the_site(
    app: Flask, cast: Cast, kiosk: FoyerClient
) -> None:
    walk(kiosk, cast)
    kiosk.submit("/kiosk/language?step=badge", {"language": "ja"}, form=SENT)
    assert spoken_to(app) == ["en"]
    other = at_kiosk(app, cast)
    assert not other.get("/kiosk/language?step=badge").page.select(SENT), "nobody is signed in there"
    token = kiosk.get("/kiosk/language?step=badge").page.select_one(f"{SENT} [name=form_token]")["value"]
    other.post("/kiosk/language?step=badge", data={"form_token": token, "language": "ar"})
    kiosk.get("/kiosk/language?step=badge&language=ar")
    assert spoken_to(app) == ["en"], "following a link changes no visit"
    kiosk.get("/kiosk?language=ar")
    assert kiosk.get("/kiosk/badge").location == "/kiosk", "and nobody's after the page was left"
    assert spoken_to(app) == ["en"]
    with app.app_context(), writing():
        site, visit = db.session.get_one(Site, cast.site_id), db.session.scalars(select(Visit)).one()
        with pytest.raises(DomainError):
            choose_language(visit, language="ja", site=site, actor=SYSTEM, now=visit.arrived_at)


def to_back(client: FoyerClient, asked: str) -> str:
    return str(client.get(asked).page.select_one(".foot a.btn")["href"])


def test_a_house_of_one_language_offers_no_other(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    speaks(app, cast, ["en"])
    to_details(kiosk, cast)
    for path in ("/kiosk/whom", "/kiosk/why", "/kiosk/details", "/kiosk/called?step=why"):
        assert not kiosk.get(path).page.select(".tongue"), path


@pytest.mark.parametrize("query", ["", "?step=https://example.com", "?step=x&page=y&language=en", "?language=de"])
def test_an_address_that_nobody_links_to_leads_nowhere_else(kiosk: FoyerClient, query: str) -> None:
    kiosk.get("/kiosk?language=en")
    answer = kiosk.get(f"/kiosk/language{query}")
    back = answer.location or answer.page.select_one(".foot a.btn")["href"]
    assert back == "/kiosk"


def test_nothing_of_the_language_stays_for_the_next(cast: Cast, kiosk: FoyerClient) -> None:
    to_details(kiosk, cast)
    kiosk.get("/kiosk/language?step=why&language=ar")
    kiosk.get("/kiosk")
    assert kiosk.get("/kiosk/whom").page.select("html")[0]["lang"] == "zh-Hans"
    assert kiosk.get("/kiosk/language?step=why").headers["Refresh"] == "120; url=/kiosk/still-here?step=why"


def test_who_asked_for_more_time_keeps_it_in_the_other_language(cast: Cast, kiosk: FoyerClient) -> None:
    walk(kiosk, cast)
    page = kiosk.get("/kiosk/badge").page
    assert kiosk.get("/kiosk/badge").headers["Refresh"].startswith("40;")
    (longer,) = [link["href"] for link in page.select(".foot a.btn") if "longer" in link["href"]]
    languages = kiosk.get(tongue(kiosk, longer)["href"]).page
    form = languages.select_one("main nav form")
    token = form.select_one("[name=form_token]")["value"]
    answer = kiosk.post(form["action"], data={"form_token": token, "language": "ar"})
    assert answer.status_code == 303
    again = kiosk.get(answer.location)
    assert again.page.select("html")[0]["lang"] == "ar"
    assert again.headers["Refresh"].startswith("120;")
    assert languages.select_one(".foot a.btn")["href"] == answer.location, "and who goes back without a choice too"
