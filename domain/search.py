"""Finding by a few characters: names, pinyin, initials, phone endings, units, companies (V3, the desk's search box).

Each subject is indexed under short grams (`domain.grams`). A query is one equality on a gram, newest first, so two
汉字 are found as fast as five on both databases; candidates are then verified in Python against their texts.
FTS5's trigram tokenizer and pg_trgm find no two-character name, so neither serves here.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    SmallInteger,
    and_,
    bindparam,
    delete,
    desc,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from domain import grams
from domain.canonical import canonical
from domain.database import Base, BigId, db, dialect, upsert
from domain.statements import Ready, in_full

HOST, UNIT, VISIT, KEY, SLIP, LOAN, KEY_SET, MEETING, INVITATION = 1, 2, 3, 4, 5, 6, 7, 8, 9
BATCH = 60
Batch = tuple[Sequence[int], Sequence[Any]]
"""The ids of some subjects, newest first, and the rows of those of them that may be seen."""
Part = Select[Any] | CompoundSelect[Any]
"""A question for ids."""
NEWER_THAN_ALL = 2**63 - 1
MOST_LOOKED_AT = 600
SETTLED_AT_ONCE = 50
MOST_GRAMS = 20
"""So many of a query's grams are looked up, the rarest: SQLite joins 64 tables at most."""
HERE = bindparam("site_id", type_=BigId)
"""The site, in statements that are built once."""
CANDIDATES, CERTAIN = 120, 40
"""So many of the newest under a query's grams are looked at, to find its best few; fewer when all of them match."""


class SearchGram(Base):
    """One gram of one subject; the primary key is the index."""

    __tablename__ = "search_grams"
    __table_args__ = {"sqlite_with_rowid": False}
    site_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    gram: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class NewGrams(Base):
    """All grams of one subject, a list as JSON, until the worker puts them into the index (`settle`): whoever waits at
    the desk waits for one row, and not for as many places of the index as the subject is found under.
    """

    __tablename__ = "search_new_grams"
    __table_args__ = {"sqlite_with_rowid": False}
    site_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    subject_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    grams: Mapped[str]


INSERT = Ready(insert(NewGrams.__table__))  # type: ignore[arg-type]


def index(*, site_id: int, kind: int, subject_id: int, found_by: Iterable[str], is_new: bool = False) -> None:
    """Make the subject findable under exactly these grams."""
    if not is_new:
        forget(site_id=site_id, kind=kind, subject_id=subject_id, known=None)
    if listed := sorted(set(found_by)):
        INSERT.later(site_id=site_id, kind=kind, subject_id=subject_id, grams=canonical(listed))


def forget(*, site_id: int, kind: int, subject_id: int, known: Iterable[str] | None) -> None:
    """Make the subject findable no more; `known` grams make the removal an indexed one."""
    for table in (NewGrams, SearchGram):  # in this order: what is settled meanwhile is found by the second
        where = [table.site_id == site_id, table.kind == kind, table.subject_id == subject_id]
        if table is SearchGram and known is not None:
            where.append(SearchGram.gram.in_(sorted(set(known))))
        db.session.execute(delete(table).where(*where), execution_options={"synchronize_session": False})


def settle() -> int:
    """Put the grams of at most `SETTLED_AT_ONCE` subjects into the index; returns of how many it did."""
    key = (NewGrams.site_id, NewGrams.kind, NewGrams.subject_id)
    waiting = select(*key, NewGrams.grams).order_by(*key).limit(SETTLED_AT_ONCE).with_for_update(skip_locked=True)
    rows = db.session.execute(waiting).all()
    if rows:
        db.session.execute(
            delete(NewGrams).where(tuple_(*key).in_([row[:3] for row in rows])),
            execution_options={"synchronize_session": False},
        )
        columns = [column.key for column in SearchGram.__table__.c]
        index = sorted((site, kind, gram, one) for site, kind, one, listed in rows for gram in json.loads(listed))
        db.session.execute(
            upsert(SearchGram.__table__, dialect()).on_conflict_do_nothing(),
            [dict(zip(columns, values, strict=True)) for values in index],
        )
    return len(rows)


