"""Lending a key or a set (K2–K4): the form, the search for the borrower, asking for an approval, handing out."""

from contextlib import suppress
from typing import Any

from flask import flash, redirect, request, url_for

from blueprints.keys import blueprint
from blueprints.keys.cabinet import around
from blueprints.keys.lending_form import LoanForm
from domain import clock, history
from domain.errors import DomainError, NotFound
from domain.keys.acknowledgements import send_code
from domain.keys.approval_queries import get_approval, is_for, state_of
from domain.keys.approvals import ask_approval
from domain.keys.borrowers import shown
from domain.keys.classes import Rules
from domain.keys.happenings import happened
from domain.keys.loan_models import KeyApproval, Loan
from domain.keys.loan_queries import get_loan, past_of
from domain.keys.loans import check_here, lend
from domain.keys.models import Key
from domain.keys.queries import Thing, get_thing, keys_of, rows_of
from domain.keys.rules import rules_of, terms
from domain.keys.standing import InHand, in_hand
from domain.permissions import Permission
from domain.text import N_
from web.addresses import address
from web.at_site import at_a_site
from web.forms import refusals
from web.htmx import done, refuse, render, wants_fragment
from web.i18n import say, tell
from web.permissions import actor, allow, poll
from web.register_words import who_did
from web.sessions import arrive_at_site
from web.transactions import read_only, writes


def _approval(thing: Thing) -> KeyApproval | None:
    """The approval that the page goes on from; raises NotFound for another key's."""
    sent = request.form if request.method == "POST" else request.args
    ref = sent.get("approval", "")[:20]
    if not ref:
        return None
    approval = get_approval(ref, actor=actor())
    if not is_for(approval, thing) or approval.what != "loan":
        raise NotFound
    return approval


def _must_lie_here(thing: Thing) -> list[Any]:
    """The rows of the keys, all of which hang here; raises a refusal that says with whom one is and since when."""
    rows = rows_of(thing, now=clock.now())
    if not rows or any(row.loan_ref or row.lost_at or row.retired_at for row in rows):
        check_here(thing, keys_of(thing), actor=actor())
    return rows


def _form(rules: Rules, approval: KeyApproval | None, formdata: Any = None, *, brief: bool = False) -> LoanForm:
    return LoanForm(formdata, endpoint="keys.hand_out").prepare(rules, approval, brief=brief)


def _progress(approval: KeyApproval) -> list[dict[str, Any]]:
    """What happened to the question so far: asked, granted by, refused by and why."""
    drawn = []
    for line in history.of_subject("key_approval", approval.id, site_id=approval.site_id):
        what = happened(line)
        drawn.append({"at": line.at, "what": tell(what.sentence, what.values), "happening": what, "who": who_did(line)})
    return drawn


def _context(
    thing: Thing, rows: list[Any], rules: Rules, form: LoanForm, approval: KeyApproval | None
) -> dict[str, Any]:
    """The key at the side, how many approvals it takes, and how the one that was asked for stands."""
    now, needed, who = clock.now(), rules.approvals, form.resolved()
    with suppress(DomainError):
        needed = terms(rows, who, site_id=thing.site_id).needed if who else needed
    return {
        "thing": thing,
        "rows": rows,
        "row": rows[0] if rows else None,
        "is_set": not isinstance(thing, Key),
        "rules": rules,
        "needed": needed,
        "approval": approval,
        "stands": state_of(approval, now=now) if approval else "",
        "progress": _progress(approval) if approval else [],
        "last": next(iter(past_of(rows, most=1)), None),
        **around(),
    }


@blueprint.get("/<ref>/loans/new")
@allow(Permission.KEYS_LEND)
def ask_borrower(ref: str) -> Any:
    """The form; a key that is not here leads to its page, which says who has it since when."""
    at_a_site()
    thing = get_thing(ref, actor=actor())
    try:
        rows = _must_lie_here(thing)
    except DomainError as error:
        flash(tell(error.sentence, error.values), "late")
        return redirect(url_for("keys.thing", ref=ref), 303)
    approval, rules = _approval(thing), rules_of(rows, site_id=thing.site_id)
    form = _form(rules, approval)
    return render("keys/lend.html", form=form, **_context(thing, rows, rules, form, approval))


