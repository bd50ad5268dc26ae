"""A real browser before a real server: the house on a port of its own, one Chromium for each worker of the tests.

Everything runs on SQLite: what differs between the databases is asked by the tests without a browser.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from domain import clock
from domain.codes import new_token
from domain.database import db, writing
from domain.people.models import Person
from scripts.prerequisites import CHROMIUM
from tests.cast import Cast
from tests.conftest import fresh
from tests.databases import Databases
from web import devices, sessions

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Each window would draw two pages for an address bar that nobody sees, at half the price of a test. This replaces what
# Playwright turns off by itself, so that the part of it that matters here is named again.
UNUSED = "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"
STEADY = "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "PaintHolding", "DestroyProfileOnBrowserClose"
FLAGS += [f"--disable-features={','.join((*UNUSED, *STEADY, 'LensOverlay', 'MediaRouter', 'OptimizationHints'))}"]
SIZES = {
    "portrait": (1080, 1920),
    "landscape": (1280, 800),
    "tablet": (1180, 820),
    "phone": (390, 844),
    "desktop": (1440, 900),
    "zoomed": (590, 410),
}
PATIENCE = 30_000
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js"
AXE_URL = "/axe.min.js"
"""Where a served house keeps axe: a browser that has it in its cache is done with it in a third of the time."""
REPORTED = "Content Security Policy"


class Quiet(WSGIRequestHandler):
    """Serves and says nothing."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 -- the name it overrides
        """Nothing."""


@dataclass
class House:
    """The served house, and the browsers that were opened in it."""

    app: Flask
    cast: Cast
    server: BaseWSGIServer
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """What browsers complained of: refused by the content policy, or failed in a script."""

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.server.server_port}"

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Nothing gets through. A browser that is told to be offline may still send, and drop the answer alone."""
        served, self.server.app = self.server.app, _unreachable
        yield
        self.server.app = served

    def open(self, size: str, *, language: str = "en", scripts: bool = True, dark: bool = False) -> Page:
        """A browser nobody has used."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            locale=language,
            reduced_motion="reduce",
            has_touch=size != "desktop",
            base_url=self.url,
        )
        context.set_default_timeout(PATIENCE)
        context.on("console", lambda message: self._note(message.text) if REPORTED in message.text else None)
        context.on("weberror", lambda error: self._note(str(error.error)))
        self.contexts.append(context)
        return context.new_page()

    def _note(self, what: str) -> None:
        # A page that changes its size while it comes into view gives up its transition: no fault of its own.
        if "Transition was" not in what:
            self.broken.append(what)

    def kiosk(self, size: str = "portrait", **options: object) -> Page:
        """The browser of the paired kiosk."""
        page = self.open(size, **options)  # type: ignore[arg-type]
        page.context.add_cookies([{"name": devices.KIOSK_COOKIE, "value": self.cast.kiosk_token, "url": self.url}])
        return page

    def staff(self, login: str = "lisi", size: str = "tablet", *, language: str = "en", **options: object) -> Page:
        """A browser in which that person is signed in, second factor passed."""
        with self.app.app_context(), writing():
            person = db.session.get_one(Person, self.cast.people[login])
            person.language = {"zh-CN": "zh_Hans"}.get(language, language)
            token = sessions.begin(
                person, site_id=self.cast.site_id, shared_device=False, second_factor=True, now=clock.now()
            )
        page = self.open(size, language=language, **options)  # type: ignore[arg-type]
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        session = serializer.dumps({"_user_id": token, "_fresh": True, "sid": new_token()})
        page.context.add_cookies([{"name": "foyer_staff", "value": session, "url": self.url}])
        return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a worker; every test opens contexts of its own in it."""
    path = os.environ.get("FOYER_TEST_CHROMIUM") or str(CHROMIUM.require())
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


def _unreachable(_environ: object, _start_response: object) -> NoReturn:
    raise ConnectionResetError


def serve(app: Flask) -> tuple[BaseWSGIServer, threading.Thread]:
    """Serve the app, and axe, on a free port of this machine, a thread for each request."""
    whole = SharedDataMiddleware(app, {AXE_URL: str(AXE)})
    server = make_server("127.0.0.1", 0, whole, threaded=True, request_handler=Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return server, thread


@pytest.fixture
def database(sqlite_databases: Databases) -> Iterator[str]:
    """A database on SQLite."""
    yield from fresh(sqlite_databases)


@pytest.fixture
def house(app: Flask, cast: Cast, browser: Browser) -> Iterator[House]:
    """The house with the cast in it, served; a browser that complained of a page fails the test."""
    server, thread = serve(app)
    served = House(app, cast, server, browser)
    yield served
    for context in served.contexts:
        context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert served.broken == []


Walk = Callable[[Page], None]