def _new(wanted: Sequence[Any], *, site_id: Any, kind: int) -> Select[int]:
    """Ids of the subjects under all of these grams that are not settled yet."""
    quote: ColumnElement[str] = literal_column("'\"'")
    others = (func.replace(NewGrams.grams, quote.concat(gram).concat(quote), literal_column("''")) for gram in wanted)
    return select(NewGrams.subject_id).where(
        NewGrams.site_id == site_id,
        NewGrams.kind == in_full(kind),
        *(NewGrams.grams != without for without in others),
    )


def _settled(wanted: Sequence[Any], *, site_id: Any, kind: int) -> Select[int]:
    """Ids of the subjects under all of these grams that the index has."""
    first, *others = wanted
    statement = select(SearchGram.subject_id).where(
        SearchGram.site_id == site_id, SearchGram.kind == in_full(kind), SearchGram.gram == first
    )
    for gram in others:
        other = aliased(SearchGram)
        statement = statement.join(
            other,
            and_(
                other.site_id == site_id,
                other.kind == in_full(kind),
                other.gram == gram,
                other.subject_id == SearchGram.subject_id,
            ),
        )
    return statement


def _newest(settled: Select[int], new: Select[int], *, most: int) -> CompoundSelect[Any]:
    """The newest of both. Each part gives no more than that: PostgreSQL reads a part to its end before it sorts, and
    three thousand are called 张伟.
    """
    limit = in_full(most)
    parts = (select(part.order_by(part.selected_columns[0].desc()).limit(limit).subquery()) for part in (settled, new))
    return union_all(*parts).order_by(desc("subject_id")).limit(limit)


def under(wanted: Sequence[Any], *, site_id: Any, kind: int) -> CompoundSelect[Any]:
    """Ids of the subjects under all of these grams, newest first."""
    wanted = wanted[:MOST_GRAMS]
    parts = _settled(wanted, site_id=site_id, kind=kind), _new(wanted, site_id=site_id, kind=kind)
    return union_all(*parts).order_by(desc("subject_id"))


def newest_under(count: int, *, kind: int, certain: bool = False) -> CompoundSelect[Any]:
    """Ids of the newest subjects under so many bound grams, as many as may be looked at. `certain`: whatever is under
    them matches (`is_certain`), so that fewer serve.
    """
    wanted, most = bound(count), CERTAIN if certain else CANDIDATES
    return _newest(_settled(wanted, site_id=HERE, kind=kind), _new(wanted, site_id=HERE, kind=kind), most=most)


def is_under(wanted: Sequence[Any], *, site_id: Any, kind: int, subject: Any) -> ColumnElement[bool]:
    """The condition that the subject in that column is under all of these grams: for few rows that are known already,
    each of which is looked up, where `under` would list everybody of that name first; so would PostgreSQL with EXISTS.
    """
    wanted = wanted[:MOST_GRAMS]
    settled = (
        select(SearchGram.subject_id)
        .where(
            SearchGram.site_id == site_id,
            SearchGram.kind == in_full(kind),
            SearchGram.gram == gram,
            SearchGram.subject_id == subject,
        )
        .scalar_subquery()
        .is_not(None)
        for gram in wanted
    )
    new = _new(wanted, site_id=site_id, kind=kind).where(NewGrams.subject_id == subject)
    return or_(and_(*settled), new.exists())


def wanted_by(text: str) -> list[str]:
    """The grams to look up for what was typed; [] under two characters (V3)."""
    return grams.query_grams(text)[:MOST_GRAMS]


def bound(count: int) -> list[Any]:
    """So many grams in a statement that is built once for all queries of as many; `values` gives them."""
    return [bindparam(f"gram_{place}", type_=SearchGram.gram.type) for place in range(count)]


