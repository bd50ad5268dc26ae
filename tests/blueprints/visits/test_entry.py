"""One visit: masked, shown in full with a reason, and everything that can be done with it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from domain import clock as time
from domain import events
from domain.database import db, reading, writing
from domain.notices import Notice
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


def come(app: Flask, cast: Cast, *, waits: bool = False, **values: Any) -> str:
    """Somebody signs in; gives the visit's ref."""
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        purpose = db.session.get_one(Purpose, cast.waiting_purpose_id if waits else cast.purpose_id)
        host = db.session.get_one(Host, cast.host_id)
        return make.make_visit(site, purpose, unit, host, **({"name": "王小明"} | values)).ref


def visit_of(app: Flask, ref: str) -> Visit:
    with app.app_context(), reading():
        visit = db.session.scalars(select(Visit).where(Visit.ref == ref)).one()
        db.session.expunge(visit)
        return visit


def kinds(app: Flask) -> list[str]:
    """What the history says of visits, oldest first."""
    with app.app_context(), reading():
        lines = select(events.Event.kind).where(events.Event.subject == "visit").order_by(events.Event.number)
        return list(db.session.scalars(lines))


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def form_to(path: str) -> str:
    return f"form[action='{path}']"


def test_the_entry_is_masked_and_tells_its_history(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, plate="苏E12345", organisation="样本设计")
    answer = desk.get(f"/visits/{ref}")
    for seen in ("Visit 0001", "王*明", "138****8000", "苏E***45", "样本设计", "A-001", "Signed in at the kiosk"):
        assert seen in answer.words
    for hidden in ("王小明", "13800138000", "12345"):
        assert hidden not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_showing_in_full_asks_why_and_shows_it_on_that_answer_only(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    page, look = f"/visits/{ref}", f"/visits/{ref}/looks"
    refused = desk.submit(page, form=form_to(look))
    assert refused.status_code == 422
    assert "Say why" in refused.words
    assert "王小明" not in refused.text
    shown = desk.submit(page, {"reason": "left a bag"}, form=form_to(look))
    assert shown.status_code == 200
    assert "王小明" in shown.words
    assert "138 0013 8000" in shown.words
    after = desk.get(page)
    assert "王小明" not in after.text
    assert "Looked at in full: left a bag" in after.words
    assert "Lisi" in after.words


def test_why_foyer_looked_is_told_in_the_language_of_who_reads(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    desk.submit("/account/language", {"language": "zh_Hans"})
    desk.submit(f"/visits/{ref}", form=form_to(f"/visits/{ref}/corrections/looks"))
    assert "更正登记" in desk.get(f"/visits/{ref}").words
    supervisor = at_desk(app, cast, "wu")
    for page in (f"/visits/{ref}", "/admin/privacy/looks"):
        assert "to correct the entry" in supervisor.get(page).words


def test_why_was_once_written_in_one_language_is_read_in_any(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    desk.submit(f"/visits/{ref}", {"reason": "更正登记"}, form=form_to(f"/visits/{ref}/looks"))
    assert "Looked at in full: to correct the entry" in desk.get(f"/visits/{ref}").words


def test_a_look_sent_twice_is_one_look_and_the_second_shows_nothing(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    form = desk.get(f"/visits/{ref}").page.select_one(form_to(f"/visits/{ref}/looks"))
    data = {"form_token": form.select_one("[name=form_token]")["value"], "reason": "why not"}
    assert desk.post(f"/visits/{ref}/looks", data=data).status_code == 200
    again = desk.post(f"/visits/{ref}/looks", data=data)
    assert (again.status_code, again.location) == (303, f"/visits/{ref}")
    assert kinds(app).count("visit.unmasked") == 1


def test_who_may_not_see_the_data_is_not_asked_why(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    ref = come(app, cast)
    manager = at_desk(app, cast, "he")
    assert manager.get(f"/visits/{ref}").page.select_one(form_to(f"/visits/{ref}/looks")) is None
    assert manager.post(f"/visits/{ref}/looks", data={"reason": "x"}).status_code == 403
    supervisor = at_desk(app, cast, "wu").get(f"/visits/{ref}").page
    assert supervisor.select_one(form_to(f"/visits/{ref}/looks")) is not None
    assert supervisor.select_one(form_to(f"/visits/{ref}/departures")) is None


def test_a_double_touch_on_sign_out_is_one_departure(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    form = desk.get("/desk").page.select_one(form_to(f"/visits/{ref}/departures"))
    data = {each["name"]: each["value"] for each in form.select("input")}
    answers = [desk.post(f"/visits/{ref}/departures", data=data) for _ in range(2)]
    assert [(a.status_code, a.location) for a in answers] == [(303, f"/visits/{ref}")] * 2, "nobody else's button"
    assert kinds(app).count("visit.signed_out") == 1
    assert visit_of(app, ref).left_how == "desk"


def test_signed_out_at_another_tablet_meanwhile_is_409_in_words(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    other = at_desk(app, cast, "zhou")
    mine = desk.get("/desk").page.select_one(form_to(f"/visits/{ref}/departures"))
    data = {each["name"]: each["value"] for each in mine.select("input")}
    assert other.submit("/desk", form=form_to(f"/visits/{ref}/departures")).status_code == 303
    late = desk.post(f"/visits/{ref}/departures", data=data)
    assert late.status_code == 409
    at = time.local(time.now(), "Asia/Shanghai").strftime("%H:%M")
    assert f"王小明 is signed out already, by Zhou at {at}." in late.words
    assert "to put right" not in late.words
    assert "Left" in late.words
    with_scripts = desk.htmx(f"/visits/{ref}/departures", method="POST", data=data)
    assert with_scripts.status_code == 409
    assert with_scripts.headers["HX-Retarget"] == "#problem"
    assert "is signed out already, by Zhou" in with_scripts.words
    assert kinds(app).count("visit.signed_out") == 1


def test_a_deed_on_the_board_leads_back_to_the_region(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    form = desk.get("/desk").page.select_one(form_to(f"/visits/{ref}/departures"))
    data = {each["name"]: each["value"] for each in form.select("input")}
    answer = desk.htmx(f"/visits/{ref}/departures", method="POST", data=data, follow_redirects=True)
    assert answer.page.select_one(f"#board #left-{ref} form")["action"] == f"/visits/{ref}/returns"


def test_a_wrong_sign_out_is_taken_back_on_the_same_day(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = come(app, cast)
    desk.submit("/desk", form=form_to(f"/visits/{ref}/departures"))
    undone = desk.submit("/desk", form=form_to(f"/visits/{ref}/returns"))
    assert undone.status_code == 303
    assert visit_of(app, ref).state == "inside"
    desk.submit(f"/visits/{ref}", form=form_to(f"/visits/{ref}/departures"))
    clock.shift(24 * 3600)
    tomorrow = at_desk(app, cast)
    assert tomorrow.get(f"/visits/{ref}").page.select_one(form_to(f"/visits/{ref}/returns")) is None


def test_the_desk_answers_for_the_host(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, waits=True)
    form = form_to(f"/visits/{ref}/answers")
    refused = desk.submit(f"/visits/{ref}/answers", form=form)
    assert refused.status_code == 422
    assert "Choose one of the three." in refused.words
    assert desk.submit(f"/visits/{ref}/answers", {"what": "send_up"}, form=form).location == "/desk"
    assert (visit_of(app, ref).state, visit_of(app, ref).answered_by) == ("inside", "desk")
    assert "no longer waits" in desk.get(f"/visits/{ref}/answers").words


def test_an_answer_that_the_host_gave_meanwhile_stands(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, waits=True)
    page = desk.get(f"/visits/{ref}/answers").page.select_one(form_to(f"/visits/{ref}/answers"))
    data = {"form_token": page.select_one("[name=form_token]")["value"], "what": "send_up", "then": "desk"}
    other = at_desk(app, cast, "zhou")
    other.submit(f"/visits/{ref}/answers", {"what": "refuse"}, form=form_to(f"/visits/{ref}/answers"))
    late = desk.post(f"/visits/{ref}/answers", data=data)
    assert late.status_code == 409
    assert "was answered before" in late.words
    assert visit_of(app, ref).state == "refused"


def test_the_host_is_reminded_and_the_history_says_so(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = come(app, cast, waits=True)
    clock.shift(60)
    assert desk.submit("/desk", form=form_to(f"/visits/{ref}/reminders")).location == "/desk"
    with app.app_context(), reading():
        assert "visit.reminder" in set(db.session.scalars(select(Notice.kind)))
    assert "Reminded the host" in desk.get(f"/visits/{ref}").words


def test_what_was_done_about_a_lingerer_is_noted_with_a_new_end(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = come(app, cast, now=time.now() - timedelta(hours=3))
    path = f"/visits/{ref}/lingering"
    refused = desk.submit(path, {"note": " "}, form=form_to(path))
    assert refused.status_code == 422
    assert "Say in a few words what was done." in refused.words
    early = desk.submit(path, {"note": "called", "until": "08:00"}, form=form_to(path))
    assert early.status_code == 422
    assert "lies in the past" in early.words
    assert early.page.select_one("[name=note]")["value"] == "called"
    assert desk.submit(path, {"note": "called 1806", "minutes": "60"}, form=form_to(path)).location == "/desk"
    assert visit_of(app, ref).due_at == time.now() + timedelta(minutes=60)
    assert "Stays until 10:30: called 1806" in desk.get(f"/visits/{ref}").words


def test_the_badge_is_printed_again_while_the_visit_lasts(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    printed = desk.submit(f"/visits/{ref}", form=form_to(f"/visits/{ref}/badge"))
    assert printed.location == f"/visits/{ref}/badge?print=1"
    page = desk.get(printed.location).page
    assert page.select_one("body").has_attr("data-print-now")
    assert "A-001" in page.get_text()
    assert kinds(app)[-1] == "visit.badge_printed"
    desk.submit(f"/visits/{ref}", form=form_to(f"/visits/{ref}/departures"))
    assert "Its badge is no longer valid." in desk.get(f"/visits/{ref}/badge").words


def correction(desk: FoyerClient, ref: str) -> dict[str, str]:
    """Opens the form of corrections; gives what stands in it."""
    page = desk.submit(f"/visits/{ref}", form=form_to(f"/visits/{ref}/corrections/looks")).page
    form = page.select_one(form_to(f"/visits/{ref}/corrections"))
    radios = [each for each in form.select("input[type=radio]") if each.has_attr("checked")]
    inputs = [each for each in form.select("input[name]") if each.get("type") not in ("radio", "checkbox")]
    return {each["name"]: each.get("value", "") for each in inputs + radios}


def test_a_slip_of_the_pen_is_corrected_and_what_stood_there_is_kept(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, name="王小名")
    filled = correction(desk, ref)
    assert (filled["name"], filled["phone"]) == ("王小名", "138 0013 8000")
    saved = desk.post(f"/visits/{ref}/corrections", data=filled | {"name": "王小明"})
    assert saved.location == f"/visits/{ref}"
    assert visit_of(app, ref).name == "王小明"
    assert visit_of(app, ref).phone == "+8613800138000"
    assert kinds(app)[-2:] == ["visit.unmasked", "visit.corrected"], "the form shows the data: a look"
    assert "Name: 王*名, now 王*明" in desk.get(f"/visits/{ref}").words


def test_a_correction_of_whom_says_who_it_was_and_one_of_nothing_writes_nothing(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    ref = come(app, cast)
    desk.post(f"/visits/{ref}/corrections", data=correction(desk, ref))
    assert "Nothing was changed" in desk.get(f"/visits/{ref}").words
    assert kinds(app).count("visit.corrected") == 0
    with app.app_context(), reading():
        unit = db.session.get_one(Unit, cast.unit_id)
        at_unit, was, now = (
            f"unit:{unit.ref}",
            f"{db.session.get_one(Host, cast.host_id).name} {unit.number}",
            unit.company,
        )
    desk.post(f"/visits/{ref}/corrections", data=correction(desk, ref) | {"whom": at_unit})
    assert f"Whom to see: {was}, now {now or unit.number}" in desk.get(f"/visits/{ref}").words


def test_a_correction_that_cannot_be_keeps_what_was_typed(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    come(app, cast)
    ref = come(app, cast, name="赵六", phone="+8613800138001")
    filled = correction(desk, ref)
    wrong = desk.post(f"/visits/{ref}/corrections", data=filled | {"phone": "138 0013"})
    assert wrong.status_code == 422
    assert "11 digits" in wrong.words
    token = wrong.page.select_one(f"form[action='/visits/{ref}/corrections'] [name=form_token]")["value"]
    taken = desk.post(f"/visits/{ref}/corrections", data=filled | {"phone": "138 0013 8000", "form_token": token})
    assert taken.status_code in (409, 422)
    assert taken.page.select_one("[name=phone]")["value"] == "138 0013 8000"
    assert visit_of(app, ref).phone == "+8613800138001"


@pytest.mark.parametrize(
    "deed", ["departures", "returns", "cancellations", "answers", "reminders", "told", "lingering", "badge", "looks"]
)
def test_another_sites_visit_is_not_there(app: Flask, cast: Cast, clock: time_machine.Traveller, deed: str) -> None:
    ref = come(app, cast, waits=True)
    other = at_desk(app, cast, "qian")
    assert other.get(f"/visits/{ref}").status_code == 404
    assert other.post(f"/visits/{ref}/{deed}", data={"reason": "x"}).status_code == 404
    assert visit_of(app, ref).state == "waiting"


def test_a_form_without_its_token_changes_nothing(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    refused = desk.post(f"/visits/{ref}/departures", data={})
    assert refused.status_code == 422
    assert "open for too long" in refused.words
    assert visit_of(app, ref).state == "inside"


def test_a_supervisor_changes_nothing(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    ref = come(app, cast)
    supervisor = at_desk(app, cast, "wu")
    for deed in ("departures", "returns", "answers", "corrections", "badge"):
        assert supervisor.post(f"/visits/{ref}/{deed}", data={}).status_code == 403


def test_while_correcting_matches_come_as_a_region(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    assert "张三" in desk.htmx(f"/visits/{ref}/corrections/whom?whom_text=zs", target="whom-found").words
    assert desk.get(f"/visits/{ref}/corrections/whom").location == f"/visits/{ref}"
    assert at_desk(app, cast, "qian").get(f"/visits/{ref}/corrections/whom").status_code == 404


def test_a_refusal_that_the_desk_noted_by_mistake_is_taken_back(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, waits=True)
    path = f"/visits/{ref}/answers"
    refused = desk.submit(path, {"what": "refuse"}, form=form_to(path))
    assert refused.location == f"/visits/{ref}", "where it can be taken back"
    assert desk.submit(refused.location, form=form_to(f"{path}/returns")).status_code == 303
    assert visit_of(app, ref).state == "waiting"
    assert "Answer taken back: waits again" in desk.get(f"/visits/{ref}").words
    assert desk.submit(path, {"what": "meet"}, form=form_to(path)).location == "/desk"
    assert visit_of(app, ref).answer == "meet"


def test_what_the_host_refused_is_not_taken_back_at_the_desk(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, waits=True)
    path = f"/visits/{ref}/answers"
    desk.submit(path, {"what": "refuse"}, form=form_to(path))
    token = desk.get(f"/visits/{ref}").page.select_one(f"{form_to(f'{path}/returns')} [name=form_token]")["value"]
    with app.app_context(), writing():
        db.session.execute(update(Visit).values(answered_by="host"))
    assert desk.get(f"/visits/{ref}").page.select_one(form_to(f"{path}/returns")) is None
    late = desk.post(f"{path}/returns", data={"form_token": token})
    assert late.status_code == 409
    assert visit_of(app, ref).state == "refused"


def test_who_waits_for_somebody_whom_nobody_reaches_waits_on_or_goes_away(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    ref = come(app, cast, waits=True)
    path = f"/visits/{ref}/answers"
    assert desk.submit(path, form=form_to(f"/visits/{ref}/attempts")).location == "/desk"
    assert visit_of(app, ref).state == "waiting"
    assert desk.submit(path, form=form_to(f"/visits/{ref}/cancellations")).location == "/desk"
    assert visit_of(app, ref).state == "cancelled"


def test_while_somebody_is_there_the_entry_says_that_the_host_is_away(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    ref = come(app, cast)
    assert "Away until" not in desk.get(f"/visits/{ref}").words
    with app.app_context(), writing():
        db.session.get_one(Host, cast.host_id).away_until = time.now() + timedelta(days=2)
    words = desk.get(f"/visits/{ref}").words
    assert "张三: Away until" in words
    assert "deputy: 冯小样" in words
