"""What must happen once happens once, however often and from wherever it is sent (V11), on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain import clock
from domain.database import db, reading, writing
from domain.events import Event
from domain.keys.loan_models import Loan, LoanLine
from domain.meetings.models import Reservation
from domain.notices import Notice
from domain.sites.models import Site
from domain.visits.models import ReceptionCall, Visit
from tests import cabinet as shelf
from tests import factories as make
from tests import rooms as house
from tests.blueprints.keys import borrowing
from tests.cast import Cast, at_desk
from tests.document import read
from web.devices import KIOSK_COOKIE

TIMES = 50


def at_once(deeds: Sequence[Callable[[], TestResponse]]) -> list[TestResponse]:
    """Do all of it in the same moment, a thread each; gives the answers in their order."""
    gate = threading.Barrier(len(deeds))

    def do(deed: Callable[[], TestResponse]) -> TestResponse:
        gate.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as crowd:
        return list(crowd.map(do, deeds))


def form_at(client: FlaskClient, path: str, action: str) -> dict[str, str]:
    """The hidden token of the form on that page which posts to `action`."""
    page = read(client.get(path).text)
    token = page.select_one(f"form[method=post][action='{action}'] [name=form_token]")
    assert token, f"{path} has no form that posts to {action}."
    return {"form_token": str(token["value"])}


def kiosk(app: Flask, token: str) -> FlaskClient:
    client = FlaskClient(app)
    client.set_cookie(KIOSK_COOKIE, token)
    return client


def before_signing_in(app: Flask, cast: Cast, token: str, phone: str = "13800138000") -> tuple[FlaskClient, dict]:
    """A kiosk at its last page, everything typed and ticked; gives the browser and the form that it will send."""
    client = kiosk(app, token)
    client.get("/kiosk?language=en")
    form = form_at(client, "/kiosk/whom?q=zhang", "/kiosk/whom")
    assert client.post("/kiosk/whom", data=form | {"kind": "host", "ref": cast.host_ref}).status_code == 303
    form = form_at(client, "/kiosk/why", "/kiosk/why")
    assert client.post("/kiosk/why", data=form | {"purpose": cast.purpose_ref}).status_code == 303
    form = form_at(client, "/kiosk/details", "/kiosk/details")
    typed = {"name": "王五", "phone": phone, "companions": "0"}
    assert client.post("/kiosk/details", data=form | typed).status_code == 303
    return client, form_at(client, "/kiosk/consent", "/kiosk/consent") | {"visit": "1"}


def twin(app: Flask, client: FlaskClient) -> FlaskClient:
    """The same browser, which will not hear the other one's answers."""
    other = FlaskClient(app)
    for cookie in list((client._cookies or {}).values()):
        other.set_cookie(cookie.key, cookie.value, path=cookie.path)
    return other


def count(app: Flask, model: type) -> int:
    with app.app_context(), reading():
        return db.session.scalar(db.select(db.func.count()).select_from(model)) or 0


