"""The form of a visit on one page, as the desk fills it in: the visitor, why, and whom to see (V1, V2)."""

from collections.abc import Iterable

from flask import g
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from domain.errors import DomainError
from domain.sites.fields import asked_fields
from domain.sites.models import Purpose
from domain.sites.queries import in_language
from domain.text import N_
from domain.visits.arrivals import Whom
from web.fields import ChoiceField
from web.i18n import language
from web.visit_form import VisitForm
from web.whom_part import WhomPart


def purpose_names(purposes: Iterable[Purpose]) -> list[str]:
    """The purposes in the language of the staff."""
    spoken = language()
    return [in_language(one.names, spoken) for one in purposes]


class DeskVisitForm(WhomPart, VisitForm):
    """Every field at once; `prepare` leaves those that the chosen purpose asks and lists who was found."""

    purpose = ChoiceField(_("Purpose"), [DataRequired(_("Choose a purpose."))])

    class Meta:
        autocomplete = "off"

    def prepare(
        self, purposes: list[Purpose], *, without: tuple[str, ...] = (), brief: bool = False
    ) -> "DeskVisitForm":
        """Offer the purposes and the people found; ask what the purpose asks, but for `without`; returns the form.
        `brief` as in `list_found`.
        """
        self.purposes = {purpose.ref: purpose for purpose in purposes}
        named = zip(purposes, purpose_names(purposes), strict=True)
        self.purpose.choices = [(purpose.ref, name, purpose.icon) for purpose, name in named]
        if self.purpose.data is None and purposes:
            self.purpose.data = purposes[0].ref
        self.ask(asked_fields(g.site, self.chosen_purpose), phone_optional=True)
        for name in without:
            if name in self:
                del self[name]
        if "companions" in self:
            self["companions"].hint = ""
        self.list_found(brief=brief)
        return self

    @property
    def chosen_purpose(self) -> Purpose | None:
        """The purpose that is chosen now."""
        return self.purposes.get(self.purpose.data or "")

    def chosen(self) -> tuple[Purpose, Whom]:
        """Purpose and whom to see of a checked form; raises DomainError when either is gone."""
        if self.chosen_purpose is None:
            raise DomainError(N_("Choose a purpose."), field="purpose")
        return self.chosen_purpose, self.chosen_whom()
