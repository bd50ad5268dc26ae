"""A register as a reviewer reads it: what waits from earlier, the entries that follow the last signature, and what was
said on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.visitors import iterate

from domain import clock
from domain.database import BigId, db
from domain.errors import NotFound
from domain.identity import Actor
from domain.pages import COUNTED, Wanted, clauses, following
from domain.people.models import Person
from domain.permissions import Permission
from domain.registers import Register, State
from domain.review import board
from domain.review.entries import happened_to, limit_key, limits
from domain.review.models import Comment, CommentLine, CommentState, Review, Seal, SignedEntry
from domain.review.signing import MOST, waiting_of
from domain.sites.models import Site
from domain.sites.queries import visible_to
from domain.statements import in_full

PAGE = 25
ROWS = (50, MOST)
"""How many entries a page shows: what is usual, and what can be signed at once."""


_BUILT: dict[Any, tuple[Any, Any, bool]] = {}
NEAR = 4
"""Entries lie together when their ids are not further apart than so many times their number."""
STILL = frozenset({"wait", "accent"})
"""Tones of states that are not the last one."""


@dataclass(frozen=True)
class Span:
    """What is shown of a register: up to which event, entries that wait from earlier, the span, and which of them still
    wait for somebody (they are left by themselves). `count` is how many follow the last signed one, to 1,000."""

    up_to: int
    through: int
    read_to: int
    earlier: Sequence[Any]
    rows: Sequence[Any]
    unsettled: frozenset[int]
    count: int
    states: Mapping[int, State]

    @property
    def first(self) -> int:
        """The number with which the span begins."""
        return self.through + 1

    @property
    def last(self) -> int:
        """The number with which it ends; before the first where it is empty."""
        return self.rows[-1].number if self.rows else self.through

    @property
    def kept_back(self) -> int:
        """How many entries of the span the reader may not see."""
        return self.last - self.through - len(self.rows)


def find_site(ref: str, *, actor: Actor) -> Site:
    """The site of that ref where the actor reads review; raises NotFound."""
    site = db.session.scalar(visible_to(actor).where(Site.ref == ref))
    if site is None or not actor.may(Permission.REVIEW_READ, site.id):
        raise NotFound
    return site


def find_register(name: str, site: Site, *, actor: Actor) -> Register:
    """The register of that name, where the actor may read it at that site; raises NotFound."""
    for register in board.read_by(actor, site.id):
        if register.name == name:
            return register
    raise NotFound


def span(register: Register, site: Site, *, most: int, actor: Actor, now: datetime) -> Span:
    """What is to be signed next. The number of the last event is read first: what is read after it can only be newer,
    and what is newer is left out when it is signed."""
    up_to, through, looked_to, read_to = board.place_of(register, site.id, actor=actor)
    following, waiting, open_now = _built(register, actor, most)
    values = {"site": site.id, "through": through, "looked_to": looked_to}
    connection = db.session.connection()
    rows = connection.execute(following, values).all()
    earlier: Sequence[Any] = connection.execute(waiting, values).all() if through else []
    shown = [*earlier, *rows]
    states = {row.id: register.state(row, now) for row in shown}
    unsettled = {id_ for id_, state in states.items() if state.tone in STILL}
    if open_now:
        unsettled |= {row.id for row in shown if row.still_open}
    elif shown:
        ids = [row.id for row in shown]
        unsettled |= set(connection.scalars(select(register.id).where(register.id.in_(ids), register.still_open(now))))
    count = min(rows[0].following, COUNTED + 1) if rows else 0
    return Span(up_to, through, read_to, earlier, rows, frozenset(unsettled), count, states)


@dataclass(frozen=True)
class Among:
    """What of a span fits the filters: entries from earlier, those that follow (at most MOST), and how
    many of these there are, to 1,000."""

    earlier: Sequence[Any]
    rows: Sequence[Any]
    count: int


def among(register: Register, site: Site, shown: Span, wanted: Wanted, *, now: datetime) -> Among:
    """Those of the entries that wait to be signed that fit the filters, beyond the page too."""
    conditions = (register.site == site.id, *clauses(register, wanted, now))
    if wanted.actor:
        conditions += limits(register, wanted.actor)
    following = (*conditions, register.number > shown.through)
    some = select(register.id).where(*following).limit(COUNTED + 1).subquery()
    ids = [row.id for row in shown.earlier]
    listed = register.statement().order_by(register.number)
    return Among(
        db.session.execute(listed.where(*conditions, register.id.in_(ids))).all() if ids else [],
        db.session.execute(listed.where(*following).limit(MOST)).all(),
        db.session.scalar(select(func.count()).select_from(some)) or 0,
    )


def _built(register: Register, actor: Actor, most: int) -> tuple[Any, Any, bool]:
    """The statements of a span for the same roles, built once: so many entries after the last signed one with how many
    follow, and those that wait from earlier; and whether these say what is still open, which they cannot where that
    depends on the hour.
    """
    key = register.name, limit_key(register, actor), most
    if key not in _BUILT:
        site, through = bindparam("site", type_=BigId), bindparam("through", type_=Integer)
        theirs = (register.site == site, *limits(register, actor))
        listed = register.statement().where(*theirs).order_by(register.number)
        still_open = register.still_open(clock.now())
        open_now = not any(isinstance(getattr(part, "value", None), datetime) for part in iterate(still_open))
        if open_now:
            listed = listed.add_columns(still_open.label("still_open"))
        ids = select(waiting_of(register, site, bindparam("looked_to", type_=BigId)).subquery().c.entry_id)
        count = following(register, site, actor, through).label("following")
        _BUILT[key] = (
            listed.add_columns(count).where(register.number > through).limit(in_full(most)),
            listed.where(register.id.in_(ids), register.number <= through).limit(in_full(MOST)),
            open_now,
        )
    return _BUILT[key]


@dataclass(frozen=True)
class Thread:
    """The columns of a comment with what was said under it, oldest first, and whom it was asked of."""

    comment: Any
    to: str | None
    lines: list[Any]


def threads_on(register: Register, site_id: int, entry_ids: Sequence[int]) -> dict[int, list[Thread]]:
    """The comments on these entries by entry, in one statement."""
    if not entry_ids:
        return {}
    values: dict[str, Any] = {"site": site_id, "register": register.name}
    first, last = min(entry_ids), max(entry_ids)
    if last - first < NEAR * len(entry_ids):
        statement, values = _on_entries(together=True), values | {"first": first, "last": last}
    else:
        statement, values = _on_entries(together=False), values | {"entries": list(entry_ids)}
    found = _grouped(db.session.connection().execute(statement, values))
    return {entry_id: found[entry_id] for entry_id in found.keys() & set(entry_ids)}


def threads_asked_of(actor: Actor) -> list[Thread]:
    """The comments that were asked of the actor, at whichever site, open ones first, then the newest."""
    found = _grouped(db.session.connection().execute(_asked(), {"person": actor.id}))
    listed = [thread for threads in found.values() for thread in threads]
    return sorted(listed, key=lambda it: (it.comment.state != "asked", -it.comment.id))


def sites_of(threads: Iterable[Thread]) -> Sequence[Site]:
    """The sites of the entries that these comments stand on."""
    return db.session.scalars(select(Site).where(Site.id.in_({thread.comment.site_id for thread in threads}))).all()


def came_back(site_ids: Sequence[int]) -> list[Thread]:
    """Answers that wait to be accepted at these sites, oldest first."""
    found = _grouped(db.session.connection().execute(_that_came_back(), {"sites": site_ids}))
    return sorted((thread for threads in found.values() for thread in threads), key=lambda it: it.comment.id)


@cache
def _that_came_back() -> Any:
    sites: Any = bindparam("sites", expanding=True)
    return _talk(_latest(Comment.site_id.in_(sites), Comment.state == CommentState.ANSWERED, most=100))


@cache
def _on_entries(*, together: bool) -> Any:
    """Comments on bound entries; where these lie together, on all between the first and the last of them: a bound list
    is put together anew each time, which for fifty costs as much as asking.
    """
    entry = Comment.entry_id
    return _talk(
        Comment.site_id == bindparam("site"),
        Comment.register == bindparam("register"),
        entry.between(bindparam("first"), bindparam("last"))
        if together
        else entry.in_(bindparam("entries", expanding=True)),
    )


@cache
def _asked() -> Any:
    return _talk(_latest(Comment.to_id == bindparam("person"), most=200))


def _latest(*conditions: Any, most: int) -> Any:
    return Comment.id.in_(select(Comment.id).where(*conditions).order_by(Comment.id.desc()).limit(most))


def _talk(*conditions: Any) -> Any:
    to, by = aliased(Person), aliased(Person)
    return (
        select(
            *(*Comment.__table__.c, to.name.label("to_name")),
            *(CommentLine.kind, CommentLine.text, CommentLine.said_at, by.name.label("by_name")),
        )
        .join(CommentLine, CommentLine.comment_id == Comment.id)
        .join(by, by.id == CommentLine.by_id)
        .outerjoin(to, to.id == Comment.to_id)
        .where(*conditions)
        .order_by(Comment.id, CommentLine.id)
    )


def _grouped(rows: Iterable[Any]) -> dict[int, list[Thread]]:
    by_id: dict[int, Thread] = {}
    for row in rows:
        by_id.setdefault(row.id, Thread(row, row.to_name, [])).lines.append(row)
    found: dict[int, list[Thread]] = {}
    for thread in by_id.values():
        found.setdefault(thread.comment.entry_id, []).append(thread)
    return found


@cache
def _last() -> Any:
    here = (Review.site_id == bindparam("site"), Review.register == bindparam("register"))
    of_it = (SignedEntry.review_id == Review.id, SignedEntry.number.between(Review.first, Review.last))
    signed = select(func.count()).select_from(SignedEntry).where(*of_it).correlate(Review).scalar_subquery()
    left = (Review.last - Review.first + in_full(1) - signed).label("left_out")
    return _signatures().add_columns(left).where(*here).limit(in_full(1))


def last_signature(register: Register, site_id: int) -> Any:
    """The last signature of the register with its seal, who signed, and how many of its span were left out, or None."""
    return db.session.connection().execute(_last(), {"site": site_id, "register": register.name}).first()


def signature(ref: str, *, actor: Actor) -> Any:
    """One signature with its seal, where the actor reads review; raises NotFound."""
    found = db.session.execute(_signatures().where(Review.ref == ref)).first()
    if found is None or not actor.may(Permission.REVIEW_READ, found.site_id):
        raise NotFound
    return found


def _signatures() -> Any:
    return (
        select(*Review.__table__.c, Person.name.label("signed_by"), Seal.head, Seal.first_event, Seal.last_event)
        .join(Person, Person.id == Review.signed_by_id)
        .join(Seal, (Seal.site_id == Review.site_id) & (Seal.number == Review.seal_number))
        .order_by(Review.number.desc())
    )


def signatures_of(register: Register, site_id: int, *, before: str = "") -> list[Any]:
    """Signatures of a register, newest first, from the one of that ref on; one more than a page tells that there are
    more."""
    statement = _signatures().where(Review.site_id == site_id, Review.register == register.name)
    if before:
        statement = statement.where(Review.number < select(Review.number).where(Review.ref == before).scalar_subquery())
    return list(db.session.execute(statement.limit(PAGE + 1)))


def entries_of(register: Register, review: Any) -> tuple[Sequence[Any], set[int]]:
    """The entries of a signature as they stand now, and which of them something has happened to since."""
    ids = db.session.scalars(select(SignedEntry.entry_id).where(SignedEntry.review_id == review.id)).all()
    rows = db.session.execute(register.statement().where(register.id.in_(ids)).order_by(register.number)).all()
    return rows, happened_to(register, review.site_id, ids, after=review.up_to)
