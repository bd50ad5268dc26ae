"""V4: a host answers on a phone, without an account, by the link of the notice."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.events import Event
from domain.identity import SYSTEM
from domain.occupants.models import Host
from domain.visits import departures
from domain.visits.answers import answer_token
from domain.visits.models import Visit
from tests.cast import Cast
from tests.client import FoyerClient
from tests.misspelling import misspelt
from tests.stays import arrive


@pytest.fixture(autouse=True)
def english(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        db.session.execute(update(Host).where(Host.site_id == cast.site_id).values(language="en"))


def link(app: Flask, visit: Visit, host_ref: str) -> str:
    with app.app_context():
        return f"/a/{answer_token(visit.ref, host_ref)}"


def another_browser(app: Flask) -> FoyerClient:
    browser = app.test_client()
    assert isinstance(browser, FoyerClient)
    return browser


def seen(app: Flask, visit: Visit) -> Visit:
    with app.app_context(), reading():
        now = db.session.get_one(Visit, visit.id)
        db.session.expunge(now)
        return now


def test_the_host_reads_who_waits_and_presses_one_of_three_buttons(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True, organisation="示例物流", companions=1)
    path = link(app, visit, cast.host_ref)
    page = client.get(path)
    for said in ("王五 waits for you", "示例物流", "Companions 1", "Interview", "一号大堂"):
        assert said in page.words
    assert [button["value"] for button in page.page.select("button[name=answer]")] == ["send_up", "meet"]
    assert "138" not in page.words
    assert "no-store" in page.headers["Cache-Control"]

    answered = client.submit(path, {"answer": "meet"}, follow_redirects=True)
    assert "asked to wait in the lobby for you" in answered.words
    assert answered.page.select_one("title").get_text().startswith("Please meet 王五 in the lobby")
    assert not answered.page.select("button[name=answer]")
    now = seen(app, visit)
    assert (now.state, now.answer, now.answered_by) == ("inside", "meet", "host")
    with app.app_context(), reading():
        event = db.session.scalars(select(Event).where(Event.kind == "visit.answered")).one()
        assert (event.actor_kind, event.actor_id) == ("host", cast.host_id)


def test_the_link_of_a_mail_only_proposes_an_answer(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True)
    page = client.get(link(app, visit, cast.host_ref) + "?say=refuse").page
    assert page.select_one("button[data-k=main]")["value"] == "refuse"
    assert seen(app, visit).state == "waiting", "a mail scanner opens links too"


def test_a_refusal_ends_the_visit(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True)
    path = link(app, visit, cast.host_ref)
    # A thumb that slipped sends nobody away: the third answer is a link, and asks once more.
    asked = client.get(client.get(path).page.select_one("form a.btn")["href"])
    assert "This cannot be taken back." in asked.words
    assert [button["value"] for button in asked.page.select("button[name=answer]")] == ["refuse"]
    assert asked.page.select_one("form a.btn")["href"] == path
    answered = client.submit(f"{path}?say=refuse", {"answer": "refuse"}, follow_redirects=True)
    assert "is not let in" in answered.words
    assert seen(app, visit).state == "refused"


def test_the_deputy_answers_as_deputy_and_the_host_reads_so(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True)
    client.submit(link(app, visit, cast.deputy_ref), {"answer": "send_up"})
    assert seen(app, visit).answered_by == "deputy"
    assert "The deputy answered" in client.get(link(app, visit, cast.host_ref)).words


def test_an_answer_to_who_has_gone_says_so(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True)
    path = link(app, visit, cast.host_ref)
    token = client.get(path).page.select_one("[name=form_token]")["value"]
    with app.app_context(), writing():
        departures.cancel(db.session.get_one(Visit, visit.id), actor=SYSTEM, now=house_clock.now())
    late = client.post(path, data={"form_token": token, "answer": "send_up"})
    assert late.status_code == 409
    assert "The visitor no longer waits for an answer." in late.words
    assert "answered before" not in late.words


def test_a_second_answer_is_refused_in_words_and_changes_nothing(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True)
    path, other = link(app, visit, cast.host_ref), another_browser(app)
    page = other.get(path).page
    token = page.select_one("[name=form_token]")["value"]
    client.submit(path, {"answer": "send_up"})
    late = other.post(path, data={"form_token": token, "answer": "refuse"})
    assert late.status_code == 409
    assert "answered before" in late.words
    assert "asked to come up" in late.words
    assert seen(app, visit).answer == "send_up"


def test_a_double_touch_is_one_answer(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True)
    path = link(app, visit, cast.host_ref)
    token = client.get(path).page.select_one("[name=form_token]")["value"]
    sent = [client.post(path, data={"form_token": token, "answer": "meet"}) for _ in range(2)]
    assert [(answer.status_code, answer.headers["Location"]) for answer in sent] == [(303, path)] * 2


@pytest.mark.parametrize("answer", ["", "open the door", "SEND_UP"])
def test_no_other_answer_is_taken(app: Flask, cast: Cast, client: FoyerClient, answer: str) -> None:
    visit = arrive(app, cast, waits=True)
    refused = client.submit(link(app, visit, cast.host_ref), {"answer": answer})
    assert refused.status_code == 422
    assert "one of the three" in refused.words
    assert seen(app, visit).state == "waiting"


def test_a_visitor_who_gave_up_needs_no_answer(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True)
    with app.app_context(), writing():
        departures.cancel(db.session.get_one(Visit, visit.id), actor=SYSTEM, now=house_clock.now())
    page = client.get(link(app, visit, cast.host_ref))
    assert "has stopped waiting" in page.words
    assert not page.page.select("button[name=answer]")


def test_a_wrong_link_is_404_in_words(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True)
    good = link(app, visit, cast.host_ref)
    stranger = link(app, visit, cast.unit_ref)
    for path in (
        misspelt(good),
        good[:-1],
        good + "a",
        "/a/x",
        "/a/--",
        "/a/é-é-é",
        stranger,
    ):
        answer = client.get(path, headers={"Accept-Language": "en"})
        assert answer.status_code == 404, path
        assert "This link is not valid" in answer.words, path
        assert "王五" not in answer.words


def test_who_is_no_longer_host_nor_deputy_cannot_answer(app: Flask, cast: Cast, client: FoyerClient) -> None:
    visit = arrive(app, cast, waits=True)
    path = link(app, visit, cast.deputy_ref)
    with app.app_context(), writing():
        db.session.get_one(Host, cast.host_id).deputy_id = None
    assert client.get(path).status_code == 404


def test_nothing_is_shown_a_day_after_the_visit_ended(app: Flask, cast: Cast, client: FoyerClient, clock) -> None:
    visit = arrive(app, cast, waits=True)
    path = link(app, visit, cast.host_ref)
    client.submit(path, {"answer": "send_up"})
    with app.app_context(), writing():
        departures.sign_out(db.session.get_one(Visit, visit.id), how="desk", actor=SYSTEM, now=house_clock.now())
    assert "王五 has left" in client.get(path).words
    clock.shift(timedelta(hours=24))
    gone = client.get(path, headers={"Accept-Language": "en"})
    assert gone.status_code == 404
    assert "王五" not in gone.words


def test_the_page_speaks_the_language_of_the_host_until_another_is_chosen(
    app: Flask, cast: Cast, client: FoyerClient
) -> None:
    visit = arrive(app, cast, waits=True)
    path = link(app, visit, cast.host_ref)
    page = client.get(path, headers={"Accept-Language": "ja"}).page
    assert page.select_one("html")["lang"] == "en"
    chinese = page.select_one("a[lang=zh-Hans]")["href"]
    assert client.get(str(chinese)).page.select_one("html")["lang"] == "zh-Hans"
    assert client.get(path).page.select_one("html")["lang"] == "zh-Hans", "it stays"


def test_in_chinese_the_button_that_refuses_a_visitor_says_so_as_the_sentence_below_it(
    app: Flask, cast: Cast, client: FoyerClient
) -> None:
    page = client.get(link(app, arrive(app, cast, waits=True), cast.host_ref) + "?lang=zh_Hans")
    assert page.page.select_one("form a.btn").get_text(strip=True) == "谢绝"
    assert "谢绝时，会请访客到前台。" in page.words
