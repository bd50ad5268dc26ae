"""One slip: steps, hands, departments, promises, the one way to close, and what is refused in words."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from domain import clock as time
from domain.database import db, writing
from domain.keys.losses import report_lost
from domain.slips.models import Nature
from tests import cabinet
from tests.blueprints.slips.written import all_slips, department, form_to, slip_of, steps, write
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


def token(desk: FoyerClient, page: str, action: str) -> dict[str, str]:
    form = desk.get(page).page.select_one(form_to(action))
    assert form is not None, f"{page} has no form to {action}"
    return {"form_token": form.select_one("[name=form_token]")["value"]}


def step(desk: FoyerClient, ref: str, what: str, text: str) -> Any:
    """Types into the form of the next step and presses one of its buttons."""
    path = f"/slips/{ref}/steps"
    return desk.post(path, data=token(desk, f"/slips/{ref}", path) | {"what": what, "text": text})


def touch(desk: FoyerClient, ref: str, deed: str) -> Any:
    return desk.submit(f"/slips/{ref}", form=form_to(f"/slips/{ref}/{deed}"))


def test_a_step_is_noted_and_stands_in_the_history(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = write(app, cast)
    answer = step(desk, ref, "noted", "已电话告知业主")
    assert (answer.status_code, answer.location) == (303, f"/slips/{ref}")
    words = desk.get(answer.location).words
    assert "The step is noted." in words
    assert "Noted: 已电话告知业主" in words


def test_a_repair_goes_the_whole_way(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref, works = write(app, cast), department(app, cast)
    path = f"/slips/{ref}/dispatches"
    assert desk.submit(path, {"department": works, "text": "带梯子"}, form=form_to(path)).location == f"/slips/{ref}"
    page = desk.get(f"/slips/{ref}")
    assert "Sent to 工程部: 带梯子" in page.words
    assert page.page.select_one("button[value=closed]") is None, "not reported as done yet"
    assert touch(desk, ref, "receipts").status_code == 303
    assert slip_of(app, ref).state == "in_work"
    assert step(desk, ref, "done", "换排水泵，泵老化").status_code == 303
    assert step(desk, ref, "closed", "业主确认").status_code == 303
    assert steps(app, ref) == ["written", "dispatched", "received", "done", "checked", "closed"]
    assert desk.get(f"/slips/{ref}").page.select_one(form_to(f"/slips/{ref}/steps")) is None


@pytest.mark.parametrize(
    ("what", "words"),
    [("noted", "Say what was done."), ("done", "Note cause and material"), ("closed", "Say how it ended.")],
)
def test_each_step_needs_its_words(app: Flask, cast: Cast, desk: FoyerClient, what: str, words: str) -> None:
    ref = write(app, cast)
    refused = step(desk, ref, what, " \n ")
    assert refused.status_code == 422
    assert words in refused.page.select_one("#text-e").get_text()
    assert steps(app, ref) == ["written"]


def test_a_repair_in_work_is_not_closed_by_a_form_that_was_open(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref, works, path = write(app, cast), department(app, cast), "steps"
    data = token(desk, f"/slips/{ref}", f"/slips/{ref}/{path}") | {"what": "closed", "text": "都好了"}
    other = at_desk(app, cast, "zhou")
    other.submit(f"/slips/{ref}/dispatches", {"department": works}, form=form_to(f"/slips/{ref}/dispatches"))
    refused = desk.post(f"/slips/{ref}/steps", data=data)
    assert refused.status_code == 422
    assert "not reported this repair as done" in refused.words
    assert "都好了" in refused.page.select_one("[name=text]").get_text(), "what was typed stays"


def test_whoever_wrote_it_stays_owner_until_another_accepts(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref, path = write(app, cast), "offers"
    page = desk.get(f"/slips/{ref}/{path}").page
    offered = {label.get_text(): label.select_one("input")["value"] for label in page.select("label.choice")}
    assert set(offered) == {"Wu", "Zhou"}, "who may have slips, but for the owner"
    asked = desk.submit(f"/slips/{ref}/{path}", {"to": offered["Zhou"]}, form=form_to(f"/slips/{ref}/{path}"))
    assert "Zhou is asked to take it over. Until then Lisi has it." in desk.get(asked.location).words
    assert slip_of(app, ref).owner_id == cast.people["lisi"]
    assert at_desk(app, cast, "wu").get(f"/slips/{ref}").page.select_one(form_to(f"/slips/{ref}/acceptances")) is None
    zhou = at_desk(app, cast, "zhou")
    assert "You are asked to take this slip over." in zhou.get(f"/slips/{ref}").words
    assert touch(zhou, ref, "acceptances").status_code == 303
    assert slip_of(app, ref).owner_id == cast.people["zhou"]


def test_what_was_offered_to_somebody_else_meanwhile_is_409_in_words(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = write(app, cast)
    wu = at_desk(app, cast, "wu")
    data = token(wu, f"/slips/{ref}", f"/slips/{ref}/acceptances")
    page = desk.get(f"/slips/{ref}/offers").page
    (zhou,) = [each.select_one("input")["value"] for each in page.select("label.choice") if each.get_text() == "Zhou"]
    desk.submit(f"/slips/{ref}/offers", {"to": zhou}, form=form_to(f"/slips/{ref}/offers"))
    late = wu.post(f"/slips/{ref}/acceptances", data=data)
    assert late.status_code == 409
    assert "was offered to somebody else" in late.words
    assert slip_of(app, ref).owner_id == cast.people["lisi"]


def test_closed_at_another_tablet_meanwhile_is_409_and_keeps_what_was_typed(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    ref = write(app, cast, Nature.ENQUIRY)
    mine = token(desk, f"/slips/{ref}", f"/slips/{ref}/steps") | {"what": "closed", "text": "我已答复"}
    promise = token(desk, f"/slips/{ref}/promises", f"/slips/{ref}/promises")
    assert step(at_desk(app, cast, "zhou"), ref, "closed", "已答复").status_code == 303
    late = desk.post(f"/slips/{ref}/steps", data=mine)
    assert late.status_code == 409
    assert "This slip is closed. Open it again first." in late.words
    typed = {"promise_on": "2026-03-04", "promise_at": "10:00", "told": "张三", "said": "同意"}
    late = desk.post(f"/slips/{ref}/promises", data=promise | typed)
    assert late.status_code == 409
    assert late.page.select_one("[name=told]")["value"] == "张三"
    assert steps(app, ref) == ["written", "closed"]


def test_a_promise_moves_only_after_the_person_agreed(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = write(app, cast)
    path = f"/slips/{ref}/promises"
    refused = desk.submit(path, {"promise_on": "2026-03-04", "promise_at": "10:00"}, form=form_to(path))
    assert refused.status_code == 422
    assert "Say who was told." in refused.words
    assert "without it the promise stays" in refused.words
    early = desk.submit(path, {"promise_at": "08:00", "told": "张三", "said": "同意"}, form=form_to(path))
    assert "This time is over" in early.page.select_one("#promise_at-e").get_text()
    said = {"promise_on": "2026-03-04", "promise_at": "10:00", "told": "张三", "said": "同意"}
    assert desk.submit(path, said, form=form_to(path)).status_code == 303
    assert slip_of(app, ref).promise_at == time.now() + timedelta(days=2, minutes=30)
    assert "Promised anew for 03-04 10:00: 张三: 同意" in desk.get(f"/slips/{ref}").words


def test_a_closed_slip_is_opened_again_with_a_reason_and_a_promise(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = write(app, cast, Nature.ENQUIRY)
    step(desk, ref, "closed", "已答复")
    path = f"/slips/{ref}/reopenings"
    assert "Say why it is opened again." in desk.submit(path, {"promise_at": "18:00"}, form=form_to(path)).words
    assert desk.submit(path, {"promise_at": "18:00", "reason": "不满意"}, form=form_to(path)).status_code == 303
    assert slip_of(app, ref).state == "open"
    again = desk.submit(path, {"promise_at": "18:00", "reason": "不满意"}, form=form_to(path))
    assert again.status_code == 409
    assert "This slip is open." in again.words


def test_the_one_complained_about_is_not_offered_to_close_it(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = write(app, cast, Nature.COMPLAINT, by="zhou", against_id=cast.people["lisi"])
    assert desk.get(f"/slips/{ref}").page.select_one("button[value=closed]") is None
    refused = step(desk, ref, "closed", "没事")
    assert refused.status_code == 422
    assert "This complaint is about you." in refused.words
    assert step(at_desk(app, cast, "wu"), ref, "closed", "已致歉").status_code == 303


def test_who_told_of_it_is_masked_until_a_reason_is_given(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = write(app, cast)
    page = desk.get(f"/slips/{ref}")
    assert "张*三" in page.words
    assert "138****8000" in page.words
    assert "张小三" not in page.text
    shown = desk.submit(f"/slips/{ref}", {"reason": "回电"}, form=form_to(f"/slips/{ref}/looks"))
    assert "138 0013 8000" in shown.words


def test_a_slip_about_a_key_leads_to_the_key(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        stock = cabinet.fill(cast)
        report_lost(cabinet.key(stock.roof), note="钥匙扣断了", actor=cabinet.actor_of(cast, "lisi"), now=time.now())
        ref = cabinet.key(stock.roof).ref
    (slip,) = all_slips(app)
    page = desk.get(f"/slips/{slip.ref}")
    assert "Key GG-01 is lost" in page.words
    assert page.page.select_one(f"main a[href='/keys/{ref}']") is not None
    assert desk.get(f"/keys/{ref}").page.select_one(f"main a[href='/slips/{slip.ref}']") is not None


@pytest.mark.parametrize(
    "deed", ["steps", "offers", "acceptances", "dispatches", "receipts", "promises", "reopenings", "looks"]
)
def test_another_sites_slip_is_not_there(app: Flask, cast: Cast, clock: time_machine.Traveller, deed: str) -> None:
    ref = write(app, cast)
    other = at_desk(app, cast, "qian")
    assert other.get(f"/slips/{ref}").status_code == 404
    assert other.post(f"/slips/{ref}/{deed}", data={"text": "x", "reason": "x"}).status_code == 404
    assert steps(app, ref) == ["written"]


def test_a_manager_reads_and_changes_nothing(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    ref = write(app, cast)
    manager = at_desk(app, cast, "he")
    assert manager.get(f"/slips/{ref}").page.select("main form[method=post]") == []
    for deed in ("steps", "offers", "dispatches", "promises", "reopenings"):
        assert manager.post(f"/slips/{ref}/{deed}", data={}).status_code == 403


def test_the_page_has_one_main_button_and_takes_at_most_eight_statements(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    ref = write(app, cast)
    for number in range(20):
        step(desk, ref, "noted", f"第 {number} 次")
    sent: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    page = desk.get(f"/slips/{ref}")
    assert len(sent) <= 8, "\n".join(sent)
    assert len(page.page.select("[data-k=main]")) == 1


def test_the_search_box_finds_slips_and_the_list_filters_late_ones(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    late = write(app, cast, urgent=True)
    write(app, cast, Nature.ENQUIRY, matter="几点关门", unit_id=None, unit_number="", name="", phone="")
    clock.shift(25 * 60)
    found = desk.get("/desk/search?q=漏水")
    assert found.page.select_one(f".row a[href='/slips/{late}']") is not None
    clock.shift(6 * 60)
    rows = desk.get("/slips?state=late").page.select("tbody tr")
    assert [row.select_one("th").get_text() for row in rows] == ["0001"]


def test_the_list_leaves_what_is_mine_or_offered_to_me(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    mine, other = write(app, cast), write(app, cast, by="zhou", matter="周的事")
    step(desk, write(app, cast, Nature.ENQUIRY, matter="已了结"), "closed", "好了")
    page = desk.get(f"/slips/{mine}/offers").page
    (zhou,) = [each.select_one("input")["value"] for each in page.select("label.choice") if each.get_text() == "Zhou"]
    desk.submit(f"/slips/{mine}/offers", {"to": zhou}, form=form_to(f"/slips/{mine}/offers"))

    def listed(browser: FoyerClient, whose: str) -> list[str]:
        links = browser.get(f"/slips?whose={whose}").page.select("tbody th a")
        return [link["href"].rpartition("/")[2] for link in links]

    assert desk.get("/slips").page.select_one("main a[href='/slips?whose=mine']") is not None
    assert listed(desk, "mine") == [mine]
    lead = at_desk(app, cast, "zhou")
    assert listed(lead, "mine") == [other]
    assert listed(lead, "offered") == [mine]


def test_full_data_is_offered_only_where_something_is_masked(app: Flask, cast: Cast) -> None:
    wu = at_desk(app, cast, "wu")
    told, untold = write(app, cast), write(app, cast, name="", phone="")
    looks = [bool(wu.get(f"/slips/{ref}").page.select("form[action$='/looks']")) for ref in (told, untold)]
    assert looks == [True, False]
