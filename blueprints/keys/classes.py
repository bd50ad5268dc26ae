"""What each class of keys allows at this site (K4): who may borrow, who approves, for how long, who is on its list."""

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.keys import blueprint
from domain import clock
from domain.errors import DomainError
from domain.keys.borrowers import find_staff, staff_at
from domain.keys.classes import (
    APPROVERS,
    BORROWER_NAMES,
    CLASS_NAMES,
    MOST_APPROVALS,
    READERS,
    Borrower,
    KeyClass,
    Rules,
)
from domain.keys.rules import list_person, listed, rules_at, set_rules, unlist_person
from domain.permissions import ROLE_NAMES, Permission, Role
from domain.text import N_
from web.at_site import at_a_site
from web.edits import AmountField, EditForm, draw, filled, settled
from web.fields import BooleanField, HiddenField, MultiChoice, SelectField
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import say
from web.permissions import actor, allow
from web.transactions import writes

LONGEST = 44640
SETS = ("borrowers", "approvers", "seen_by")
IDS = ("custodian", "unlisted")


def _minutes(label: Any, least: int) -> AmountField:
    return AmountField(label, [filled(_("Enter minutes."))], min=least, max=LONGEST, hint=_("minutes"))


class RulesForm(EditForm):
    """The rules of one class."""

    class_code = HiddenField()
    borrowers = MultiChoice(_("Who may borrow"), description=_("Nobody ticked: these keys are lent to nobody."))
    approvals = SelectField(_("Approvals each time"))
    approvers = MultiChoice(_("Who approves"), description=_("Never the borrower; two approvals come from two people."))
    listed_only = BooleanField(_("To listed staff alone"))
    unlisted = SelectField(_("Staff who are not on the list"), blank=_("get none"))
    default_minutes = _minutes(_("Usual time"), 5)
    limit_minutes = _minutes(_("Longest time"), 5)
    escalate_minutes = _minutes(_("Supervisor told after the due time"), 0)
    needs_authority = BooleanField(_("The owner's or agent's word is noted"))
    needs_custodian = BooleanField(_("Only while somebody is named who keeps them"))
    custodian = SelectField(_("Who keeps these keys"), blank=_("Nobody"))
    seen_by = MultiChoice(_("Who sees these keys at all"))


class ListingForm(FoyerForm):
    """Somebody of the staff, to be put on the list of a class."""

    listed_class = HiddenField()
    person = SelectField(_("Put on the list"), [filled(_("Choose somebody."))], blank=_("Choose somebody"))


def _at(code: KeyClass) -> str:
    """The page of that class."""
    named: dict[str, Any] = {"class": code.value}
    return url_for("keys.classes", **named)


def _code(asked: str) -> KeyClass:
    """The class that is asked for, else the first."""
    return KeyClass(asked) if asked in set(KeyClass) else KeyClass.PUBLIC


def _current(rules: Rules, people: dict[int, Any]) -> dict[str, Any]:
    """The rules as the fields hold them."""
    values: dict[str, Any] = {name: sorted(getattr(rules, name)) for name in SETS}
    plain = ("listed_only", "default_minutes", "limit_minutes", "escalate_minutes", "needs_authority")
    values |= {name: getattr(rules, name) for name in (*plain, "needs_custodian")}
    keeper = people.get(rules.custodian_id or 0)
    unlisted = None if rules.unlisted_approvals is None else str(rules.unlisted_approvals)
    return values | {"approvals": str(rules.approvals), "unlisted": unlisted, "custodian": keeper and keeper.ref}


def _rules_form(code: KeyClass, rules: Rules, people: dict[int, Any]) -> RulesForm:
    form = RulesForm(_current(rules, people), endpoint="keys.change_class")
    outsiders = {Borrower.CONTRACTOR, Borrower.VISITOR} if code is KeyClass.PLANT_ROOM else set()
    form.borrowers.choices = [(kind, say(BORROWER_NAMES[kind])) for kind in Borrower if kind not in outsiders]
    form.approvals.choices = [(str(n), str(n)) for n in range(MOST_APPROVALS + 1)]
    needed = {0: gettext("get them without approval"), 1: gettext("need 1 approval"), 2: gettext("need 2 approvals")}
    form.unlisted.choices = [(str(n), words) for n, words in needed.items()]
    form.approvers.choices = [(role, say(ROLE_NAMES[role])) for role in Role if role in APPROVERS]
    form.seen_by.choices = [(role, say(ROLE_NAMES[role])) for role in Role if role in READERS]
    form.custodian.choices = [(person.ref, person.name) for person in people.values()]
    form.class_code.data = code.value
    return form


