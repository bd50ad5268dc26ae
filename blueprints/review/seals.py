"""The seals of a site: whether the history still stands as it was sealed, and a printed head held against them."""

from datetime import datetime
from typing import Any

from flask import request, url_for

from blueprints.review import blueprint
from blueprints.review.forms import HeadForm
from blueprints.review.places import own_site, stand_at
from domain import clock, registers
from domain.permissions import Permission
from domain.review import checks
from domain.sites.models import Site
from web.attempts import before_writing
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import say, tell
from web.permissions import actor, allow
from web.tokens import spend_token
from web.transactions import read_only, writes


def _site() -> Site:
    """The site of the address, else where the reader works."""
    ref = request.args.get("site", "")[:20]
    return stand_at(ref) if ref else own_site()


def _context(site: Site) -> dict[str, Any]:
    before = request.args.get("before", "")[:64]
    listed = checks.seals_of(site.id, before=before)
    shown = listed[: checks.LISTED]
    form = HeadForm(request.args)
    more = len(listed) > checks.LISTED
    return {
        "site": site,
        "listed": shown,
        "older": url_for("review.seals", site=site.ref, before=shown[-1].head) if more else None,
        "check": checks.last_check(site.id),
        "said": _said,
        "head": form,
        "kept": checks.with_head(site.id, form.head.data) if form.head.data else None,
        "office": True,
    }


def _said(facts: dict[str, Any]) -> list[str]:
    """What a check found, in the reader's language."""
    return [tell(sentence, _read(values)) for sentence, values in facts.get("found", [])]


def _read(values: dict[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = dict(values)
    if "at" in words:
        words["at"] = datetime.fromisoformat(words["at"])
    if "register" in words:
        words["register"] = say(registers.get(words["register"]).title)
    return words


@blueprint.get("/seals")
@allow(Permission.REVIEW_READ)
def seals() -> Any:
    """The seals, newest first, with what the last check found."""
    return render("review/seals.html", **_context(_site()))


@blueprint.post("/seals/checks")
@allow(Permission.REVIEW_READ)
@writes
def check_seals() -> Any:
    """Hold the whole history of the site against its seals now."""
    site, form = _site(), FoyerForm()
    with before_writing():
        found = checks.look(site.id) if form.validate() else []
    if form.status < 400:
        with refusals(form):
            spend_token()
            checks.note(site.id, found, actor=actor(), now=clock.now())
            return done(url_for("review.seals", site=site.ref))
    read_only()
    return refuse("review/seals.html", form=form, **_context(_site()))
