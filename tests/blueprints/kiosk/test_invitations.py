"""V5 at the kiosk: scan or six digits, confirm, done; scripts off."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.sites.models import Purpose, Site
from domain.visits.invitation_codes import qr_of, token_of
from domain.visits.invitation_models import Invitation, InvitationEntry
from domain.visits.invitations import withdraw
from domain.visits.models import Visit, VisitState
from tests.cabinet import actor_of
from tests.cast import Cast, at_kiosk
from tests.client import FoyerClient
from tests.house.routes import own_phone
from tests.invited import make_invitation
from tests.misspelling import misspelt

CODE = "form[action='/kiosk/invitation']"
CONFIRM = "form[action='/kiosk/invited']"


@pytest.fixture
def kiosk(app: Flask, cast: Cast, clock) -> FoyerClient:
    browser = at_kiosk(app, cast)
    browser.get("/kiosk?language=en")
    return browser


def make(app: Flask, cast: Cast, **values) -> Invitation:
    with app.app_context(), writing():
        made = make_invitation(cast, **values)
        db.session.flush()
        db.session.expunge_all()
    return made


def visits(app: Flask) -> list[Visit]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Visit)))
        db.session.expunge_all()
    return found


def typed(kiosk: FoyerClient, code: str | None):
    return kiosk.submit("/kiosk/invitation", {"code": code}, form=CODE)


def test_two_touches_and_the_guest_has_badge_and_way(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    made = make(app, cast, waiting=True)
    assert kiosk.get("/kiosk").page.select_one("a[href='/kiosk/invitation']")
    assert typed(kiosk, made.digits).location == "/kiosk/invited"
    page = kiosk.get("/kiosk/invited")
    assert "王*" in page.words
    assert "王五" not in page.words, "nobody reads off a name with digits that were guessed"
    assert "8000" not in page.text
    assert "张三" in page.words
    answer = kiosk.submit("/kiosk/invited", {"companions": "2"}, form=CONFIRM)
    assert answer.location == "/kiosk/badge"
    assert "A-001" in kiosk.get("/kiosk/badge").words
    [visit] = visits(app)
    assert (visit.name, visit.phone, visit.companions, visit.state) == ("王五", "+8613800138000", 2, VisitState.INSIDE)
    kiosk.get("/kiosk")
    assert kiosk.get("/kiosk/invited").location == "/kiosk/invitation", "nothing stays for the next"


def test_the_keys_on_the_screen_type_the_digits(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    made = make(app, cast)
    page = kiosk.get("/kiosk/invitation")
    for digit in made.digits or "":
        form = page.page.select_one(CODE)
        data = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
        page = kiosk.post("/kiosk/invitation", data=data | {"key": digit})
    assert page.page.select_one("[name=code]")["value"] == made.digits


@pytest.mark.parametrize("code", ["qr", "link"])
def test_it_is_scanned(app: Flask, cast: Cast, kiosk: FoyerClient, code: str) -> None:
    made = make(app, cast)
    with app.app_context():
        scanned = qr_of(made.ref) if code == "qr" else f"https://x.example.com/i/{token_of(made.ref)}"
    assert typed(kiosk, scanned).location == "/kiosk/invited"
    assert "Welcome, 王五" in kiosk.get("/kiosk/invited").words, "what was scanned cannot be guessed"


@pytest.mark.parametrize("phone", ["", "+8613800138000"])
def test_one_touch_is_promised_where_nothing_is_missing(app: Flask, cast: Cast, kiosk: FoyerClient, phone: str) -> None:
    made = make(app, cast, phone=phone, email="wangwu@example.com")
    typed(kiosk, made.digits)
    lead = kiosk.get("/kiosk/invited").page.select_one(".wall .say p:not(.at)").get_text()
    assert lead == (
        "One more touch and you are signed in."
        if phone
        else "Fill in what is missing; with one more touch you are signed in."
    )


def test_only_what_is_missing_is_asked(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    with app.app_context(), writing():
        db.session.get_one(Purpose, cast.purpose_id).fields = {"plate": "must", "document": "must", "photo": "ask"}
    made = make(app, cast, name="", phone="", entries=3)
    typed(kiosk, made.digits)
    page = kiosk.get("/kiosk/invited").page
    names = {field["name"] for field in page.select(f"{CONFIRM} input[name]")}
    assert names == {
        "form_token",
        "language",
        "name",
        "phone",
        "plate",
        "document",
        "companions",
        "photo",
        "document_agreed",
    }
    assert not page.select("[checked]")
    refused = kiosk.submit("/kiosk/invited", {"name": "赵六", "phone": "123"}, form=CONFIRM)
    assert refused.status_code == 422
    assert "赵六" in refused.text
    given = {"name": "赵六", "phone": "13800138009", "plate": "苏E12345", "document": "1234"}
    assert kiosk.submit("/kiosk/invited", given, form=CONFIRM).location == "/kiosk/badge"
    [visit] = visits(app)
    assert (visit.name, visit.plate, visit.document) == ("赵六", "苏E12345", None), "nothing kept without its consent"


def test_a_photo_that_is_agreed_to_is_taken_before(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    with app.app_context(), writing():
        db.session.get_one(Purpose, cast.purpose_id).fields = {"photo": "ask"}
    made = make(app, cast)
    typed(kiosk, made.digits)
    assert kiosk.submit("/kiosk/invited", {"photo": "1"}, form=CONFIRM).location == "/kiosk/photo"
    assert kiosk.submit("/kiosk/photo", form="form[action='/kiosk/photo']").location == "/kiosk/badge"
    with app.app_context(), reading():
        assert db.session.scalar(select(InvitationEntry.place)) == 1


def test_a_day_early_the_host_is_asked_first(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    made = make(app, cast, begins_at=house_clock.now() + timedelta(days=1))
    typed(kiosk, made.digits)
    assert "张三 is asked first" in kiosk.get("/kiosk/invited").words
    kiosk.submit("/kiosk/invited", form=CONFIRM)
    assert kiosk.get("/kiosk/badge").location == "/kiosk/waiting"
    assert [visit.state for visit in visits(app)] == [VisitState.WAITING]


def test_what_is_worth_nothing_says_why(app: Flask, cast: Cast, kiosk: FoyerClient, clock) -> None:
    used, taken, far = (
        make(app, cast),
        make(app, cast),
        make(app, cast, begins_at=house_clock.now() + timedelta(days=9)),
    )
    typed(kiosk, used.digits)
    kiosk.submit("/kiosk/invited", form=CONFIRM)
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        one = db.session.get_one(Invitation, taken.id)
        withdraw(one, site=site, actor=actor_of(cast, "lisi"), now=house_clock.now())
    for made, said in ((used, "used already"), (taken, "taken back"), (far, "Please come then")):
        answer = typed(kiosk, made.digits)
        assert answer.status_code == 422
        assert said in answer.words
        assert kiosk.get("/kiosk/invited").status_code == 303
    clock.shift(timedelta(days=12))
    assert "has ended" in typed(kiosk, far.digits).words
    assert len(visits(app)) == 1


def test_taken_back_between_the_two_touches_is_refused_in_words(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    made = make(app, cast)
    typed(kiosk, made.digits)
    page = kiosk.get("/kiosk/invited").page.select_one(f"{CONFIRM} [name=form_token]")
    with app.app_context(), writing():
        site, one = db.session.get_one(Site, cast.site_id), db.session.get_one(Invitation, made.id)
        withdraw(one, site=site, actor=actor_of(cast, "lisi"), now=house_clock.now())
    answer = kiosk.post("/kiosk/invited", data={"form_token": page["value"], "companions": "0"})
    assert answer.status_code == 422
    assert "taken back" in answer.words
    assert visits(app) == []


def test_who_is_inside_already_is_asked_to_see_the_reception(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    for made in (make(app, cast), make(app, cast)):
        typed(kiosk, made.digits)
        answer = kiosk.submit("/kiosk/invited", form=CONFIRM)
    assert answer.status_code == 422
    assert "Please see the reception" in answer.words


def test_guessing_is_slowed_down_and_a_scan_still_works(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    made = make(app, cast)
    wrong = f"{(int(made.digits or 0) + 1) % 10**6:06d}"
    for _ in range(10):
        assert "not known here" in typed(kiosk, wrong).words
    assert typed(kiosk, made.digits).status_code == 429
    with app.app_context():
        scanned = qr_of(made.ref)
    assert typed(kiosk, scanned).location == "/kiosk/invited"


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３", "FOYER:I:", "/i/", "x" * 400, "'", "\u202e"])
def test_what_is_no_code_is_refused_at_its_field(app: Flask, cast: Cast, kiosk: FoyerClient, code: str) -> None:
    answer = typed(kiosk, code)
    assert answer.status_code == 422
    assert answer.page.select_one("#code-e")


def test_the_link_of_the_letter_shows_the_codes_and_signs_in_where_the_lobbys_code_was_scanned(
    app: Flask, cast: Cast, client: FoyerClient, clock
) -> None:
    made, phone = make(app, cast), client
    with app.app_context():
        address = f"/i/{token_of(made.ref)}"
    page = phone.get(address)
    assert (made.digits or "x")[:3] in page.words
    assert not page.page.select("form, main .btn")
    own_phone(app, phone, cast)
    on = phone.get(address).page.select_one("main .btn")["href"]
    assert phone.submit(on, form=CONFIRM).location == "/kiosk/badge"
    assert [visit.source for visit in visits(app)] == ["own"]
    used = phone.get(address)
    assert "王五" not in used.text
    assert phone.get(misspelt(address)).status_code == 404