def _listing_form(code: KeyClass, people: dict[int, Any], on_list: list[Any]) -> ListingForm:
    form, known = ListingForm(endpoint="keys.list_staff"), {person.id for person in on_list}
    form.person.choices = [(person.ref, person.name) for person in people.values() if person.id not in known]
    form.listed_class.data = code.value
    return form


def _page(code: KeyClass, *, rules_form: RulesForm | None = None, listing: FoyerForm | None = None) -> Any:
    if sent := listing or rules_form:
        settled(sent)
    people = {person.id: person for person in staff_at(g.site.id)}
    every, on_list = rules_at(g.site.id), list(listed(code, site_id=g.site.id))
    form = rules_form or _rules_form(code, every[code], people)
    listing_form = listing if isinstance(listing, ListingForm) else _listing_form(code, people, on_list)
    return draw(
        "keys/classes.html",
        form=listing if listing is not None and listing.status >= 400 else form,
        rules_form=form,
        listing=listing_form,
        code=code,
        every=every,
        names=CLASS_NAMES,
        on_list=on_list,
        office=True,
    )


@blueprint.get("/classes")
@allow(Permission.KEYS_RULES)
def classes() -> Any:
    """The rules of one class, and the ways to the others."""
    at_a_site()
    return _page(_code(request.args.get("class", "")))


@blueprint.post("/classes")
@allow(Permission.KEYS_RULES)
@writes
def change_class() -> Any:
    """Say what a class allows; loans that are out keep their terms."""
    at_a_site()
    code = _code(request.form.get("class_code", ""))
    people = {person.id: person for person in staff_at(g.site.id)}
    form = _rules_form(code, rules_at(g.site.id)[code], people)
    if form.validate():
        with refusals(form):
            set_rules(site_id=g.site.id, code=code, actor=actor(), now=clock.now(), **_values(form, people))
            flash(gettext("The rules are kept. Keys that are out keep the terms under which they went."), "ok")
            return done(_at(code))
    return _page(code, rules_form=form)


def _values(form: RulesForm, people: dict[int, Any]) -> dict[str, Any]:
    values = {name: value for name, value in form.values.items() if name not in (*IDS, "class_code")}
    keeper = next((person for person in people.values() if person.ref == form.custodian.data), None)
    return values | {
        "borrowers": frozenset(map(Borrower, form.borrowers.data)),
        "approvers": frozenset(map(Role, form.approvers.data)),
        "seen_by": frozenset(map(Role, form.seen_by.data)),
        "approvals": int(form.approvals.data or 0),
        "unlisted_approvals": int(form.unlisted.data) if form.unlisted.data else None,
        "custodian_id": keeper.id if keeper else None,
    }


@blueprint.post("/classes/listings")
@allow(Permission.KEYS_RULES)
@writes
def list_staff() -> Any:
    """Put somebody on the list of a class, or take somebody off."""
    at_a_site()
    code, off = _code(request.form.get("listed_class", "")), "off" in request.form
    people = {person.id: person for person in staff_at(g.site.id)}
    form = FoyerForm() if off else _listing_form(code, people, [])
    if form.validate():
        with refusals(form):
            _list(code, off=request.form.get("off", ""), on=None if off else form.person.data)
            return done(_at(code))
    return _page(code, listing=form)


def _list(code: KeyClass, *, off: str, on: str | None) -> None:
    person = find_staff(off[:20] or on or "", site_id=g.site.id)
    if person is None:
        raise DomainError(N_("This person no longer works here."), field="person")
    change = unlist_person if off else list_person
    change(person, code=code, site_id=g.site.id, actor=actor(), now=clock.now())
