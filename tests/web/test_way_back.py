"""Where somebody comes back to after signing in: a page of this house, or the first one."""

import pytest
from flask import Flask

from web.way_back import came_from, local_path, stands_at


@pytest.mark.parametrize("address", ["/account", "/account?a=1&b=/x", "/desk"])
def test_pages_of_the_staff_are_taken(app: Flask, address: str) -> None:
    with app.test_request_context("/"):
        assert local_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "account",
        "//evil.example/account",
        "///evil.example",
        "/\\evil.example",
        "/account\\..\\",
        "https://evil.example/account",
        "javascript:alert(1)",
        "/account\n",
        "/acc\x00ount",
        "/sign-in",
        "/unlock",
        "/lock",
        "/sign-out",
        "/second-factor",
        "/password",
        "/site",
        "/kiosk",
        "/static/staff.css",
        "/nowhere",
        "/account/",
        "/account?" + "x" * 3000,
    ],
)
def test_everything_else_is_not(app: Flask, address: str | None) -> None:
    with app.test_request_context("/"):
        assert local_path(address) is None


def test_a_form_comes_back_to_the_page_that_held_it(app: Flask) -> None:
    with app.test_request_context("/x", method="POST", headers={"Referer": "http://localhost/account?tab=2"}):
        assert came_from() == "/account?tab=2"
    with app.test_request_context("/x", method="POST", headers={"Referer": "http://evil.example/account"}):
        assert came_from() is None
    with app.test_request_context("/x", method="POST"):
        assert came_from() is None


def test_a_region_comes_back_to_its_page(app: Flask) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/account"}
    with app.test_request_context("/desk", headers=headers):
        assert came_from() == "/account"


@pytest.mark.parametrize(
    ("path", "came_from", "address"),
    [
        ("/desk/sign-in", "/desk", "/desk/sign-in"),
        ("/visits/abcdefghijkm/departures", "/visits/abcdefghijkm", "/visits/abcdefghijkm"),
        ("/visits/abcdefghijkm/departures", "/visits/abcdefghijkm/departures", None),
        ("/visits/abcdefghijkm/departures", "//elsewhere.example/desk", None),
    ],
)
def test_a_page_that_answers_a_form_stands_under_an_address_that_can_be_asked_for(
    app: Flask, path: str, came_from: str, address: str | None
) -> None:
    with app.test_request_context(path, method="POST", headers={"Referer": f"http://localhost{came_from}"}):
        assert stands_at() == address
    with app.test_request_context("/desk/sign-in"):
        assert stands_at() is None
