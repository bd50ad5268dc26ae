"""Another browser, for tests that need two."""

from flask import Flask

from tests.client import FoyerClient


def fresh(app: Flask) -> FoyerClient:
    """A browser nobody has used, of somebody who reads English."""
    browser = app.test_client()
    assert isinstance(browser, FoyerClient)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def cookie_of(browser: FoyerClient) -> str:
    """What the browser carries for the staff's pages."""
    cookie = browser.get_cookie("foyer_staff")
    assert cookie is not None
    return cookie.value
