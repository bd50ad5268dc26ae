"""Every route of the house as the URL map has it, and a real address for each: what the tests of this folder ask.

A new room needs nothing here, unless its addresses name things of a new kind: then `building` gets one more example.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from domain import clock
from domain.database import db, writing
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.people.models import Grant, Person, StaffSession
from domain.people.resets import make_reset_link
from domain.permissions import Role
from domain.sites.models import Kiosk, Purpose, Site
from domain.slips import operations as slips
from domain.slips.models import Department, Nature, Slip, SlipKind, Source
from domain.visits.answers import answer_token
from domain.visits.calls import call_reception
from tests import factories as make
from tests.cast import Cast
from tests.client import FoyerClient
from tests.house.booked import book_rooms
from tests.house.expected import expect
from tests.house.filed import file_away
from tests.house.hung import hang
from tests.house.read import read_and_sign
from web import sessions
from web.devices import OWN_COOKIE, _own_signer
from web.permissions import Access

WRITING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One method of one address, and the mark of its view."""

    rule: Rule
    method: str
    access: Access
    writes: bool

    @property
    def where(self) -> str:
        """How a message names it."""
        return f"{self.method} {self.rule.rule} ({self.rule.endpoint})"


def rules(app: Flask) -> list[Rule]:
    """Every rule, in the order of the addresses."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def routes(app: Flask, kind: str | None = None) -> Iterator[Route]:
    """Every method of every rule; `kind` leaves those of one mark."""
    for rule in rules(app):
        view = app.view_functions[rule.endpoint]
        access: Access = getattr(view, "access")  # noqa: B009 -- a mark that mypy does not know
        if kind in (None, access.kind):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Route(rule, method, access, bool(getattr(view, "writes", False)))


@dataclass(frozen=True)
class Building:
    """The cast, and an example of everything that an address can name, all of it at Qingyu."""

    cast: Cast
    examples: dict[tuple[str, str], str]
    visit_ref: str
    waiting_ref: str
    answer: str
    reset: str
    far: dict[Role, int]
    """Somebody of each role whose only site is Other Place."""

    def address(self, app: Flask, rule: Rule) -> str:
        """A real address of the rule; a KeyError says which example is missing."""
        values = {}
        for argument in rule.arguments:
            fitting = [key for key in self.examples if rule.rule.startswith(key[0]) and key[1] == argument]
            if not fitting:
                raise KeyError(f"{rule.rule}: give an example of <{argument}> in tests/house/routes.py, furnish().")
            values[argument] = self.examples[max(fitting, key=lambda key: len(key[0]))]
        built = app.url_map.bind("localhost").build(rule.endpoint, values)
        assert isinstance(built, str)
        return built


def furnish(app: Flask, cast: Cast) -> Building:
    """Put into the cast's building one of everything: a visit inside, one that waits, a call, a link, a session."""
    with app.app_context(), writing():
        site, other = db.session.get_one(Site, cast.site_id), db.session.get_one(Site, cast.other_site_id)
        unit, host = db.session.get_one(Unit, cast.unit_id), db.session.get_one(Host, cast.host_id)
        kiosk = db.session.get_one(Kiosk, cast.kiosk_id)
        now, admin = clock.now(), _admin(cast)
        inside = make.make_visit(site, db.session.get_one(Purpose, cast.purpose_id), unit, host)
        waiting = make.make_visit(
            site,
            db.session.get_one(Purpose, cast.waiting_purpose_id),
            unit,
            host,
            name="赵六",
            phone="+8613700137000",
        )
        call = call_reception(
            site_id=site.id, kiosk_id=kiosk.id, step="whom", language="en", actor=Actor("kiosk", kiosk.id), now=now
        )
        slip, department, kind = _matters(site, unit, admin)
        clerk = db.session.get_one(Person, cast.people["lisi"])
        reset = make_reset_link(db.session.get_one(Person, cast.people["chen"]), actor=admin, now=now)
        far = {role: make.make_person(f"far-{role}", role, other, name=f"Far {role.title()}") for role in Role}
        answer = answer_token(waiting.ref, host.ref)
        token = sessions.begin(clerk, site_id=site.id, shared_device=False, second_factor=True, now=now)
        open_session = db.session.scalars(db.select(StaffSession).where(StaffSession.person_id == clerk.id)).one()
        assert open_session.token_hash == sessions.token_hash(token)
        examples = {
            ("/static/", "name"): app.extensions["assets"].url("kiosk.css").removeprefix("/static/"),
            ("/own/", "code"): kiosk.own_code,
            ("/b/", "ref"): inside.ref,
            ("/a/", "token"): answer,
            ("/reset/", "token"): reset,
            ("/account/sessions/", "ref"): open_session.ref,
            ("/admin/departments/", "ref"): department.ref,
            ("/admin/hosts/", "ref"): host.ref,
            ("/admin/kiosks/", "ref"): kiosk.ref,
            ("/admin/people/", "ref"): clerk.ref,
            ("/admin/sites/", "ref"): site.ref,
            ("/admin/sites/", "purpose_ref"): cast.purpose_ref,
            ("/admin/slip-kinds/", "ref"): kind.ref,
            ("/admin/units/", "ref"): unit.ref,
            ("/desk/calls/", "ref"): call.ref,
            ("/desk/hosts/", "ref"): host.ref,
            ("/slips/", "ref"): slip.ref,
            ("/history/", "ref"): f"{site.id}-1",
            **file_away(cast),
            ("/visits/", "ref"): inside.ref,
            **hang(cast),
            **book_rooms(cast),
            **expect(cast),
            **read_and_sign(cast),
        }
        return Building(
            cast, examples, inside.ref, waiting.ref, answer, reset, {role: person.id for role, person in far.items()}
        )


def _matters(site: Site, unit: Unit, admin: Actor) -> tuple[Slip, Department, SlipKind]:
    """A slip that is open, and what slips choose from."""
    said: dict[str, Any] = {"site_id": site.id, "actor": admin, "now": clock.now()}
    department = slips.add_department(name="工程部", **said)
    kind = slips.add_kind(nature=Nature.REPAIR, name="空调", department=department, **said)
    told: dict[str, Any] = {"name": "张小三", "phone": "+8613800138009", "unit_id": unit.id, "unit_number": unit.number}
    slip = slips.write(nature=Nature.REPAIR, source=Source.TELEPHONE, matter="空调漏水", kind=kind, **told, **said)
    return slip, department, kind


def _admin(cast: Cast) -> Actor:
    grants = db.session.scalars(db.select(Grant).where(Grant.person_id == cast.people["xu"])).all()
    return Actor(
        "staff", cast.people["xu"], "Xu", cast.site_id, tuple((Role(grant.role), grant.site_id) for grant in grants)
    )


def signed_in(app: Flask, client: FoyerClient, person_id: int, *, site_id: int, second_factor: bool = True) -> None:
    """Sign that person in at that site, whatever the grants say, in that browser."""
    with app.app_context(), writing():
        token = sessions.begin(
            db.session.get_one(Person, person_id),
            site_id=site_id,
            shared_device=False,
            second_factor=second_factor,
            now=clock.now(),
        )
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"], session["sid"] = token, True, "a browser of the tests"


def own_phone(app: Flask, client: FoyerClient, cast: Cast) -> None:
    """Let that browser be a visitor's phone that scanned the kiosk's code."""
    with app.app_context():
        client.set_cookie(OWN_COOKIE, _own_signer().sign(cast.own_code).decode())
