"""The bare address leads everybody to where their browser begins."""

from flask import Flask

from domain.database import writing
from tests.cast import Cast, at_desk, at_kiosk
from tests.client import FoyerClient
from tests.doors import at_door, hang_display
from tests.house.routes import own_phone
from tests.rooms import furnish_rooms, room


def test_a_stranger_is_led_to_the_sign_in(client: FoyerClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_staff_are_led_to_where_their_work_stands(app: Flask, cast: Cast) -> None:
    for login, page in (("lisi", "/desk"), ("chen", "/meetings/runs")):
        answer = at_desk(app, cast, login).get("/", follow_redirects=True)
        assert answer.request.path == page


def test_a_kiosk_is_led_to_its_welcome_and_so_is_a_visitors_phone(app: Flask, cast: Cast, client: FoyerClient) -> None:
    own_phone(app, client, cast)
    for browser in (at_kiosk(app, cast), client):
        assert browser.get("/").location == "/kiosk"


def test_a_display_is_led_to_its_door(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        _display, token = hang_display(room(furnish_rooms(cast).pine))
    assert at_door(app, token).get("/").location == "/meetings/door"
