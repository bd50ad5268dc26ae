"""Sites: the list, a new one, one with everything that is set there."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from blueprints.admin import blueprint
from blueprints.admin.forms import NO_NOTICE, NO_WAY, NOT_NAMED, said_otherwise
from blueprints.admin.site_forms import SiteForm, of_site, zones
from domain import clock
from domain.channels import lines_of
from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.notices import Channel
from domain.people import sign_in as signing
from domain.permissions import Permission, permissions_of
from domain.sites import operations, queries
from domain.sites.fields import asked_fields
from domain.sites.models import Site
from web.edits import draw
from web.forms import refusals
from web.frame import house_name
from web.htmx import done, render
from web.messages import working_channels
from web.permissions import actor, allow
from web.sessions import signed_in
from web.transactions import writes


def find_site(ref: str) -> Site:
    """The site, when the actor sets it up; held until the commit when it is about to be changed."""
    statement = queries.visible_to(actor()).where(Site.ref == ref)
    site = db.session.scalar(statement.with_for_update(key_share=True) if request.method == "POST" else statement)
    if site is None or not actor().may(Permission.SITES_MANAGE, site.id):
        raise NotFound
    return site


def _may_add(who: Actor) -> bool:
    """A site is opened by who sets up every site: somebody else would not see it."""
    return Permission.SITES_MANAGE in permissions_of(who.roles_at(None))


@blueprint.get("/sites")
@allow(Permission.SITES_MANAGE)
def sites() -> Any:
    """The sites that the actor sets up."""
    seen = db.session.scalars(queries.visible_to(actor())).all()
    managed = [site for site in seen if actor().may(Permission.SITES_MANAGE, site.id)]
    return render("admin/sites.html", sites=managed, may_add=_may_add(actor()), here=actor().site_id)


@blueprint.route("/sites/new", methods=["GET", "POST"])
@allow(Permission.SITES_MANAGE)
@writes
def add_site() -> Any:
    """A new site: its names, zone, languages and periods."""
    if not _may_add(actor()):
        raise NotFound
    form = SiteForm()
    if request.method == "GET":
        form.process(data=NEW)
    elif form.validate():
        with refusals(form):
            site = operations.add_site(**form.values, actor=actor(), now=clock.now())
            _work_there(site)
            return done(url_for("admin.site", ref=site.ref))
    return draw("admin/site_form.html", form=form, title=_("Add site"), back=url_for("admin.sites"), zones=zones())


def _work_there(site: Site) -> None:
    """Who works nowhere yet works at the site just added."""
    me = signed_in()
    if me and me.actor.site_id is None:
        signing.work_at(site.ref, session_id=me.session_id, actor=me.actor, now=clock.now())


NEW = {
    "zone": "Asia/Shanghai",
    "brand": "#1b5566",
    "language": "zh_Hans",
    "languages": ["zh_Hans", "en"],
    "default_stay_minutes": 120,
    "deputy_after_minutes": 3,
    "retention_days": 90,
}


@blueprint.get("/sites/<ref>")
@allow(Permission.SITES_MANAGE)
def site(ref: str) -> Any:
    """One site: what is set there, and the way to each part of it."""
    found = find_site(ref)
    purposes = db.session.scalars(queries.purposes_of(found.id)).all()
    return render(
        "admin/site.html",
        shown=found,
        asked=asked_fields(found, None),
        purposes=purposes,
        unnamed=said_otherwise(found, NOT_NAMED, *(purpose.names for purpose in purposes)),
        unwritten=said_otherwise(found, NO_NOTICE, found.notice) + said_otherwise(found, NO_WAY, found.directions),
        channels=len(lines_of(found.channels)),
        mail_works=Channel.MAIL in working_channels(),
    )


@blueprint.route("/sites/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.SITES_MANAGE)
@writes
def change_site(ref: str) -> Any:
    """Names, zone, languages, periods and colour of a site."""
    found = find_site(ref)
    form = SiteForm(of_site(found))
    back = url_for("admin.site", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            values, who, now = form.values, actor(), clock.now()
            operations.set_brand(found, brand=values.pop("brand"), actor=who, now=now)
            operations.change_site(found, **values, actor=who, now=now)
            flash(_("%(site)s is changed.", site=house_name(found)), "ok")
            return done(back)
    return draw("admin/site_form.html", form=form, title=_("Names, languages and periods"), back=back, zones=zones())
