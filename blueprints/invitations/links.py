"""The hosts' own links: mailed on request, cut off when lost; the link itself is shown to nobody here (V5)."""

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.invitations import blueprint
from domain import clock
from domain.errors import DomainError
from domain.occupants.links import cut_link, good_link, send_link
from domain.occupants.models import Host
from domain.permissions import Permission
from domain.text import N_
from web.at_site import at_a_site
from web.fields import TextField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render, wants_fragment
from web.permissions import actor, allow
from web.transactions import writes
from web.whom_part import SEARCH, WhomPart

CUT = "cut"


class LinkForm(WhomPart, FoyerForm):
    """Whose link; the button `cut` cuts it off."""

    endpoint = "invitations.send_host_link"
    whom_text = TextField(
        _("Host"),
        type="search",
        max_length=40,
        autocomplete="off",
        icon="search",
        attrs=SEARCH,
    )

    class Meta:
        autocomplete = "off"

    def host(self) -> Host:
        """The host; raises DomainError for a unit, which has no link."""
        host = self.chosen_whom().host
        if host is None:
            raise DomainError(N_("Choose a person: a unit has no link of its own."), field="whom_text")
        return host


def _form(formdata: Any = None, **initial: Any) -> LinkForm:
    form = LinkForm(formdata, **initial)
    form.list_found()
    return form


@blueprint.get("/links")
@allow(Permission.INVITATIONS_WRITE)
def host_links() -> Any:
    """Whose link is wanted; `?whom=` says whom somebody found in the search box."""
    at_a_site()
    return render("invitations/links.html", form=_form(data={"whom": request.args.get("whom", "")[:40] or None}))


@blueprint.get("/links/whom")
@allow(Permission.INVITATIONS_WRITE)
def find_link_host() -> Any:
    """Who matches what is being typed; a region without a page of its own."""
    at_a_site()
    if not wants_fragment():
        return redirect(url_for("invitations.host_links"), 303)
    return render("visits/_found.html", fragment="visits/_found.html", form=_form(request.args))


@blueprint.post("/links")
@allow(Permission.INVITATIONS_WRITE)
@writes
def send_host_link() -> Any:
    """Mail it, or cut it off."""
    at_a_site()
    form = _form()
    if not form.only_redraws() and form.validate():
        with refusals(form):
            flash(_cut(form.host()) if CUT in request.form else _send(form.host()), "ok")
            return done(url_for("invitations.host_links"))
    return refuse("invitations/links.html", form=form)


def _send(host: Host) -> str:
    send_link(host, site=g.site, actor=actor(), now=clock.now())
    return gettext("The link is on its way to %(name)s.", name=host.name)


def _cut(host: Host) -> str:
    if good_link(host.id) is None:
        raise DomainError(N_("This person has no link that is good."), field="whom_text")
    cut_link(host, actor=actor(), now=clock.now())
    return gettext("The link of %(name)s opens nothing any more.", name=host.name)
