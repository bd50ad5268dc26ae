"""Whoever types /admin by heart comes to the first page of administration that is theirs."""

import pytest
from flask import Flask

from tests.cast import Cast, at_desk


@pytest.mark.parametrize(
    ("login", "page"),
    [("xu", "/admin/sites"), ("zhou", "/admin/units"), ("he", "/admin/privacy"), ("lisi", "/privacy/people")],
)
@pytest.mark.parametrize("typed", ["/admin", "/admin/"])
def test_admin_leads_to_the_first_page_that_is_theirs(
    app: Flask, cast: Cast, clock: object, login: str, page: str, typed: str
) -> None:
    there = at_desk(app, cast, login)
    answer = there.get(typed)
    assert (answer.status_code, answer.location) == (303, page)
    assert there.get(answer.location).status_code == 200


def test_who_may_open_none_of_them_finds_nothing_there(app: Flask, cast: Cast, clock: object) -> None:
    assert at_desk(app, cast, "chen").get("/admin").status_code == 404


def test_a_stranger_is_asked_to_sign_in_and_comes_back(app: Flask, cast: Cast, clock: object) -> None:
    assert app.test_client().get("/admin").location == "/sign-in?next=/admin"
