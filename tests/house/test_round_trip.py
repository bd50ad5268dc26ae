"""Who opens a form over a record and saves it as it was drawn changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from domain.database import Base, db, reading, writing
from domain.occupants.models import Unit
from domain.sites.fields import asked_fields
from domain.sites.models import Site
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.house.routes import Building, furnish, routes
from tests.scenes import Scenes

EDITS = "main form[method=post]:has(input[name=version]:not([value='']))"
OF_THE_REQUEST = {"counters", "events", "event_details", "spent_tokens", "staff_sessions", "limit_counts"}
"""What any form leaves behind: that it was sent, by whom and when."""
LINES = {
    "zh_Hans": "走到 2 号电梯厅\n上 18 层\n出电梯右转",
    "en": "Go to lift hall 2\nTake the lift to floor 18\nTurn right",
}


@pytest.fixture
def building(app: Flask, cast: Cast, scenes: Scenes) -> Building:
    return scenes.stand(app, "building", lambda: furnish(app, cast))


def rows(app: Flask) -> dict[str, list[dict[str, Any]]]:
    """All that the database holds, history and what belongs to a request left out."""
    with app.app_context(), reading():
        return {
            table.name: [dict(row) for row in db.session.execute(db.select(table)).mappings()]
            for table in Base.metadata.sorted_tables
            if table.name not in OF_THE_REQUEST
        }


def edits(app: Flask, building: Building, browsers: list[FoyerClient]) -> Iterator[tuple[FoyerClient, str]]:
    """The address of every form over a record, with a browser that may open it."""
    addresses = {
        building.address(app, route.rule)
        for route in routes(app, "staff")
        if route.method == "POST" and "GET" in (route.rule.methods or ())
    }
    for address in sorted(addresses):
        for browser in browsers:
            answer = browser.get(address)
            if answer.status_code == 200 and answer.page.select_one(EDITS):
                yield browser, address
                break


def furnish_texts(cast: Cast) -> None:
    """Give what the cast leaves empty: texts of several lines, and each field's answer written out."""
    site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
    unit.directions, site.directions = dict(LINES), dict(LINES)
    site.notice = {language: text.split("\n") for language, text in LINES.items()}
    site.fields = {name: str(asked) for name, asked in asked_fields(site, None).items()}


@pytest.mark.usefixtures("clock")
def test_a_form_saved_as_it_was_drawn_changes_nothing(app: Flask, cast: Cast, building: Building) -> None:
    with app.app_context(), writing():
        furnish_texts(cast)
    before, saved = rows(app), []
    for browser, address in edits(app, building, [at_desk(app, cast, "xu"), at_desk(app, cast, "zhou")]):
        answer = browser.submit(address, form=EDITS)
        after = rows(app)
        changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
        assert (answer.status_code, changed) == (303, {}), address
        saved.append(address)
    assert len(saved) >= 15, saved
