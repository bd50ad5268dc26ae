"""Every page of the room opens, for who may open it, and says what it is."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from domain.database import db, reading, writing
from domain.people.models import Person
from domain.sites.models import Kiosk, Site
from tests import factories as make
from tests.cast import Cast, at_desk

MOST_STATEMENTS = 8
"""Of quality.md, for any page."""


def addresses(app: Flask, cast: Cast) -> list[str]:
    with app.app_context(), reading():
        site = db.session.get_one(Site, cast.site_id).ref
        kiosk = db.session.get_one(Kiosk, cast.kiosk_id).ref
        person = db.session.get_one(Person, cast.people["lisi"]).ref
    purpose = f"/admin/sites/{site}/purposes/{cast.purpose_ref}"
    return [
        "/admin/sites",
        "/admin/sites/new",
        *(f"/admin/sites/{site}{part}" for part in ("", "/edit", "/hours", "/notice", "/fields", "/channels")),
        f"/admin/sites/{site}/purposes",
        f"/admin/sites/{site}/purposes/new",
        purpose,
        f"{purpose}/retirement",
        "/admin/kiosks",
        "/admin/kiosks/new",
        *(f"/admin/kiosks/{kiosk}{part}" for part in ("", "/pairing", "/cut-off")),
        "/admin/units",
        "/admin/units?q=1806",
        "/admin/units?q=zs",
        "/admin/units?gone=1",
        "/admin/units/new",
        *(f"/admin/units/{cast.unit_ref}{part}" for part in ("", "/edit", "/departure", "/hosts/new")),
        "/admin/hosts",
        "/admin/hosts?q=zhang",
        *(f"/admin/hosts/{cast.host_ref}{part}" for part in ("", "/departure", "/return")),
        "/admin/people",
        "/admin/people?q=li",
        "/admin/people/new",
        *(f"/admin/people/{person}{part}" for part in ("", "/edit", "/roles", "/sign-out", "/departure")),
    ]


@pytest.mark.usefixtures("clock")
def test_the_admin_opens_every_page(app: Flask, cast: Cast) -> None:
    browser = at_desk(app, cast, "xu")
    for address in addresses(app, cast):
        assert browser.get(address).status_code == 200, address


@pytest.mark.usefixtures("clock")
def test_a_lead_opens_the_occupants_alone(app: Flask, cast: Cast) -> None:
    browser = at_desk(app, cast, "zhou")
    for address in addresses(app, cast):
        wanted = 200 if address.startswith(("/admin/units", "/admin/hosts")) else 403
        assert browser.get(address).status_code == wanted, address


def test_a_list_costs_the_same_statements_at_any_length(app: Flask, cast: Cast) -> None:
    browser = at_desk(app, cast, "xu")
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        for number in range(30):
            make.make_host(make.make_unit(site, f"{number:04d}"), "王小明")
            make.make_kiosk(site, f"大堂 {number}")
    for address in addresses(app, cast):
        seen = statements(app, partial(browser.get, address))
        assert seen <= MOST_STATEMENTS, f"{address}: {seen} statements"


def statements(app: Flask, ask: Callable[[], Any]) -> int:
    """How many statements a request sends, begin and end of the transaction left out."""
    count = 0

    def note(*_: Any) -> None:
        nonlocal count
        count += 1

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return count
