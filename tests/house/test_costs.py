"""Every room of the rail opens with at most eight statements, whoever enters it."""

from functools import partial

import pytest
from flask import Flask

from tests.blueprints.admin.test_every_page import MOST_STATEMENTS, statements
from tests.cast import Cast, at_desk


@pytest.mark.parametrize("login", ["lisi", "chen", "zhou", "wu", "he"])
def test_a_room_of_the_rail_takes_at_most_eight_statements(app: Flask, cast: Cast, login: str) -> None:
    browser = at_desk(app, cast, login)
    rooms = {str(link["href"]) for link in browser.get("/account").page.select("nav.rail a")}
    for address in sorted(rooms):
        seen = statements(app, partial(browser.get, address))
        assert seen <= MOST_STATEMENTS, f"{address}: {seen} statements"
