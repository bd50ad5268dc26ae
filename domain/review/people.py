"""Who can be asked to correct an entry: who had a hand in it first, then whoever works the registers of the site."""

from typing import Any

from sqlalchemy import exists, func, or_, select

from domain.database import db
from domain.events import Event
from domain.people.models import Grant, Person
from domain.permissions import GRANTS, Permission
from domain.registers import Register


def may_be_asked(site_id: int) -> Any:
    """The condition that a person answers demands at that site."""
    roles = GRANTS[Permission.REVIEW_ANSWER][0]
    theirs = select(Grant.id).where(
        Grant.person_id == Person.id,
        Grant.role.in_(roles),
        or_(Grant.site_id.is_(None), Grant.site_id == site_id),
    )
    return Person.left_at.is_(None) & exists(theirs)


def to_ask(register: Register, entry_id: int, *, site_id: int, but: int | None) -> list[tuple[str, str]]:
    """(ref, name) of those who can be asked: who wrote the entry comes first."""
    hand = (
        select(Event.actor_id, func.min(Event.number).label("began"))
        .where(
            Event.subject == register.subject,
            Event.subject_id == entry_id,
            Event.site_id == site_id,
            Event.actor_kind == "staff",
            Event.kind.not_like("review.%"),
            Event.kind.not_like("%.unmasked"),
        )
        .group_by(Event.actor_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Person.ref, Person.name)
        .outerjoin(hand, hand.c.actor_id == Person.id)
        .where(may_be_asked(site_id), Person.id != (but or 0))
        .order_by(func.coalesce(hand.c.began, 2**62), Person.name)
        .limit(100)
    )
    return [(row.ref, row.name) for row in rows]
