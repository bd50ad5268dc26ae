"""Copies of a key (K4): asked for, approved by somebody else, made, entered."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from blueprints.keys import blueprint
from domain import clock
from domain.database import db
from domain.errors import NotFound
from domain.keys.approval_queries import of_thing, states_of
from domain.keys.approvals import ask_copies
from domain.keys.borrowers import shown, staff
from domain.keys.cabinet import copies_made
from domain.keys.loan_models import KeyApproval
from domain.keys.managed import get_managed_key
from domain.keys.models import Key
from domain.people.models import Person
from domain.permissions import Permission
from domain.registers import State
from domain.text import N_
from web.edits import AmountField, PlainField, draw, filled, settled
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.permissions import actor, allow
from web.transactions import writes

STATES = {
    "used": State(N_("Copies made"), "done", "ok"),
    "withdrawn": State(N_("No longer asked"), "minus", "idle"),
    "denied": State(N_("Approval refused"), "x", "late"),
    "granted": State(N_("Approved"), "stamp", "ok"),
    "expired": State(N_("Too old: ask again"), "late", "idle"),
    "waiting": State(N_("Waits for approval"), "wait", "wait"),
}


class CopiesForm(FoyerForm):
    """How many copies are asked for, and what for."""

    copies = AmountField(_("Copies"), [filled(_("Ask for 1 to 20 copies."))], min=1, max=20, default=1)
    purpose = PlainField(_("What for"), max_length=200, description=_("The approver decides by it."))


def _page(key: Key, form: FoyerForm) -> Any:
    settled(form)
    asked = [one for one in of_thing(key) if one.what == "copy"]
    states = states_of(asked, now=clock.now())
    return draw(
        "keys/copies.html",
        form=form,
        title=gettext("Copies of %(tag)s", tag=key.tag),
        key=key,
        asked=[{"approval": one, "state": states[one.id], "name": shown(one)} for one in asked],
        states=STATES,
        back=url_for("keys.keep", ref=key.ref),
    )


@blueprint.route("/<ref>/copies", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@writes
def copies(ref: str) -> Any:
    """Ask for copies: somebody else has to approve them."""
    key, form = get_managed_key(ref, actor=actor()), CopiesForm(endpoint="keys.copies")
    if request.method == "POST" and form.validate():
        with refusals(form):
            who = staff(db.session.get_one(Person, actor().id))
            purpose = form.purpose.data
            ask_copies(key, copies=form.copies.data, who=who, purpose=purpose, actor=actor(), now=clock.now())
            flash(gettext("The approvers are told. No copy is made before one of them agrees."), "wait")
            return done(url_for("keys.copies", ref=ref))
    return _page(key, form)


@blueprint.post("/<ref>/copies/<approval_ref>")
@allow(Permission.KEYS_MANAGE)
@writes
def enter_copies(ref: str, approval_ref: str) -> Any:
    """The copies that were approved are made and hang there."""
    key, form = get_managed_key(ref, actor=actor()), FoyerForm()
    approval = _approval(key, approval_ref)
    if form.validate():
        with refusals(form):
            copies_made(key, approval=approval, actor=actor(), now=clock.now())
            flash(gettext("%(tag)s has %(copies)d copies now.", tag=key.tag, copies=key.copies), "ok")
            return done(url_for("keys.copies", ref=ref))
    shown_again = CopiesForm(MultiDict({"copies": "1"}), endpoint="keys.copies")
    shown_again.problems, shown_again.status = form.problems, form.status
    return _page(key, shown_again)


def _approval(key: Key, ref: str) -> KeyApproval:
    found = next((one for one in of_thing(key) if one.ref == ref and one.what == "copy"), None)
    if found is None:
        raise NotFound
    return found
