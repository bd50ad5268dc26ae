"""Kiosks of the site: the list, entered and changed, paired with the code that they show, cut off. The displays at the
doors of meeting rooms are listed beside them; they are paired where their room is (blueprints/meetings/displays.py).
"""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext as _

from blueprints.admin import blueprint
from blueprints.admin.forms import by_language, in_languages, of_language, spoken
from blueprints.admin.kiosk_forms import HELP, KioskForm, PairForm
from domain import clock
from domain.database import db, writing
from domain.errors import NotFound
from domain.limits import PAIRING_TRIES
from domain.meetings.queries import displays_of
from domain.permissions import Permission
from domain.sites import operations, pairing, queries
from domain.sites.models import Kiosk
from web.at_site import at_a_site
from web.edits import ActionForm, draw
from web.forms import refusals
from web.htmx import done, render
from web.permissions import actor, allow
from web.transactions import writes


def _find(ref: str) -> Kiosk:
    statement = queries.kiosks_of(_site_id()).where(Kiosk.ref == ref)
    kiosk = db.session.scalar(statement.with_for_update(key_share=True) if request.method == "POST" else statement)
    if kiosk is None:
        raise NotFound
    return kiosk


def _site_id() -> int:
    return actor().site_id or 0


@blueprint.get("/kiosks")
@allow(Permission.KIOSKS_MANAGE)
def kiosks() -> Any:
    """The kiosks of the site and the displays at its doors, and how each stands."""
    at_a_site()
    found = db.session.scalars(queries.kiosks_of(_site_id())).all()
    return render("admin/kiosks.html", kiosks=found, displays=displays_of(_site_id()))


@blueprint.route("/kiosks/new", methods=["GET", "POST"])
@allow(Permission.KIOSKS_MANAGE)
@writes
def add_kiosk() -> Any:
    """Enter a kiosk; the next page pairs it."""
    at_a_site()
    languages = spoken(g.site.languages)
    form = in_languages(KioskForm, languages, help=HELP)()
    if request.method == "POST" and form.validate():
        with refusals(form):
            kiosk = pairing.add_kiosk(
                site_id=_site_id(),
                name=form["name"].data,
                width_mm=form["width_mm"].data,
                label_mm=int(form["label_mm"].data),
                help_text=of_language(form.values, "help"),
                actor=actor(),
                now=clock.now(),
            )
            return done(url_for("admin.pair_kiosk", ref=kiosk.ref))
    return draw("admin/kiosk_form.html", form=form, title=_("Add kiosk"), back=url_for("admin.kiosks"), kiosk=None)


@blueprint.route("/kiosks/<ref>", methods=["GET", "POST"])
@allow(Permission.KIOSKS_MANAGE)
@writes
def change_kiosk(ref: str) -> Any:
    """Change what is known of a kiosk."""
    kiosk, back = _find(ref), url_for("admin.kiosks")
    languages = spoken(g.site.languages, kiosk.help)
    current = {"name": kiosk.name, "width_mm": kiosk.width_mm, "label_mm": str(kiosk.label_mm)}
    form = in_languages(KioskForm, languages, help=HELP)(current | by_language(kiosk.help, "help", languages))
    if request.method == "POST" and form.validate():
        with refusals(form):
            values = {
                "name": form["name"].data,
                "width_mm": form["width_mm"].data,
                "label_mm": int(form["label_mm"].data),
            }
            help_text = of_language(form.values, "help")
            operations.change_kiosk(kiosk, **values, help=help_text, actor=actor(), now=clock.now())
            flash(_("%(kiosk)s is changed.", kiosk=kiosk.name), "ok")
            return done(back)
    return draw("admin/kiosk_form.html", form=form, title=_("Change kiosk"), back=back, kiosk=kiosk)


@blueprint.route("/kiosks/<ref>/pairing", methods=["GET", "POST"])
@allow(Permission.KIOSKS_MANAGE)
@writes
def pair_kiosk(ref: str) -> Any:
    """Enter the eight letters that the kiosk shows: five tries in ten minutes."""
    form = PairForm()
    posted = request.method == "POST" and _count_try(form)
    kiosk = _find(ref)
    if posted and form.validate():
        with refusals(form):
            pairing.approve(form["code"].data, kiosk=kiosk, actor=actor(), now=clock.now())
            PAIRING_TRIES.clear(str(actor().id))
            flash(_("%(kiosk)s may start now: touch “Start the kiosk” on its screen.", kiosk=kiosk.name), "ok")
            return done(url_for("admin.kiosks"))
    return draw("admin/pair_kiosk.html", form=form, kiosk=kiosk, back=url_for("admin.kiosks"))


def _count_try(form: PairForm) -> bool:
    """Count a try before it is made, in a transaction of its own: a wrong one rolls back, and many may come at once."""
    if not form.is_code():
        return True
    with refusals(form), writing():
        PAIRING_TRIES.check(str(actor().id), now=clock.now())
        PAIRING_TRIES.count(str(actor().id), now=clock.now())
    return form.status < 400


@blueprint.route("/kiosks/<ref>/cut-off", methods=["GET", "POST"])
@allow(Permission.KIOSKS_MANAGE)
@writes
def cut_off_kiosk(ref: str) -> Any:
    """Shut a lost kiosk out at once; asked first."""
    kiosk, form = _find(ref), ActionForm()
    if request.method == "POST" and form.validate():
        with refusals(form):
            pairing.cut_off(kiosk, actor=actor(), now=clock.now())
            return done(url_for("admin.kiosks"))
    return draw("admin/cut_off_kiosk.html", form=form, kiosk=kiosk, back=url_for("admin.kiosks"))
