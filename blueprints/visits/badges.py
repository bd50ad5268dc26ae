"""The badge of a visit: after signing in at the desk, and printed again (V8)."""

from typing import Any

from flask import g, render_template, request, url_for
from markupsafe import Markup

from blueprints.visits import blueprint
from blueprints.visits.deeds import DeedForm, find, refused
from domain import clock
from domain.codes import badge_label, badge_qr
from domain.database import db
from domain.occupants.models import Unit
from domain.permissions import Permission
from domain.sites.queries import kiosks_of, language_read
from domain.sites.ways import told_in_steps, ways_to
from domain.visits.arrivals import whom_of
from domain.visits.badges import whom_on_badge
from domain.visits.corrections import badge_printed
from domain.visits.models import PRESENT, Visit
from web.codes import qr_svg
from web.components import marked
from web.forms import refusals
from web.htmx import done, render
from web.i18n import direction, html_lang, language
from web.permissions import actor, allow
from web.speaking import speaking
from web.transactions import writes


def _label_mm() -> int:
    """The label that the site prints on: the widest of its kiosks' printers, 62 mm where none has one."""
    return max((kiosk.label_mm for kiosk in db.session.scalars(kiosks_of(g.site.id))), default=0) or 62


def _ways(visit: Visit) -> list[dict[str, Any]]:
    """The way for the staff to tell, and to show the visitor where they read another one."""
    unit = db.session.get_one(Unit, visit.unit_id)
    texts = ways_to(unit, g.site)
    read = dict.fromkeys(filter(None, (language_read(texts, who) for who in (language(), visit.language))))
    return [{"tag": html_lang(name), "dir": direction(name), "lines": told_in_steps(texts[name])} for name in read]


def _label(visit: Visit, number: str) -> Markup:
    """What is printed, in the visitor's language as at a kiosk; the page around it is the staff's."""
    whom = whom_on_badge(whom_of(visit), language=visit.language)
    with speaking(visit.language):
        code = qr_svg(badge_qr(visit.ref))
        return marked(render_template("visits/_label.html", visit=visit, badge=number, whom=whom, code=code))


@blueprint.get("/<ref>/badge")
@allow(Permission.VISITS_WRITE)
def badge(ref: str) -> Any:
    """The badge to be printed, and the way to tell."""
    visit = find(ref)
    number = badge_label(visit.badge_number)
    return render(
        "visits/badge.html",
        visit=visit,
        badge=number,
        label=_label(visit, number),
        valid=visit.state in PRESENT,
        ways=_ways(visit),
        label_mm=_label_mm(),
        print_now="print" in request.args,
    )


@blueprint.post("/<ref>/badge")
@allow(Permission.VISITS_WRITE)
@writes
def print_again(ref: str) -> Any:
    """Print the badge again; the history says so."""
    visit, form = find(ref), DeedForm()
    if form.validate():
        with refusals(form):
            badge_printed(visit, actor=actor(), now=clock.now())
            return done(url_for("visits.badge", ref=ref, print=1))
    return refused(ref, form)
