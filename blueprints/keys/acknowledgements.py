"""The borrower's word for a loan that is out (K2): the code that was sent, a signature after all, a paper; and calls to
whoever does not bring a key back (K5), or the word of who brought it (K6).
"""

from collections.abc import Callable
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired, ValidationError

from blueprints.keys import loans
from blueprints.keys.lending_form import SignatureField, codes_go_to
from blueprints.keys.returns import ReturnForm, onward
from domain import clock, pages
from domain.keys.acknowledgements import (
    CODE_TRIES,
    WrongCode,
    acknowledge_by_code,
    acknowledge_by_signature,
    acknowledge_on_paper,
    send_code,
)
from domain.keys.chase import called
from domain.keys.classes import Borrower, KeyClass
from domain.keys.loan_queries import get_loan, lines_of
from domain.keys.register import KEYS
from domain.keys.returns import confirm_return, may_be_confirmed
from domain.keys.rules import rules_at
from domain.permissions import Permission
from domain.text import N_
from web.attempts import record_refusal
from web.fields import CodeField, HiddenField, TextField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse
from web.permissions import actor, allow
from web.registers import entry_context
from web.transactions import read_only, writes


class DeedForm(FoyerForm):
    """One touch on a loan; `then` says where to go on."""

    then = HiddenField()


class CodeForm(FoyerForm):
    """The code that the borrower tells."""

    code = CodeField(_("Code from the message"), autocomplete="off")

    def validate_code(self, field: Any) -> None:
        """Something was typed."""
        if not field.data:
            raise ValidationError(gettext("Enter the code that the borrower tells you."))


class SignForm(FoyerForm):
    """A signature that is drawn after all."""

    signature = SignatureField(_("Signature of the borrower"))


class CallForm(FoyerForm):
    """What was said when the desk called the borrower."""

    note = TextField(_("Called the borrower"), [DataRequired(_("Say what was agreed, or that nobody answered."))])


def deeds(row: Any) -> dict[str, Any]:
    """What `keys/_actions.html` offers for a loan, with its keys and its forms."""
    may, out, kept = actor().may(Permission.KEYS_LEND), row.ended_at is None, lines_of(row.id)
    waits = may and out and row.acknowledged_how is None
    asks = rules_at(row.site_id)[KeyClass(row.class_code)].asks_who_brings
    return {
        "may_lend": may,
        "out": out,
        "kept": kept,
        "asks": asks,
        "unconfirmed": may and asks and any(may_be_confirmed(line, now=clock.now()) for line in kept),
        "then": request.args.get("then", ""),
        "back": ReturnForm(endpoint="keys.take_back") if may and out else None,
        "resends": codes_go_to(Borrower(row.borrower)),
        "code": CodeForm(endpoint="loans.tell_code") if waits else None,
        "sign": SignForm(endpoint="loans.sign") if waits else None,
        "call": CallForm(endpoint="loans.note_call") if may and out and row.due_at < clock.now() else None,
    }


def _refused(ref: str, form: FoyerForm, name: str = "") -> Any:
    """The loan as it stands now, with the words of what went wrong at the form."""
    read_only()
    row = pages.entry(KEYS, ref, site_id=actor().site_id, actor=actor())
    context = entry_context(KEYS, row) | deeds(row)
    if name and context.get(name):
        context[name] = form
    else:
        form.as_a_whole()
    return refuse("registers/entry.html", form=form, **context)


def _deed(ref: str, do: Callable[..., object], said: str) -> Any:
    """Do it to the loan, and say so or why not. `do` takes the loan, `actor` and `now`."""
    loan, form = get_loan(ref, actor=actor()), DeedForm()
    if form.validate():
        with refusals(form):
            do(loan, actor=actor(), now=clock.now())
            flash(gettext(said), "ok")
            return done(onward(form.then.data, "loans.entry", ref=ref))
    return _refused(ref, form)


@loans.post("/<ref>/acknowledgements")
@allow(Permission.KEYS_LEND)
@writes
def tell_code(ref: str) -> Any:
    """The code that was sent; a wrong one is counted although nothing else is kept of it."""
    loan, form = get_loan(ref, actor=actor()), CodeForm()
    if form.validate():
        wrong = False
        with refusals(form):
            try:
                acknowledge_by_code(loan, form.code.data, actor=actor(), now=clock.now())
                flash(gettext("The borrower has acknowledged the loan."), "ok")
                return done(url_for("loans.entry", ref=ref))
            except WrongCode:
                wrong = True
                raise
        if wrong:
            read_only()
            with record_refusal():
                CODE_TRIES.count(ref, now=clock.now())
    return _refused(ref, form, "code")


@loans.post("/<ref>/codes")
@allow(Permission.KEYS_LEND)
@writes
def send_again(ref: str) -> Any:
    """Send a new code; the one before is worth nothing."""
    return _deed(ref, send_code, N_("A new code is on its way. The one before no longer holds."))


@loans.post("/<ref>/signatures")
@allow(Permission.KEYS_LEND)
@writes
def sign(ref: str) -> Any:
    """The borrower signs after all."""
    loan, form = get_loan(ref, actor=actor()), SignForm()
    if form.validate():
        with refusals(form):
            acknowledge_by_signature(loan, form.signature.data or "", actor=actor(), now=clock.now())
            flash(gettext("The borrower has acknowledged the loan."), "ok")
            return done(url_for("loans.entry", ref=ref))
    return _refused(ref, form, "sign")


@loans.post("/<ref>/papers")
@allow(Permission.KEYS_LEND)
@writes
def note_paper(ref: str) -> Any:
    """The borrower signed on paper, which the desk keeps."""
    return _deed(ref, acknowledge_on_paper, N_("The borrower has acknowledged the loan."))


@loans.post("/<ref>/calls")
@allow(Permission.KEYS_LEND)
@writes
def note_call(ref: str) -> Any:
    """The desk called whoever has the key."""
    loan, form = get_loan(ref, actor=actor()), CallForm()
    if form.validate():
        with refusals(form):
            called(loan, note=form.note.data, actor=actor(), now=clock.now())
            flash(gettext("The call is noted."), "ok")
            return done(url_for("loans.entry", ref=ref))
    return _refused(ref, form, "call")


@loans.post("/<ref>/confirmations")
@allow(Permission.KEYS_LEND)
@writes
def confirm(ref: str) -> Any:
    """Whoever brought it back confirms that (K6)."""
    return _deed(ref, confirm_return, N_("Who brought it confirmed the return."))
