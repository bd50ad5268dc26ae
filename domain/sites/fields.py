"""Which optional fields of a visit are asked, per site and per purpose (V2)."""

from enum import StrEnum

from domain.sites.models import Purpose, Site
from domain.text import N_


class Asked(StrEnum):
    """How a form treats a field."""

    NO = "no"
    ASK = "ask"
    MUST = "must"


FIELD_NAMES = {
    "phone": N_("Mobile phone"),
    "organisation": N_("Organisation"),
    "companions": N_("Companions"),
    "plate": N_("Vehicle plate"),
    "goods": N_("What you bring in"),
    "document": N_("Last 4 digits of your ID document"),
    "photo": N_("Photo"),
}
DEFAULTS = {
    "phone": Asked.MUST,
    "organisation": Asked.ASK,
    "companions": Asked.ASK,
    "plate": Asked.NO,
    "goods": Asked.NO,
    "document": Asked.NO,
    "photo": Asked.NO,
}
NEEDS_CONSENT = ("photo", "document")
"""Fields that have a consent of their own and are never a condition of the visit at the kiosk (P2)."""


def asked_fields(site: Site, purpose: Purpose | None) -> dict[str, Asked]:
    """For each optional field whether the form asks it; the purpose counts before the site, the site before Foyer."""
    own = purpose.fields if purpose else {}
    return {name: Asked(own.get(name) or site.fields.get(name) or default) for name, default in DEFAULTS.items()}
