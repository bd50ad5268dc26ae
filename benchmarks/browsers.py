"""Requests as browsers would send them: signed cookies, one-time tokens and drafts, made ahead of the run."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, session
from sqlalchemy import or_, select

from benchmarks import meetingroom
from benchmarks.data import LEFT_BEHIND, Made
from benchmarks.load import Request, make
from demo import names
from demo.links import kiosk_token
from domain import clock
from domain.codes import new_token
from domain.database import db, reading, writing
from domain.grams import query_grams
from domain.keys.loan_models import LoanLine
from domain.keys.models import Key
from domain.occupants.models import Host
from domain.people.models import Person
from domain.sites.models import Kiosk, Purpose, Site
from domain.spelling import spellings
from domain.visits import drafts
from domain.visits.arrivals import Entered
from domain.visits.models import PRESENT, Visit
from web import sessions
from web.devices import KIOSK_COOKIE
from web.tokens import TOKEN_FIELD, form_token

PHONES = 70_000_000


@dataclass(frozen=True)
class Browsers:
    """Who asks, for one data set: somebody signed in at the desk, a supervisor, and a paired kiosk."""

    app: Flask
    made: Made
    staff: dict[str, str]
    staff_sid: str
    kiosk: str
    supervisor: dict[str, str]
    site_ref: str

    def page(self, path: str, **headers: str) -> Request:
        """A page as the receptionist opens it."""
        return make("GET", path, cookies=self.staff, headers=headers)

    def review(self, path: str) -> Request:
        """A page as the supervisor opens it; {site} is the site's."""
        return make("GET", path.format(site=self.site_ref), cookies=self.supervisor)

    def at_kiosk(self, path: str, **cookies: str) -> Request:
        """A page of the kiosk."""
        return make("GET", path, cookies={KIOSK_COOKIE: self.kiosk, **cookies})


def open_browsers(app: Flask, made: Made) -> Browsers:
    """Sign the receptionist in and find the lobby's kiosk."""
    with app.app_context(), writing():
        begun = {}
        for login in ("lisi", "wufan"):
            person = db.session.get_one(Person, made.people[login])
            signed_in: dict[str, Any] = {"shared_device": False, "second_factor": True, "now": clock.now()}
            begun[login] = sessions.begin(person, site_id=made.site_id, **signed_in)
        site_ref = db.session.get_one(Site, made.site_id).ref
        kiosk = db.session.scalars(select(Kiosk).where(Kiosk.site_id == made.site_id).order_by(Kiosk.id)).first()
        assert kiosk
        kiosk_cookie = kiosk_token(kiosk)
    sid = new_token()
    staff, supervisor = (
        {"foyer_staff": _signed(app, {"_user_id": begun[login], "_fresh": True, "sid": sid})}
        for login in ("lisi", "wufan")
    )
    return Browsers(app, made, staff, sid, kiosk_cookie, supervisor, site_ref)


def _signed(app: Flask, content: dict[str, Any]) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps(content))


def tokens(app: Flask, path: str, endpoint: str, sids: list[str]) -> list[str]:
    """A one-time token of that endpoint for each browser."""
    made = []
    with app.test_request_context(path):
        for sid in sids:
            session["sid"] = sid
            made.append(form_token(endpoint))
    return made


