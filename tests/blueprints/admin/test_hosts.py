"""Hosts are entered and changed; phone and mail stay masked until somebody looks, and each look is logged (P4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from domain.database import db, reading, writing
from domain.events import Event
from domain.occupants.models import Host, Unit
from domain.people.models import Grant, Person
from domain.permissions import Role
from domain.sites.models import Site
from tests import factories as make
from tests.blueprints.admin.conftest import BAD
from tests.cast import Cast, at_desk
from tests.client import FoyerClient, _filled

MAIN = "main form[method=post]"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise itself imports


def host_of(app: Flask, cast: Cast, **where: Any) -> Host:
    with app.app_context(), reading():
        statement = select(Host).filter_by(**where) if where else select(Host).where(Host.id == cast.host_id)
        host = db.session.scalars(statement).one()
        db.session.expunge(host)
        return host


def looks(app: Flask) -> int:
    with app.app_context(), reading():
        return db.session.scalar(select(func.count()).where(Event.kind == "host.unmasked")) or 0


def test_who_is_entered_is_said(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    host = admin.submit(f"/admin/units/{cast.unit_ref}/hosts/new", {"name": "周九"}, form=MAIN)
    said = admin.get(host.location).words
    assert "周九 is entered." in said
    assert "There is neither phone nor mail nor chat channel: the desk can only go and tell." in said
    typed = {"name": "吴十", "login": "wushi", "grants": f"receptionist:{_site_ref(app, cast)}"}
    person = admin.submit("/admin/people/new", typed, form=MAIN)
    assert "吴十 is entered. Now make the link to set a password." in admin.get(person.location).words


def _site_ref(app: Flask, cast: Cast) -> str:
    with app.app_context(), reading():
        return str(db.session.get_one(Site, cast.site_id).ref)


def test_a_host_is_entered_with_a_phone_however_it_is_typed(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    typed = {
        "name": " 赵 六 ",
        "phone": "138-1234-5678",
        "email": "Zhao@Example.COM",
        "contact": "1",
        "channels": "wecombot://0123456789abcdef0123",
    }
    answer = admin.submit(f"/admin/units/{cast.unit_ref}/hosts/new", typed, form=MAIN)
    assert answer.status_code == 303
    assert "can only go and tell" not in admin.get(answer.location).words
    host = host_of(app, cast, name="赵六")
    assert (host.phone, host.email, host.contact) == ("+8613812345678", "Zhao@example.com", True)
    assert host.channels == "wecombot://0123456789abcdef0123"


def test_lists_and_forms_show_masks_alone(cast: Cast, admin: FoyerClient) -> None:
    for url in ("/admin/hosts", "/admin/units?q=zs", f"/admin/units/{cast.unit_ref}", f"/admin/hosts/{cast.host_ref}"):
        text = admin.get(url).text
        assert "139****9000" in text, url
        assert "13900139000" not in text, url
        assert "zhangsan@" not in text, url


def test_a_look_shows_everything_once_and_is_logged(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    url = f"/admin/hosts/{cast.host_ref}"
    unsaid = admin.submit(url, {"reason": " "}, form=f"form[action='{url}/looks']")
    assert unsaid.status_code == 422
    assert "Say why: it is written into the history." in unsaid.words
    assert "13900139000" not in unsaid.text
    shown = admin.submit(url, {"reason": "快递到了"}, form=f"form[action='{url}/looks']")
    assert shown.status_code == 200
    assert shown.page.select_one("#phone")["value"] == "+8613900139000"
    assert shown.page.select_one("#email")["value"] == "zhangsan@example.com"
    assert looks(app) == 1
    assert admin.get(f"{url}/looks").location == url, "a look is never an address to be opened again"
    form = shown.page.select_one(MAIN)
    assert form["action"] == url
    assert admin.post(url, data=_filled(form) | {"phone": "+44 20 7946 0958"}).status_code == 303
    assert host_of(app, cast).phone == "+442079460958"


def test_what_stays_masked_is_kept_and_what_is_emptied_is_gone(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    url = f"/admin/hosts/{cast.host_ref}"
    assert admin.submit(url, {"name": "张三丰"}, form=MAIN).status_code == 303
    host = host_of(app, cast)
    assert (host.name, host.phone, host.email) == ("张三丰", "+8613900139000", "zhangsan@example.com")
    assert admin.submit(url, {"phone": "", "email": ""}, form=MAIN).status_code == 303
    host = host_of(app, cast)
    assert (host.phone, host.email) == ("", "")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "😀"}, "name"),
        ({"name": "=1+1"}, "name"),
        ({"phone": "1381234567"}, "phone"),
        ({"phone": "138****9999"}, "phone"),
        ({"phone": "x" * 10_000}, "phone"),
        ({"email": "zhangsan"}, "email"),
        ({"email": "x" * 10_000}, "email"),
        ({"language": "fr"}, "language"),
        ({"back_on": "2020-01-01"}, "back_on"),
        ({"back_on": "tomorrow"}, "back_on"),
        ({"deputy": "nobody"}, "deputy"),
        ({"channels": "gibberish"}, "channels"),
        *(({"name": bad}, "name") for bad in BAD.values()),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    app: Flask, cast: Cast, admin: FoyerClient, typed: dict[str, str], field: str
) -> None:
    answer = admin.submit(f"/admin/hosts/{cast.host_ref}", {"contact": "1"} | typed, form=MAIN)
    assert answer.status_code == 422
    assert answer.page.select_one(f"#{field}-e")
    assert answer.page.select_one("[name=contact]").has_attr("checked")
    assert host_of(app, cast).name == "张三"


def test_everything_that_cannot_be_is_said_at_once(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    wrong = {"name": "=1", "phone": "138", "email": "zhangsan", "back_on": "2020-01-01", "channels": "gibberish"}
    for url in (f"/admin/hosts/{cast.host_ref}", f"/admin/units/{cast.unit_ref}/hosts/new"):
        page = admin.submit(url, wrong, form=MAIN).page
        assert [field for field in wrong if not page.select_one(f"#{field}-e")] == []
        assert len(page.select("[role=alert] li")) == len(wrong)


def test_a_name_with_an_apostrophe_is_kept(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    assert admin.submit(f"/admin/hosts/{cast.host_ref}", {"name": "Ann O'Brien"}, form=MAIN).status_code == 303
    assert host_of(app, cast).name == "Ann O'Brien"


@pytest.mark.usefixtures("clock")
def test_away_ends_with_the_beginning_of_the_day_in_the_sites_zone(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    url = f"/admin/hosts/{cast.host_ref}"
    assert admin.submit(url, {"back_on": "2026-03-09"}, form=MAIN).status_code == 303
    assert host_of(app, cast).away_until == datetime(2026, 3, 8, 16, tzinfo=UTC)
    assert admin.get(url).page.select_one("#back_on")["value"] == "2026-03-09"
    assert "Away until" in admin.get("/admin/hosts").words


def test_an_absence_that_is_over_is_not_shown(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), writing():
        db.session.get_one(Host, cast.host_id).away_until = datetime.now(UTC) - timedelta(days=1)
    assert admin.get(f"/admin/hosts/{cast.host_ref}").page.select_one("#back_on")["value"] == ""


def test_a_deputy_of_another_unit_is_found_by_name_and_chosen(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), writing():
        unit = make.make_unit(db.session.get_one(Site, cast.site_id), "0905", "样本律所")
        make.make_host(unit, "李小例")
    url = f"/admin/hosts/{cast.host_ref}"
    found = admin.submit(url, {"deputy_search": "lxl", "name": "张三丰"}, form=MAIN)
    assert found.status_code == 200
    assert "李小例, 0905 样本律所" in found.words
    assert found.page.select_one("#name")["value"] == "张三丰", "what was typed stays"
    assert host_of(app, cast).name == "张三", "a search saves nothing"
    assert admin.post(url, data=_filled(found.page.select_one(MAIN))).status_code == 303
    assert host_of(app, cast).deputy_id == host_of(app, cast, name="李小例").id
    assert "李小例, 0905 样本律所" in admin.get(url).words


def test_a_deputy_whom_nobody_knows_is_told_so(cast: Cast, admin: FoyerClient) -> None:
    answer = admin.submit(f"/admin/hosts/{cast.host_ref}", {"deputy_search": "没有这人"}, form=MAIN)
    assert answer.status_code == 422
    assert answer.page.select_one("#deputy_search-e")


def test_a_deputy_of_another_site_cannot_be_chosen(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), writing():
        unit = db.session.scalars(select(Unit).where(Unit.site_id == cast.other_site_id)).one()
        stranger = make.make_host(unit, "外人").ref
    answer = admin.submit(f"/admin/hosts/{cast.host_ref}", {"deputy": stranger}, form=MAIN)
    assert answer.status_code == 422
    assert admin.get(f"/admin/hosts/{stranger}").status_code == 404


def test_a_host_who_left_is_not_found_any_more(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    url = f"/admin/hosts/{cast.host_ref}"
    assert admin.submit(f"{url}/departure", form=MAIN).status_code == 303
    assert "张三" not in admin.get("/admin/hosts").words
    assert "张三" in admin.get(f"/admin/units/{cast.unit_ref}").words
    assert "张三" in admin.get("/admin/hosts?gone=1").words
    assert admin.submit(f"{url}/return", form=MAIN).status_code == 303
    assert "张三" in admin.get("/admin/hosts?q=zs").words


def test_a_look_needs_the_right_to_look(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        person = db.session.get_one(Person, cast.people["qian"])
        db.session.add(Grant(person_id=person.id, role=Role.LEAD, site_id=cast.other_site_id))
    lead_elsewhere, attendant = at_desk(app, cast, "qian"), at_desk(app, cast, "chen")
    for browser, status in ((lead_elsewhere, 404), (attendant, 403)):
        assert browser.post(f"/admin/hosts/{cast.host_ref}/looks", data={}).status_code == status
    assert looks(app) == 0


def test_a_look_without_a_form_of_ours_shows_nothing(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    answer = admin.post(f"/admin/hosts/{cast.host_ref}/looks", data={"form_token": "forged"})
    assert answer.status_code == 422
    assert "13900139000" not in answer.text
    assert looks(app) == 0


def test_deputies_of_one_name_are_told_apart(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), writing():
        make.make_host(db.session.get_one(Unit, cast.unit_id), "冯小样", phone="+8613900131111")
    offered = [one.get_text() for one in admin.get(f"/admin/hosts/{cast.host_ref}").page.select("#deputy option")]
    assert offered == ["Nobody", "冯小样 · 139****9000", "冯小样 · 139****1111"]