def test_fifty_touches_of_one_button_make_one_visit_and_fifty_good_answers(app, cast):
    client, form = before_signing_in(app, cast, cast.kiosk_token)
    touches = [twin(app, client) for _ in range(TIMES)]
    answers = at_once([lambda each=each: each.post("/kiosk/consent", data=form) for each in touches])
    assert {(answer.status_code, answer.headers.get("Location")) for answer in answers} == {(303, "/kiosk/badge")}
    assert count(app, Visit) == 1
    assert count(app, Notice) == 1, "The host is told once."
    for each in (touches[0], touches[TIMES // 2], touches[-1]):
        page = each.get("/kiosk/badge")
        assert page.status_code == 200, "Whichever answer the browser keeps, it shows the badge."
        assert "A-001" in page.text


def test_an_answer_that_was_lost_is_given_again(app, cast):
    client, form = before_signing_in(app, cast, cast.kiosk_token)
    again = twin(app, client)
    client.post("/kiosk/consent", data=form)
    answer = again.post("/kiosk/consent", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert "A-001" in answer.text
    assert count(app, Visit) == 1


def test_the_same_form_with_other_content_is_refused_in_words(app, cast):
    client = kiosk(app, cast.kiosk_token)
    form = form_at(client, "/kiosk?language=en", "/kiosk/call")
    assert client.post("/kiosk/call", data=form | {"step": "welcome"}).status_code == 303
    client.post("/kiosk/call", data=form | {"step": "whom"})
    assert count(app, ReceptionCall) == 1
    with app.app_context(), reading():
        assert db.session.scalar(db.select(ReceptionCall.step)) == "welcome"


@pytest.mark.parametrize("round_", range(5))
def test_one_phone_at_two_kiosks_in_the_same_second_makes_one_visit(app, cast, round_):
    with app.app_context(), writing():
        _second, token = make.make_kiosk(db.session.get_one(Site, cast.site_id), "二号大堂")
    pairs = [before_signing_in(app, cast, each) for each in (cast.kiosk_token, token)]
    answers = at_once([lambda pair=pair: pair[0].post("/kiosk/consent", data=pair[1]) for pair in pairs])
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 303
    assert codes[1] in (409, 422)
    refused = next(answer for answer in answers if answer.status_code != 303)
    assert "Please see the reception" in refused.text
    assert "inside" not in refused.text, "Nothing is said about who is in the building."
    assert count(app, Visit) == 1
    with app.app_context(), reading():
        kinds = db.session.scalars(db.select(Event.kind).where(Event.kind == "visit.signed_in")).all()
    assert len(kinds) == 1


def test_twenty_calls_of_one_kiosk_ring_once(app, cast):
    clients = [kiosk(app, cast.kiosk_token) for _ in range(20)]
    forms = [form_at(client, "/kiosk?language=en", "/kiosk/call") | {"step": "welcome"} for client in clients]
    deeds = [
        lambda client=client, form=form: client.post("/kiosk/call", data=form)
        for client, form in zip(clients, forms, strict=True)
    ]
    answers = at_once(deeds)
    assert {answer.status_code for answer in answers} <= {303, 409}, [answer.status_code for answer in answers]
    assert count(app, ReceptionCall) == 1


def test_one_badge_at_two_kiosks_signs_out_once(app, cast):
    client, form = before_signing_in(app, cast, cast.kiosk_token)
    client.post("/kiosk/consent", data=form)
    with app.app_context(), reading():
        visit = db.session.execute(db.select(Visit.badge_number, Visit.badge_check)).one()
    typed = {"badge": f"{visit.badge_number:03} {visit.badge_check}"}
    pairs = []
    for _ in range(8):
        each = kiosk(app, cast.kiosk_token)
        pairs.append((each, form_at(each, "/kiosk/leave", "/kiosk/leave") | typed))
    answers = at_once([lambda pair=pair: pair[0].post("/kiosk/leave", data=pair[1]) for pair in pairs])
    assert {answer.status_code for answer in answers} <= {303, 409, 422}
    assert [answer.status_code for answer in answers].count(303) >= 1
    with app.app_context(), reading():
        left = db.session.scalars(db.select(Event.kind).where(Event.kind == "visit.signed_out")).all()
    assert len(left) == 1


def sent_at_once(app: Flask, desk: FlaskClient, path: str, forms: Sequence[dict[str, str]]) -> list[TestResponse]:
    """Each form from a tablet of its own, in the same moment."""

    def sending(tablet: FlaskClient, form: dict[str, str]) -> Callable[[], TestResponse]:
        return lambda: tablet.post(path, data=form)

    return at_once([sending(twin(app, desk), form) for form in forms])


def words_of_the_refused(answers: Sequence[TestResponse]) -> list[str]:
    """What those were told who came second; exactly one did not."""
    refused = [answer for answer in answers if answer.status_code != 303]
    assert len(refused) == len(answers) - 1, [answer.status_code for answer in answers]
    assert {answer.status_code for answer in refused} <= {409, 422}
    return [read(answer.text).select_one("main").get_text(" ", strip=True) for answer in refused]


def test_one_key_is_lent_at_one_of_six_tablets(app, cast):
    with app.app_context(), writing():
        key = shelf.key(shelf.fill(cast).roof)
        ref, tag = key.ref, key.tag
    desk = at_desk(app, cast)
    forms = [borrowing.drawn(desk, ref, borrower="contractor") | borrowing.SIGNED for _ in range(6)]
    refused = words_of_the_refused(sent_at_once(app, desk, f"/keys/{ref}/loans", forms))
    assert all(f"{tag} is out since" in words and "冯*" in words for words in refused), refused
    assert (count(app, Loan), count(app, LoanLine)) == (1, 1)


def test_one_room_is_reserved_at_one_of_six_tablets(app, cast):
    with app.app_context(), writing():
        ref = house.room(house.furnish_rooms(cast).pine).ref
    desk = at_desk(app, cast)
    day = f"{clock.now() + timedelta(days=(8 - clock.now().isoweekday()) % 7 + 1):%Y-%m-%d}"  # a Tuesday
    typed = {"title": "季度会", "room": ref, "day": day, "since": "10:00", "until": "11:00", "people": "5"}
    typed["who"] = f"host:{cast.host_ref}"
    forms = [form_at(desk, "/meetings/new", "/meetings/new") | typed for _ in range(6)]
    refused = words_of_the_refused(sent_at_once(app, desk, "/meetings/new", forms))
    assert all("松厅 is taken in this time." in words for words in refused), refused
    assert count(app, Reservation) == 1
