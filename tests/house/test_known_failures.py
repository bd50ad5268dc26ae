"""What other reception systems got wrong in the field, each a test with its name (quality.md)."""

from __future__ import annotations

import logging
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.database import db, reading, writing
from domain.occupants.models import Host, Unit
from domain.people.models import Person
from domain.sites.models import Kiosk, Purpose, Site
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast, at_desk, at_kiosk
from tests.client import FoyerClient
from tests.document import read
from tests.house.routes import furnish, routes

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SCRIPT = "<script>alert(1)</script>"
NASTY = f"""{SCRIPT}"'&amp;"""
OPEN_DOORS = [("admin", "admin"), ("admin", "password"), ("admin", ""), ("root", "root"), ("demo", "demo"), ("", "")]
PAIRS = [*OPEN_DOORS, ("admin", "foyer"), ("foyer", "foyer"), ("administrator", "123456"), ("reception", "reception")]


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> FoyerClient:
    return at_kiosk(app, cast)


def walk(client: FoyerClient, cast: Cast, **entered: str) -> None:
    """Sign a visitor in at the kiosk."""
    client.get("/kiosk?language=en")
    client.submit("/kiosk/whom?q=zhang", form="form[action='/kiosk/whom'][method=post]")
    client.submit("/kiosk/why", {"purpose": cast.purpose_ref}, form="form[action='/kiosk/why']")
    typed = {"name": "王五", "phone": "13800138000"} | entered
    client.submit("/kiosk/details", typed, form="form[action='/kiosk/details']")
    done = client.submit("/kiosk/consent", {"visit": "1"}, form="form[action='/kiosk/consent']")
    assert done.location == "/kiosk/badge"


def kiosk_pages(app: Flask) -> list[str]:
    """Addresses of the kiosk that anybody in front of it can open."""
    return [route.rule.rule for route in routes(app, "kiosk") if route.method == "GET" and not route.rule.arguments]


# --- reports, search, deletion reachable from the kiosk ---


@on_sqlite
@pytest.mark.parametrize("own", [False, True], ids=["kiosk", "own phone"])
def test_no_page_of_the_kiosk_leads_to_the_staff_s_rooms(app, cast, kiosk, own):
    pages = ["/kiosk/nothing-here", *kiosk_pages(app)]
    walk(kiosk, cast)
    seen = set()
    for path in pages:
        page = FlaskClient.open(kiosk, path)
        for element in read(page.text).select("[href], [action], [hx-get], [hx-post]"):
            seen |= {str(element.get(name)) for name in ("href", "action", "hx-get", "hx-post") if element.get(name)}
    away = {path for path in seen if not re.match(r"(/kiosk($|[/?])|/b/|/static/|#|data:,$)", path)}
    assert away == set(), "Whoever stands at the kiosk could leave it by these."


@on_sqlite
@pytest.mark.parametrize("path", ["/visits", "/visits?q=wang", "/desk", "/desk/search?q=13", "/admin/hosts", "/admin"])
def test_reports_search_and_directory_are_not_open_to_a_kiosk(app, cast, kiosk, path):
    furnish(app, cast)
    answer = kiosk.get(path, follow_redirects=True)
    for secret in ("王五", "赵六", "张三", "1806", "13800138000", "8000", "zhangsan@example.com"):
        assert secret not in answer.text


@on_sqlite
def test_the_kiosk_s_search_is_no_directory(app, cast, kiosk):
    with app.app_context(), writing():
        unit = db.session.get_one(Unit, cast.unit_id)
        for number in range(20):
            make.make_host(
                unit, f"陈小{'一二三四五六七八九十'[number % 10]}{number}", email="", phone=f"+86139001391{number:02}"
            )
    for nothing in ("", " ", "c", "陈", "%", "_", "*", "1", "%%", "__", "''"):
        page = kiosk.get("/kiosk/whom", query_string={"q": nothing}).page
        assert page.select("#found .pick") == [], f"{nothing!r} shows names."
    answer = kiosk.get("/kiosk/whom", query_string={"q": "chen"})
    assert len(answer.page.select("#found .pick")) == 5
    assert "139" not in answer.words
    for private in ("139001", "+861390013910", "@example", "example.com", "13900"):
        assert kiosk.get("/kiosk/whom", query_string={"q": private}).page.select("#found .pick") == [], private


