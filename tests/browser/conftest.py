"""A real browser before a real server: a Chromium and a port for each worker of the tests, and one house after another.

Everything runs on SQLite: what differs between the databases is asked by the tests without a browser.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
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

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

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
NOTHING = Path(__file__).parent / "nothing.html"
NOTHING_URL = "/nothing.html"
"""Where a window waits for the next test: on about:blank it would need another process, and one again for the house."""
REPORTED = "Content Security Policy"
KEPT = "local_storage,cache_storage,service_workers,indexeddb"
"""What a page may leave in a browser besides cookies."""


class Quiet(WSGIRequestHandler):
    """Serves and says nothing."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 -- the name it overrides
        """Nothing."""


@dataclass(frozen=True)
class Kind:
    """What a window is born with."""

    touched: bool
    language: str
    scripts: bool
    dark: bool


class Windows:
    """The windows of one browser, used again by the next test: a new one costs as much as three pages. What the house
    left in it is taken away, but for files that are kept by their content's name, and the way back.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.broken: list[str] = []
        """What pages of this test's complained of: refused by the content policy, or failed in a script."""
        self.free: dict[Kind, list[Page]] = {}
        self.lent: list[tuple[Kind | None, Page]] = []

    def lend(self, kind: Kind, size: tuple[int, int], *, fresh: bool) -> Page:
        """A window of that kind in which nobody is signed in; `fresh`: one that has seen nothing, and is not kept."""
        width, height = size
        known = None if fresh else self.free.get(kind)
        page = known.pop() if known else self._new(kind)
        self.lent.append((None if fresh else kind, page))
        page.set_viewport_size({"width": width, "height": height})
        return page

    def take_back(self) -> None:
        """All of them, as the test leaves them."""
        while self.lent:
            kind, page = self.lent.pop()
            if kind is None or page.is_closed() or page.context.pages != [page]:
                page.context.close()
                continue
            page.unroute_all(behavior="ignoreErrors")
            page.context.set_offline(False)
            page.emulate_media(media="null", color_scheme="dark" if kind.dark else "light")
            page.goto(NOTHING_URL)
            page.context.clear_cookies()
            asked = page.context.new_cdp_session(page)
            asked.send("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": KEPT})
            asked.detach()
            self.free.setdefault(kind, []).append(page)

    def _new(self, kind: Kind) -> Page:
        context = self.browser.new_context(
            java_script_enabled=kind.scripts,
            color_scheme="dark" if kind.dark else "light",
            locale=kind.language,
            reduced_motion="reduce",
            has_touch=kind.touched,
            base_url=self.url,
        )
        context.set_default_timeout(PATIENCE)
        context.on("console", lambda message: self._note(message.text) if REPORTED in message.text else None)
        context.on("weberror", lambda error: self._note(str(error.error)))
        return context.new_page()

    def _note(self, what: str) -> None:
        # A page that changes its size while it comes into view gives up its transition: no fault of its own.
        if "Transition was" not in what:
            self.broken.append(what)


@dataclass
class House:
    """The served house, and the windows that look at it."""

    app: Flask
    cast: Cast
    windows: Windows
    server: BaseWSGIServer

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.windows.url

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Nothing gets through. A browser that is told to be offline may still send, and drop the answer alone."""
        with _behind(self.server, _unreachable):
            yield

    def open(
        self, size: str, *, language: str = "en", scripts: bool = True, dark: bool = False, fresh: bool = False
    ) -> Page:
        """A browser in which nobody is signed in; `fresh`: for whom goes back, sets its clock or its scripts."""
        kind = Kind(touched=size != "desktop", language=language, scripts=scripts, dark=dark)
        return self.windows.lend(kind, SIZES[size], fresh=fresh)

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
    """One Chromium a worker."""
    path = os.environ.get("FOYER_TEST_CHROMIUM") or str(CHROMIUM.require())
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


def _unreachable(_environ: object, _start_response: object) -> NoReturn:
    raise ConnectionResetError


@contextmanager
def _behind(server: BaseWSGIServer, app: WSGIApplication) -> Iterator[None]:
    """Let this answer at the server's port."""
    before, server.app = server.app, app
    try:
        yield
    finally:
        server.app = before


@pytest.fixture(scope="session")
def server() -> Iterator[BaseWSGIServer]:
    """A free port of this machine, a thread for each request; nothing answers there before there is a house."""
    server = make_server("127.0.0.1", 0, _unreachable, threaded=True, request_handler=Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def windows(browser: Browser, server: BaseWSGIServer) -> Windows:
    """The browser's windows."""
    return Windows(browser, f"http://127.0.0.1:{server.server_port}")


@pytest.fixture
def database(sqlite_databases: Databases) -> Iterator[str]:
    """A database on SQLite."""
    yield from fresh(sqlite_databases)


@pytest.fixture
def house(app: Flask, cast: Cast, windows: Windows, server: BaseWSGIServer) -> Iterator[House]:
    """The house with the cast in it, served beside axe; a browser that complained of a page fails the test."""
    windows.broken.clear()
    with _behind(server, SharedDataMiddleware(app, {AXE_URL: str(AXE), NOTHING_URL: str(NOTHING)})):
        yield House(app, cast, windows, server)
        windows.take_back()
    assert windows.broken == []


Walk = Callable[[Page], None]
