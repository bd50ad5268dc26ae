"""Draw every screen at its size into docs/screenshots/: the demo building on a Wednesday afternoon that never passes.

`--only desk` draws what has that word in its name. The pictures are data: STORIES says who walks through what.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts import prerequisites

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
NOW = datetime(2026, 3, 4, 6, 20, tzinfo=UTC)
SECRET = "the secret of the screenshots, long enough to be one"  # noqa: S105 -- of a database that lives for a minute
SIZES = {
    "portrait": (1080, 1920),
    "landscape": (1280, 800),
    "tablet": (1180, 820),
    "phone": (390, 844),
    "desktop": (1440, 900),
    "door": (800, 480),
}
COLOURS = 256
WALKS = count(12345)
ASKED = 400
"""Milliseconds within which a page has asked whether the house answers, and sends its form (static/js/away.js)."""
CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Step:
    """One thing done on the screen; with a name the screen is drawn after it.

    `go` is an address (`{visit}` and the like are filled in), `click`, `fill` and `tick` are selectors.
    """

    name: str = ""
    go: str = ""
    click: str = ""
    fill: str = ""
    text: str = ""
    tick: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Story:
    """Who walks through what, on which screens, in which languages."""

    who: str
    steps: tuple[Step, ...]
    sizes: tuple[str, ...]
    languages: tuple[str, ...] = ("zh_Hans", "en")
    dark: bool = False


WHOM = (
    Step(go="/kiosk/whom?q=zhang"),
    Step("2-whom", go="/kiosk/whom?q=zhang"),
    Step("3-why", click="#found li:first-child button"),
)
DETAILS = (
    Step(fill="[name=name]", text="王五"),
    Step(fill="[name=phone]", text="{phone}"),
    Step("4-details", fill="[name=organisation]", text="样本设计工作室"),
)
AGREE = (
    Step("5-consent", click="form.details .btn[data-k=main]"),
    Step(tick="[name=visit]"),
)
KIOSK = (
    Step("1-welcome", go="/kiosk?language={language}"),
    *WHOM,
    Step(click=".picks button:nth-child(1)"),
    *DETAILS,
    *AGREE,
    Step("6-done", click="form .btn[data-k=main]"),
    Step("7-leave", go="/kiosk/leave"),
)
KEYS = (
    Step(go="/kiosk?language={language}"),
    *WHOM[:1],
    Step(click="#found li:first-child button"),
    Step(click=".picks button:nth-child(1)"),
    Step("4-keys", click="[name=aside][value=keys], a[href*='/kiosk/keys']"),
    Step(fill="main .in", text="Tom"),
    Step("9-cancel", click=".foot [name=aside][value=cancel], .foot a[href*='cancel']"),
)
INTERVIEW = (
    Step(go="/kiosk?language={language}"),
    *WHOM[:1],
    Step(click="#found li:first-child button"),
    Step(click=".picks button:nth-child(2)"),
    Step(fill="[name=name]", text="赵样本"),
    Step(fill="[name=phone]", text="{phone}"),
    Step(click="form.details .btn[data-k=main]"),
    Step(tick="[name=visit]"),
    Step("8-waiting", click="form .btn[data-k=main]"),
    Step("9-give-up", click=".foot a[href$='/cancel']"),
)
ERRORS = (
    Step(go="/kiosk?language={language}"),
    *WHOM[:1],
    Step(click="#found li:first-child button"),
    Step(click=".picks button:nth-child(1)"),
    Step(fill="[name=phone]", text="1380013"),
    Step("4-details-errors", click="form.details .btn[data-k=main]"),
)
DESK = (
    Step("desk", go="/desk"),
    Step("desk-search", go="/desk/search?q=王五"),
    Step("desk-sign-in", go="/desk/sign-in"),
    Step("desk-closing", go="/desk/closing"),
)
KEEPING = (
    Step("key-cabinets", go="/keys/cabinets"),
    Step("key-contents", go="/keys/cabinets/{cabinet}"),
    Step("key-upload", go="/keys/upload"),
    Step("key-labels", go="/keys/labels?cabinet={cabinet}"),
    Step("key-keeping", go="/keys/{key}/keeping"),
)
COUNTING = (
    Step("key-counts", go="/keys/counts"),
    Step("key-counting", click="main [data-k=main]"),
    Step("key-loss", go="/keys/{key}/losses"),
    Step("key-reserve", go="/keys/{key}/reservations"),
)
REVIEW = (
    Step("review", go="/review"),
    Step(go="/review/registers/{site}/visits"),
    Step("review-visits", click="tr:has(+ .say) [data-entry]"),
    Step("review-signature", go="/review/signatures/{signature}"),
    Step("review-seals", go="/review/seals"),
)
FIGURES = (
    Step("figures", go="/reports?span=month", whole=True),
    Step("figures-yesterday", go="/reports?span=yesterday", whole=True),
    Step("reports", go="/reports/prepared"),
    Step("report-plan", go="/reports/plans?kind=weekly"),
    Step("export-new", go="/exports/new?register=visits&span=week"),
    Step("export-filter", go="/exports/filters?register=visits&span=week"),
    Step("privacy", go="/admin/privacy"),
    Step("privacy-looks", go="/admin/privacy/looks"),
)
SERVICE = (
    Step("service-runs", go="/meetings/runs", whole=True),
    Step("service-sheet", go="/meetings/{served}/run"),
    Step("service-fault", go="/meetings/{served}/run/fault", whole=True),
    Step("service-closing", go="/meetings/{served}/run/closing", whole=True),
    Step("service-confirm", go="/meetings/{served}/run/confirmation", whole=True),
)
SERVICE_MORE = (
    Step("service-offer", go="/meetings/{served}/run/offer"),
    Step("service-lost", go="/meetings/{served}/run/lost"),
)
MEETING_MORE = (
    Step("meeting-change", go="/reservations/{later}/edit", whole=True),
    Step("meeting-cancel", go="/reservations/{later}/cancellation"),
    Step(go="/meetings/new?room={room}&people=99"),
    Step(fill="[name=title]", text="季度会"),
    Step("meeting-refused", click="main form .btn[data-k=main]", whole=True),
)
ROOMS = (
    Step("rooms", go="/meetings/rooms"),
    Step("room-edit", go="/meetings/rooms/{room}/edit", whole=True),
    Step("meeting-asked", go="/reservations/{tentative}", whole=True),
    Step("meeting-refuse", go="/reservations/{tentative}/refusal"),
)
HOST_ROOMS = (
    Step(go="/hosts/{host_link}?lang={language}"),
    Step("host-reserve", go="/hosts/{host_link}/rooms", whole=True),
    Step("host-room", go="/hosts/{host_link}/rooms/{hosted}", whole=True),
)
SERVICE_LISTS = (
    Step("service-runs", go="/meetings/runs", whole=True),
    Step("service-order", go="/meetings/{served}/order", whole=True),
    Step("service-stock", go="/meetings/service", whole=True),
    Step("service-templates", go="/meetings/service/templates"),
    Step("service-template", go="/meetings/service/templates/new", whole=True),
    Step("service-assign", go="/meetings/{served}/run/attendant"),
    Step("service-steps", go="/meetings/service/steps", whole=True),
)
EXPECTED = (
    Step("guests-today", go="/invitations/today"),
    Step("guests-of-meeting", go="/invitations/meetings/{invited_meeting}"),
    Step("guests-invite", go="/invitations/new", whole=True),
    Step("guest", go="/invitations/{expected}"),
    Step("guest-slip", go="/invitations/{expected}/slip"),
    Step("guest-links", go="/invitations/links"),
)
INVITED = (
    Step(go="/kiosk?language={language}"),
    Step("2-invitation", go="/kiosk/invitation"),
    Step(fill="[name=code]", text="{digits}"),
    Step("3-invited", click="main form .btn[data-k=main]"),
    Step(go="/kiosk"),
)
# Who signs in at the kiosk stands on the desk afterwards, so the staff's screens come first.
STORIES = (
    Story("receptionist", DESK, ("tablet",)),
    Story("receptionist", (DESK[0],), ("tablet",), ("zh_Hans",), dark=True),
    Story("receptionist", (DESK[0],), ("phone",), ("zh_Hans",)),
    Story(
        "receptionist",
        (
            Step("register", go="/visits"),
            Step("register-overstaying", go="/visits?state=lingers"),
            Step("visit", go="/visits/{inside}", whole=True),
            Step("visit-answer", go="/visits/{waiting}/answers"),
            Step("visit-badge", go="/visits/{inside}/badge"),
        ),
        ("desktop",),
    ),
    Story(
        "receptionist",
        (
            Step("keys", go="/keys"),
            Step("keys-out", go="/keys?show=out"),
            Step("key-out", go="/keys/{key_out}", whole=True),
            Step("key-lend", go="/keys/{key}/loans/new", whole=True),
            Step("key-waits", go="/keys/{key_asked}/loans/new?approval={asked}"),
            Step("loans", go="/loans"),
            Step("loan", go="/loans/{loan}", whole=True),
            Step("meetings", go="/meetings"),
            Step("meeting-new", go="/meetings/new"),
            Step("room-find", go="/meetings/find?people=14"),
            Step("meeting", go="/reservations/{meeting}", whole=True),
            Step("room-week", go="/meetings/rooms/{room}"),
        ),
        ("tablet",),
    ),
    Story("receptionist", (Step("keys", go="/keys"),), ("tablet",), ("zh_Hans",), dark=True),
    Story(
        "supervisor",
        (Step("approvals", go="/keys/approvals"), Step("approval", go="/keys/approvals/{asked}")),
        ("phone",),
    ),
    Story("supervisor", REVIEW, ("desktop",)),
    Story("supervisor", REVIEW[1:3], ("tablet",), ("zh_Hans",)),
    Story("supervisor", REVIEW[1:3], ("desktop",), ("zh_Hans",), dark=True),
    Story("supervisor", (Step("history", go="/history"), Step("history-entry", go="/history/{event}")), ("desktop",)),
    Story("supervisor", FIGURES, ("desktop",)),
    Story("supervisor", FIGURES[:1], ("desktop",), ("zh_Hans",), dark=True),
    Story("lead", FIGURES[:1], ("tablet",)),
    Story(
        "receptionist",
        (
            Step(go="/privacy/people"),
            Step(fill="main [name=name]", text="王五"),
            Step("own-data", click="main .btn[data-k=main]"),
        ),
        ("tablet",),
    ),
    Story("receptionist", (Step("corrections", go="/review/asked"),), ("tablet",)),
    Story(
        "receptionist",
        (
            Step("slip-new", go="/slips/new"),
            Step("slips", go="/slips"),
            Step("slip", go="/slips/{slip}", whole=True),
            Step("slip-promise", go="/slips/{slip}/promises"),
        ),
        ("tablet",),
    ),
    Story(
        "lead",
        (Step("slip-kinds", go="/admin/slip-kinds"), Step("slip-departments", go="/admin/departments")),
        ("desktop",),
        ("zh_Hans",),
    ),
    Story("receptionist", (Step("account", go="/account"),), ("desktop",), ("zh_Hans",)),
    Story(
        "admin",
        (
            Step("admin-sites", go="/admin/sites"),
            Step("admin-site", go="/admin/sites/{site}", whole=True),
            Step("admin-purposes", go="/admin/sites/{site}/purposes"),
            Step("admin-units", go="/admin/units"),
            Step("admin-hosts", go="/admin/hosts?q=zhang"),
            Step("admin-kiosks", go="/admin/kiosks"),
            Step("admin-people", go="/admin/people"),
        ),
        ("desktop",),
    ),
    Story("receptionist", EXPECTED, ("tablet",)),
    Story("attendant", EXPECTED[:2], ("phone",), ("zh_Hans",)),
    Story("receptionist", COUNTING, ("tablet",)),
    Story("receptionist", COUNTING[:2], ("phone",), ("zh_Hans",), dark=True),
    Story("lead", KEEPING, ("tablet",)),
    Story("attendant", SERVICE, ("phone",)),
    Story("attendant", (SERVICE[1],), ("phone",), ("zh_Hans",), dark=True),
    Story("attendant", SERVICE_MORE, ("phone",)),
    Story("receptionist", MEETING_MORE, ("tablet",)),
    Story("receptionist", (Step("meetings", go="/meetings"),), ("tablet",), ("zh_Hans",), dark=True),
    Story("lead", ROOMS, ("tablet",)),
    Story("lead", SERVICE_LISTS, ("tablet",)),
    Story("manager", (Step("key-classes", go="/keys/classes?class=plant_room", whole=True),), ("desktop",)),
    Story("nobody", (Step("pair", go="/kiosk/pair"),), ("landscape",), ("zh_Hans",)),
    Story("phone", (Step("1-welcome", go="/kiosk?language={language}"), *WHOM[1:]), ("phone",)),
    Story("nobody", (Step("badge", go="/b/{inside}"),), ("phone",), ("zh_Hans",)),
    Story("nobody", (Step("host-answers", go="/a/{answer}?lang={language}"),), ("phone",)),
    Story("nobody", (Step("sign-in", go="/sign-in"),), ("desktop",)),
    Story("kiosk", KIOSK, ("portrait", "landscape")),
    Story("door", (Step("display", go="/meetings/door"),), ("door", "landscape", "portrait"), ("zh_Hans",)),
    Story("other", (Step("door-free", go="/meetings/door"),), ("door", "landscape", "portrait"), ("zh_Hans",)),
    Story(
        "lead",
        (
            Step("calendars", go="/meetings/calendars"),
            Step("waiting", go="/meetings/waiting"),
            Step("room-rules", go="/meetings/rooms/{room}/rules"),
            Step("room-displays", go="/meetings/rooms/{room}/displays"),
        ),
        ("tablet",),
    ),
    Story("kiosk", INVITED, ("portrait", "landscape")),
    Story("kiosk", INVITED[1:4], ("portrait",), ("zh_Hans",), dark=True),
    Story("nobody", (Step("guest-pass", go="/i/{guest}"),), ("phone",), ("zh_Hans",)),
    Story(
        "nobody",
        (
            Step("host-own", go="/hosts/{host_link}?lang={language}", whole=True),
            Step("host-meeting", go="/hosts/{host_link}/meetings/{hosted}", whole=True),
        ),
        ("phone",),
    ),
    Story("nobody", HOST_ROOMS, ("phone",)),
    Story("kiosk", KEYS, ("portrait", "landscape")),
    Story("kiosk", INTERVIEW, ("portrait",)),
    Story("kiosk", ERRORS, ("portrait",), ("zh_Hans",)),
    Story("kiosk", (Step("1-welcome", go="/kiosk?language={language}"),), ("portrait", "landscape"), ("ar",)),
    Story("kiosk", (Step("1-welcome", go="/kiosk?language={language}"),), ("portrait",), ("zh_Hans",), dark=True),
    Story(
        "kiosk",
        (
            Step(go="/kiosk?language={language}"),
            Step("9-still-here", go="/kiosk/still-here?step=details"),
            Step("9-privacy", go="/kiosk/privacy"),
            Step("9-language", go="/kiosk/language?step=whom"),
            Step("9-called", click=".foot form.end button"),
        ),
        ("portrait",),
    ),
)


def serve(port: int, folder: Path) -> None:
    """In a process of its own: make the demo, say who is who on the first line, answer until killed."""
    import time_machine
    from werkzeug.serving import make_server

    with time_machine.travel(NOW, tick=False):
        import flask_migrate

        from app import create_app
        from config import Settings
        from demo.make import make

        app = create_app(
            Settings(data_dir=folder, secret_key=SECRET, demo=True, public_url="https://foyer.example.com")
        )
        with app.app_context():
            flask_migrate.upgrade()
            make(folder, now=NOW)
            known = _who_is_who(app)
        server = make_server("127.0.0.1", port, app, threaded=True)
        print(json.dumps(known), flush=True)
        server.serve_forever()


def _who_is_who(app: Any) -> dict[str, Any]:
    """Cookies of those who are signed in, and the names of what is looked at; call inside an app context."""
    from sqlalchemy import select

    from demo import links
    from domain.codes import new_token
    from domain.database import db, reading, writing
    from domain.events import Event
    from domain.meetings.models import Approver, Reservation, Room
    from domain.meetings.service_models import ServiceOrder
    from domain.people.models import Grant, Person
    from domain.review.models import Review
    from domain.sites.models import Site
    from domain.slips.models import Slip, SlipState
    from domain.visits.models import Visit, VisitState
    from web import sessions
    from web.devices import KIOSK_COOKIE

    signer = app.session_interface.get_signing_serializer(app)
    cookies: dict[str, dict[str, str]] = {}
    with writing():
        site = db.session.scalars(select(Site).order_by(Site.id)).first()
        assert site
        for person, role in db.session.execute(select(Person, Grant.role).join(Grant, Grant.person_id == Person.id)):
            token = sessions.begin(person, site_id=site.id, shared_device=False, second_factor=True, now=NOW)
            content = {"_user_id": token, "_fresh": True, "sid": new_token()}
            cookies[role] = {"foyer_staff": signer.dumps(content)}
    with reading():
        _, kiosk = links.kiosks()[0]
        cookies["kiosk"] = {KIOSK_COOKIE: links.kiosk_token(kiosk)}
        doors = [found for _, found in links.kiosks() if found.room_id is not None]
        for who, door in zip(("door", "other"), doors, strict=False):
            cookies[who] = {KIOSK_COOKIE: links.kiosk_token(door)}
        inside, waiting = (
            db.session.scalars(select(Visit.ref).where(Visit.state == state).order_by(Visit.id.desc())).first()
            for state in (VisitState.INSIDE, VisitState.WAITING)
        )
        answer = links.waiting_for_answer()
        site = db.session.scalars(select(Site).order_by(Site.id)).first()
        assert answer
        assert site
        names = (
            _keys_of_note(site.id)
            | _expected(site.id)
            | {
                "served": db.session.scalars(
                    select(Reservation.ref)
                    .join(ServiceOrder, ServiceOrder.reservation_id == Reservation.id)
                    .where(Reservation.started_at.is_not(None))
                ).first(),
                "inside": inside,
                "waiting": waiting,
                "answer": answer[2],
                "site": site.ref,
                "event": db.session.scalars(
                    select(Event.ref)
                    .where(Event.site_id == site.id, Event.subject == "visit")
                    .order_by(Event.at.desc())
                ).first(),
                "signature": db.session.scalars(select(Review.ref).order_by(Review.id.desc())).first(),
                "own": kiosk.own_code,
                "meeting": db.session.scalars(select(Reservation.ref).where(Reservation.series.is_not(None))).first(),
                "later": db.session.scalars(
                    select(Reservation.ref).where(Reservation.series.is_not(None), Reservation.begins_at > NOW)
                ).first(),
                "tentative": db.session.scalars(
                    select(Reservation.ref).where(Reservation.approver == Approver.LEAD, Reservation.answer == "")
                ).first(),
                "room": db.session.scalars(select(Room.ref).where(Room.after_minutes > 0).order_by(Room.id)).first(),
                "slip": db.session.scalars(select(Slip.ref).where(Slip.state == SlipState.IN_WORK)).first(),
            }
        )
    return {"cookies": cookies, "names": names}


def _expected(site_id: int) -> dict[str, str | None]:
    """A guest who is expected, a meeting with guests, a host with the own link; call inside `reading()`."""
    from sqlalchemy import select

    from demo.expected import RUNNING
    from demo.links import own_page
    from domain.database import db
    from domain.meetings.models import Reservation
    from domain.visits.invitation_codes import token_of
    from domain.visits.invitation_models import Invitation

    good = select(Invitation).where(
        Invitation.site_id == site_id, Invitation.begins_at <= NOW, Invitation.ends_at > NOW, Invitation.name != ""
    )
    guest = db.session.scalars(good.order_by(Invitation.id.desc())).first()
    meeting = db.session.scalars(select(Reservation.ref).where(Reservation.title == RUNNING)).first()
    own = own_page()
    assert guest
    assert own
    return {
        "expected": guest.ref,
        "digits": guest.digits,
        "guest": token_of(guest.ref),
        "invited_meeting": meeting,
        "hosted": meeting,
        "host_link": own[1],
    }


def _keys_of_note(site_id: int) -> dict[str, str | None]:
    """A key on its hook, one that is overdue with its loan, and one whose approval waits; call inside `reading()`."""
    from sqlalchemy import func, select

    from domain.database import db
    from domain.keys.loan_models import KeyApproval, KeyDecision, Loan, LoanLine
    from domain.keys.models import Key, KeySet
    from domain.keys.queries import cabinets_of

    first = select(Loan.ref, Key.ref.label("key")).join(Key, Key.id == Loan.key_id)
    late = db.session.execute(
        first.where(Loan.site_id == site_id, Loan.ended_at.is_(None)).order_by(Loan.due_at)
    ).first()
    out = select(LoanLine.key_id).where(LoanLine.ended_at.is_(None))
    here = select(Key.ref).where(
        Key.site_id == site_id, Key.class_code == "public", Key.lost_at.is_(None), Key.id.not_in(out)
    )
    decided = select(KeyDecision.approval_id)
    waits = db.session.execute(
        select(KeyApproval.ref, func.coalesce(Key.ref, KeySet.ref).label("thing"))
        .outerjoin(Key, Key.id == KeyApproval.key_id)
        .outerjoin(KeySet, KeySet.id == KeyApproval.set_id)
        .where(KeyApproval.site_id == site_id, KeyApproval.id.not_in(decided), KeyApproval.used_at.is_(None))
        .order_by(KeyApproval.id.desc())
    ).first()
    cabinet = db.session.scalars(cabinets_of(site_id)).first()
    return {
        "cabinet": cabinet.ref if cabinet else None,
        "loan": late.ref if late else None,
        "key_out": late.key if late else None,
        "key": db.session.scalars(here.order_by(Key.id)).first(),
        "asked": waits.ref if waits else None,
        "key_asked": waits.thing if waits else None,
    }


@contextmanager
def served() -> Iterator[tuple[int, dict[str, Any]]]:
    """The demo on a free port, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="foyer-screenshots-") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        command = [sys.executable, "-m", "scripts.screenshots", "--serve", str(port), "--folder", folder]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FOYER_")}
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert server.stdout
            yield port, json.loads(server.stdout.readline())
        finally:
            server.kill()
            server.wait()