@on_sqlite
def test_a_kiosk_can_neither_read_nor_end_a_visit_by_its_name_or_phone(app, cast, kiosk):
    building = furnish(app, cast)
    with app.app_context(), reading():
        check = db.session.scalars(db.select(Visit.badge_check).where(Visit.ref == building.visit_ref)).one()
    guessed = f"A-001 {(int(check) + 1) % 1000:03}"
    for tried in ("王五", "13800138000", "001", "A-001", "1", building.visit_ref, guessed, "' OR 1=1 --"):
        answer = kiosk.submit("/kiosk/leave", {"badge": tried}, form="form[action='/kiosk/leave']")
        assert answer.status_code in (422, 429), f"{tried!r} → {answer.status_code}"
        assert "王五" not in answer.text.replace('value="王五"', "")
    with app.app_context(), reading():
        assert db.session.scalar(db.select(Visit.state).where(Visit.ref == building.visit_ref)) == "inside"


@on_sqlite
def test_what_one_kiosk_session_signed_in_no_other_can_see(app, cast, kiosk):
    walk(kiosk, cast)
    assert "王五" in kiosk.get("/kiosk/badge").text
    other = at_kiosk(app, cast)
    for path in kiosk_pages(app):
        assert "王五" not in other.get(path, follow_redirects=True).text, path


@on_sqlite
def test_what_was_typed_and_left_is_gone_after_the_welcome_page(app, cast, kiosk):
    kiosk.get("/kiosk?language=en")
    kiosk.submit("/kiosk/whom?q=zhang", form="form[action='/kiosk/whom'][method=post]")
    kiosk.submit("/kiosk/why", {"purpose": cast.purpose_ref}, form="form[action='/kiosk/why']")
    kiosk.submit("/kiosk/details", {"name": "王五", "phone": "13800138000"}, form="form[action='/kiosk/details']")
    assert "王五" in kiosk.get("/kiosk/details").text
    kiosk.get("/kiosk")
    for path in kiosk_pages(app):
        answer = kiosk.get(path, follow_redirects=True)
        assert "王五" not in answer.text, path
        assert "13800138000" not in answer.text, path


# --- default credentials, sample data ---


@on_sqlite
@pytest.mark.parametrize(("login", "password"), PAIRS)
def test_no_account_is_there_before_somebody_made_one(app, client, login, password):
    answer = client.submit("/sign-in", {"login": login, "password": password}, form="form[action='/sign-in']")
    assert answer.status_code in (422, 429)
    with app.app_context(), reading():
        assert db.session.scalar(db.select(db.func.count()).select_from(Person)) == 0


# --- numbers that can be counted up ---


@on_sqlite
@pytest.mark.parametrize("who", ["zhou", "xu"])
def test_no_address_on_any_page_can_be_counted_up(app, cast, who):
    building = furnish(app, cast)
    client, counted = at_desk(app, cast, who), set()
    for route in routes(app, "staff"):
        if route.method != "GET":
            continue
        answer = FlaskClient.open(client, building.address(app, route.rule))
        page = answer.text if answer.mimetype == "text/html" else ""  # a photo or a workbook leads nowhere
        for element in read(page).select("[href], [action]"):
            path = str(element.get("href") or element.get("action")).partition("?")[0]
            if any(part.isdecimal() and len(part) < 9 for part in path.split("/")):
                counted.add(path)
    assert counted == set()


def test_refs_are_long_enough_not_to_be_guessed(app, cast):
    furnish(app, cast)
    with app.app_context(), reading():
        for model in (Visit, Site, Host, Unit, Kiosk, Purpose, Person):
            for ref in db.session.scalars(db.select(model.ref)):
                assert len(ref) >= 12, f"{model.__name__}: {ref}"
                assert not ref.isdecimal()


# --- names stored unescaped ---


