"""Who may open what: the role × route matrix, made from the permission table and the URL map, asked over HTTP.

Each test asks for every address of the house, with every method, as one kind of person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain import clock
from domain.database import db, reading, writing
from domain.events import Event
from domain.people.models import Person, StaffSession
from domain.permissions import GRANTS, SECOND_FACTOR, Permission, Role
from tests.cast import LOGINS, Cast, at_desk, at_kiosk
from tests.client import FoyerClient
from tests.doors import at_door
from tests.house.routes import Building, Route, furnish, own_phone, routes, signed_in
from tests.scenes import Scenes

SIGN_IN = "/sign-in"
# The guard asks no database which kind it is: once is enough, but where whole pages are drawn.
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BEFORE_THE_GATE = {"auth.sign_out", "auth.language"}


@pytest.fixture
def building(app: Flask, cast: Cast, scenes: Scenes) -> Building:
    return scenes.stand(app, "building", lambda: furnish(app, cast))


def ask(client: FlaskClient, app: Flask, building: Building, route: Route) -> TestResponse:
    """Ask for the route's example address; a POST carries a form without a token."""
    return client.open(building.address(app, route.rule), method=route.method)


def wrong(
    app: Flask,
    building: Building,
    client: FlaskClient,
    kind: str,
    as_it_should_be: Callable[[Route, TestResponse], bool],
) -> list[str]:
    """Ask for every route of that mark; gives a line for each answer that is not as it should be."""
    found = []
    for route in routes(app, kind):
        answer = ask(client, app, building, route)
        if not as_it_should_be(route, answer):
            found.append(f"{route.where} → {answer.status_code} {answer.headers.get('Location', '')}")
    return found


def is_sent_to(page: str) -> Callable[[Route, TestResponse], bool]:
    def sent(_route: Route, answer: TestResponse) -> bool:
        return answer.status_code == 303 and urlsplit(answer.headers["Location"]).path == page

    return sent


def is_turned_away(_route: Route, answer: TestResponse) -> bool:
    return answer.status_code in (403, 404)


def is_let_in(route: Route, answer: TestResponse) -> bool:
    """Not refused, not lost, not failed. What is one's own (a session, a photo) others have none of: 404 is right."""
    sent = urlsplit(answer.headers.get("Location", "")).path
    own = route.rule.rule == "/admin" or route.rule.rule.startswith(
        ("/account/", "/kiosk/", "/exports/", "/review/asked/", "/meetings/calendars/")
    )
    refused = {401, 403, 405} if own else {401, 403, 404, 405}
    return answer.status_code < 500 and answer.status_code not in refused and sent != SIGN_IN


def is_let_in_at_door(_route: Route, answer: TestResponse) -> bool:
    """Its pages open; a touch without a form is refused in words."""
    return answer.status_code in (200, 303, 422)


def may(role: Role, permission: Permission | None) -> bool:
    assert permission is not None
    return role in GRANTS[permission][0]


def endpoints(found: list[str]) -> set[str]:
    """The endpoints that the lines of `wrong` name."""
    return {line.split("(")[1].split(")")[0] for line in found}


def events(app: Flask) -> int:
    with app.app_context(), reading():
        return db.session.scalar(db.select(db.func.count()).select_from(Event)) or 0


@pytest.fixture
def nothing_happens(app: Flask, building: Building) -> Iterator[None]:
    """After the test the history is as long as before."""
    before = events(app)
    yield
    assert events(app) == before


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
def test_a_stranger_is_sent_to_sign_in_from_every_page_of_the_staff(app, building):
    assert wrong(app, building, FlaskClient(app), "staff", is_sent_to(SIGN_IN)) == []


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
def test_a_stranger_is_asked_to_pair_the_device_on_every_page_of_the_kiosk(app, building):
    assert wrong(app, building, FlaskClient(app), "kiosk", is_sent_to("/kiosk/pair")) == []


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
def test_anybody_gets_an_answer_where_the_door_is_open(app, building):
    client = app.test_client()
    assert wrong(app, building, client, "public", lambda route, answer: answer.status_code in (200, 303, 422)) == []


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
def test_the_display_at_a_door_opens_for_itself_alone(app, building):
    assert wrong(app, building, FlaskClient(app), "door", is_sent_to("/kiosk/pair")) == []
    assert wrong(app, building, at_kiosk(app, building.cast), "door", is_turned_away) == []
    assert wrong(app, building, at_desk(app, building.cast, "xu"), "door", is_sent_to("/kiosk/pair")) == []
    display = at_door(app, building.examples["display", "token"])
    assert wrong(app, building, display, "door", is_let_in_at_door) == []
    assert wrong(app, building, display, "kiosk", is_turned_away) == []
    assert wrong(app, building, display, "staff", is_sent_to(SIGN_IN)) == []


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
@pytest.mark.parametrize("where", ["kiosk", "own phone"])
def test_from_the_kiosk_and_the_visitor_s_phone_every_page_of_the_staff_is_shut(app, building, where):
    client = FlaskClient(app)
    if where == "kiosk":
        client.set_cookie("foyer_kiosk", building.cast.kiosk_token)
    else:
        own_phone(app, client, building.cast)
    assert client.get("/kiosk").status_code == 200, "This browser should be let in at the kiosk's pages."
    assert wrong(app, building, client, "staff", is_sent_to(SIGN_IN)) == []


