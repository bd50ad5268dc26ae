"""Who borrows (K2), as fields: the kind, then somebody who is found by typing, or name and phone as told."""

from collections.abc import Iterable
from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import StopValidation, ValidationError

from domain import clock
from domain.errors import DomainError
from domain.keys import borrowers
from domain.keys.borrowers import Who
from domain.keys.classes import BORROWER_NAMES, Borrower, Rules
from domain.keys.rules import NOT_LENT_TO
from domain.masking import mask_phone
from domain.names import name_problem
from domain.occupants.directory import find, hosts_found
from domain.phones import PhoneProblem, parse_phone
from domain.text import N_
from web.fields import Choice, ChoiceField, PhoneField, TextField
from web.forms import FoyerForm
from web.i18n import say
from web.whom_part import host_choices, host_chosen

MOST_FOUND = 6
REDRAWS = frozenset(("find", "redraw"))
ICONS = {
    Borrower.STAFF: "id",
    Borrower.OCCUPANT: "user",
    Borrower.CONTRACTOR: "works",
    Borrower.VISITOR: "users",
}
KINDS = {kind.value: kind for kind in Borrower}
NOBODY = N_("Nobody was found. Try fewer characters, or the first letters.")
CHOOSE = N_("Type a name and choose who it is.")


def named(kinds: Iterable[Borrower]) -> list[tuple[str, str, str]]:
    """These kinds as choices."""
    return [(kind.value, say(BORROWER_NAMES[kind]), ICONS[kind]) for kind in kinds]


class KindField(ChoiceField):
    """The kinds of borrowers to whom the keys are lent; another one is refused in the words of its class."""

    def pre_validate(self, form: Any) -> None:
        """Say why somebody does not get these keys."""
        if self.data in KINDS and all(value != self.data for value, *_ in self.choices):
            raise StopValidation(gettext(NOT_LENT_TO[KINDS[self.data]]))
        super().pre_validate(form)