def draw(page: Page, path: Path, *, whole: bool) -> None:
    """One picture, in few colours: screens are flat, and the folder stays small."""
    from PIL import Image

    image = Image.open(io.BytesIO(page.screenshot(full_page=whole)))
    small = image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(f"  {path.name}  {path.stat().st_size // 1024} kB", flush=True)


def walk(browser: Browser, story: Story, size: str, language: str, port: int, known: dict[str, Any], only: str) -> None:
    """Go through one story on one screen in one language, drawing as it says."""
    wide, high = SIZES[size]
    # One person is inside at most once, so each walk has a telephone of its own.
    phone = f"154007{next(WALKS):05d}"
    base = f"http://localhost:{port}"
    with browser.new_context(
        viewport={"width": wide, "height": high},
        color_scheme="dark" if story.dark else "light",
        reduced_motion="reduce",
        locale={"zh_Hans": "zh-CN"}.get(language, language),
    ) as context:
        context.clock.install(time=NOW)
        for name, value in known["cookies"].get(story.who, {}).items():
            context.add_cookies([{"name": name, "value": value, "url": base}])
        page = context.new_page()
        if story.who == "phone":
            page.goto(f"{base}/own/{known['names']['own']}")
        elif story.who not in ("nobody", "kiosk", "door", "other"):
            _language(page, base, language)
        for step in story.steps:
            if step.go:
                page.goto(base + step.go.format(language=language, **known["names"]))
            if step.fill:
                page.fill(step.fill, step.text.format(phone=phone, **known["names"]))
            if step.tick:
                page.check(step.tick, force=True)
            if step.click:
                page.click(step.click)
                page.wait_for_timeout(ASKED)
                page.wait_for_load_state()
            if step.name and only in step.name:
                who = "" if story.who == "nobody" or step.name.startswith(("desk", "admin")) else f"{story.who}-"
                dark = "-dark" if story.dark else ""
                draw(page, FOLDER / f"{who}{step.name}.{size}{dark}.{language}.png", whole=step.whole)


def _language(page: Page, base: str, language: str) -> None:
    """The staff's language is the account's: choose it as they do."""
    page.goto(f"{base}/account/language?language={language}")
    page.click("form .btn[data-k=main]")
    page.wait_for_load_state()


def main() -> int:
    """Draw what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="only screens with this in their name")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.folder)
        return 0
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    if not chosen.only:
        for old in FOLDER.glob("*.png"):
            old.unlink()
    with served() as (port, known), sync_playwright() as playwright:
        program = str(prerequisites.CHROMIUM.require())
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        for story in (one for one in STORIES if any(step.name and chosen.only in step.name for step in one.steps)):
            for size in story.sizes:
                for language in story.languages:
                    walk(browser, story, size, language, port, known, chosen.only)
        browser.close()
    sizes = [path.stat().st_size for path in FOLDER.glob("*.png")]
    print(f"{len(sizes)} screens, {sum(sizes) / 1e6:.1f} MB in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