@blueprint.get("/<ref>/loans/borrowers")
@allow(Permission.KEYS_LEND)
def find_borrower(ref: str) -> Any:
    """Who matches what is being typed; a region without a page of its own."""
    at_a_site()
    thing = get_thing(ref, actor=actor())
    if not wants_fragment():
        return redirect(url_for("keys.ask_borrower", ref=ref), 303)
    keys = keys_of(thing)
    if not keys:
        raise NotFound
    form = _form(rules_of(keys, site_id=thing.site_id), None, request.args)
    return render("keys/_borrowers.html", fragment="keys/_borrowers.html", form=form)


@blueprint.get("/<ref>/loans/progress")
@allow(Permission.KEYS_LEND)
@poll
def progress(ref: str) -> Any:
    """The page of a loan that waits for its approval, as it asks for itself."""
    arrive_at_site()
    at_a_site()
    thing = get_thing(ref, actor=actor())
    approval = _approval(thing)
    if approval is None or not wants_fragment():
        return redirect(url_for("keys.ask_borrower", ref=ref, approval=approval.ref if approval else None), 303)
    rows = rows_of(thing, now=clock.now())
    if not rows:
        raise NotFound
    rules = rules_of(rows, site_id=thing.site_id)
    form = _form(rules, approval)
    context = _context(thing, rows, rules, form, approval)
    return render("keys/_lending.html", fragment="keys/_lending.html", form=form, **context)


@blueprint.post("/<ref>/loans")
@allow(Permission.KEYS_LEND)
@writes
def hand_out(ref: str) -> Any:
    """Lend, or ask for the approval first; the search and another kind of borrower draw the form again."""
    at_a_site()
    again = LoanForm.only_redraws()
    found = in_hand(ref, actor=actor(), now=clock.now(), held=not again)
    approval, rules = _approval(found.thing), found.rules
    form = _form(rules, approval, brief=not again)
    if not again and form.validate():
        with refusals(form):
            if form.asks:
                asked = _ask(get_thing(ref, actor=actor()), form)
                return done(url_for("keys.ask_borrower", ref=ref, approval=asked.ref))
            loan = _lend(found, form)
            if loan.acknowledged_how is None:
                return done(address("loans.entry", loan.ref))
            return done(address("keys.thing", ref))
    read_only()
    thing = get_thing(ref, actor=actor())
    approval, rows = _approval(thing), rows_of(thing, now=clock.now())
    if not again:
        form.offer_all()
    return refuse("keys/lend.html", form=form, **_context(thing, rows, rules, form, approval))


def _ask(thing: Thing, form: LoanForm) -> KeyApproval:
    who, now = form.who_borrows(), clock.now()
    check_here(thing, keys_of(thing), actor=actor())
    return ask_approval(thing, who=who, purpose=form.noted().purpose, due_at=form.until(), actor=actor(), now=now)


def _lend(found: InHand, form: LoanForm) -> Loan:
    """Hand out; without a signature or a paper the code is sent at once."""
    now, how = clock.now(), form.acknowledged()
    loan = lend(
        found,
        who=form.who_borrows(),
        noted=form.noted(),
        due_at=form.until(),
        actor=actor(),
        now=now,
        approval=form.given,
        acknowledged=how,
        signature=form.signature.data or "",
    )
    if how is None:
        send_code(get_loan(loan.ref, actor=actor()), actor=actor(), now=now)
        flash(say(N_("A code is on its way to the borrower. Enter it when you are told.")), "wait")
    flash(say(N_("%(tag)s goes out to %(name)s."), tag=found.thing.tag, name=shown(loan)), "ok")
    return loan