@on_sqlite
def test_what_a_visitor_types_is_text_on_every_page_of_the_staff(app, cast, kiosk):
    building = furnish(app, cast)
    with app.app_context(), writing():
        for model, names in (
            (Visit, ("name", "organisation", "plate", "goods", "linger_note")),
            (Host, ("name",)),
            (Unit, ("company", "number")),
            (Kiosk, ("name",)),
            (Site, ("name", "name_en")),
            (Person, ("name",)),
        ):
            for number, row in enumerate(db.session.scalars(db.select(model)).all()):
                for name in names:
                    setattr(row, name, f"{number}{NASTY}")
    for who in ("zhou", "xu", "wu"):
        client = at_desk(app, cast, who)
        for route in routes(app):
            if route.method == "GET":
                answer = FlaskClient.open(client, building.address(app, route.rule))
                assert SCRIPT.encode() not in answer.data, f"{route.where} prints a name as it is."
                assert answer.status_code < 500
    for path in ("/kiosk", "/kiosk/whom?q=alert", "/kiosk/why", "/kiosk/details"):
        assert SCRIPT not in FlaskClient.open(kiosk, path).text


@on_sqlite
def test_a_quote_character_is_only_a_character(app, cast, kiosk):
    for text in ("O'Brien", 'Anna "Ann" Lee', "a'; DROP TABLE visits; --", "`id`", "\\", "{{7*7}}", "%(name)s", "${7}"):
        kiosk.get("/kiosk?language=en")
        assert kiosk.get("/kiosk/whom", query_string={"q": text}).status_code == 200
        for who, paths in (("lisi", ("/desk/search", "/visits")), ("xu", ("/admin/people", "/admin/units"))):
            for path in paths:
                answer = FlaskClient.get(at_desk(app, cast, who), path, query_string={"q": text})
                assert answer.status_code in (200, 303), f"{path}?q={text} → {answer.status_code}"
    walk(kiosk, cast, name='O\'Brien "O" {{7*7}}')
    assert 'O\'Brien "O" {{7*7}}' in kiosk.get("/kiosk/badge").words


# --- tokens in logs ---


def test_nothing_that_opens_a_door_and_nothing_personal_stands_in_a_log(app, cast, kiosk, caplog):
    caplog.set_level(logging.DEBUG)
    building = furnish(app, cast)
    caplog.clear()
    walk(kiosk, cast, name="欧阳不见", phone="13912345678", organisation="隐名有限公司")
    stranger = app.test_client()
    stranger.submit("/sign-in", {"login": "lisi", "password": "a wrong secret"}, form="form[action='/sign-in']")
    stranger.get(f"/reset/{building.reset}")
    stranger.get(f"/a/{building.answer}")
    stranger.get("/kiosk/pair")
    at_desk(app, cast).get("/desk/search?q=13912345678")
    logged = "\n".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    secrets = (cast.kiosk_token, building.reset, building.answer, "a wrong secret", "欧阳不见", "12345678", "隐名")
    assert [secret for secret in secrets if secret in logged] == []


# --- escapes: error page, external link, print dialog, long input ---


@on_sqlite
def test_an_error_at_the_kiosk_leads_back_to_the_kiosk_alone(app, cast, kiosk):
    kiosk.get("/kiosk?language=en")
    for answer in (
        kiosk.get("/kiosk/nothing"),
        kiosk.post("/kiosk/whom", data={"kind": "host", "ref": "none"}),
        kiosk.post("/kiosk/call", data={}, headers={"Sec-Fetch-Site": "cross-site"}),
    ):
        if answer.status_code == 303:
            assert answer.location.startswith("/kiosk")
            continue
        links = [str(link["href"]) for link in answer.page.select("a[href]")]
        assert all(link.startswith(("/kiosk", "#")) for link in links), links


@on_sqlite
@pytest.mark.parametrize("path", ["/nothing", "/b/nothing-here", "/own/nothing-here"])
def test_a_kiosk_that_lost_its_way_is_not_shown_the_staff_s_door(app, cast, kiosk, path):
    answer = kiosk.get(path)
    assert answer.status_code == 404
    assert [str(link["href"]) for link in answer.page.select("a[href]") if "sign-in" in str(link["href"])] == []


@on_sqlite
def test_no_kiosk_page_opens_a_window_a_file_or_a_dialog(app, cast, kiosk):
    walk(kiosk, cast)
    for path in kiosk_pages(app):
        page = FlaskClient.open(kiosk, path)
        html = read(page.text)
        assert (
            html.select("[target=_blank], [download], input[type=file], iframe, object, embed, [data-print]") == []
        ), path
