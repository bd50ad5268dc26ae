"""What the search has of a kind of subjects, settled or not."""

from sqlalchemy import select

from domain.database import db
from domain.search import NewGrams, SearchGram


def indexed(*kinds: int) -> set[int]:
    """The ids of all subjects of these kinds that may be found."""
    tables = (SearchGram, NewGrams)
    return {
        one for table in tables for one in db.session.scalars(select(table.subject_id).where(table.kind.in_(kinds)))
    }
