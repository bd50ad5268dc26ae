"""Who holds a role at a site: those who are asked to decide."""

from collections.abc import Iterable

from sqlalchemy import or_, select

from domain.database import db
from domain.people.models import Grant, Person
from domain.permissions import Role


def holders(roles: Iterable[Role], *, site_id: int) -> list[Person]:
    """Who holds one of these roles at the site, or at every site."""
    return list(
        db.session.scalars(
            select(Person)
            .where(
                Person.left_at.is_(None),
                Person.id.in_(
                    select(Grant.person_id).where(
                        Grant.role.in_(list(roles)), or_(Grant.site_id == site_id, Grant.site_id.is_(None))
                    )
                ),
            )
            .order_by(Person.id)
        )
    )
