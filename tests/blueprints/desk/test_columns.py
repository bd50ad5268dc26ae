"""The desk's columns beside the visits: keys that are out and slips that are open, each for who may read it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, update

from domain import clock as time
from domain.database import db, writing
from domain.keys.classes import KeyClass
from domain.slips.models import Nature, Slip, SlipState
from tests import cabinet
from tests.blueprints.slips.written import write
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def lend_roof(app: Flask, cast: Cast, *, minutes: int) -> tuple[str, str]:
    """The key of the roof goes out for so long; gives the loan's ref and the key's."""
    with app.app_context(), writing():
        stock = cabinet.fill(cast)
        loan = cabinet.hand_out(cabinet.key(stock.roof), cabinet.worker(), cast, minutes=minutes)
        return loan.ref, cabinet.key(stock.roof).ref


def column(desk: FoyerClient, name: str) -> Any:
    return desk.get("/desk").page.select_one(f"section[aria-labelledby=c-{name}]")


def words(element: Any) -> str:
    return " ".join(element.get_text(" ").split())


def test_an_overdue_key_says_by_how_much_and_leads_to_its_return(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    loan, key = lend_roof(app, cast, minutes=30)
    assert "Due within the hour 1" in words(column(desk, "keys"))
    clock.shift(52 * 60)
    row = at_desk(app, cast).get("/desk").page.select_one(f"#key-{loan}")
    assert row["data-s"] == "late"
    assert "22 min over , due back 10:00 GG-01 冯*" in words(row)
    assert row.select_one(f"a[href='/keys/{key}/returns']").get_text() == "Take back"


def test_a_key_that_just_fell_due_is_not_late_by_nought_minutes(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    loan, key = lend_roof(app, cast, minutes=30)
    clock.shift(30 * 60 + 20)
    desk = at_desk(app, cast)
    assert "just over , due back 10:00 GG-01 冯*" in words(desk.get("/desk").page.select_one(f"#key-{loan}"))
    for path in ("/keys", "/keys?show=overdue", f"/keys/{key}", "/desk/search?q=天台"):
        said = words(desk.get(path).page.select_one("main"))
        assert "just over" in said, path
        assert "0 min" not in said.replace("30 min", ""), path


def test_a_key_with_time_left_is_no_exception(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    loan, _key = lend_roof(app, cast, minutes=180)
    row = column(desk, "keys").select_one(f"#key-{loan}")
    assert not row.has_attr("data-s")
    assert "due back 12:30" in words(row)


def test_without_anything_out_or_open_the_columns_say_so(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    assert "hangs on its hook" in words(column(desk, "keys"))
    assert "No slip is open." in words(column(desk, "slips"))
    assert column(desk, "slips").select_one("a[href='/slips/new']") is not None


def test_the_number_of_slips_leads_to_a_list_of_as_many(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    refs = [write(app, cast, matter=f"第{number}件") for number in range(4)]
    states = (SlipState.OPEN, SlipState.IN_WORK, SlipState.DONE)
    with app.app_context(), writing():
        for ref, state in zip(refs, states, strict=False):
            db.session.execute(update(Slip).where(Slip.ref == ref).values(state=state))
        db.session.execute(update(Slip).where(Slip.ref == refs[-1]).values(state="closed", closed_at=time.now()))
    behind = column(desk, "slips").select_one("header a")
    assert words(behind) == "3 not closed"
    assert len(desk.get(behind["href"]).page.select("tbody tr")) == 3


def test_slips_stand_late_first_then_today_then_later(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    write(app, cast, matter="明天的事", promise_at=time.now() + timedelta(days=1))
    write(app, cast, urgent=True)
    write(app, cast, Nature.COMPLAINT, matter="2203 装修噪音", promise_at=time.now() + timedelta(hours=5))
    clock.shift(72 * 60)
    slips = at_desk(app, cast).get("/desk").page.select_one("section[aria-labelledby=c-slips]")
    groups = [words(each) for each in slips.select("h3.grp")]
    assert groups == ["Past the promise 1", "Promised for today 1", "The others 1"]
    assert [words(each) for each in slips.select(".row h3")] == ["1806 空调漏水", "1806 2203 装修噪音", "1806 明天的事"]
    assert "42 min over promised 10:00" in words(slips)


def test_a_key_of_a_hidden_class_is_on_nobodys_board_who_may_not_see_it(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    from domain.keys import rules

    loan, _key = lend_roof(app, cast, minutes=30)
    with app.app_context(), writing():
        manager = cabinet.actor_of(cast, "he")
        rules.set_rules(
            site_id=cast.site_id, code=KeyClass.PUBLIC, seen_by=frozenset({"manager"}), actor=manager, now=time.now()
        )
    assert column(desk, "keys").select_one(f"#key-{loan}") is None


def test_another_sites_keys_and_slips_are_not_on_the_board(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    lend_roof(app, cast, minutes=30)
    write(app, cast)
    far = at_desk(app, cast, "qian").get("/desk").words
    assert "GG-01" not in far
    assert "空调漏水" not in far


def test_a_lent_key_and_a_written_slip_change_the_board(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    tag = desk.get("/desk").headers["HX-PTag"]
    lend_roof(app, cast, minutes=30)
    answer = desk.htmx("/desk/live", headers={"HX-PTag": tag})
    assert answer.status_code == 200
    assert "GG-01" in answer.words
    write(app, cast)
    answer = desk.htmx("/desk/live", headers={"HX-PTag": answer.headers["HX-PTag"]})
    assert "空调漏水" in answer.words


@pytest.mark.parametrize("count", [1, 20])
def test_the_desk_with_keys_and_slips_takes_at_most_eight_statements(
    app: Flask, cast: Cast, desk: FoyerClient, count: int
) -> None:
    lend_roof(app, cast, minutes=30)
    for number in range(count):
        write(app, cast, matter=f"第 {number} 件")
    sent: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    page = desk.get("/desk").page
    assert len(sent) <= 7, "\n".join(sent)
    if count > 12:
        assert "8 more are open" in words(page.select_one("section[aria-labelledby=c-slips]"))
