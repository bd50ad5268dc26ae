"""The search box: what the registers, the cabinet and the directory find, best first; a scanned badge or tag goes
straight on.
"""

import re
from typing import Any

from flask import g, redirect, request, url_for
from sqlalchemy import select

from blueprints.desk import blueprint
from blueprints.desk.found import Look
from domain import clock, pages, registers
from domain.codes import badge_label, parse_badge, parse_badge_qr
from domain.database import db
from domain.errors import DomainError, NotFound
from domain.keys.finding import keys_found
from domain.keys.queries import get_thing, key_state
from domain.keys.tags import clean_tag, parse_key_qr
from domain.occupants.directory import hosts_and_units_found
from domain.permissions import Permission
from domain.visits.finding import visits_and_invitations_found
from domain.visits.invitation_codes import parse_digits, parse_scanned
from domain.visits.register import VISITS
from web.at_site import at_a_site
from web.fields import clean_text
from web.htmx import render, wants_fragment
from web.permissions import actor, allow

MOST = 8
LONGEST = 80
ADDRESS = re.compile(r"/b/(?P<ref>[0-9a-z]{12})/?$", re.IGNORECASE)


def _typed() -> str:
    return clean_text(request.args.get("q", ""))[:LONGEST]


def scanned(text: str) -> str | None:
    """The ref in a scanned badge: its own code, or an address that ends in /b/<ref>."""
    address = ADDRESS.search(text)
    return parse_badge_qr(text) or (address["ref"].lower() if address else None)


def _entry_of(ref: str) -> str | None:
    """Where the visit of a scanned badge stands, in whichever register has it."""
    for register in registers.all_for(actor()):
        known = select(register.id).where(register.by_ref == ref, register.site == g.site.id)
        if db.session.scalar(known) is not None:
            return url_for(register.endpoint, ref=ref)
    return None


def _key_of(ref: str | None) -> str | None:
    """Where the key or set of a scanned label of ours stands, for those who may see it."""
    if ref is None or not actor().may(Permission.KEYS_READ):
        return None
    try:
        return url_for("keys.thing", ref=get_thing(ref, actor=actor()).ref)
    except NotFound:
        return None


def _tagged(text: str, groups: list[dict[str, Any]]) -> str | None:
    """Where the key or set stands whose tag is just what was typed or scanned."""
    try:
        tag = clean_tag(text)
    except DomainError:
        return None
    refs = {row.tag: row.ref for group in groups for row in group.get("keys", ())}
    refs |= {row.set_tag: row.set_ref for group in groups for row in group.get("keys", ()) if row.set_tag}
    return url_for("keys.thing", ref=refs[tag]) if tag in refs else None


def _groups(text: str) -> list[dict[str, Any]]:
    """What was found, by register, people before things and keys that are not out after those that are; hosts and units
    for whoever may sign somebody in to them.
    """
    people: list[dict[str, Any]] = []
    things: list[dict[str, Any]] = []
    visits, invitations = visits_and_invitations_found(text, site_id=g.site.id, most=MOST)
    known = {"visits": visits, "invitations": invitations}
    for register in registers.all_for(actor()):
        rows = known.get(register.name)
        if rows is None:
            rows = pages.found(register, text, actor=actor(), most=MOST)
        (people if register.name in known else things).append({"register": register, "rows": rows})
        if register.name == "keys":
            keys = keys_found(text, actor=actor(), now=clock.now(), most=MOST)
            things.append({"name": "hanging", "rows": [row for row in keys if not row.loan_ref], "keys": keys})
    if actor().may(Permission.VISITS_WRITE):
        hosts, units = hosts_and_units_found(text, site_id=g.site.id, most=MOST)
        people.append({"name": "hosts", "rows": hosts})
        things.append({"name": "units", "rows": units})
    return people + things


def _of_that_number(text: str) -> list[dict[str, Any]]:
    """Whose badge has the number that was typed, with another check code: the desk may know, a kiosk never says it."""
    if not (badge := parse_badge(text)):
        return []
    found, _invitations = visits_and_invitations_found(badge_label(badge[0]), site_id=g.site.id, most=MOST)
    rows = [row for row in found if row.badge_number == badge[0]]
    return [{"register": VISITS, "rows": rows}] if rows else []


def _best(groups: list[dict[str, Any]]) -> str | None:
    """The address of the first line."""
    if not groups:
        return None
    first, row = groups[0], groups[0]["rows"][0]
    if "register" in first:
        return url_for(first["register"].endpoint, ref=first["register"].ref(row))
    if first["name"] == "hanging":
        return url_for("keys.thing", ref=row.ref)
    kind = "host" if first["name"] == "hosts" else "unit"
    return url_for("desk.ask_visitor", whom=f"{kind}:{row['ref']}")


@blueprint.get("/search")
@allow(Permission.VISITS_READ)
def search() -> Any:
    """What matches; the same words sent again open the best of it, a badge with its check code at once."""
    at_a_site()
    text, ref = _typed(), scanned(_typed())
    if ref and (url := _entry_of(ref)):
        return redirect(url, 303)
    if (invited := parse_scanned(text)) and (url := _entry_of(invited)):
        return redirect(url, 303)
    if url := _key_of(parse_key_qr(text)):
        return redirect(url, 303)
    asked = [] if ref or not text else _groups(text)
    if not wants_fragment() and (url := _tagged(text, asked)):
        return redirect(url, 303)
    groups = [group for group in asked if group["rows"]]
    best = _best(groups)
    count = sum(len(group["rows"]) for group in groups)
    certain = (parse_badge(text) or parse_digits(text)) and count == 1
    if best and not wants_fragment() and (certain or request.args.get("seen") == text):
        return redirect(best, 303)
    others = [] if groups or ref else _of_that_number(text)
    return render(
        "desk/search.html",
        fragment="desk/_found.html",
        q=text,
        unknown_badge=bool(ref),
        groups=groups or others,
        misfit=badge_label(others[0]["rows"][0].badge_number) if others else None,
        count=count,
        look=Look(text, who=actor(), now=clock.now()),
        office=not actor().may(Permission.DESK_WORK),
        may_write=actor().may(Permission.VISITS_WRITE),
        key_state=key_state,
    )
