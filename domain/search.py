"""Finding by a few characters: names, pinyin, initials, phone endings, units, companies (V3, the desk's search box).

Each subject is indexed under short grams (`domain.grams`). A query is one equality on a gram, newest first, so two
汉字 are found as fast as five on both databases; candidates are then verified in Python against their texts.
FTS5's trigram tokenizer and pg_trgm find no two-character name, so neither serves here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, SmallInteger, and_, delete, insert, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from domain import grams
from domain.database import Base, BigId, db

HOST, UNIT, VISIT, KEY, SLIP, LOAN, KEY_SET, MEETING = 1, 2, 3, 4, 5, 6, 7, 8
BATCH = 60
MOST_LOOKED_AT = 600


class SearchGram(Base):
    """One gram of one subject; the primary key is the index."""

    __tablename__ = "search_grams"
    __table_args__ = {"sqlite_with_rowid": False}
    site_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    gram: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


def index(*, site_id: int, kind: int, subject_id: int, found_by: Iterable[str], is_new: bool = False) -> None:
    """Make the subject findable under exactly these grams."""
    if not is_new:
        forget(site_id=site_id, kind=kind, subject_id=subject_id, known=None)
    rows = [
        {"site_id": site_id, "kind": kind, "gram": gram, "subject_id": subject_id} for gram in sorted(set(found_by))
    ]
    if rows:
        db.session.connection().execute(insert(SearchGram.__table__), rows)  # type: ignore[arg-type]


def index_new(*, site_id: int, kind: int, found_by: Mapping[int, Iterable[str]]) -> None:
    """Make many new subjects findable at once, each under its grams."""
    rows = [
        {"site_id": site_id, "kind": kind, "gram": gram, "subject_id": subject_id}
        for subject_id, grams_of_it in found_by.items()
        for gram in sorted(set(grams_of_it))
    ]
    if rows:
        db.session.connection().execute(insert(SearchGram.__table__), rows)  # type: ignore[arg-type]


def forget(*, site_id: int, kind: int, subject_id: int, known: Iterable[str] | None) -> None:
    """Make the subject findable no more; `known` grams make the removal an indexed one."""
    where = [SearchGram.site_id == site_id, SearchGram.kind == kind, SearchGram.subject_id == subject_id]
    if known is not None:
        where.append(SearchGram.gram.in_(sorted(set(known))))
    db.session.execute(delete(SearchGram).where(*where), execution_options={"synchronize_session": False})


def found(*, site_id: int, kind: int, gram: str) -> Select[int]:
    """Ids of the subjects under that gram, newest first."""
    return (
        select(SearchGram.subject_id)
        .where(SearchGram.site_id == site_id, SearchGram.kind == kind, SearchGram.gram == gram)
        .order_by(SearchGram.subject_id.desc())
    )


def under(wanted: Sequence[str], *, site_id: int, kind: int) -> Select[int]:
    """Ids of the subjects under all of these grams, newest first."""
    first, *others = wanted
    statement = found(site_id=site_id, kind=kind, gram=first)
    for gram in others:
        other = aliased(SearchGram)
        statement = statement.join(
            other,
            and_(
                other.site_id == site_id,
                other.kind == kind,
                other.gram == gram,
                other.subject_id == SearchGram.subject_id,
            ),
        )
    return statement


def is_under(wanted: Sequence[str], *, site_id: int, kind: int, subject: Any) -> ColumnElement[bool]:
    """The condition that the subject in that column is under all of these grams: for few rows that are known already,
    each of which is looked up, where `under` would list everybody of that name first.
    """
    return and_(
        *(
            select(SearchGram.subject_id)
            .where(
                SearchGram.site_id == site_id,
                SearchGram.kind == kind,
                SearchGram.gram == gram,
                SearchGram.subject_id == subject,
            )
            .exists()
            for gram in wanted
        )
    )


def candidates(
    query: str,
    *,
    site_id: int,
    kind: int,
    load: Callable[[Sequence[int]], Sequence[Any]],
    texts: Callable[[Any], list[str]],
    most: int,
) -> list[Any]:
    """The best `most` subjects for what was typed; empty under two characters (V3).

    `load` fetches rows by ids, leaving out those that must not be seen; `texts` gives what of a row may match.
    """
    found_rows: list[tuple[int, int, Any]] = []
    for gram in grams.query_grams(query)[:1]:
        before: int | None = None
        for _ in range(MOST_LOOKED_AT // BATCH):
            statement = found(site_id=site_id, kind=kind, gram=gram).limit(BATCH)
            if before is not None:
                statement = statement.where(SearchGram.subject_id < before)
            ids = list(db.session.scalars(statement))
            if not ids:
                break
            before = ids[-1]
            for row in load(ids):
                if grams.matches(query, row_texts := texts(row)):
                    found_rows.append((-grams.degree(query, row_texts), len(found_rows), row))
            if len(found_rows) >= most or len(ids) < BATCH:
                break
    return [row for _, _, row in sorted(found_rows, key=lambda item: item[:2])[:most]]
