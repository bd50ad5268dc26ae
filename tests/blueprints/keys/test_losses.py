"""A key is lost: frozen at once, followed up by a slip, found again by the return (K6)."""

from flask import Flask
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.keys.models import Key
from domain.slips.models import Slip
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


def address(app: Flask, key_id: int) -> str:
    with app.app_context(), reading():
        return f"/keys/{db.session.get_one(Key, key_id).ref}"


def test_a_lost_key_is_frozen_and_a_slip_is_open(app: Flask, stock: Stock, desk: FoyerClient) -> None:
    page = address(app, stock.pool)
    assert "Report lost" in desk.get(page).words
    done = desk.submit(f"{page}/losses", {"note": "最后在泳池机房"}, form="main form", follow_redirects=True)
    assert "SK-01 is frozen. Slip 0001 follows it up." in done.words
    assert "Lost" in done.words
    assert "Found again" in done.words
    with app.app_context(), reading():
        slip = db.session.scalars(select(Slip)).one()
        assert (slip.label, slip.matter or slip.cause) == ("SK-01", "key_lost")
        assert shelf.key(stock.pool).lost_at is not None


def test_a_loss_without_a_word_is_asked_again(app: Flask, stock: Stock, desk: FoyerClient) -> None:
    answer = desk.submit(f"{address(app, stock.pool)}/losses", form="main form")
    assert answer.status_code == 422
    assert "Say where it was last, and who looked for it." in answer.words
    with app.app_context(), reading():
        assert shelf.key(stock.pool).lost_at is None


def test_a_second_tablet_that_reports_it_too_hears_so(app: Flask, cast: Cast, stock: Stock, desk: FoyerClient) -> None:
    page, other = address(app, stock.pool), at_desk(app, cast, "zhou")
    token = other.get(f"{page}/losses").page.select_one("main [name=form_token]")["value"]
    desk.submit(f"{page}/losses", {"note": "找不到"}, form="main form")
    answer = other.post(f"{page}/losses", data={"form_token": token, "note": "我也找不到"})
    assert answer.status_code == 409
    assert "SK-01 was reported lost at" in answer.words


def test_a_key_that_is_out_can_be_lost(app: Flask, cast: Cast, stock: Stock, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
    page = address(app, stock.roof)
    assert desk.submit(f"{page}/losses", {"note": "工人丢了"}, form="main form").status_code == 303
    assert "Lost" in desk.get(page).words


def test_who_only_reads_reports_nothing(app: Flask, cast: Cast, stock: Stock) -> None:
    reader, page = at_desk(app, cast, "wu"), address(app, stock.pool)
    assert "Report lost" not in reader.get(page).words
    assert reader.post(f"{page}/losses", data={}).status_code == 403
