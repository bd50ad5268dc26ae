"""Whose database this is: nobody's yet, the demo's own, or a real installation's that is left alone."""

from datetime import datetime

from sqlalchemy import exists, select

from domain import events
from domain.database import db
from domain.events import HOUSE, Event
from domain.identity import SYSTEM
from domain.people.models import Person
from domain.sites.models import Site

SUBJECT = "demo"


def is_empty() -> bool:
    """Whether nothing has ever happened here: no site, no person, no line of history."""
    found = select(exists().select_from(Site), exists().select_from(Person), exists().select_from(Event))
    return not any(db.session.execute(found).one())


def is_demo() -> bool:
    """Whether the demo made this database. The mark is a line of history, so nobody can take it off."""
    return bool(db.session.scalar(select(exists().where(Event.subject == SUBJECT, Event.site_id == HOUSE))))


def mark(*, now: datetime) -> None:
    """Note that everything here is invented."""
    events.record("demo.made", site_id=HOUSE, subject=SUBJECT, subject_id=None, actor=SYSTEM, now=now)
