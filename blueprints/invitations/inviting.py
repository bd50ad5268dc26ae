"""Inviting at the desk: one guest or a pasted list, for a host, a day and a time (V5)."""

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import ngettext

from blueprints.invitations import blueprint
from domain import clock
from domain.database import db
from domain.permissions import Permission
from domain.sites.queries import purposes_of
from domain.visits.invitation_models import Invitation
from web.at_site import at_a_site
from web.forms import refusals
from web.guest_form import GuestsForm, InviteForm
from web.htmx import done, refuse, render, wants_fragment
from web.permissions import actor, allow
from web.transactions import writes


def _form(formdata: Any = None, **initial: Any) -> InviteForm:
    form = InviteForm(formdata, **initial)
    form.offer(list(db.session.scalars(purposes_of(g.site.id))))
    form.fill_in()
    form.list_found()
    return form


@blueprint.get("/new")
@allow(Permission.INVITATIONS_WRITE)
def ask_guests() -> Any:
    """The form; `?whom=` says whom somebody found in the search box."""
    at_a_site()
    return render("invitations/invite.html", form=_form(data={"whom": request.args.get("whom", "")[:40] or None}))


@blueprint.get("/whom")
@allow(Permission.INVITATIONS_WRITE)
def find_whom() -> Any:
    """Who matches what is being typed; a region without a page of its own."""
    at_a_site()
    if not wants_fragment():
        return redirect(url_for("invitations.ask_guests"), 303)
    return render("visits/_found.html", fragment="visits/_found.html", form=_form(request.args))


@blueprint.post("/new")
@allow(Permission.INVITATIONS_WRITE)
@writes
def invite_visitors() -> Any:
    """Invite; lines that cannot be read are named, and stay."""
    at_a_site()
    form = _form()
    if not form.only_redraws() and form.validate():
        with refusals(form):
            plan = form.plan_for(form.chosen_whom())
            made = form.invite(plan, source="desk", actor=actor(), now=clock.now())
            return said(form, made, "invitations/invite.html", _after(made))
    return refuse("invitations/invite.html", form=form)


def _after(made: list[Invitation]) -> str:
    """One guest: the slip to be passed on; several: the list."""
    if len(made) == 1:
        return url_for("invitations.slip", ref=made[0].ref)
    return url_for("invitations.register")


def said(form: GuestsForm, made: list[Invitation], page: str, location: str, **context: Any) -> Any:
    """What was done; where lines were left out, the page again with them in it."""
    words = ngettext("%(num)d guest is invited.", "%(num)d guests are invited.", len(made))
    if not form.wrong:
        flash(words, "ok")
        return done(location)
    g.subject_url = location
    form.leave_the_wrong()
    return render(page, form=form, done_words=words, **context)
