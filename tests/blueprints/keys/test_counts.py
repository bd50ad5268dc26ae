"""The count on the tablet (K7): blind, hook by hook, left and taken up again, two tablets at once, then a record."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, select

from domain.database import db, reading, writing
from domain.keys.count_models import CountedHook, KeyCount, KeyDifference
from domain.keys.models import Cabinet
from domain.slips.models import Slip
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

AS_IT_SHOULD_BE: Mapping[int, str] = {1: "GG-01", 2: "DY-1806", 3: "SK-01", 4: "JF-B1", 5: "HY-03"}
HOOK = "form[action$='/hooks']"
EXPLAIN = "form[action*='/differences/']"


def begun(desk: FoyerClient) -> str:
    """Begin a count; gives its address."""
    answer = desk.submit("/keys/counts", form="form[action='/keys/counts']")
    assert answer.status_code == 303, answer.words
    return urlsplit(answer.location).path


def note(desk: FoyerClient, page: str, tag: str = "", look: str = "next") -> Any:
    """Note a hook on the page that shows it; gives the answer."""
    form = desk.get(page).page.select_one(HOOK)
    values = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    noted = [field["value"] for field in form.select("input[name=noted][checked]")]
    return desk.post(form["action"], data={**values, "noted": noted, "tag": tag, "look": look})


def count_everything(desk: FoyerClient, seen: Mapping[int, str]) -> str:
    """Go from hook to hook as the screen leads; gives the address of the count."""
    page = begun(desk)
    where = page
    for hook in range(1, 13):
        assert desk.get(where).page.select_one("#hook-name").get_text() == f"Hook 2-{hook}"
        answer = note(desk, where, seen.get(hook, ""), "next" if hook in seen else "empty")
        assert answer.status_code == 303, answer.words
        where = answer.location
    return page


def finish(desk: FoyerClient, page: str) -> Any:
    return desk.submit(page, form="form[action$='/completion']", follow_redirects=True)


def hooks_of(app: Flask) -> dict[int, tuple[str, list[str]]]:
    """What was noted, by hook."""
    with app.app_context(), reading():
        return {one.hook: (one.seen, one.tags) for one in db.session.scalars(select(CountedHook))}


def test_a_count_in_which_nothing_differs_is_complete(desk: FoyerClient) -> None:
    page = count_everything(desk, AS_IT_SHOULD_BE)
    assert "All 12 hooks are counted" in desk.get(page).words
    done = finish(desk, page)
    assert "Every key is where it should be." in done.words
    assert "Complete" in desk.get("/keys/counts").words


def test_the_screen_never_says_what_should_hang_where(desk: FoyerClient) -> None:
    page = begun(desk)
    for address in (page, f"{page}?hook=4", f"{page}/ticks"):
        text = desk.get(address).text
        for tag in ("GG-01", "DY-1806", "JF-B1", "天台门", "配电房"):
            assert tag not in text


def test_a_count_that_was_left_is_taken_up_where_it_stood(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    page = begun(desk)
    note(desk, page, "GG-01")
    note(desk, page, look="empty")
    other = at_desk(app, cast, "zhou")
    assert "Go on with count 0001" in other.get("/keys/counts").words
    assert other.get("/keys/counts").page.select_one("a[data-k=main]")["href"] == page
    assert other.get(page).page.select_one("#hook-name").get_text() == "Hook 2-3"
    assert "2 of 12 hooks counted" in other.get(page).words


def test_two_tablets_that_begin_at_once_work_on_one_count(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    other = at_desk(app, cast, "zhou")
    token = other.get("/keys/counts").page.select_one("form[action='/keys/counts'] [name=form_token]")["value"]
    page = begun(desk)
    answer = other.post("/keys/counts", data={"form_token": token})
    assert urlsplit(answer.location).path == page
    with app.app_context(), reading():
        assert len(db.session.scalars(select(KeyCount)).all()) == 1


def test_two_tablets_lead_to_hooks_that_nobody_has_counted(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    page, other = begun(desk), at_desk(app, cast, "zhou")
    note(desk, page, "GG-01")
    after = note(other, page, "DY-1806")
    assert other.get(after.location).page.select_one("#hook-name").get_text() == "Hook 2-3"
    assert hooks_of(app) == {1: ("tags", ["GG-01"]), 2: ("tags", ["DY-1806"])}


def test_several_keys_on_one_hook_are_noted_one_after_the_other(app: Flask, desk: FoyerClient) -> None:
    page = begun(desk)
    again = note(desk, page, "GG-01", "more").location
    assert desk.get(again).page.select_one("#hook-name").get_text() == "Hook 2-1"
    note(desk, again, "gg-02")
    assert hooks_of(app)[1] == ("tags", ["GG-01", "GG-02"])


def test_a_tag_noted_by_mistake_is_taken_off_again(app: Flask, desk: FoyerClient) -> None:
    page = begun(desk)
    again = note(desk, page, "WRONG", "more").location
    desk.submit(again, {"noted": [], "tag": "GG-01"}, form=HOOK)
    assert hooks_of(app)[1] == ("tags", ["GG-01"])


def test_nothing_scanned_is_not_taken_for_an_empty_hook(app: Flask, desk: FoyerClient) -> None:
    answer = note(desk, begun(desk))
    assert answer.status_code == 422
    assert "Scan or enter the tag of the key." in answer.words
    assert hooks_of(app) == {}


def test_a_hook_that_is_not_there_is_refused(desk: FoyerClient, app: Flask, stock: Stock) -> None:
    page = begun(desk)
    form = desk.get(page).page.select_one(HOOK)
    sent = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    answer = desk.post(form["action"], data=sent | {"hook": "99", "look": "empty"})
    assert answer.status_code == 422
    assert "Choose one of those shown." in answer.words
    assert hooks_of(app) == {}


def test_a_cabinet_is_counted_by_ticks_and_tags_read_before_stay(app: Flask, desk: FoyerClient) -> None:
    page = begun(desk)
    note(desk, page, "GG-01")
    chosen = {f"hook_{hook}": "something" if hook in AS_IT_SHOULD_BE else "empty" for hook in range(1, 12)}
    assert desk.submit(f"{page}/ticks", chosen, form="main form").status_code == 303
    noted = hooks_of(app)
    assert noted[1] == ("tags", ["GG-01"])
    assert noted[2] == ("something", [])
    assert noted[11] == ("empty", [])
    assert 12 not in noted, "What was not chosen is not counted."
    assert "11 of 12 hooks counted" in desk.get(page).words


def test_a_count_is_not_finished_while_hooks_are_left(desk: FoyerClient) -> None:
    page = count_everything(desk, AS_IT_SHOULD_BE)
    token = desk.get(page).page.select_one("form[action$='/completion'] [name=form_token]")["value"]
    finish(desk, page)
    second = begun(desk)
    assert desk.get(second).page.select_one("form[action$='/completion']") is None
    answer = desk.post(f"{second}/completion", data={"form_token": token})
    assert answer.status_code == 422
    assert "12 hooks are not counted yet; the first is 2-1." in answer.words


def test_what_differs_is_explained_one_by_one(app: Flask, desk: FoyerClient) -> None:
    page = count_everything(desk, {**AS_IT_SHOULD_BE, 1: "XX-99"})
    done = finish(desk, page)
    assert "2 differences: explain each." in done.words
    assert "Nobody knows the tag XX-99 that hung on hook 2-1" in done.words
    assert "GG-01 should hang on hook 2-1 and was not there" in done.words
    assert "2 to be explained" in desk.get("/keys/counts").words
    refused = desk.submit(page, form=EXPLAIN)
    assert refused.status_code == 422
    assert "Say what the difference comes from." in refused.words
    assert desk.submit(page, {"explanation": "备用钥匙,标签旧的"}, form=EXPLAIN).status_code == 303
    assert "1 to be explained" in desk.get(page).words
    desk.submit(page, {"explanation": "工程部拿走,已追回"}, form=EXPLAIN)
    ended = desk.get(page)
    assert "Explained" in ended.words
    assert "工程部拿走,已追回" in ended.words
    assert ended.page.select_one("form[action*='/differences/']") is None
    with app.app_context(), reading():
        assert db.session.scalars(select(Slip)).all() == []


def test_a_difference_becomes_a_slip(app: Flask, desk: FoyerClient) -> None:
    page = count_everything(desk, {hook: tag for hook, tag in AS_IT_SHOULD_BE.items() if hook != 3})
    finish(desk, page)
    form = desk.get(page).page.select_one("form[action*='/differences/']")
    token = form.select_one("[name=form_token]")["value"]
    answer = desk.post(
        form["action"], data={"form_token": token, "explanation": "找不到", "slip": "1"}, follow_redirects=True
    )
    assert "Slip 0001 follows it up." in answer.words
    with app.app_context(), reading():
        slip = db.session.scalars(select(Slip)).one()
        difference = db.session.scalars(select(KeyDifference)).one()
        assert difference.slip_id == slip.id
        assert difference.explained_at is not None
        assert (slip.cause, slip.label) == ("key_difference", "SK-01 · 2-3")


def test_two_tablets_that_finish_at_once_get_one_record_and_words(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    page, other = count_everything(desk, AS_IT_SHOULD_BE), at_desk(app, cast, "zhou")
    token = other.get(page).page.select_one("form[action$='/completion'] [name=form_token]")["value"]
    finish(desk, page)
    answer = other.post(f"{page}/completion", data={"form_token": token})
    assert answer.status_code == 409
    assert "This count is finished. It can no longer be changed." in answer.words
    assert "Every key was on its hook" in answer.words


def test_who_only_reads_sees_a_count_under_way_and_no_way_to_change_it(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    page, reader = begun(desk), at_desk(app, cast, "wu")
    seen = reader.get(page)
    assert "This count is under way." in seen.words
    assert seen.page.select_one("main form") is None
    assert reader.post(f"{page}/hooks", data={}).status_code == 403


def test_a_count_of_another_site_is_not_there(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    page = begun(desk)
    assert at_desk(app, cast, "qian").get(page).status_code == 404


def test_without_a_cabinet_there_is_nothing_to_count(app: Flask, cast: Cast, clock: object) -> None:
    desk = at_desk(app, cast)
    answer = desk.submit("/keys/counts", form="form[action='/keys/counts']")
    assert answer.status_code == 422
    assert "There is no cabinet to count yet." in answer.words


@pytest.mark.parametrize("hooks", [12, 400])
def test_the_page_asks_as_much_of_the_database_however_many_hooks_there_are(
    app: Flask, cast: Cast, stock: Stock, desk: FoyerClient, hooks: int
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Cabinet, stock.cabinet).hooks = hooks
        shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
    page, asked = begun(desk), []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for address in (page, "/keys/counts", f"{page}/ticks"):
        asked.clear()
        desk.get(address)
        counted = [one for one in asked if one.lstrip().upper().startswith("SELECT")]
        assert len(counted) <= 8, counted
