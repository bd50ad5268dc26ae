"""One touch on an invitation: sign the guest in, join a visit, take it back, send the letter again."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, url_for
from flask_babel import gettext

from blueprints.invitations import blueprint
from domain import clock, pages
from domain.codes import badge_label
from domain.database import db
from domain.errors import DomainError
from domain.permissions import Permission
from domain.text import N_
from domain.visits.arrivals import who_is_present
from domain.visits.entries import Standing, arrive, join, known_of, standing
from domain.visits.invitation_models import Invitation
from domain.visits.invitation_queries import get_invitation
from domain.visits.invitation_register import INVITATIONS
from domain.visits.invitations import invite_again, withdraw
from domain.visits.queries import get_visible
from web.at_site import at_a_site
from web.fields import HiddenField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse
from web.permissions import actor, allow
from web.registers import entry_context
from web.transactions import read_only, writes


class DeedForm(FoyerForm):
    """One touch on an invitation; `then` says where it was made: `today`, `desk`, a meeting's ref, or its own page.
    `despite`: the desk knows that it is another day's. `visit`: which visit joins."""

    then = HiddenField()
    despite = HiddenField()
    visit = HiddenField()


def deeds(row: Any) -> dict[str, Any]:
    """What `invitations/_actions.html` offers for that row."""
    now, who = clock.now(), actor()
    invitation = db.session.get_one(Invitation, row.id)
    worth = standing(invitation, used=row.used, zone=g.site.zone, now=now)
    live = worth not in (Standing.USED_UP, Standing.WITHDRAWN, Standing.OVER) and not row.erased_at
    may_write = who.may(Permission.INVITATIONS_WRITE)
    left = row.ends_at > now and row.used < row.entries and not row.erased_at
    return {
        "worth": worth.value,
        "invitation": invitation,
        "may": {
            "sign_in": who.may(Permission.VISITS_WRITE) and live,
            "withdraw": may_write and left and invitation.is_open,
            "again": may_write and left and (not invitation.is_open or bool(row.email)),
            "move": may_write and left and invitation.is_open and invitation.meeting_id is None,
            "slip": may_write and live,
        },
    }


def _do(ref: str, form: DeedForm, deed: Callable[[Invitation], str], *, location: str | None = None) -> Any:
    """Do it and say so, or say over the entry as it stands now why not."""
    at_a_site()
    invitation = get_invitation(ref, actor=actor())
    if form.validate():
        with refusals(form):
            where = deed(invitation)
            return done(where or location or url_for(INVITATIONS.endpoint, ref=ref))
    read_only()
    form.as_a_whole()
    row = pages.entry(INVITATIONS, ref, site_id=g.site.id, actor=actor())
    return refuse("registers/entry.html", form=form, **entry_context(INVITATIONS, row) | deeds(row))


def _back(form: DeedForm) -> str:
    """Where the deed was made; "" for the entry's own page."""
    if form.then.data == "today":
        return url_for("invitations.today")
    if form.then.data == "desk":
        return url_for("desk.board")
    if form.then.data and form.then.data.isalnum() and len(form.then.data) == 12:
        return url_for("invitations.guests", ref=form.then.data)
    return ""


@blueprint.post("/<ref>/arrivals")
@allow(Permission.VISITS_WRITE)
@writes
def sign_in(ref: str) -> Any:
    """The guest stands at the desk: one touch. Who is asked for a name goes to the desk's form, and so does who seems
    to be inside already: there stands who that is, and the way out (V11).
    """
    form = DeedForm()

    def deed(invitation: Invitation) -> str:
        if not invitation.name:
            raise DomainError(N_("This code is for a group. Sign the guest in with the name."))
        now = clock.now()
        worth = standing(invitation, used=0, zone=g.site.zone, now=now)
        if worth in (Standing.EARLY, Standing.LATE) and form.despite.data != "1":
            raise DomainError(
                N_("This invitation is for %(begins)s. Sign in all the same?"), begins=invitation.begins_at
            )
        if who_is_present(g.site.id, known_of(invitation)):
            return url_for("desk.ask_visitor", invitation=ref)
        visit = arrive(
            invitation,
            entered=known_of(invitation),
            site=g.site,
            language=invitation.language,
            source="desk",
            actor=actor(),
            now=now,
        )
        if form.then.data:
            badge = f"{badge_label(visit.badge_number)} {visit.badge_check}"
            flash(gettext("%(name)s is signed in: badge %(badge)s.", name=visit.name, badge=badge), "ok")
        return _back(form) or url_for("visits.badge", ref=visit.ref)

    return _do(ref, form, deed)


@blueprint.post("/<ref>/joins")
@allow(Permission.VISITS_WRITE)
@writes
def join_visit(ref: str) -> Any:
    """A visit without the code was this guest's: it joins, and is no second one (V5)."""
    form = DeedForm()

    def deed(invitation: Invitation) -> str:
        visit = get_visible(form.visit.data or "", actor=actor())
        join(invitation, visit, site=g.site, actor=actor(), now=clock.now())
        flash(gettext("%(name)s has come by invitation.", name=visit.name), "ok")
        return _back(form) or url_for("visits.entry", ref=visit.ref)

    return _do(ref, form, deed)


@blueprint.post("/<ref>/withdrawals")
@allow(Permission.INVITATIONS_WRITE)
@writes
def take_back(ref: str) -> Any:
    """The guest is not to come; whoever has a mail address is told."""
    form = DeedForm()

    def deed(invitation: Invitation) -> str:
        withdraw(invitation, site=g.site, actor=actor(), now=clock.now())
        flash(gettext("The invitation is taken back."), "ok")
        return _back(form)

    return _do(ref, form, deed)


@blueprint.post("/<ref>/letters")
@allow(Permission.INVITATIONS_WRITE)
@writes
def send_again(ref: str) -> Any:
    """The letter once more; one that was taken back holds again."""
    form = DeedForm()

    def deed(invitation: Invitation) -> str:
        invite_again(invitation, site=g.site, actor=actor(), now=clock.now())
        flash(gettext("The guest is invited again."), "ok")
        return _back(form)

    return _do(ref, form, deed)
