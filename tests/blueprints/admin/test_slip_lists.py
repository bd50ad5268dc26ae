"""Departments and kinds of slips: the lead enters, changes and retires them; slips choose from them."""

import pytest
import time_machine
from flask import Flask

from domain.slips.models import Department, SlipKind
from tests.blueprints.admin.conftest import BAD, ODD
from tests.blueprints.slips.written import department, kind, listed
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

MAIN = "main form[method=post]"
PLACES = {"departments": Department, "slip-kinds": SlipKind}


@pytest.fixture
def lead(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    """Zhou, who leads."""
    return at_desk(app, cast, "zhou")


def test_a_department_is_added_changed_and_retired(app: Flask, cast: Cast, lead: FoyerClient) -> None:
    said = {"name": "工程部", "email": "works@Example.com"}
    assert lead.submit("/admin/departments/new", said, form=MAIN).location == "/admin/departments"
    (made,) = listed(app, Department)
    assert (made.name, made.email) == ("工程部", "works@example.com")
    page = lead.get("/admin/departments")
    assert page.page.select_one(f"main .row a[href='/admin/departments/{made.ref}']").get_text() == "工程部"
    lead.submit(f"/admin/departments/{made.ref}", {"name": "工程维修部"}, form=MAIN)
    assert listed(app, Department)[0].name == "工程维修部"
    asked = lead.get(f"/admin/departments/{made.ref}/retirement")
    assert "It cannot be chosen any more." in asked.words
    lead.submit(f"/admin/departments/{made.ref}/retirement", form=MAIN)
    assert "No department yet" in lead.get("/admin/departments").words
    assert lead.get(f"/admin/departments/{made.ref}").status_code == 404


def test_a_kind_is_added_with_its_promise_and_department(app: Flask, cast: Cast, lead: FoyerClient) -> None:
    works = department(app, cast)
    said = {"name": "空调", "nature": "repair", "promise_minutes": "240", "department": works}
    assert lead.submit("/admin/slip-kinds/new", said, form=MAIN).location == "/admin/slip-kinds"
    (made,) = listed(app, SlipKind)
    assert (made.name, made.nature, made.promise_minutes) == ("空调", "repair", 240)
    words = lead.get("/admin/slip-kinds").words
    assert "Repair, promised within 4 h, 工程部" in words
    lead.submit(f"/admin/slip-kinds/{made.ref}", {"promise_minutes": "", "department": ""}, form=MAIN)
    changed = listed(app, SlipKind)[0]
    assert (changed.promise_minutes, changed.department_id) == (None, None)
    lead.submit(f"/admin/slip-kinds/{made.ref}/retirement", form=MAIN)
    assert lead.get(f"/admin/slip-kinds/{made.ref}").status_code == 404


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", BAD.values(), ids=BAD.keys())
def test_what_is_no_name_is_refused_at_its_field(
    app: Flask, cast: Cast, lead: FoyerClient, place: str, name: str
) -> None:
    typed = {"name": name} | ({"nature": "repair"} if place == "slip-kinds" else {})
    answer = lead.submit(f"/admin/{place}/new", typed, form=MAIN)
    assert answer.status_code == 422
    assert answer.page.select_one("#name-e")
    assert listed(app, PLACES[place]) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ODD.values(), ids=ODD.keys())
def test_what_is_odd_is_shown_as_it_was_typed(app: Flask, cast: Cast, lead: FoyerClient, name: str) -> None:
    lead.submit("/admin/departments/new", {"name": name}, form=MAIN)
    shown = name.replace("\u202e", "")
    assert lead.get("/admin/departments").page.select_one("main .row h2").get_text() == shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"promise_minutes": "0"}, "promise_minutes"),
        ({"promise_minutes": "x"}, "promise_minutes"),
        ({"nature": "murder"}, "nature-0"),
        ({"department": "nowhere"}, "department"),
    ],
)
def test_a_kind_that_cannot_be_is_refused_at_its_field(
    app: Flask, cast: Cast, lead: FoyerClient, typed: dict[str, str], field: str
) -> None:
    answer = lead.submit("/admin/slip-kinds/new", {"name": "空调", "nature": "repair"} | typed, form=MAIN)
    assert answer.status_code == 422
    assert answer.page.select_one(f".errs a[href='#{field}']") is not None


@pytest.mark.parametrize("place", PLACES)
def test_a_name_that_is_there_already_is_said_at_its_field(
    app: Flask, cast: Cast, lead: FoyerClient, place: str
) -> None:
    known = "空调"
    department(app, cast, known) if place == "departments" else kind(app, cast, known)
    typed = {"name": known} | ({"nature": "repair"} if place == "slip-kinds" else {})
    answer = lead.submit(f"/admin/{place}/new", typed, form=MAIN)
    assert answer.status_code == 409
    assert "of this name already" in answer.page.select_one("#name-e").get_text()


def test_two_leads_at_once_are_told_what_stands_there_now(app: Flask, cast: Cast, lead: FoyerClient) -> None:
    path = f"/admin/departments/{department(app, cast)}"
    form = lead.get(path).page.select_one(MAIN)
    mine = {each["name"]: each.get("value", "") for each in form.select("input[name]")} | {"name": "工程一部"}
    at_desk(app, cast, "xu").submit(path, {"name": "工程二部"}, form=MAIN)
    answer = lead.post(path, data=mine)
    assert answer.status_code == 409
    assert "It is now: 工程二部" in answer.words
    assert listed(app, Department)[0].name == "工程二部"


@pytest.mark.parametrize("place", ["departments", "slip-kinds"])
def test_a_receptionist_sets_up_nothing_and_another_site_sees_nothing(
    app: Flask, cast: Cast, clock: time_machine.Traveller, place: str
) -> None:
    ref = department(app, cast) if place == "departments" else kind(app, cast)
    desk = at_desk(app, cast)
    assert desk.get(f"/admin/{place}").status_code == 403
    assert desk.get("/slips").page.select_one(f"main a[href='/admin/{place}']") is None
    assert at_desk(app, cast, "qian").get(f"/admin/{place}/{ref}").status_code == 403


def test_the_register_of_slips_leads_to_both_lists(app: Flask, cast: Cast, lead: FoyerClient) -> None:
    page = lead.get("/slips").page
    for path in ("/admin/slip-kinds", "/admin/departments", "/slips/new"):
        assert page.select_one(f"main a[href='{path}']") is not None
    assert lead.get("/admin/slip-kinds").page.select_one("nav a[aria-current=page][href='/slips']") is not None