class BorrowerForm(FoyerForm):
    """Call `offer` before anything else: it leaves the fields of the chosen kind, and lists who was found."""

    borrower = KindField(_("Who borrows"))
    who_text = TextField(
        _("Name"),
        type="search",
        max_length=40,
        autocomplete="off",
        icon="search",
        hint=_("two characters are enough"),
        attrs={"spellcheck": "false", "autocapitalize": "off"},
    )
    who = ChoiceField(_("Found"))
    name = TextField(_("Name"), max_length=200, autocomplete="off")
    phone = PhoneField(_("Mobile phone"), autocomplete="off")

    class Meta:
        autocomplete = "off"

    def offer(self, rules: Rules, *, brief: bool = False) -> None:
        """Offer what the class of the keys allows. `brief` as in `list_found`, and the kinds without their names."""
        allowed = [kind for kind in ICONS if kind in rules.borrowers]
        self.borrower.choices = [(kind.value, kind.value) for kind in allowed] if brief else named(allowed)
        if self.borrower.data is None and allowed:
            self.borrower.data = allowed[0].value
        kind = self.kind
        typed = kind is Borrower.CONTRACTOR
        self.nobody, self.unlisted = False, kind is Borrower.STAFF and not (rules.approvals or rules.listed_only)
        if not typed and kind in allowed:
            self.list_found(brief=brief)
            typed = self.who.data == "typed"
        for name in ("who_text", "who") if kind is Borrower.CONTRACTOR else () if typed else ("name", "phone"):
            del self[name]

    @property
    def kind(self) -> Borrower | None:
        """The kind of borrower that is chosen now."""
        return KINDS.get(self.borrower.data or "")

    @staticmethod
    def only_redraws() -> bool:
        """Whether the form was sent to be drawn again, nothing checked: a search, another kind of borrower."""
        return request.method == "GET" or not REDRAWS.isdisjoint(request.form)

    def chosen(self) -> Who:
        """The borrower of a checked form; raises DomainError (K2, K4)."""
        now = clock.now()
        value = self.who.data or "" if "who" in self else "typed"
        kind, _colon, ref = value.partition(":")
        if kind == "typed":
            make = borrowers.contractor if self.kind is Borrower.CONTRACTOR else borrowers.staff_without_account
            return make(self.name.data, getattr(self, "e164", ""))
        if kind == "visit":
            return borrowers.visitor(ref, site_id=g.site.id, now=now)
        if kind == "host" and (found := find("host", ref, site_id=g.site.id)) and found[1]:
            return borrowers.occupant(found[1], site_id=g.site.id)
        if kind == "person" and (person := borrowers.find_staff(ref, site_id=g.site.id)):
            return borrowers.staff(person)
        raise DomainError(CHOOSE, field="who_text")

    def list_found(self, *, brief: bool = False) -> None:
        """Who matches what was typed, whoever is chosen already first. `brief`: of a form that is sent to be saved with
        somebody chosen, nobody else; list all of them before it is drawn again.
        """
        chosen, kind = self.who.data or "", self.kind
        offered: dict[str, Choice] = {choice.value: choice for choice in self._of(kind, chosen)}
        if not (brief and offered):
            for choice in self._matching(kind, self.who_text.data or ""):
                offered[choice.value] = choice
        self.nobody = len(self.who_text.data or "") > 1 and not offered
        certain = next(iter(offered)) if len(offered) == 1 and self.only_redraws() else None
        if self.unlisted and (self.who_text.data or chosen):
            offered["typed"] = Choice("typed", gettext("Somebody without an account"), "pen", gettext("name and phone"))
        self.who.choices = list(offered.values())
        self.who.data = chosen if chosen in offered else certain

    def _of(self, kind: Borrower | None, value: str) -> list[Choice]:
        """The one who was chosen before, as a choice."""
        prefix, _colon, ref = value.partition(":")
        if kind is Borrower.STAFF and prefix == "person":
            person = borrowers.find_staff(ref, site_id=g.site.id)
            return [Choice(value, person.name, "id", person.login)] if person else []
        if kind is Borrower.OCCUPANT and prefix == "host" and (found := find("host", ref, site_id=g.site.id)):
            unit, host = found
            return [host_chosen(value, unit, host)] if host else []
        if kind is Borrower.VISITOR and prefix == "visit":
            try:
                who = borrowers.visitor(ref, site_id=g.site.id, now=clock.now())
            except DomainError:
                return []
            return [Choice(value, who.name, "users", mask_phone(who.phone))]
        return []

    def _matching(self, kind: Borrower | None, text: str) -> list[Choice]:
        """Who may be meant."""
        site_id = g.site.id
        match kind:
            case Borrower.STAFF:
                people = borrowers.staff_found(text, site_id=site_id, most=MOST_FOUND)
                return [Choice(f"person:{one.ref}", one.name, "id", one.login) for one in people]
            case Borrower.OCCUPANT:
                return host_choices(hosts_found(text, site_id=site_id, most=MOST_FOUND))
            case Borrower.VISITOR:
                rows = borrowers.visitors_found(text, site_id=site_id, now=clock.now())[:MOST_FOUND]
                return [
                    Choice(f"visit:{row.ref}", row.name, "users", f"{row.organisation} {mask_phone(row.phone)}".strip())
                    for row in rows
                ]
            case _:
                return []

    def validate_who_text(self, field: Any) -> None:
        """Somebody is chosen; the sentence stands where one types."""
        if self.who.data is None:
            raise ValidationError(gettext(NOBODY if self.nobody else CHOOSE))

    def validate_name(self, field: Any) -> None:
        """A name that can be one; said here, so that it stands beside all that is missing."""
        if problem := name_problem(field.data or ""):
            raise ValidationError(gettext(problem))

    def validate_phone(self, field: Any) -> None:
        """A number that exists, in any country; kept as E.164 beside what was typed."""
        if not field.data:
            raise ValidationError(gettext(borrowers.NO_PHONE))
        try:
            self.e164 = parse_phone(field.data)
        except PhoneProblem as problem:
            raise ValidationError(gettext(problem.sentence, **problem.values)) from None
