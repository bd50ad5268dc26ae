"""A key is kept for somebody ahead of time: the form, what lies ahead, collisions in words, cancelling."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain import clock
from domain.database import db, reading, writing
from domain.keys.models import KeyReservation, KeySet
from domain.keys.reservations import reserve
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

FORM = "main form[action$='/reservations']"
WORKER = {"borrower": "contractor", "name": "冯样", "phone": "13900000017"}


@pytest.fixture
def page(app: Flask, stock: Stock) -> str:
    """Where the roof's key is reserved."""
    with app.app_context(), reading():
        return f"/keys/{shelf.key(stock.roof).ref}/reservations"


def kept(app: Flask) -> list[KeyReservation]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(KeyReservation).order_by(KeyReservation.id)))
        db.session.expunge_all()
        return found


def send(desk: FoyerClient, page: str, **values: Any) -> Any:
    """Reserve for the worker from 14:00 to 16:00 today, but for `values`."""
    token = desk.get(page).page.select_one(f"{FORM} [name=form_token]")["value"]
    given = WORKER | {"day": "2026-03-02", "since": "14:00", "until": "16:00", "purpose": "修灯"} | values
    return desk.post(page, data=given | {"form_token": token})


def test_a_key_is_reserved_and_stands_among_what_is_ahead(app: Flask, desk: FoyerClient, page: str) -> None:
    assert send(desk, page).status_code == 303
    seen = desk.get(page).words
    assert "GG-01 is reserved from 14:00 to 16:00." in seen
    assert "冯*" in seen
    assert "冯样" not in desk.get("/keys/reservations").words
    assert "GG-01 天台门 14:00 – 16:00, 冯*, 修灯" in desk.get("/keys/reservations").words
    (span,) = kept(app)
    assert span.ends_at - span.starts_at == timedelta(hours=2)


def test_somebody_of_the_staff_is_found_and_chosen(app: Flask, cast: Cast, desk: FoyerClient, page: str) -> None:
    token = desk.get(page).page.select_one(f"{FORM} [name=form_token]")["value"]
    found = desk.post(page, data={"form_token": token, "borrower": "staff", "who_text": "chen", "find": "1"})
    who = found.page.select_one("input[name=who]")["value"]
    assert send(desk, page, borrower="staff", who=who, who_text="chen").status_code == 303
    assert kept(app)[0].person_id == cast.people["chen"]


def test_the_form_offers_the_next_hour_for_as_long_as_is_usual(desk: FoyerClient, page: str) -> None:
    form = desk.get(page).page
    values = {name: form.select_one(f"[name={name}]")["value"] for name in ("day", "since", "until", "last_day")}
    assert values == {"day": "2026-03-02", "since": "10:00", "until": "12:00", "last_day": ""}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"since": "16:00", "until": "14:00"}, "The end lies before the beginning."),
        ({"since": "08:00", "until": "09:00"}, "This time is over. Choose a later one."),
        ({"day": "2027-06-01"}, "Reserve at most a year ahead."),
        ({"last_day": "2026-03-04"}, "Keys of this class go out until"),
        ({"day": "9999-12-31"}, "Reserve at most a year ahead."),
        ({"day": ""}, "Enter a day."),
        ({"since": "25:00"}, "Enter a time such as 09:30."),
        ({"phone": ""}, "Enter a telephone number"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused_in_words(
    app: Flask, desk: FoyerClient, page: str, values: dict[str, str], words: str
) -> None:
    answer = send(desk, page, **values)
    assert answer.status_code == 422
    assert words in answer.words
    assert kept(app) == []


def test_a_collision_says_who_has_it_and_until_when(app: Flask, desk: FoyerClient, page: str) -> None:
    send(desk, page)
    answer = send(desk, page, name="赵样", phone="13900000018", since="15:00", until="17:00")
    assert answer.status_code == 409
    assert "This key is reserved from 14:00 to 16:00 for 冯*." in answer.words
    assert answer.page.select_one("[name=name]")["value"] == "赵样"
    assert send(desk, page, since="16:00", until="17:00").status_code == 303
    assert len(kept(app)) == 2


def test_a_set_is_reserved_as_a_whole_and_listed_once(app: Flask, cast: Cast, stock: Stock, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        now, key_set = clock.now(), db.session.get_one(KeySet, stock.plant_set)
        reserve(
            key_set,
            who=shelf.person_of(cast, "chen"),
            starts_at=now + timedelta(hours=1),
            ends_at=now + timedelta(hours=2),
            purpose="",
            actor=shelf.actor_of(cast, "lisi"),
            now=now,
        )
    listed = desk.get("/keys/reservations")
    assert len(listed.page.select("main li.row")) == 1
    assert "JF-B1" in listed.words


def test_a_reservation_is_cancelled_once(app: Flask, cast: Cast, desk: FoyerClient, page: str) -> None:
    send(desk, page)
    other = at_desk(app, cast, "zhou")
    cancel = f"form[action$='/{kept(app)[0].ref}/cancellations']"
    drawn = other.get("/keys/reservations").page.select_one(cancel)
    assert "The reservation is cancelled." in desk.submit(page, form=cancel, follow_redirects=True).words
    late = other.post(drawn["action"], data={"form_token": drawn.select_one("[name=form_token]")["value"]})
    assert late.status_code == 409
    assert "This reservation was used or cancelled before." in late.words
    assert "No key is reserved." in desk.get("/keys/reservations").words


def test_who_only_reads_sees_what_is_reserved_and_changes_nothing(
    app: Flask, cast: Cast, desk: FoyerClient, page: str
) -> None:
    send(desk, page)
    reader = at_desk(app, cast, "wu")
    seen = reader.get("/keys/reservations")
    assert "GG-01" in seen.words
    assert seen.page.select_one("main form[method=post]") is None
    assert reader.get(page).status_code == 403
    assert reader.post(f"/keys/reservations/{kept(app)[0].ref}/cancellations", data={}).status_code == 403


def test_a_key_of_another_site_is_not_there(app: Flask, cast: Cast, page: str) -> None:
    assert at_desk(app, cast, "qian").get(page).status_code == 404
