"""/meetings/<ref>/run: the sheet on the phone, ticks with and without the outbox, faults, handing over, closing."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from domain.database import db, reading, writing
from domain.meetings.changes import Which
from domain.meetings.ends import cancel
from domain.meetings.models import Reservation
from domain.meetings.service_models import Confirmation, ServiceOrder, ServiceStep
from domain.slips.models import Slip
from domain.ticks import Tick
from tests import factories as make
from tests import service
from tests.blueprints.admin.test_every_page import statements
from tests.blueprints.service.conftest import Served
from tests.cabinet import STROKES, actor_of
from tests.cast import Cast, at_desk
from tests.client import FoyerClient, FoyerResponse

MAIN = "main form[method=post]"
OUTBOX = {"X-Outbox": "1"}


def step_form(page: FoyerResponse, words: str) -> dict[str, str]:
    """What the form of the step with these words in the list sends."""
    for form in page.page.select(".subs form"):
        button = form.select_one("button")
        if button and words in str(button.get("aria-label", "")):
            return {str(field["name"]): str(field.get("value", "")) for field in form.select("input")}
    raise AssertionError(f"no step {words}")


def steps(app: Flask, order_id: int, code: str) -> list[ServiceStep]:
    with app.app_context(), reading():
        found = service.steps_on(order_id, code)
        db.session.expunge_all()
        return found


def test_the_next_step_stands_on_top_and_a_touch_ticks_it(app: Flask, phone: FoyerClient, served: Served) -> None:
    sheet = phone.get(served.run)
    assert "Fetch the key" in sheet.page.select_one("#now").get_text()
    assert "min late" in sheet.page.select_one(".urgent .tag").get_text()
    assert sheet.page.select_one("#ordered").get_text().count("绿茶") == 1
    done = phone.submit(served.run, form=".urgent form")
    assert done.status_code == 303
    after = phone.get(served.run)
    assert "Noted as done at 09:50" in after.words
    assert "Clean, air" in after.page.select_one("#now").get_text()
    assert "Undo: Clean" not in after.words


def test_the_sheet_takes_at_most_eight_statements_and_an_unchanged_one_two(
    app: Flask, phone: FoyerClient, served: Served
) -> None:
    phone.get(served.run)
    assert statements(app, lambda: phone.get(served.run)) <= 8, "The session with its site is one of them."
    page = phone.htmx(f"{served.run}/live")
    same = {"HX-PTag": page.headers["HX-PTag"]}
    assert statements(app, lambda: phone.htmx(f"{served.run}/live", headers=same)) <= 1
    assert phone.htmx(f"{served.run}/live", headers=same).status_code == 304
    assert statements(app, lambda: phone.get("/meetings/runs")) <= 7


def test_the_outbox_sends_a_tick_once_with_its_true_time_whoever_signed_in_again(
    app: Flask, cast: Cast, phone: FoyerClient, served: Served, clock
) -> None:
    form = step_form(phone.get(served.run), "Test the equipment")
    form |= {"tick": "a" * 32, "age": "0"}
    clock.shift(timedelta(minutes=40))
    again = at_desk(app, cast, "chen")  # another session of the same person: the token holds
    form["age"] = "2400"
    answers = [again.post(f"{served.run}/ticks", data=form, headers=OUTBOX) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json["outcome"] for answer in answers} == {"taken"}
    assert len({answer.json["words"] for answer in answers}) == 1
    (step,) = steps(app, served.order, "test")
    assert step.noted_at
    assert step.ticked_at
    assert step.noted_at - step.ticked_at == timedelta(minutes=40)
    assert "sent at 10:30" in again.get(served.run).words
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(Tick)) == 1

    colleague = at_desk(app, cast, "lisi")
    foreign = colleague.post(f"{served.run}/ticks", data=form, headers=OUTBOX)
    assert foreign.status_code == 422
    assert "somebody else" in foreign.json["words"]
    own = step_form(colleague.get(served.run), "Clean, air") | {"tick": "b" * 32}
    assert colleague.post(f"{served.run}/ticks", data=own, headers=OUTBOX).json["outcome"] == "taken"
    slower = step_form(again.get(served.run), "Set up tables") | {"tick": "c" * 32, "step": own["step"]}
    told = again.post(f"{served.run}/ticks", data=slower, headers=OUTBOX)
    assert told.status_code == 200
    assert "Lisi did this step" in told.json["words"]


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"how": "skipped", "reason": ""}, 422, "Say why"),
        ({"how": "burnt"}, 422, "could not be read"),
        ({"tick": "x"}, 422, "could not be read"),
        ({"age": "999999999"}, 422, "older than three days"),
        ({"step": "nosuchstep00"}, 404, "nothing here"),
        ({"form_token": "1.2"}, 422, "somebody else"),
        ({"reason": "长" * 300, "how": "skipped"}, 422, "At most 200"),
    ],
)
def test_a_tick_that_makes_no_sense_is_refused_in_words(
    app: Flask, phone: FoyerClient, served: Served, change: dict[str, str], status: int, words: str
) -> None:
    form = step_form(phone.get(served.run), "Clean, air") | change
    plain = phone.post(f"{served.run}/ticks", data=form)
    assert (plain.status_code, words in plain.words) == (status, True)
    sent = phone.post(f"{served.run}/ticks", data=form, headers=OUTBOX)
    assert (sent.status_code, words in sent.json["words"]) == (status, True)
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(Tick)) == 0


def test_a_skip_keeps_its_reason_and_asks_for_one(app: Flask, phone: FoyerClient, served: Served) -> None:
    refused = phone.submit(served.run, {"reason": " "}, form=".go details form")
    assert refused.status_code == 422
    assert refused.page.select_one(".go details[open] .err").get_text() == "Say why it is skipped."
    taken = phone.submit(served.run, {"reason": "门开着"}, form=".go details form")
    assert taken.status_code == 303
    assert "Skipped: 门开着" in phone.get(served.run).words
    (step,) = steps(app, served.order, "key_out")
    assert step.how == "skipped"


def test_a_meeting_called_off_meanwhile_answers_and_the_sheet_says_so(
    app: Flask, cast: Cast, phone: FoyerClient, served: Served, clock
) -> None:
    form = step_form(phone.get(served.run), "Clean, air") | {"tick": "d" * 32}
    with app.app_context(), writing():
        meeting = db.session.get_one(Reservation, served.meeting)
        cancel(
            meeting,
            which=Which.ONE,
            reason="",
            actor=actor_of(cast, "lisi"),
            now=meeting.begins_at - timedelta(minutes=5),
        )
    assert "called off" in phone.post(f"{served.run}/ticks", data=form, headers=OUTBOX).json["words"]
    assert "was called off" in phone.get(served.run).words
    assert served.ref not in phone.get("/meetings/runs").text


def picture(kind: str = "JPEG") -> io.BytesIO:
    raw = io.BytesIO()
    Image.new("RGB", (80, 60), "grey").save(raw, kind)
    raw.seek(0)
    return raw


def found(phone: FoyerClient, address: str, **data: Any) -> FoyerResponse:
    """Send the form of what was found, with a file."""
    token = phone.get(address).page.select_one("main form [name=form_token]")["value"]
    answer = phone.post(address, data={"form_token": token, **data}, content_type="multipart/form-data")
    assert isinstance(answer, FoyerResponse)
    return answer


def test_a_fault_is_one_touch_and_its_picture_is_seen_by_who_may(
    app: Flask, cast: Cast, phone: FoyerClient, desk: FoyerClient, served: Served
) -> None:
    assert found(phone, f"{served.run}/fault", fault="Light", picture=(picture(), "a.jpg")).status_code == 303
    assert found(phone, f"{served.run}/lost", what="黑伞").status_code == 303
    sheet = phone.get(served.run)
    assert "松厅: Light" in sheet.words
    link = sheet.page.select_one("a[href*='/pictures/']")["href"]
    assert phone.get(link).mimetype == "image/jpeg"
    with app.app_context(), reading():
        slip = db.session.scalars(select(Slip).order_by(Slip.id)).first()
        assert slip
        assert slip.source == "meeting"
        address, ref = f"/slips/{slip.ref}", slip.ref
    page = desk.get(address)
    assert page.page.select_one(f"img[src='/slips/{ref}/picture']")
    assert desk.get(f"/slips/{ref}/picture").mimetype == "image/jpeg"
    assert phone.get(f"{served.run}/pictures/nosuchslip00").status_code == 404


def test_what_was_said_of_a_fault_outlives_the_lock_and_its_picture_is_taken_again(
    app: Flask, cast: Cast, served: Served, clock
) -> None:
    phone = at_desk(app, cast, "chen", shared=True)
    said = {"what": "投影幕布卡住", "urgent": "1", "picture": (picture(), "a.jpg")}
    phone.submit("/account", form="form[action='/lock']")
    page = phone.post(f"{served.run}/fault", data=said).page
    for typed in ({}, {"password": make.PASSWORD}, {}):
        form = page.select_one("form[data-go-on], form[action^='/unlock']")
        sent = {each["name"]: each.get("value", "") for each in form.select("input")} | typed
        page = phone.post(form["action"], data=sent).page
    assert page.select_one("[name=what]").get_text(strip=True) == "投影幕布卡住"
    assert page.select_one("[name=urgent][checked]")
    assert "choose it again" in page.select_one("#picture-e").get_text()
    with app.app_context(), reading():
        assert not db.session.scalar(select(func.count()).select_from(Slip))


def test_a_picture_that_is_none_and_an_empty_fault_are_refused(app: Flask, phone: FoyerClient, served: Served) -> None:
    bad = found(phone, f"{served.run}/fault", fault="Light", picture=(io.BytesIO(b"GIF89a nonsense"), "a.jpg"))
    assert bad.status_code == 422
    assert "could not be read" in bad.words
    empty = found(phone, f"{served.run}/fault", what="  ")
    assert empty.status_code == 422
    assert "Say what it is" in empty.words
    assert found(phone, f"{served.run}/fault", fault="<b>", what="").status_code == 422
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(Slip)) == 0


def test_who_serves_is_taken_asked_and_assigned(
    app: Flask, phone: FoyerClient, desk: FoyerClient, lead: FoyerClient, served: Served
) -> None:
    page = phone.get(f"{served.run}/offer").page
    lisi = next(one["value"] for one in page.select("input[name=who]") if "Lisi" in one.parent.get_text())
    assert phone.submit(f"{served.run}/offer", {"who": lisi}, form=MAIN).status_code == 303
    assert "You are asked" in desk.get("/meetings/runs").words
    assert "Chen asks you" in desk.get(served.run).words
    yes = f"form[action='{served.run}/answers']"
    assert desk.submit(served.run, form=yes).status_code == 303
    refused = phone.submit(f"{served.run}/offer", {"who": lisi}, form=MAIN)
    assert refused.status_code in (409, 422)
    assert "do not serve" in refused.words
    chen = next(
        one["value"]
        for one in lead.get(f"{served.run}/attendant").page.select("input[name=who]")
        if "Chen" in one.parent.get_text()
    )
    assert lead.submit(f"{served.run}/attendant", {"who": chen}, form=MAIN).status_code == 303
    assert lead.submit(f"{served.run}/attendant", form=MAIN).status_code == 422
    with app.app_context(), writing():
        db.session.get_one(ServiceOrder, served.order).attendant_id = None
    take = f"form[action='{served.run}/takings']"
    token = {"form_token": phone.get(served.run).page.select_one(take).select_one("input")["value"]}
    assert desk.submit(served.run, form=take).status_code == 303
    slower = phone.post(f"{served.run}/takings", data=token)
    assert slower.status_code == 409
    assert "Lisi serves this meeting already" in slower.words


def test_closing_names_what_blocks_and_the_organiser_is_asked(
    app: Flask, cast: Cast, client: FoyerClient, phone: FoyerClient, served: Served, clock
) -> None:
    with app.app_context(), writing():
        service.tick(served.order, "key_out", cast)
    page = phone.get(f"{served.run}/closing")
    assert len(page.page.select("main .facts li")) == 4
    clock.shift(timedelta(minutes=80))
    with app.app_context(), writing():
        for code in ("check", "power"):
            service.tick(served.order, code, cast)
    phone = at_desk(app, cast, "chen")
    page = phone.get(f"{served.run}/closing")
    assert "key is not back" in page.words
    assert not page.page.select(f"form[action='{served.run}/closing']")
    with app.app_context(), writing():
        service.tick(served.order, "key_back", cast)
    shut = f"form[action='{served.run}/closing']"
    stale = phone.get(f"{served.run}/closing").page.select_one(shut).select_one("input")["value"]
    signed = {"answer": "fair", "comment": "茶凉了", "signature": STROKES}
    assert phone.submit(f"{served.run}/confirmation", {"answer": "fair"}, form=MAIN).status_code == 422
    assert (
        phone.submit(f"{served.run}/confirmation", {"answer": "good", "signature": "<svg>"}, form=MAIN).status_code
        == 422
    )
    links = f"form[action='{served.run}/confirmation-links']"
    assert phone.submit(f"{served.run}/closing", form=links).status_code == 303
    assert phone.submit(f"{served.run}/closing", form=shut).status_code == 303
    assert phone.post(f"{served.run}/closing", data={"form_token": stale}).status_code == 409
    assert phone.submit(f"{served.run}/confirmation", signed, form=MAIN).status_code == 303, "Also after it was closed."
    assert "Closed at 11:10" in phone.get(served.run).words
    from domain.meetings.closing import confirmation_token

    with app.app_context():
        token = confirmation_token(served.ref)
    said = client.get(f"/m/{token}?lang=en")
    assert "confirmed on the spot: Fair" in said.words
    assert client.get(f"/m/{token}x").status_code == 404
    with app.app_context(), reading():
        assert db.session.scalars(select(Confirmation.answer)).all() == ["fair"]


def test_the_organiser_answers_by_the_link(app: Flask, client: FoyerClient, served: Served, clock) -> None:
    from domain.meetings.closing import confirmation_token

    with app.app_context():
        address = f"/m/{confirmation_token(served.ref)}?lang=en"
    assert client.submit(address, {}, form=MAIN).status_code == 422
    assert client.submit(address, {"answer": "poor", "comment": "没有茶"}, form=MAIN).status_code == 303
    assert "You answered: Poor" in client.get(address).words


def test_nobody_of_another_site_sees_the_sheet(app: Flask, cast: Cast, served: Served) -> None:
    qian = at_desk(app, cast, "qian")
    for address in (served.run, f"{served.run}/closing", f"/meetings/{served.ref}/order"):
        assert qian.get(address).status_code == 404


def test_who_serves_says_that_they_have_begun_and_left(app: Flask, phone: FoyerClient, served: Served, clock) -> None:
    with app.app_context(), writing():
        one = db.session.get_one(Reservation, served.meeting)
        one.release_at = one.begins_at + timedelta(minutes=15)
    begun, gone = f"form[action='{served.run}/starts']", f"form[action='{served.run}/ends']"
    assert "The room is free again at 10:15" in phone.get(served.run).words
    stale = {"form_token": phone.get(served.run).page.select_one(begun).select_one("input")["value"]}
    assert phone.submit(served.run, form=begun).status_code == 303
    assert not phone.get(served.run).page.select(begun)
    slower = phone.post(f"{served.run}/starts", data=stale)
    assert (slower.status_code, "has begun already" in slower.words) == (409, True)
    clock.shift(timedelta(minutes=25))
    assert phone.submit(f"{served.run}/closing", form=gone).status_code == 303
    page = phone.get(f"{served.run}/closing")
    assert not page.page.select(gone)
    assert "The meeting runs until" not in page.words
    with app.app_context(), reading():
        assert db.session.get_one(Reservation, served.meeting).state == "ended"


def test_beginning_and_ending_what_was_called_off_is_refused_over_the_sheet(
    app: Flask, cast: Cast, phone: FoyerClient, served: Served
) -> None:
    with app.app_context(), writing():
        one = db.session.get_one(Reservation, served.meeting)
        one.release_at = one.begins_at + timedelta(minutes=15)
    start = phone.get(served.run).page.select_one(f"form[action='{served.run}/starts'] input")["value"]
    with app.app_context(), writing():
        one = db.session.get_one(Reservation, served.meeting)
        cancel(one, which=Which.ONE, reason="", actor=actor_of(cast, "lisi"), now=one.made_at)
    refused = phone.post(f"{served.run}/starts", data={"form_token": start})
    assert (refused.status_code, "called off or released meanwhile" in refused.words) == (409, True)


def test_a_step_that_is_due_hours_later_asks_before_it_is_ticked(
    app: Flask, cast: Cast, served: Served, clock: Any
) -> None:
    assert at_desk(app, cast, "chen").get(served.run).page.select(".go > form")
    clock.shift(-timedelta(hours=12))
    page = at_desk(app, cast, "chen").get(served.run).page
    assert not page.select(".go > form")
    assert "It is due only at" in page.select_one(".go > details.early").get_text()
    assert page.select_one(".go > details.early form [name=how]")["value"] == "done", "and is done, if it is"