@pytest.mark.parametrize("where", ["kiosk", "own phone"])
def test_a_kiosk_and_a_visitor_s_phone_open_every_page_of_the_kiosk(app, building, where):
    client = at_kiosk(app, building.cast) if where == "kiosk" else app.test_client()
    if where == "own phone":
        own_phone(app, client, building.cast)
    assert wrong(app, building, client, "kiosk", is_let_in) == []


@pytest.mark.usefixtures("nothing_happens")
@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_the_table_grants_and_nothing_else(app, building, role):
    client = at_desk(app, building.cast, LOGINS[role])

    def as_the_table_says(route: Route, answer: TestResponse) -> bool:
        return is_let_in(route, answer) if may(role, route.access.permission) else answer.status_code == 403

    assert wrong(app, building, client, "staff", as_the_table_says) == []


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
@pytest.mark.parametrize("role", Role)
def test_whoever_works_at_another_site_finds_nothing_of_this_one(app, building, role):
    client = FlaskClient(app)
    signed_in(app, client, building.far[role], site_id=building.cast.other_site_id)

    def is_hidden(route: Route, answer: TestResponse) -> bool:
        names_something = bool(route.rule.arguments)
        return not names_something or is_turned_away(route, answer)

    assert wrong(app, building, client, "staff", is_hidden) == []


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
@pytest.mark.parametrize("role", Role)
def test_a_role_at_one_site_is_worth_nothing_at_another(app, building, role):
    client = FlaskClient(app)
    signed_in(app, client, building.far[role], site_id=building.cast.site_id)

    def is_forbidden(route: Route, answer: TestResponse) -> bool:
        return route.access.permission is Permission.SIGNED_IN or answer.status_code == 403

    assert wrong(app, building, client, "staff", is_forbidden) == []


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
@pytest.mark.parametrize("role", sorted(SECOND_FACTOR))
def test_without_the_second_factor_only_its_own_page_opens(app, building, role):
    client = FlaskClient(app)
    person = building.cast.people[LOGINS[role]]
    signed_in(app, client, person, site_id=building.cast.site_id, second_factor=False)
    found = wrong(app, building, client, "staff", is_sent_to("/second-factor/set-up"))
    assert endpoints(found) <= BEFORE_THE_GATE | {"auth.set_up_second_factor"}


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
def test_a_locked_tablet_opens_nothing_but_the_lock(app, building):
    client = at_desk(app, building.cast, shared=True)
    with app.app_context(), writing():
        db.session.execute(db.update(StaffSession).values(locked_at=clock.now()))
    found = wrong(app, building, client, "staff", is_sent_to("/unlock"))
    assert endpoints(found) <= BEFORE_THE_GATE | {"auth.unlock"}


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
def test_who_has_left_is_a_stranger_from_that_moment_on(app, building):
    client = at_desk(app, building.cast, "xu")
    assert client.get("/account").status_code == 200
    with app.app_context(), writing():
        db.session.get_one(Person, building.cast.people["xu"]).left_at = clock.now()
    assert wrong(app, building, client, "staff", is_sent_to(SIGN_IN)) == []


@on_sqlite
@pytest.mark.usefixtures("nothing_happens")
def test_a_kiosk_that_was_cut_off_gets_words_and_nothing_else(app, building):
    client = FlaskClient(app)
    client.set_cookie("foyer_kiosk", "a token that was taken back")
    assert wrong(app, building, client, "kiosk", lambda route, answer: answer.status_code == 403) == []
    assert b"Please see the reception" in client.get("/kiosk?language=en", headers={"Accept-Language": "en"}).data


def test_every_permission_says_in_a_sentence_what_it_allows_and_somebody_has_it():
    for permission in Permission:
        roles, sentence = GRANTS[permission]
        assert roles, f"Nobody has {permission}: grant it or drop it."
        assert re.match(r"[A-Z]\S* ", sentence), f"{permission}: write a sentence, not {sentence!r}."


def test_no_permission_is_granted_that_no_page_asks_for(app):
    asked = {route.access.permission for route in routes(app, "staff")}
    unused = set(Permission) - asked
    assert unused == set(), "Use these permissions, or drop them from domain/permissions.py."


@on_sqlite
def test_staff_and_kiosk_in_one_browser_know_nothing_of_each_other(app, building):
    client = at_desk(app, building.cast)
    assert isinstance(client, FoyerClient)
    assert urlsplit(client.get("/kiosk").location).path == "/kiosk/pair"
    client.set_cookie("foyer_kiosk", building.cast.kiosk_token)
    assert client.get("/kiosk").status_code == 200
    assert client.get("/desk").status_code == 200
