"""Approvals (K4): the inbox of those who approve, made for a phone, and one question with its two answers."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms.validators import DataRequired

from blueprints.keys import blueprint
from blueprints.keys.cabinet import around
from domain import clock
from domain.identity import Actor
from domain.keys.approval_queries import (
    asked_row,
    decisions_on,
    get_approval,
    may_answer,
    state_of,
    thing_of,
    waiting_for,
)
from domain.keys.approvals import approve, deny, withdraw
from domain.keys.loan_models import KeyApproval
from domain.permissions import Permission
from web.at_site import at_a_site
from web.fields import TextField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.permissions import actor, allow
from web.transactions import read_only, writes


class GrantForm(FoyerForm):
    """One touch."""


class RefusalForm(FoyerForm):
    """Why the key stays where it is; whoever asked reads it."""

    reason = TextField(
        _("Why not"), [DataRequired(_("Say why: whoever asked has to tell the borrower."))], max_length=200
    )


def _context(approval: KeyApproval, who: Actor) -> dict[str, Any]:
    stands = state_of(approval, now=clock.now())
    said = decisions_on(approval.id)
    mine = any(one.person_id == who.id for one in said) or approval.person_id == who.id
    return {
        "row": asked_row(approval),
        "stands": stands,
        "said": said,
        "own": approval.person_id == who.id,
        "may_answer": stands == "waiting" and not mine and may_answer(approval, who),
        **around(),
    }


@blueprint.get("/approvals")
@allow(Permission.KEYS_APPROVE)
def approvals() -> Any:
    """What the reader is asked, oldest first."""
    at_a_site()
    return render("keys/approvals.html", rows=waiting_for(actor(), now=clock.now()), **around())


@blueprint.get("/approvals/<ref>")
@allow(Permission.KEYS_APPROVE)
def approval(ref: str) -> Any:
    """One question: who, which key, what for, until when, and what others have said."""
    at_a_site()
    found = get_approval(ref, actor=actor())
    form = RefusalForm(endpoint="keys.refuse_approval")
    return render("keys/approval.html", form=form, **_context(found, actor()))


def _refused(ref: str, form: FoyerForm) -> Any:
    """The question as it stands now, with the words of what went wrong."""
    read_only()
    context = _context(get_approval(ref, actor=actor()), actor())
    drawn = form if isinstance(form, RefusalForm) else RefusalForm(MultiDict(), endpoint="keys.refuse_approval")
    drawn.problems, drawn.status = form.problems, form.status
    if not context["may_answer"]:
        drawn.as_a_whole()
    return refuse("keys/approval.html", form=drawn, **context)


@blueprint.post("/approvals/<ref>/grants")
@allow(Permission.KEYS_APPROVE)
@writes
def grant_approval(ref: str) -> Any:
    """Grant it; with two needed, another person grants it too."""
    found, form = get_approval(ref, actor=actor()), GrantForm()
    if form.validate():
        with refusals(form):
            approve(found, actor=actor(), now=clock.now())
            flash(gettext("%(tag)s is approved by you.", tag=thing_of(found).tag), "ok")
            return done(url_for("keys.approvals"))
    return _refused(ref, form)


@blueprint.post("/approvals/<ref>/refusals")
@allow(Permission.KEYS_APPROVE)
@writes
def refuse_approval(ref: str) -> Any:
    """Refuse it, with a reason."""
    found, form = get_approval(ref, actor=actor()), RefusalForm()
    if form.validate():
        with refusals(form):
            deny(found, actor=actor(), now=clock.now(), reason=form.reason.data)
            flash(gettext("%(tag)s is refused. The desk reads why.", tag=thing_of(found).tag), "ok")
            return done(url_for("keys.approvals"))
    return _refused(ref, form)


@blueprint.post("/approvals/<ref>/withdrawals")
@allow(Permission.KEYS_LEND)
@writes
def withdraw_approval(ref: str) -> Any:
    """The desk no longer asks."""
    found, form = get_approval(ref, actor=actor()), GrantForm()
    if form.validate():
        with refusals(form):
            withdraw(found, actor=actor(), now=clock.now())
            flash(gettext("This is no longer asked."), "ok")
            return done(url_for("keys.thing", ref=thing_of(found).ref))
    read_only()
    flash(form.problems[0], "late")
    return done(url_for("keys.thing", ref=thing_of(get_approval(ref, actor=actor())).ref))
