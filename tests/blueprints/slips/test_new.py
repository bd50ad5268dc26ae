"""Writing a slip at the desk: on one page, answered at once or sent on, and refused in words at its field."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from domain import clock as time
from domain.database import db
from domain.slips.models import Nature
from tests.blueprints.slips.written import all_slips, department, form_to, kind, steps
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

NEW = "/slips/new"
FORM = form_to(NEW)
LEAK = {"matter": "1806 空调漏水", "nature": "repair", "unit": "1806", "name": "张小三", "phone": "138 0013 8000"}


def test_a_matter_is_written_on_one_page_and_its_writer_owns_it(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    answer = desk.submit(NEW, LEAK | {"source": "telephone", "urgent": "1"}, form=FORM)
    assert answer.status_code == 303
    (slip,) = all_slips(app)
    assert (slip.number, slip.nature, slip.source, slip.owner_id) == (1, "repair", "telephone", cast.people["lisi"])
    assert (slip.unit_id, slip.phone, slip.urgent) == (cast.unit_id, "+8613800138000", True)
    assert slip.promise_at == time.now() + timedelta(minutes=30)
    page = desk.get(answer.location).words
    assert "Slip 0001 is written. Tell them: by 10:00." in page
    for masked in ("张*三", "138****8000", "1806", "Lisi"):
        assert masked in page
    assert "张小三" not in page


def test_what_is_answered_at_once_is_closed_at_once(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    said = {"matter": "几点关门", "nature": "enquiry", "outcome": "晚上八点"}
    answer = desk.submit(NEW, said, form=FORM)
    (slip,) = all_slips(app)
    assert (slip.state, slip.outcome) == ("closed", "晚上八点")
    assert "Slip 0001 is written and closed." in desk.get(answer.location).words
    assert steps(app, slip.ref) == ["written", "closed"]


def test_a_slip_goes_straight_to_a_department(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    works = department(app, cast)
    answer = desk.submit(NEW, LEAK | {"department": works}, form=FORM)
    (slip,) = all_slips(app)
    assert slip.state == "dispatched"
    assert "Sent to 工程部" in desk.get(answer.location).words


def test_the_kind_of_the_site_says_what_it_is_and_what_is_promised(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    air = kind(app, cast, promise_minutes=240)
    desk.submit(NEW, {"matter": "空调不冷", "kind": air}, form=FORM)
    (slip,) = all_slips(app)
    assert (slip.nature, slip.promise_at) == (Nature.REPAIR, time.now() + timedelta(hours=4))
    refused = desk.submit(NEW, {"matter": "空调不冷", "kind": air, "nature": "complaint"}, form=FORM)
    assert refused.status_code == 422
    assert "“空调” belongs to Repair" in refused.words


def test_a_time_that_was_typed_counts_before_one_that_was_chosen(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    desk.submit(NEW, LEAK | {"promise": "30", "promise_at": "16:30"}, form=FORM)
    desk.submit(NEW, LEAK | {"promise": "120"}, form=FORM)
    desk.submit(NEW, LEAK | {"promise_on": "2026-03-05", "promise_at": "09:00"}, form=FORM)
    said = [time.local(slip.promise_at, "Asia/Shanghai").strftime("%m-%d %H:%M") for slip in all_slips(app)]
    assert said == ["03-02 16:30", "03-02 11:30", "03-05 09:00"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"matter": " "}, "matter", "Say what it is about."),
        ({"matter": "长" * 2001}, "matter", "At most 2000"),
        ({"nature": ""}, "nature-0", "Choose the kind of matter."),
        ({"nature": "murder"}, "nature-0", "Choose one of those shown."),
        ({"phone": "138 0013"}, "phone", "11 digits"),
        ({"name": "😀"}, "name", "emoji"),
        ({"unit": "9999"}, "unit", "no such unit"),
        ({"promise_at": "08:00"}, "promise_at", "This time is over"),
        ({"promise_on": "2026-03-05"}, "promise_on", "Say the time too."),
        ({"promise_on": "9999-12-31", "promise_at": "08:00"}, "promise_on", "up to 2100"),
        ({"source": "keys"}, "source", "Choose one of those shown."),
        ({"against": "nobody"}, "against", "Choose one of those shown."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    app: Flask, cast: Cast, desk: FoyerClient, typed: dict[str, str], field: str, words: str
) -> None:
    refused = desk.submit(NEW, LEAK | typed, form=FORM)
    assert refused.status_code == 422
    problem = refused.page.select_one(f".errs a[href='#{field}']")
    assert problem is not None
    assert words in problem.get_text()
    assert refused.page.select_one("[name=unit]")["value"] == (LEAK | typed)["unit"], "what was typed stays"
    assert all_slips(app) == []


def test_several_units_that_fit_are_named(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    from domain.database import writing
    from domain.sites.models import Site
    from tests import factories as make

    with app.app_context(), writing():
        make.make_unit(db.session.get_one(Site, cast.site_id), "1807", "示例科技有限公司")
    refused = desk.submit(NEW, LEAK | {"unit": "示例科技"}, form=FORM)
    assert refused.status_code == 422
    assert "1806" in refused.page.select_one("#unit-e").get_text()
    assert "1807" in refused.page.select_one("#unit-e").get_text()


def test_answered_and_sent_on_at_once_contradict_each_other(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    refused = desk.submit(NEW, LEAK | {"department": department(app, cast), "outcome": "好了"}, form=FORM)
    assert refused.status_code == 422
    assert "Either it is answered" in refused.words


def test_nobody_closes_the_complaint_about_the_own_person_in_writing_it(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    page = desk.get(NEW).page
    (me,) = [option["value"] for option in page.select("[name=against] option") if option.get_text() == "Lisi"]
    typed = {"matter": "态度不好", "nature": "complaint", "against": me, "outcome": "没事"}
    refused = desk.submit(NEW, typed, form=FORM)
    assert refused.status_code == 422
    assert "This complaint is about you." in refused.words
    assert all_slips(app) == []


def test_a_double_touch_writes_one_slip(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    form = desk.get(NEW).page.select_one(FORM)
    data = LEAK | {"source": "desk", "promise": "usual", "form_token": form.select_one("[name=form_token]")["value"]}
    answers = [desk.post(NEW, data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert len(all_slips(app)) == 1


def test_who_may_not_write_is_turned_away(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    assert at_desk(app, cast, "he").get(NEW).status_code == 403
    assert at_desk(app, cast, "chen").post(NEW, data=LEAK).status_code == 403


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_takes_at_most_eight_statements(app: Flask, cast: Cast, desk: FoyerClient, count: int) -> None:
    for number in range(count):
        department(app, cast, f"部门{number}")
        kind(app, cast, f"种类{number}")
    sent: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    assert desk.get(NEW).status_code == 200
    assert len(sent) <= 8, "\n".join(sent)
