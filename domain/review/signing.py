"""Signing a span of a register (R1): what is signed is exactly what was shown, and it is sealed at once (R2).

A page shows the entries that follow the last signed one, those that wait from earlier, and the number of the site's
last event then. Entries that arrive later lie beyond the span. An entry that something happened to after that event is
not what was shown: it is left out by itself and waits for the next time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from domain import events
from domain.database import db, dialect, upsert
from domain.errors import Conflict, DomainError, NotFound
from domain.identity import Actor
from domain.people.models import Person
from domain.permissions import Permission
from domain.registers import Register
from domain.review import entries, merkle, sealing
from domain.review.models import (
    SIGNED_MEANWHILE,
    Comment,
    CommentState,
    Mark,
    Reading,
    Review,
    SignedEntry,
    Waiting,
    Why,
)
from domain.sites.models import Site
from domain.sites.numbers import ALWAYS, next_numbers
from domain.text import N_

MOST = 200
"""The most entries of one span: what somebody can have read on one page."""
LONGEST_REMARK = 1000


@dataclass(frozen=True)
class Shown:
    """What a page showed and its form sends back: the span by the numbers of its first and last entry (`last` before
    `first` where nothing but earlier entries stood there), the ticked entries by their refs, the number of the last
    event."""

    first: int
    last: int
    up_to: int
    refs: tuple[str, ...]


@dataclass(frozen=True)
class Signed:
    """What came of it: the signature, the numbers of ticked entries that changed while they were read, and of those
    shown that were not ticked."""

    review: Review
    changed: tuple[int, ...]
    left: tuple[int, ...]


def sign(register: Register, site: Site, shown: Shown, *, remark: str, actor: Actor, now: datetime) -> Signed:
    """Sign what was shown and ticked, and seal the history up to then. Who signs proved the own password before.

    Raises NotAllowed, Conflict when somebody signed meanwhile or everything ticked has changed, DomainError for an
    empty or impossible span and for entries that wait for a correction.
    """
    actor.must(Permission.REVIEW_SIGN, site.id)
    actor.must(register.read, site.id)
    mark = _hold(register, site.id)
    _must_follow(register, site.id, mark, shown)
    span = entries.between(register, site.id, shown.first, shown.last, actor=actor)
    earlier = _earlier(register, site.id, mark, actor)
    ticked = {row.id: row for row in (*earlier, *span) if row.ref in set(shown.refs)}
    _must_be_whole(shown, ticked)
    _must_be_settled(register, site.id, ticked)
    moved = entries.happened_to(register, site.id, list(ticked), after=shown.up_to)
    signed = [row for row in ticked.values() if row.id not in moved]
    if not signed:
        raise Conflict(N_("What you ticked has changed while you read it. Look at it again."))
    bound = [(row, entries.digests_of(register, row)) for row in sorted(signed, key=lambda row: row.number)]
    review = _write(register, site.id, shown, bound, remark=remark, actor=actor, now=now)
    _leave(register, site.id, shown, mark, taken={row.id for row in signed}, now=now)
    mark.through, mark.looked_to = max(mark.through, shown.last), max(mark.looked_to, shown.up_to)
    read_to(register, site.id, shown.last, actor=actor)
    db.session.flush()
    left = sorted({row.number for row in (*earlier, *span) if row.id not in ticked})
    return Signed(review, tuple(sorted(ticked[entry_id].number for entry_id in moved)), tuple(left))


def begin_with(register: Register, site: Site, since: datetime, *, actor: Actor, now: datetime) -> int:
    """Where a register was never signed: begin with what was entered since then, and leave what lies before unsigned.
    Gives the number of the last entry that is left. Raises Conflict once something was signed or left so."""
    actor.must(Permission.REVIEW_SIGN, site.id)
    actor.must(register.read, site.id)
    mark = _hold(register, site.id)
    if mark.through:
        raise Conflict(SIGNED_MEANWHILE)
    before = select(func.max(register.number)).where(register.site == site.id, register.made < since)
    mark.through = db.session.scalar(before) or 0
    mark.looked_to = events.version(site.id)
    facts = {"register": register.name, "through": mark.through}
    about: dict[str, Any] = {"site_id": site.id, "subject": "site", "subject_id": site.id}
    events.record("review.begun", **about, actor=actor, now=now, facts=facts)
    db.session.flush()
    return mark.through


def _hold(register: Register, site_id: int) -> Mark:
    """How far the register is, kept from others until the commit."""
    table: Any = Mark.__table__
    fresh = {"site_id": site_id, "register": register.name, "through": 0, "looked_to": 0}
    db.session.execute(upsert(table, dialect()).values(fresh).on_conflict_do_nothing())
    one = select(Mark).where(Mark.site_id == site_id, Mark.register == register.name)
    return db.session.scalars(one.with_for_update().execution_options(populate_existing=True)).one()


def _must_follow(register: Register, site_id: int, mark: Mark, shown: Shown) -> None:
    if shown.first != mark.through + 1:
        last = db.session.execute(
            select(Review, Person.name)
            .join(Person, Person.id == Review.signed_by_id)
            .where(Review.site_id == site_id, Review.register == register.name)
            .order_by(Review.number.desc())
            .limit(1)
        ).first()
        if last is None:
            raise DomainError(N_("This span does not begin where the last one ended. Open the register again."))
        raise Conflict(
            N_("%(name)s has signed up to No. %(last)04d meanwhile. Look at what is left."),
            name=last.name,
            last=last.Review.last,
        )
    backwards, beyond = shown.last < shown.first - 1, shown.up_to > events.version(site_id)
    if backwards or beyond or shown.up_to < 0 or shown.last - shown.first >= MOST:
        raise DomainError(N_("This span does not fit the register. Open the register again and sign what it shows."))


def _earlier(register: Register, site_id: int, mark: Mark, actor: Actor) -> Sequence[Any]:
    """Entries before the span that wait to be read: left earlier, or changed since they were signed."""
    ids = {entry_id for entry_id, _number in db.session.execute(waiting_of(register, site_id, mark.looked_to))}
    return entries.of_ids(register, site_id, ids, actor=actor)


def waiting_of(register: Register, site_id: Any, looked_to: Any) -> Any:
    """A statement: id and number of the entries that wait from earlier, whether that was written down or not."""
    kept = select(Waiting.entry_id, Waiting.number).where(Waiting.site_id == site_id, Waiting.register == register.name)
    return kept.union(entries.changed_between(register, site_id, looked_to))


def _must_be_whole(shown: Shown, ticked: dict[int, Any]) -> None:
    if not shown.refs:
        raise DomainError(N_("Tick at least one entry."), field="entry")
    if len(ticked) < len(set(shown.refs)):
        raise DomainError(
            N_("An entry that you ticked is not in this span, or somebody has signed it. Open the register again."),
            field="entry",
        )


def _must_be_settled(register: Register, site_id: int, ticked: dict[int, Any]) -> None:
    """An entry whose correction was demanded is signed once that was accepted (R1)."""
    open_ = db.session.scalars(
        select(Comment.number)
        .where(
            Comment.site_id == site_id,
            Comment.register == register.name,
            Comment.entry_id.in_(ticked),
            Comment.state.in_((CommentState.ASKED, CommentState.ANSWERED)),
        )
        .order_by(Comment.number)
        .limit(1)
    ).first()
    if open_ is not None:
        raise DomainError(
            N_("No. %(number)04d waits for its correction. Accept the answer, or leave the entry out."),
            field="entry",
            number=open_,
        )


def statement_of(review: Any, entries_root: str) -> dict[str, Any]:
    """What a signature says, as its seal binds it."""
    return {
        "review": review.number,
        "register": review.register,
        "first": review.first,
        "last": review.last,
        "entries": review.entries,
        "tree": entries_root,
        "up_to": review.up_to,
        "by": review.signed_by_id,
    }


def entry_leaf(number: int, entry_id: int, digest: str, personal: str) -> bytes:
    """The leaf of one signed entry; the salt is no part of it, so that it can be erased."""
    return merkle.leaf(f"{number} {entry_id} {digest} {personal}".encode())


def _write(
    register: Register,
    site_id: int,
    shown: Shown,
    bound: list[tuple[Any, entries.Digests]],
    *,
    remark: str,
    actor: Actor,
    now: datetime,
) -> Review:
    if actor.id is None:
        raise NotFound
    review = Review(
        site_id=site_id,
        number=next_numbers(site_id, ("reviews", ALWAYS))[0],
        register=register.name,
        first=shown.first,
        last=shown.last,
        entries=len(bound),
        up_to=shown.up_to,
        remark=remark[:LONGEST_REMARK],
        signed_by_id=actor.id,
        signed_at=now,
    )
    tree = merkle.root(entry_leaf(row.number, row.id, kept.digest, kept.personal) for row, kept in bound).hex()
    end = sealing.close(site_id, up_to=shown.up_to, statement=statement_of(review, tree), now=now)
    review.seal_number = end.number
    db.session.add(review)
    db.session.flush()
    common = {"review_id": review.id, "site_id": site_id, "register": register.name}
    db.session.execute(
        insert(SignedEntry),
        [common | {"entry_id": row.id, "number": row.number} | kept._asdict() for row, kept in bound],
    )
    facts = {"number": review.number, "register": register.name, "first": review.first, "last": review.last}
    facts |= {"entries": review.entries, "seal": end.number, "head": end.head}
    entered = {"remark": review.remark}
    about: dict[str, Any] = {"site_id": site_id, "subject": "review", "subject_id": review.id}
    events.record("review.signed", **about, actor=actor, now=now, facts=facts, entered=entered)
    return review


def _leave(
    register: Register, site_id: int, shown: Shown, mark: Mark, *, taken: Collection[int], now: datetime
) -> None:
    """Note what of the span was left, and what of earlier spans has changed; what was taken waits no more."""
    table: Any = Waiting.__table__
    model = register.model
    span = select(model.id, model.number).where(
        register.site == site_id, register.number.between(shown.first, shown.last)
    )
    changed = entries.changed_between(register, site_id, mark.looked_to, shown.up_to)
    left = {
        entry_id: {"number": number, "why": why}
        for why, statement in ((Why.CHANGED, changed), (Why.LEFT, span))
        for entry_id, number in db.session.execute(statement)
        if entry_id not in taken
    }
    db.session.execute(
        delete(Waiting).where(
            Waiting.site_id == site_id, Waiting.register == register.name, Waiting.entry_id.in_(taken)
        )
    )
    common = {"site_id": site_id, "register": register.name, "since": now}
    if left:
        rows = [common | {"entry_id": entry_id} | what for entry_id, what in left.items()]
        db.session.execute(upsert(table, dialect()).on_conflict_do_nothing(), rows)


def read_to(register: Register, site_id: int, number: int, *, actor: Actor) -> None:
    """Remember that the actor has read the register so far; never back."""
    table: Any = Reading.__table__
    values = {"person_id": actor.id, "site_id": site_id, "register": register.name, "number": number}
    statement = upsert(table, dialect()).values(values)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "site_id", "register"],
            set_={"number": statement.excluded.number},
            where=table.c.number < statement.excluded.number,
        )
    )