def values(wanted: Sequence[str], *, site_id: int, **others: Any) -> dict[str, Any]:
    """What is bound in such a statement: the site, the grams, and whatever else it asks for."""
    return {"site_id": site_id, **{f"gram_{place}": gram for place, gram in enumerate(wanted)}, **others}


def is_certain(text: str) -> bool:
    """Whether what was typed is a gram itself (two 汉字, two initials, the last four digits): all under it match."""
    return grams.query_grams(text)[:1] == [piece.text for piece in grams.pieces(text)]


def rows_among(statement: Select[Any], id_: Any, parts: Iterable[Part]) -> Select[Any]:
    """The statement's rows whose id is in any of the parts, each of which names the site and so finds its own index.
    An OR of them, or naming the site once more outside, and SQLite reads all that the site has.
    """
    return statement.where(among(id_, parts))


def among(id_: Any, parts: Iterable[Part]) -> ColumnElement[bool]:
    """The condition that an id is in any of the parts."""
    found: ColumnElement[bool] = id_.in_(union(*(select(part.subquery()) for part in parts)))
    return found


def best(
    text: str,
    rows: Iterable[Any],
    *,
    texts: Callable[[Any], list[str]],
    most: int,
    first: Callable[[Any], Any] = lambda row: (),
    is_certain: Callable[[Any], bool] = lambda row: False,
    among_equals: Callable[[Any], Any] = lambda row: (),
) -> list[Any]:
    """The best `most` of the rows: by `first`, then by how well their texts match, then by `among_equals`, then the
    newest.

    Rows that do not match are left out, unless they are certain for another reason.
    """
    ranked = []
    for row in rows:
        degree = grams.degree(text, texts(row))
        if degree or is_certain(row):
            ranked.append((first(row), -degree, among_equals(row), -row.id, row))
    return [row for *_, row in sorted(ranked, key=lambda item: item[:4])[:most]]


def batch(kind: int) -> CompoundSelect[Any]:
    """Ids of the next few subjects under the bound `gram`, newest first, all of them below `before`."""
    wanted, before = [bindparam("gram", type_=SearchGram.gram.type)], bindparam("before", type_=BigId)
    return _newest(
        _settled(wanted, site_id=HERE, kind=kind).where(SearchGram.subject_id < before),
        _new(wanted, site_id=HERE, kind=kind).where(NewGrams.subject_id < before),
        most=BATCH,
    )


@cache
def _batch(kind: int) -> Ready:
    return Ready(batch(kind), one_plan=True)


def candidates(
    query: str,
    *,
    site_id: int,
    kind: int,
    load: Callable[[Sequence[int]], Sequence[Any]],
    texts: Callable[[Any], list[str]],
    most: int,
    spare: int = 0,
    first: Batch | None = None,
    among_equals: Callable[[Any], Any] = lambda row: (),
) -> list[Any]:
    """The best `most` subjects for what was typed; empty under two characters (V3). Of those that match as well comes
    first what `among_equals` puts first, then the newest.

    `load` fetches rows by ids, newest first, leaving out those that must not be seen; `texts` gives what of a row may
    match. `first` is the first batch, where that was read already. Matches by a rare reading alone are not enough: the
    next batch is read too. `spare`: up to so many are given where they were read anyway.
    """
    found_rows: list[tuple[int, Any, int, Any]] = []
    for gram in grams.query_grams(query)[:1]:
        ids: Sequence[int]
        before = NEWER_THAN_ALL
        for _ in range(MOST_LOOKED_AT // BATCH):
            if first:
                (ids, rows), first = first, None
            else:
                ids = [row.subject_id for row in _batch(kind).rows(site_id=site_id, gram=gram, before=before)]
                rows = load(ids) if ids else ()
            for row in rows:
                if degree := grams.degree(query, texts(row)):
                    found_rows.append((-degree, among_equals(row), len(found_rows), row))
            if sum(-degree >= grams.INSIDE for degree, *_ in found_rows) >= most or len(ids) < BATCH:
                break
            before = ids[-1]
    return [row for *_, row in sorted(found_rows, key=lambda item: item[:3])[: max(most, spare)]]
