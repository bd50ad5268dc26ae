"""One box finds visits, hosts and units; Enter opens the best, and a scanned badge goes straight on."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select, update

from domain import clock as time
from domain.database import db, reading, writing
from domain.events import Event
from domain.identity import SYSTEM
from domain.keys.cabinet import change_key
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.departures import sign_out
from domain.visits.models import Visit
from tests import factories as make
from tests.cabinet import actor_of, fill, key
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def come(app: Flask, cast: Cast, *, leaves: bool = False, **values: Any) -> str:
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        purpose, host = db.session.get_one(Purpose, cast.purpose_id), db.session.get_one(Host, cast.host_id)
        visit = make.make_visit(site, purpose, unit, host, **values)
        if leaves:
            sign_out(visit, how="desk", actor=SYSTEM, now=time.now())
        return visit.ref


def names(answer: Any) -> list[str]:
    return [each.get_text(" ", strip=True).replace(" ", "") for each in answer.page.select("#found h3")]


@pytest.mark.parametrize("typed", ["小明", "wxm", "wangxiaoming", "8000", "A-001", "苏E12", "0001", "1"])
def test_a_visit_is_found_by_name_pinyin_phone_badge_plate_and_number(
    app: Flask, cast: Cast, desk: FoyerClient, typed: str
) -> None:
    come(app, cast, name="王小明", plate="苏E12345")
    answer = desk.get("/desk/search", query_string={"q": typed})
    assert names(answer)[0] == "王小明A-001"
    assert "13800138000" not in answer.text
    assert "138****8000" in answer.words


def numbered(app: Flask, ref: str, **values: Any) -> None:
    """Give a visit another number, badge or day."""
    with app.app_context(), writing():
        db.session.execute(update(Visit).where(Visit.ref == ref).values(**values))


@pytest.mark.parametrize("typed", ["A-036", "a036", "A 036", "Ａ－036", "036", "36"])
@pytest.mark.parametrize("state", [None, "left", "refused", "probably_left"])
def test_a_badge_of_today_is_found_whatever_became_of_its_visit(
    app: Flask, cast: Cast, desk: FoyerClient, typed: str, state: str | None
) -> None:
    wearer = come(app, cast, name="王小明", phone="+8613800138001", leaves=bool(state))
    numbered(app, wearer, badge_number=36, **({"state": state} if state else {}))
    stranger = come(app, cast, name="赵六", leaves=True)
    numbered(app, stranger, number=36, badge_day=time.now().date() - timedelta(days=90), badge_number=36)
    found = names(desk.get("/desk/search", query_string={"q": typed}))
    assert found[0] == "王小明A-036"
    assert ("赵六A-036" in found) == typed.isdecimal(), "the visit no. 36, and not a badge of another day"


def test_who_is_there_comes_before_the_number_of_a_visit(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    old = come(app, cast, name="赵六", phone="+8613800138001", leaves=True)
    numbered(app, old, number=2222)
    come(app, cast, name="孙七", phone="+8613800042222", leaves=True)
    come(app, cast, name="王小明", phone="+8613900142222")
    badge = come(app, cast, name="李四", phone="+8613800138002")
    numbered(app, badge, badge_number=2222)
    found = [name.partition("A-")[0] for name in names(desk.get("/desk/search?q=2222"))]
    assert found == ["李四", "王小明", "赵六", "孙七"]


def test_hosts_and_units_are_found_with_masked_phones_and_lead_to_the_sign_in(cast: Cast, desk: FoyerClient) -> None:
    hosts = desk.get("/desk/search?q=zhang")
    assert hosts.page.select_one(f"a[href='/desk/sign-in?whom=host:{cast.host_ref}']")
    assert "139****9000" in hosts.words
    assert "13900139000" not in hosts.text
    assert desk.get("/desk/search?q=1806").page.select_one(f"a[href='/desk/sign-in?whom=unit:{cast.unit_ref}']")


def test_who_is_in_the_building_comes_before_who_left(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    here = come(app, cast, name="王小明", phone="+8613800138001")
    for number in range(10):
        come(app, cast, name="王小明", phone=f"+861380013900{number}", leaves=True)
    answer = desk.get("/desk/search?q=wxm")
    first = answer.page.select_one("#found li.first a")
    assert first["href"] == f"/visits/{here}"
    assert answer.page.select_one(f"form[action='/visits/{here}/departures']"), "each line carries its deed"


def test_people_come_before_things(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    come(app, cast, name="张三丰")
    with app.app_context(), writing():
        change_key(key(fill(cast).roof), opens="张三柜", actor=actor_of(cast, "zhou"), now=time.now())
    groups = [each.get_text(strip=True) for each in desk.get("/desk/search?q=张三").page.select("#found h2")]
    assert [group.rstrip(" 0123456789") for group in groups] == ["Visits", "Hosts", "Keys in the cabinet"]


def test_what_stands_in_a_line_is_written_as_it_was_typed(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        unit = db.session.get_one(Unit, cast.unit_id)
        unit.number = "R&D <1>"
        change_key(key(fill(cast).roof), opens="R&D <2>", unit_id=unit.id, actor=actor_of(cast, "zhou"), now=time.now())
    answer = desk.get("/desk/search", query_string={"q": "2-1"})
    assert names(answer)[-1].endswith("R&D<2>")
    assert "R&D <1>" in answer.words


def test_enter_once_more_opens_the_best(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, name="王小明")
    page = desk.get("/desk/search?q=wxm").page
    assert page.select_one("input[name=seen][form=omni]")["value"] == "wxm"
    assert desk.get("/desk/search?q=wxm&seen=wxm").location == f"/visits/{ref}"
    assert desk.get("/desk/search?q=wx&seen=wxm").status_code == 200


@pytest.mark.parametrize(
    "scanned", ["FOYER:B:{ref}", "foyer:b:{lower}", "https://foyer.example/b/{lower}", "/b/{lower}"]
)
def test_a_scanned_badge_goes_straight_to_its_visit(app: Flask, cast: Cast, desk: FoyerClient, scanned: str) -> None:
    ref = come(app, cast)
    code = scanned.format(ref=ref.upper(), lower=ref)
    assert desk.get("/desk/search", query_string={"q": code}).location == f"/visits/{ref}"


def test_a_badge_with_its_check_code_goes_straight_on_too(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    with app.app_context(), reading():
        check = db.session.scalars(select(Visit.badge_check)).one()
    assert desk.get(f"/desk/search?q=A-001 {check}").location == f"/visits/{ref}"


def test_a_badge_of_another_site_is_not_known(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    stranger = at_desk(app, cast, "qian")
    answer = stranger.get(f"/desk/search?q=FOYER:B:{ref.upper()}")
    assert answer.status_code == 200
    assert "not known at this site" in answer.words
    assert names(stranger.get("/desk/search?q=王五")) == []


def test_while_typing_the_region_alone_comes(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    come(app, cast, name="王小明")
    answer = desk.htmx("/desk/search?q=wxm&seen=wxm", target="found")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "王小明" in answer.words


@pytest.mark.parametrize(
    "typed", ["", " ", "x", "zzqq", "'", "%", "=1+1", "\u202e", "\x00", "<script>", "9" * 300, "x" * 10_000]
)
def test_whatever_is_typed_gets_an_answer_in_words(app: Flask, cast: Cast, desk: FoyerClient, typed: str) -> None:
    come(app, cast)
    answer = desk.get("/desk/search", query_string={"q": typed})
    assert answer.status_code == 200
    assert answer.page.select_one("[role=status]").get_text(strip=True)


@pytest.mark.parametrize("typed", ["王", "wang", "8000", "1806", "1", "A-001", "zh"])
@pytest.mark.parametrize("count", [1, 40])
def test_a_search_takes_at_most_eight_statements(
    app: Flask, cast: Cast, desk: FoyerClient, typed: str, count: int
) -> None:
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        purpose, host = db.session.get_one(Purpose, cast.purpose_id), db.session.get_one(Host, cast.host_id)
        for number in range(count):
            make.make_visit(site, purpose, unit, host, name="王张", phone=f"+86138{number:04d}8000")
    sent: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda c, cur, sql, *rest: sent.append(sql))
    desk.get("/desk/search", query_string={"q": typed})
    assert len(sent) <= 8, "\n".join(sent)


def test_a_supervisor_finds_visits_but_no_directory(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    come(app, cast, name="张小明")
    answer = at_desk(app, cast, "wu").get("/desk/search?q=zhang")
    assert names(answer) == ["张小明A-001"]
    assert "/desk/sign-in" not in answer.text


def test_a_long_text_gets_an_answer_too(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(80))
    come(app, cast, name=text)
    assert names(desk.get("/desk/search", query_string={"q": text})) == [f"{text}A-001"]


def test_a_host_who_is_found_can_be_called_and_the_look_stands_in_the_history(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    shown = desk.submit("/desk/search?q=zhang", form=f"form[action='/desk/hosts/{cast.host_ref}/calls']")
    assert shown.page.select_one("a[href='tel:+8613900139000']").get_text(strip=True) == "139 0013 9000"
    with app.app_context(), reading():
        looked_at = select(Event.subject_id).where(Event.kind == "host.unmasked")
        assert db.session.scalars(looked_at).all() == [cast.host_id]


def test_the_desk_is_told_that_a_check_code_does_not_fit(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast, name="王小明")
    numbered(app, ref, badge_check="482")
    for typed in ("A-001 481", "001481"):
        answer = desk.get("/desk/search", query_string={"q": typed, "seen": typed})
        assert answer.status_code == 200, "Enter opens nobody whose code does not fit"
        assert "The check code does not fit badge A-001." in answer.words
        assert names(answer) == ["王小明A-001"]
        assert answer.page.select_one("[name=seen]") is None
    nobody = desk.get("/desk/search", query_string={"q": "A-002 481"})
    assert "Nothing was found." in nobody.words
    assert desk.get("/desk/search", query_string={"q": "A-001 482"}).location == f"/visits/{ref}"
