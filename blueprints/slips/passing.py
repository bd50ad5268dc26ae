"""A slip goes from hand to hand: offered and accepted among the staff (C1), sent to a department (C3)."""

from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from blueprints.slips import blueprint
from blueprints.slips.deeds import after, ask, deed, find
from domain import clock
from domain.database import db
from domain.permissions import Permission
from domain.slips import operations
from domain.slips.models import Slip
from domain.slips.queries import departments_of, owners_at
from domain.text import N_
from web.fields import ChoiceField, TextField
from web.forms import FoyerForm, refusals
from web.permissions import actor, allow
from web.transactions import writes


class OfferForm(FoyerForm):
    """Who is asked to take the slip over."""

    to = ChoiceField(_("Who takes it over?"), [DataRequired(_("Choose who is asked."))])

    def prepare(self, slip: Slip) -> "OfferForm":
        """Offer those who may have slips here, but for the owner; returns the form."""
        people = [one for one in db.session.scalars(owners_at(g.site.id)) if one.id != slip.owner_id]
        self.people = {one.ref: one for one in people}
        self.to.choices = [(one.ref, one.name, "user") for one in people]
        return self


class DispatchForm(FoyerForm):
    """Which department, and a word to it."""

    department = ChoiceField(_("Which department?"), [DataRequired(_("Choose a department."))])
    text = TextField(_("A word to them"), max_length=300, hint=_("optional"))

    def prepare(self, slip: Slip) -> "DispatchForm":
        """Offer the site's departments, the one of the slip's kind first chosen; returns the form."""
        departments = list(db.session.scalars(departments_of(g.site.id)))
        self.departments = {one.ref: one for one in departments}
        self.department.choices = [(one.ref, one.name, "works") for one in departments]
        usual = next((one.ref for one in departments if one.id == slip.department_id), None)
        self.department.data = self.department.data or usual
        return self


def _ask_owner(ref: str, form: OfferForm) -> Any:
    nobody = "" if form.people else gettext("Nobody else here may have slips.")
    return ask(
        ref, form, title=gettext("Offer to a colleague"), button_words=gettext("Ask to take it over"), nobody=nobody
    )


def _ask_department(ref: str, form: DispatchForm) -> Any:
    nobody = "" if form.departments else gettext("This site has no departments yet. The lead enters them.")
    return ask(ref, form, title=gettext("Send to a department"), button_words=gettext("Send the slip"), nobody=nobody)


@blueprint.get("/<ref>/offers")
@allow(Permission.SLIPS_WRITE)
def ask_offer(ref: str) -> Any:
    """Who could take the slip over."""
    return _ask_owner(ref, OfferForm(endpoint="slips.offer_slip").prepare(find(ref)))


@blueprint.post("/<ref>/offers")
@allow(Permission.SLIPS_WRITE)
@writes
def offer_slip(ref: str) -> Any:
    """Ask somebody to take the slip over; the owner stays until that is accepted."""
    slip = find(ref)
    form = OfferForm().prepare(slip)
    if form.validate():
        with refusals(form):
            to = form.people[form.to.data]
            operations.offer(slip, to=to, actor=actor(), now=clock.now())
            return after(ref, gettext("%(name)s is asked. Until then the owner stays the same.", name=to.name))
    return _ask_owner(ref, form)


@blueprint.post("/<ref>/acceptances")
@allow(Permission.SLIPS_WRITE)
@writes
def accept_slip(ref: str) -> Any:
    """Become the owner."""
    return deed(ref, operations.accept, N_("You have the slip now."))


@blueprint.get("/<ref>/dispatches")
@allow(Permission.SLIPS_WRITE)
def ask_dispatch(ref: str) -> Any:
    """The departments of the site."""
    return _ask_department(ref, DispatchForm(endpoint="slips.dispatch_slip").prepare(find(ref)))


@blueprint.post("/<ref>/dispatches")
@allow(Permission.SLIPS_WRITE)
@writes
def dispatch_slip(ref: str) -> Any:
    """Send the slip to a department."""
    slip = find(ref)
    form = DispatchForm().prepare(slip)
    if form.validate():
        with refusals(form):
            to = form.departments[form.department.data]
            operations.dispatch(slip, to=to, text=form.text.data or "", actor=actor(), now=clock.now())
            return after(ref, gettext("Sent to %(department)s: let them confirm it.", department=to.name))
    return _ask_department(ref, form)


@blueprint.post("/<ref>/receipts")
@allow(Permission.SLIPS_WRITE)
@writes
def receive_slip(ref: str) -> Any:
    """The department says that it has the slip; a second tablet that says so too changes nothing."""
    return deed(ref, operations.receive, N_("The department has it."))