def kiosk_sign_ins(browsers: Browsers, count: int) -> list[Request]:
    """The last post of a visitor at the kiosk, each with a draft of its own."""
    app, chance = browsers.app, Random(secrets.randbits(32))
    now = clock.now() + timedelta(hours=1)  # drafts last three minutes, the run longer
    opened: list[tuple[str, str]] = []
    first = PHONES + chance.randrange(10_000_000)
    with app.app_context(), writing():
        hosts, purposes, kiosk_id = _people(browsers)
        for n in range(count):
            entered = Entered(name=names.person_name(chance), phone=names.mobile(first + n), companions=n % 3)
            draft = {
                "whom": ("host", chance.choice(hosts)),
                "purpose": purposes[0],
                "typed": {},
                "entered": entered.__dict__,
            }
            token = drafts.save(None, draft, site_id=browsers.made.site_id, kiosk_id=kiosk_id, now=now)
            opened.append((new_token(), token))
    made = tokens(app, "/kiosk/consent", "kiosk.arrive", [sid for sid, _ in opened])
    return [
        make(
            "POST",
            "/kiosk/consent",
            cookies={
                KIOSK_COOKIE: browsers.kiosk,
                "foyer_visitor": _signed(app, {"sid": sid, "draft": draft, "language": "zh_Hans"}),
            },
            body=urlencode({TOKEN_FIELD: token, "visit": "y"}).encode(),
            status=303,
        )
        for (sid, draft), token in zip(opened, made, strict=True)
    ]


def desk_sign_ins(browsers: Browsers, count: int) -> list[Request]:
    """A visitor signed in on behalf, on the desk's one page."""
    app, chance = browsers.app, Random(secrets.randbits(32))
    first = PHONES + 10_000_000 + chance.randrange(10_000_000)
    with app.app_context(), reading():
        hosts, purposes, _ = _people(browsers)
    made = tokens(app, "/desk/sign-in", "desk.sign_in", [browsers.staff_sid] * count)
    return [
        make(
            "POST",
            "/desk/sign-in",
            cookies=browsers.staff,
            body=urlencode(
                {
                    TOKEN_FIELD: token,
                    "whom": f"host:{chance.choice(hosts)}",
                    "purpose": purposes[0],
                    "name": names.person_name(chance),
                    "phone": names.mobile(first + n)[3:],
                    "companions": "0",
                }
            ).encode(),
            status=303,
        )
        for n, token in enumerate(made)
    ]


def sign_outs(browsers: Browsers, count: int) -> list[Request]:
    """Visitors whom this run signed in, signed out at the desk: the lobby of the data set stays for the next."""
    app = browsers.app
    with app.app_context(), reading():
        inside = select(Visit.ref).where(Visit.site_id == browsers.made.site_id, Visit.state.in_(PRESENT))
        own = or_(*(Visit.phone.startswith(begin) for begin in LEFT_BEHIND))
        refs = db.session.scalars(inside.where(own).order_by(Visit.id.desc()).limit(count)).all()
    made = tokens(app, "/desk", "visits.depart", [browsers.staff_sid] * len(refs))
    return [
        make(
            "POST",
            f"/visits/{ref}/departures",
            cookies=browsers.staff,
            body=urlencode({TOKEN_FIELD: token, "then": "desk"}).encode(),
            status=303,
        )
        for ref, token in zip(refs, made, strict=True)
    ]


def loans(browsers: Browsers, count: int) -> list[Request]:
    """A key handed out to a contractor against a form on paper."""
    with browsers.app.app_context(), reading():
        out = select(LoanLine.key_id).where(LoanLine.ended_at.is_(None))
        here = select(Key.ref).where(Key.site_id == browsers.made.site_id, Key.id.not_in(out))
        refs = list(db.session.scalars(here.order_by(Key.id).limit(count)))
    made = tokens(browsers.app, "/keys", "keys.hand_out", [browsers.staff_sid] * len(refs))
    first = PHONES + 20_000_000 + secrets.randbelow(1_000_000)
    due = clock.local(clock.now() + timedelta(hours=2), "Asia/Shanghai").strftime("%Y-%m-%dT%H:%M")
    typed = {"borrower": "contractor", "name": "测量员", "purpose": "检修", "how": "paper", "due_at": due}
    return [
        make(
            "POST",
            f"/keys/{ref}/loans",
            cookies=browsers.staff,
            body=urlencode({TOKEN_FIELD: token, **typed, "phone": names.mobile(first + n)[3:]}).encode(),
            status=303,
        )
        for n, (ref, token) in enumerate(zip(refs, made, strict=True))
    ]


