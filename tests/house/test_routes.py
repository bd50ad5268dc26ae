"""Every route is marked, named as this house names things, and writes only where it says so."""

import re

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from blueprints import visits
from domain import clock, once
from domain.database import db, reading
from domain.modes import mode
from tests.client import FoyerClient
from tests.conftest import close, make_app
from tests.house.routes import WRITING, furnish, routes, rules
from web import transactions
from web.permissions import public, refuse_unmarked
from web.transactions import writes

WORD = re.compile(r"[a-z]+(-[a-z]+)*")
VERBS = {
    *("add", "change", "confirm", "correct", "create", "delete", "destroy", "do", "execute", "get", "insert", "list"),
    *("make", "modify", "move", "print", "put", "remove", "rename", "save", "send", "set", "show", "store"),
    *("submit", "undo", "update", "view", "write"),
}
READS_ALONE = {
    "keys.preview_upload": "shows what stands in a file, which is read before anything could be written",
    "invitations.preview_upload": "likewise",
    "admin.preview_upload": "likewise",
}
"""Endpoints that are posted to and write nothing, each with the reason."""


@pytest.fixture
def app(database, tmp_path):
    """An app that nobody has asked anything: some tests here give it further addresses."""
    app = make_app(database, tmp_path)
    app.test_client_class = FoyerClient
    yield app
    close(app)


@pytest.fixture(scope="module")
def house(sqlite_databases, tmp_path_factory):
    """The app, for what can be read off its URL map."""
    for url in sqlite_databases.fresh():
        app = make_app(url, tmp_path_factory.mktemp("house"))
        yield app
        close(app)


def test_the_house_has_routes_and_each_is_marked(house):
    refuse_unmarked(house)
    assert len(list(routes(house))) > 25
    assert {route.access.kind for route in routes(house)} <= {"public", "kiosk", "door", "staff"}
    for route in routes(house, "staff"):
        assert route.access.permission is not None, f"{route.where}: name the permission in @allow(…)."


def test_the_app_does_not_start_with_a_route_that_nobody_marked(monkeypatch, tmp_path, sqlite_databases):
    built = visits.init_app

    def with_a_stray(app: Flask) -> None:
        stray = Blueprint("stray", __name__)
        stray.add_url_rule("/stray", "page", lambda: "anybody may read this")
        built(app)
        app.register_blueprint(stray)

    monkeypatch.setattr(visits, "init_app", with_a_stray)
    for url in sqlite_databases.fresh():
        with pytest.raises(RuntimeError, match=r"Mark these views .*stray\.page"):
            make_app(url, tmp_path)


def test_a_route_that_slips_in_later_is_closed_to_everybody(app):
    app.add_url_rule("/late", "late", lambda: "anybody may read this")
    assert app.test_client().get("/late").status_code == 403


def test_flask_s_own_static_folder_is_off(house):
    assert "static" not in house.view_functions


def test_addresses_are_written_in_lower_case_with_hyphens(house):
    for rule in rules(house):
        for part in rule.rule.strip("/").split("/"):
            if part and not part.startswith("<"):
                assert WORD.fullmatch(part), f"{rule.rule}: {part!r} is not kebab-case."


def test_addresses_name_things_and_not_deeds(house):
    for rule in rules(house):
        for part in rule.rule.strip("/").split("/"):
            assert part not in VERBS, f"{rule.rule}: {part!r} is a verb: POST a noun (departures, corrections)."


def test_no_address_ends_with_a_slash(house):
    for rule in rules(house):
        assert rule.rule == "/" or not rule.rule.endswith("/"), rule.rule


def test_no_address_takes_a_number_that_can_be_counted_up(house):
    for rule in rules(house):
        kinds = {name: type(converter).__name__ for name, converter in rule._converters.items()}
        counted = [name for name, kind in kinds.items() if kind in ("IntegerConverter", "FloatConverter")]
        assert not counted, f"{rule.rule}: {counted} can be counted up: address it by its ref."
        named = [name for name in rule.arguments if name == "id" or name.endswith("_id") or name == "number"]
        assert not named, f"{rule.rule}: {named} sounds like an internal number: address it by its ref."


def test_whatever_is_posted_may_write_and_says_so(house):
    for route in routes(house):
        if route.method in WRITING and route.rule.endpoint not in READS_ALONE:
            assert route.writes, f"{route.where}: mark it with @writes, or give the reason in READS_ALONE."


def test_a_view_that_writes_can_be_posted_to(house):
    posted = {route.rule.endpoint for route in routes(house) if route.method in WRITING}
    for route in routes(house):
        assert not route.writes or route.rule.endpoint in posted, f"{route.where} is marked @writes in vain."


def test_only_get_and_post_are_spoken_because_forms_know_no_more(house):
    assert {route.method for route in routes(house)} == {"GET", "POST"}


def test_asking_for_a_page_opens_a_reading_transaction_whatever_the_view_is_marked(app, cast):
    seen: dict[str, str] = {}
    building = furnish(app, cast)
    around = app.before_request_funcs[None]
    around.insert(around.index(transactions.open_transaction) + 1, lambda: seen.update({"mode": mode.get()}))
    client = FlaskClient(app)
    for route in routes(app):
        if route.method == "GET":
            client.get(building.address(app, route.rule))
            assert seen == {"mode": "read"}, f"{route.where} opens a writing transaction."


def test_a_view_that_writes_is_stopped_by_the_database_when_it_is_only_asked(app, cast):
    @public
    @writes
    def page() -> str:
        once.spend("a nonce", content_hash="", now=clock.now())
        return "written"

    app.add_url_rule("/scratch", "scratch", page, methods=["GET", "POST"])
    client = FlaskClient(app)
    assert client.get("/scratch").status_code == 503
    with app.app_context(), reading():
        assert db.session.scalar(db.select(db.func.count()).select_from(once.SpentToken)) == 0
    assert client.post("/scratch").status_code == 200
    with app.app_context(), reading():
        assert db.session.scalar(db.select(db.func.count()).select_from(once.SpentToken)) == 1


def test_a_refused_form_leaves_nothing_behind(app, cast):
    @public
    @writes
    def page() -> tuple[str, int]:
        once.spend("a nonce", content_hash="", now=clock.now())
        return "refused", 422

    app.add_url_rule("/scratch", "scratch", page, methods=["POST"])
    assert FlaskClient(app).post("/scratch").status_code == 422
    with app.app_context(), reading():
        assert db.session.scalar(db.select(db.func.count()).select_from(once.SpentToken)) == 0


def test_the_demo_s_door_is_not_in_a_real_house(house):
    assert not [rule.rule for rule in rules(house) if "demo" in rule.rule]
