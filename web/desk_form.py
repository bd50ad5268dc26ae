"""The form of a visit on one page, as the desk fills it in: the visitor, why, and whom to see (V1, V2)."""

from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired, ValidationError

from domain.errors import DomainError
from domain.occupants.directory import find
from domain.occupants.queries import look_up
from domain.sites.fields import asked_fields
from domain.sites.models import Purpose
from domain.sites.queries import in_language
from domain.text import N_
from domain.visits.arrivals import Whom
from web.fields import Choice, ChoiceField, TextField, stepped
from web.i18n import language
from web.visit_form import VisitForm

MOST_FOUND = 6
REDRAWS = ("find", "redraw")


def purpose_name(purpose: Purpose) -> str:
    """The purpose in the language of the staff."""
    return in_language(purpose.names, language(), "en" if not language().startswith("zh") else "zh_Hans")


class DeskVisitForm(VisitForm):
    """Every field at once; `prepare` leaves those that the chosen purpose asks and lists who was found."""

    purpose = ChoiceField(_("Purpose"), [DataRequired(_("Choose a purpose."))])
    whom_text = TextField(
        _("Whom to see"),
        type="search",
        max_length=40,
        autocomplete="off",
        icon="search",
        attrs={"spellcheck": "false", "autocapitalize": "off"},
    )
    whom = ChoiceField(_("Found"))

    class Meta:
        autocomplete = "off"

    def prepare(self, purposes: list[Purpose], *, without: tuple[str, ...] = ()) -> "DeskVisitForm":
        """Offer the purposes and the people found; ask what the purpose asks, but for `without`; returns the form."""
        self.purposes = {purpose.ref: purpose for purpose in purposes}
        self.purpose.choices = [(purpose.ref, purpose_name(purpose), purpose.icon) for purpose in purposes]
        if self.purpose.data is None and purposes:
            self.purpose.data = purposes[0].ref
        self.ask(asked_fields(g.site, self.chosen_purpose), phone_optional=True)
        for name in without:
            if name in self:
                del self[name]
        if "companions" in self:
            self["companions"].hint = ""
        self._list_found()
        return self

    @property
    def chosen_purpose(self) -> Purpose | None:
        """The purpose that is chosen now."""
        return self.purposes.get(self.purpose.data or "")

    def chosen(self) -> tuple[Purpose, Whom]:
        """Purpose and whom to see of a checked form; raises DomainError when either is gone."""
        if self.chosen_purpose is None:
            raise DomainError(N_("Choose a purpose."), field="purpose")
        if self.found is None:
            raise DomainError(N_("Type a name, company or room, and choose who it is."), field="whom")
        return self.chosen_purpose, self.found

    def _list_found(self) -> None:
        """Who matches what was typed, whoever is chosen already first."""
        kind, _colon, ref = (self.whom.data or "").partition(":")
        chosen = find(kind, ref, site_id=g.site.id)
        self.found = Whom(*chosen) if chosen else None
        if chosen is None:
            self.whom.data = None
        offered: dict[str, Choice] = {}
        if self.found:
            unit, host = self.found.unit, self.found.host
            offered[f"{kind}:{ref}"] = (
                Choice(f"{kind}:{ref}", host.name, "user", f"{unit.company} {unit.number}".strip())
                if host
                else Choice(f"{kind}:{ref}", unit.company or unit.number, "building", unit.number)
            )
        matches = look_up(self.whom_text.data or "", site_id=g.site.id, most=MOST_FOUND)
        for match in matches:
            value = f"{match.kind}:{match.ref}"
            icon = "user" if match.kind == "host" else "building"
            offered.setdefault(value, Choice(value, match.name, icon, f"{match.company} {match.unit}".strip()))
        self.whom.choices = list(offered.values())
        self.nobody = len(self.whom_text.data or "") > 1 and not matches
        if len(offered) == 1 and self.only_redraws():
            self.whom.data = next(iter(offered))

    def only_redraws(self) -> bool:
        """Whether the form was sent to be drawn again, nothing checked: a search, a stepper, another purpose."""
        return request.method == "GET" or any(name in request.form for name in REDRAWS) or stepped(self)

    def validate_whom_text(self, field: Any) -> None:
        """Somebody is chosen; the sentence stands where one types."""
        if self.whom.data is None:
            if self.nobody:
                raise ValidationError(gettext("Nobody was found. Try the company, the room, or the first letters."))
            raise ValidationError(gettext("Type a name, company or room, and choose who it is."))