def reservations(browsers: Browsers, count: int) -> list[Request]:
    """A room reserved at the desk for an hour at which it is free, beyond all that is reserved."""
    with browsers.app.app_context(), reading():
        slots = meetingroom.free_slots(browsers.made.site_id, count)
        hosts, _, _ = _people(browsers)
    made = tokens(browsers.app, "/meetings/new", "meetings.reserve_room", [browsers.staff_sid] * count)
    return [
        make(
            "POST",
            "/meetings/new",
            cookies=browsers.staff,
            body=urlencode(
                {
                    TOKEN_FIELD: token,
                    "title": "测量会",
                    "room": room,
                    "day": day,
                    "since": since,
                    "until": f"{int(since[:2]) + 1:02d}:00",
                    "people": "6",
                    "who": f"host:{hosts[n % len(hosts)]}",
                }
            ).encode(),
            status=303,
        )
        for n, ((room, day, since), token) in enumerate(zip(slots, made, strict=True))
    ]


def _people(browsers: Browsers) -> tuple[list[str], list[str], int]:
    site_id = browsers.made.site_id
    hosts = list(db.session.scalars(select(Host.ref).where(Host.site_id == site_id).limit(2_000)))
    purposes = list(
        db.session.scalars(select(Purpose.ref).where(Purpose.site_id == site_id).order_by(Purpose.position))
    )
    kiosk_id = db.session.scalar(select(Kiosk.id).where(Kiosk.site_id == site_id).order_by(Kiosk.id))
    assert kiosk_id
    return hosts, purposes, kiosk_id


def some_visits(browsers: Browsers, count: int = 400) -> list[Any]:
    """Visits from all over the years, to be searched for."""
    chance = Random(3)
    ids = [chance.randrange(1, max(browsers.made.visits, 2)) for _ in range(count)]
    with browsers.app.app_context(), reading():
        columns = (Visit.ref, Visit.name, Visit.phone, Visit.badge_number, Visit.badge_check)
        return list(db.session.execute(select(*columns).where(Visit.id.in_(ids))).all())


def deep_ref(browsers: Browsers, rows: int) -> str:
    """The visit behind which that page of the register begins."""
    with browsers.app.app_context(), reading():
        ref = db.session.scalar(
            select(Visit.ref)
            .where(Visit.site_id == browsers.made.site_id)
            .order_by(Visit.arrived_at.desc(), Visit.id.desc())
            .offset(rows - 1)
            .limit(1)
        )
    assert ref
    return ref


def searches(browsers: Browsers) -> dict[str, list[Request]]:
    """What a receptionist types, by kind; each answer is the region that htmx puts under the box."""
    rows = some_visits(browsers)
    han = [row for row in rows if not row.name.isascii() and len(row.name) > 1]
    typed = {
        "two 汉字": [row.name[:2] for row in han],
        "pinyin initials": [_initials(row.name) for row in han],
        "last four digits": [row.phone[-4:] for row in rows],
        "tag": [f"K{cabinet:02}-{hook:03}" for cabinet in range(1, 51) for hook in (1, 100)],
        "badge": [f"A-{row.badge_number:03d} {row.badge_check}" for row in rows],
        "nobody of that name": [f"{row.name[0]}乂" for row in han],
    }
    return {
        kind: [
            browsers.page(f"/desk/search?q={quote(text)}", **{"HX-Request": "true", "HX-Request-Type": "partial"})
            for text in texts
            if kind in ("badge", "tag") or query_grams(text)
        ]
        for kind, texts in typed.items()
    }


def _initials(name: str) -> str:
    """zs for 张三: the shortest spelling of the whole name."""
    return min(spellings(name).whole, key=len, default="")


def again(requests: list[Request]) -> Iterator[Request]:
    """The same requests over and over."""
    while True:
        yield from requests
