"""M2, M9 behind a host's own link: of a repeat this meeting, the later ones or all; and waiting for a taken room."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.meetings.models import Reservation
from domain.meetings.wish_models import RoomWish
from domain.occupants.links import link_of, token_of
from domain.occupants.models import Host
from tests import rooms as house
from tests.cabinet import actor_of
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.misspelling import misspelt
from tests.rooms import TUESDAY, Rooms, furnish_rooms

DAYS = tuple(TUESDAY + timedelta(days=7 * week) for week in range(4))


@pytest.fixture
def rooms(app: Flask, cast: Cast, clock: object) -> Rooms:
    with app.app_context(), writing():
        return furnish_rooms(cast)


@pytest.fixture
def own(app: Flask, cast: Cast, rooms: Rooms) -> str:
    """Zhang San's page; a meeting of his stands on four Tuesdays from two to three, the third is Zhou's by now."""
    with app.app_context(), writing():
        made = house.book(rooms.pine, cast, "14:00", "15:00", days=DAYS)
        made[2].host_id, made[2].unit_id, made[2].person_id = None, None, cast.people["zhou"]
        host = db.session.get_one(Host, cast.host_id)
        host.language = "en"
        return f"/hosts/{token_of(link_of(host, actor=actor_of(cast, 'lisi'), now=house_clock.now()))}"


def stand(app: Flask) -> list[Reservation]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Reservation).where(Reservation.series.is_not(None))))
        db.session.expunge_all()
        return sorted(found, key=lambda one: one.begins_at)


def hours(app: Flask) -> list[int]:
    return [house_clock.local(one.begins_at, "Asia/Shanghai").hour for one in stand(app)]


def page_of(app: Flask, own: str, which: int) -> tuple[str, str]:
    page = f"{own}/rooms/{stand(app)[which].ref}"
    return page, f"form[action='{page}']"


@pytest.mark.parametrize(
    ("which", "moved"),
    [("one", [14, 16, 14, 14]), ("later", [14, 16, 14, 16]), ("all", [16, 16, 14, 16])],
)
def test_as_many_move_as_are_meant_and_nobody_else_s(app, rooms, client: FoyerClient, own, which, moved) -> None:
    page, form = page_of(app, own, 1)
    assert client.submit(page, {"since": "16:00", "until": "17:00", "which": which}, form=form).status_code == 303
    assert hours(app) == moved


@pytest.mark.parametrize(("which", "gone"), [("one", [1]), ("later", [1, 3]), ("all", [0, 1, 3])])
def test_as_many_are_called_off_as_are_meant(app, rooms, client: FoyerClient, own, which, gone) -> None:
    page, _form = page_of(app, own, 1)
    assert client.get(page).page.select_one("form[action$='/cancellation']") is None, "It is asked which first."
    said = {"which": which, "reason": "出差"}
    answer = client.submit(f"{page}/cancellation", said, form="main form", follow_redirects=True)
    assert "called off" in answer.words
    assert [at for at, one in enumerate(stand(app)) if one.state == "cancelled"] == gone
    assert "does not take place" in client.get(f"{page}/cancellation").words


def test_each_date_that_cannot_be_is_named_and_left_or_moved(app, cast, rooms, client: FoyerClient, own) -> None:
    with app.app_context(), writing():
        house.book(rooms.pine, cast, "16:30", "17:30", days=(DAYS[3],), meeting=house.wish(cast, by="zhou"))
    page, form = page_of(app, own, 0)
    said = {"since": "16:00", "until": "17:00", "which": "all"}
    refused = client.submit(page, said, form=form)
    assert refused.status_code == 409
    name = f"on_{DAYS[3].isoformat()}"
    assert "taken in this time" in refused.page.select_one(f"#{name}-e").get_text()
    assert hours(app) == [14, 14, 14, 14]
    data = {str(one["name"]): str(one.get("value", "")) for one in refused.page.select(f"{form} input[type=hidden]")}
    room = refused.page.select_one(f"{form} input[name=room][checked]")["value"]
    people = {"title": "季度会", "people": "5", "day": DAYS[0].isoformat(), "room": room}
    assert client.post(page, data=data | people | said | {name: "out"}).status_code == 303
    assert hours(app) == [16, 16, 14, 14]


def test_a_host_waits_for_a_taken_room_is_offered_it_or_waits_no_more(app, cast, rooms, client, own) -> None:
    with app.app_context(), writing():
        (taken,) = house.book(
            rooms.bamboo, cast, "10:00", "11:00", days=(TUESDAY,), meeting=house.wish(cast, by="zhou")
        )
        ref, bamboo = taken.ref, house.room(rooms.bamboo).ref
    page, form = f"{own}/rooms", f"form[action='{own}/rooms']"
    wanted = {"title": "选题会", "people": "5", "day": TUESDAY.isoformat(), "since": "10:00", "until": "11:00"}
    refused = client.submit(page, wanted | {"room": bamboo}, form=form)
    assert refused.status_code == 409
    assert refused.page.select_one("button[name=wait]")
    wait = wanted | {"room": bamboo, "wait": "1", "form_token": refused.page.select_one("[name=form_token]")["value"]}
    told = client.post(page, data=wait, follow_redirects=True)
    assert "You wait for 竹厅." in told.words
    twice = client.submit(page, wanted | {"room": bamboo}, form=form).page
    again = wait | {"form_token": twice.select_one("[name=form_token]")["value"]}
    assert "on the waiting list already" in client.post(page, data=again).words
    with app.app_context(), reading():
        wish = db.session.scalars(select(RoomWish)).one()
        assert (wish.host_id, wish.title) == (cast.host_id, "选题会")
        withdrawal = f"/waiting/{wish.ref}/withdrawal"
    over = f"form[action='{own}{withdrawal}']"
    assert FlaskClient(app).post(f"{misspelt(own)}{withdrawal}").status_code == 404
    stale = {"form_token": client.get(own).page.select_one(f"{over} [name=form_token]")["value"]}
    at_desk(app, cast, "zhou").submit(f"/reservations/{ref}/cancellation", form="form[action$='/cancellation']")
    assert client.get(own).page.select_one("#w1") is None, "It is held for them, and stands among the meetings."
    late = client.post(f"{own}{withdrawal}", data=stale)
    assert late.status_code == 409
    assert "do not wait any more" in late.words


def test_who_waits_may_stop_waiting(app, cast, rooms, client, own) -> None:
    with app.app_context(), writing():
        house.book(rooms.bamboo, cast, "10:00", "11:00", days=(TUESDAY,), meeting=house.wish(cast, by="zhou"))
        bamboo = house.room(rooms.bamboo).ref
    wanted = {"title": "选题会", "people": "5", "day": TUESDAY.isoformat(), "since": "10:00", "until": "11:00"}
    token = client.get(f"{own}/rooms").page.select_one("[name=form_token]")["value"]
    client.post(f"{own}/rooms", data=wanted | {"room": bamboo, "wait": "1", "form_token": token})
    answer = client.submit(own, form="form[action$='/withdrawal']", follow_redirects=True)
    assert "You wait no more." in answer.words
    assert "竹厅" not in answer.words


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"until": "09:00"}, "until", "end"),
        ({"until": "10:00"}, "until", "end"),
        ({"since": "23:00", "until": "01:00"}, "until", "end"),
        ({"day": "2026-03-01"}, "since", "This time is over."),
        ({"since": "06:00", "until": "07:00"}, "since", ""),
        ({"people": "13"}, "people", "seats"),
        ({"people": "0"}, "people", ""),
        ({"title": " "}, "title", "Say what the meeting is about."),
        ({"day": date(2031, 3, 3).isoformat()}, "day", "two years"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(app, rooms, client: FoyerClient, own, typed, field, words) -> None:
    with app.app_context(), reading():
        pine = house.room(rooms.pine).ref
    wanted = {"title": "选题会", "people": "5", "day": "2026-03-04", "since": "10:00", "until": "11:00", "room": pine}
    answer = client.submit(f"{own}/rooms", wanted | typed, form=f"form[action='{own}/rooms']")
    assert answer.status_code in (409, 422)
    assert words in answer.page.select_one(f"#{field}-e").get_text()
