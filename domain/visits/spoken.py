"""The language in which a visitor is spoken to while the visit lasts: on the badge, on the phone, by the reception."""

from datetime import datetime

from domain import events
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.sites.models import Site
from domain.text import N_
from domain.visits.models import PRESENT, Visit
from domain.visits.queries import hold


def choose_language(visit: Visit, *, language: str, site: Site, actor: Actor, now: datetime) -> None:
    """The visitor wants to be spoken to in another language of the site; the same one again changes nothing.

    Raises DomainError for a language that the site does not speak, Conflict when the visit is over.
    """
    if language not in site.languages:
        raise DomainError(N_("Choose one of those shown."))
    if hold(visit).state not in PRESENT:
        raise Conflict(N_("This visit has ended. Its badge is no longer valid."))
    if visit.language == language:
        return
    before, visit.language = visit.language, language
    db.session.flush()
    events.record(
        "visit.language_chosen",
        site_id=visit.site_id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={"number": visit.number, "language": language, "before": before},
    )
