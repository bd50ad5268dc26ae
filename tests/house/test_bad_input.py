"""Every form, every address and every question of the house is given what nobody should type: none may break."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.permissions import GRANTS, Role
from tests.cast import Cast, at_desk, at_kiosk
from tests.client import FoyerClient, _filled
from tests.document import Node, read
from tests.doors import at_door
from tests.house.routes import Building, Route, furnish, routes
from tests.scenes import Scenes

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SIGNS = 'a\x00b\x07\x1b[31m 👩‍👩‍👧‍👦🏳️‍🌈 \u202eabc\u2066\u200f \' <script>alert("1")</script> %s {0} \\'
BAD = {
    "nothing": "",
    "blanks": " \u3000\t ",
    "10 kB": "长" * 3_400,
    "signs": SIGNS,
    "formula": '=HYPERLINK("http://x")',
    "number": "99999999999999999999",
    "minus": "-1",
}
TEXTS = "input:not([type=hidden],[type=submit],[type=button],[type=checkbox],[type=radio],[type=file]), textarea"


@pytest.fixture
def building(app: Flask, cast: Cast, scenes: Scenes) -> Building:
    return scenes.stand(app, "building", lambda: furnish(app, cast))


class Crowd:
    """Who between them can open every page: a kiosk in the middle of a sign-in, the lead, the admin, a stranger."""

    def __init__(self, app: Flask, building: Building) -> None:
        self.app, self.building = app, building
        kiosk = at_kiosk(app, building.cast)
        kiosk.get("/kiosk?language=en")
        kiosk.submit("/kiosk/whom?q=zhang", form="form[action='/kiosk/whom'][method=post]")
        kiosk.submit("/kiosk/why", {"purpose": building.cast.purpose_ref}, form="form[action='/kiosk/why']")
        self.kiosk, self.stranger = kiosk, app.test_client()
        self.door = at_door(app, building.examples["display", "token"])
        self.lead, self.admin = at_desk(app, building.cast, "zhou"), at_desk(app, building.cast, "xu")

    def who_opens(self, route: Route) -> FoyerClient:
        """The browser that may open it."""
        if route.access.kind == "kiosk":
            return self.kiosk
        if route.access.kind == "door":
            return self.door
        if route.access.kind == "public":
            return self.stranger  # type: ignore[return-value]
        assert route.access.permission is not None
        return self.lead if Role.LEAD in GRANTS[route.access.permission][0] else self.admin

    def pages(self) -> Iterator[tuple[FoyerClient, str, Node]]:
        """Every page of the house that can be drawn, with the browser that opened it and its address."""
        for route in routes(self.app):
            # The welcome page wipes what the kiosk's other pages need.
            if route.method == "GET" and not route.rule.rule.startswith("/static/") and route.rule.rule != "/kiosk":
                client, path = self.who_opens(route), self.building.address(self.app, route.rule)
                answer = FlaskClient.open(client, path)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    yield client, path, read(answer.text)


def typed_into(form: Node) -> list[str]:
    """The names of the fields of a form into which anything can be typed."""
    return [str(field["name"]) for field in form.select(TEXTS) if field.get("name")]


@on_sqlite
def test_every_form_takes_bad_input_or_refuses_it_in_words(app, building):
    crowd, seen = Crowd(app, building), set()
    for client, path, page in crowd.pages():
        for form in page.select("form[method=post]"):
            action, names = str(form["action"]), typed_into(form)
            if action in seen or not names:
                continue
            seen.add(action)
            for bad, value in BAD.items():
                answer = client.post(action, data=_filled(form) | dict.fromkeys(names, value))
                fine = answer.status_code in (200, 303, 409, 410, 413, 422, 429)
                assert fine, f"{action} with {bad}: {answer.status_code}"
                # A form that was taken has spent its token: the next one is drawn anew.
                again = FlaskClient.open(client, path)
                form = read(again.text).select_one(f'form[method=post][action="{action}"]') or form  # noqa: PLW2901
    assert len(seen) > 12


def question(page: Node) -> set[tuple[str, str]]:
    """What the links and forms of a page ask in addresses: (path, name of the value)."""
    asked = set()
    for link in page.select("a[href*='?'], [hx-get*='?']"):
        parts = urlsplit(str(link.get("href") or link.get("hx-get")))
        asked |= {(parts.path, name) for name, _value in parse_qsl(parts.query)}
    for form in page.select("form[method=get]"):
        asked |= {(urlsplit(str(form["action"])).path, str(field["name"])) for field in form.select("[name]")}
    return asked


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_question_that_makes_no_sense_gets_an_answer(app, building):
    crowd, asked = Crowd(app, building), {}
    for client, _path, page in crowd.pages():
        asked |= dict.fromkeys(question(page), client)
    for path in {path for path, _name in asked}:
        client = next(client for (where, _name), client in asked.items() if where == path)
        asked |= {(path, name): client for name in ("q", "page", "after", "before", "next", "language")}
    assert len(asked) > 12
    for (path, name), client in asked.items():
        for bad in ("signs", "number", "10 kB"):
            answer = FlaskClient.get(client, path, query_string={name: BAD[bad]})
            fine = answer.status_code in (200, 303, 400, 403, 404, 422)
            assert fine, f"{path}?{name}={bad} → {answer.status_code}"


def test_an_address_made_up_is_not_there(app, building):
    crowd = Crowd(app, building)
    for route in routes(app):
        if not route.rule.arguments or route.rule.rule.startswith("/static/"):
            continue
        for bad in ("signs", "number", "10 kB"):
            made_up = dict.fromkeys(route.rule.arguments, BAD[bad][:1500])
            address = app.url_map.bind("localhost").build(route.rule.endpoint, made_up)
            answer = FlaskClient.open(crowd.who_opens(route), address, method=route.method)
            fine = answer.status_code in (303, 403, 404, 410, 422)
            assert fine, f"{route.where} with {bad} → {answer.status_code}"
