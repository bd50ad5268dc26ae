"""The one history of everything, written in the transaction of the change itself.

An event holds ids, plain facts and a salted digest of what was entered about people; the personal part lies beside it
in `event_details`, which retention can erase without breaking the history.

Order: on PostgreSQL the highest id misses commits that come late. So the last thing before a commit raises the site's
counter, and the transaction's events take their numbers from it. Whoever has read the counter has every event up to it.
"""

import hashlib
import hmac
import secrets
from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKeyConstraint,
    Index,
    String,
    TypeDecorator,
    and_,
    bindparam,
    cast,
    false,
    insert,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.ext.hybrid import Comparator, hybrid_property
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.operators import eq, in_op

from domain.canonical import canonical
from domain.database import Base, BigId, before_commits, db, dialect
from domain.identity import Actor
from domain.statements import Ready

HOUSE = 0
"""The counter of what belongs to no site: accounts, sign-ins."""
UNMASKED = text("kind LIKE '%.unmasked'")
"""What was looked at in full (P2): the privacy page lists these, and asks in just these words."""
PER_SITE = 2**40
"""So many events a site can have: above it, an id says which site's."""


class Counter(Base):
    """The number of the last event of a site: the version of its boards."""

    __tablename__ = "counters"
    site_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigId, default=0)


def id_of(site_id: int, number: int) -> int:
    """The one number that an event has among those of all sites."""
    return site_id * PER_SITE + number


MOST_OF_REF = 20


def place_of(ref: str) -> tuple[int, int] | None:
    """Site and number of an event by its ref, or None for no ref of an event."""
    site_id, _, number = ref.partition("-")
    if not (site_id.isdecimal() and number.isdecimal() and ref.isascii() and len(ref) <= MOST_OF_REF):
        return None
    return int(site_id), int(number)


class _ById(Comparator[int]):
    """An id in a statement: looked up by the two columns that it is made of, so that the primary key serves."""

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Whether it is among some, of a list or of a statement; anything else as with any number."""
        if op is not in_op:
            return op(self.__clause_element__(), *other, **kwargs)
        if not isinstance(other[0], list | tuple | set | frozenset):
            found = other[0].subquery().c[0]
            per_site = literal_column(str(PER_SITE), BigId)
            return tuple_(Event.site_id, Event.number).in_(select(found // per_site, found % per_site))
        by_site: dict[int, list[int]] = defaultdict(list)
        for one in other[0]:
            by_site[one // PER_SITE].append(one % PER_SITE)
        return or_(false(), *(and_(Event.site_id == at, Event.number.in_(some)) for at, some in by_site.items()))


class _Ref(TypeDecorator[str]):
    """A ref as it is bound: the id that it stands for, and for no ref of an event one that none has."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Any) -> int:
        """The id."""
        place = place_of(value or "")
        return id_of(*place) if place else -1


class _ByRef(Comparator[str]):
    """A ref in a statement: looked up by the primary key likewise."""

    def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
        """Whether it is that one, given or bound later."""
        if op is not eq:
            return op(self.__clause_element__(), *other, **kwargs)
        given = isinstance(other[0], str)
        bound: Any = literal(other[0], _Ref()) if given else bindparam(other[0].key, type_=_Ref())
        per_site = literal_column(str(PER_SITE), BigId)
        site_id, number = (bound.op(sign, return_type=BigInteger())(per_site) for sign in ("/", "%"))
        return and_(Event.site_id == site_id, Event.number == number)


class Event(Base):
    """One line of history. Append-only: the database refuses changes and removals."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_subject", "subject", "subject_id", "site_id", "number"),
        Index("ix_events_unmasked", "site_id", "number", sqlite_where=UNMASKED, postgresql_where=UNMASKED),
        Index("ix_events_at", "site_id", "at", "number"),
    )
    site_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int | None] = mapped_column(BigId)
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]

    @hybrid_property
    def id(self) -> int:
        """The number among the events of all sites."""
        return id_of(self.site_id, self.number)

    @id.inplace.comparator  # noqa: A003 -- the hybrid above
    @classmethod
    def _id(cls) -> _ById:
        return _ById(cls.site_id * literal_column(str(PER_SITE), BigId) + cls.number)

    @hybrid_property
    def ref(self) -> str:
        """By what an event is called for: its site and its number."""
        return f"{self.site_id}-{self.number}"

    @ref.inplace.comparator
    @classmethod
    def _ref(cls) -> _ByRef:
        return _ByRef(cast(cls.site_id, String) + "-" + cast(cls.number, String))


class EventDetail(Base):
    """What was entered about people, and the salt of its digest; erased by retention."""

    __tablename__ = "event_details"
    __table_args__ = (ForeignKeyConstraint(["site_id", "number"], ["events.site_id", "events.number"]),)
    site_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    salt: Mapped[str]
    entered: Mapped[dict[str, Any]] = mapped_column(JSON)


def digest_of(salt: str, entered: dict[str, Any]) -> str:
    """HMAC-SHA256 over the canonical JSON of what was entered; nothing entered has an empty digest."""
    if not entered:
        return ""
    return hmac.new(salt.encode(), canonical(entered).encode(), hashlib.sha256).hexdigest()


def record(
    kind: str,
    *,
    site_id: int,
    subject: str,
    subject_id: int | None,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    entered: dict[str, Any] | None = None,
) -> None:
    """Add a line to the history; it is numbered and written just before the commit.

    `kind` is `<noun>.<what happened>`; `facts` hold ids and states only; everything about a person goes to `entered`.
    """
    entered = {name: value for name, value in (entered or {}).items() if value not in (None, "")}
    salt = secrets.token_hex(16) if entered else ""
    row = {
        "site_id": site_id,
        "kind": kind,
        "subject": subject,
        "subject_id": subject_id,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "at": now,
        "facts": facts or {},
        "digest": digest_of(salt, entered),
    }
    db.session().info.setdefault("events", []).append((row, salt, entered))


def unnumbered(subject: str, subject_id: int, *, site_id: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What this transaction has recorded of something and not numbered yet: the values of each event, and what was
    entered with it. Who draws an answer before the commit shows them after what the history has.
    """
    wanted = {"subject": subject, "subject_id": subject_id, "site_id": site_id}
    pending = db.session().info.get("events", ())
    return [(row, entered) for row, _salt, entered in pending if wanted.items() <= row.items()]


VERSION = select(Counter.__table__.c.value).where(Counter.__table__.c.site_id == bindparam("site"))


def version(site_id: int) -> int:
    """The number of the site's last event that is committed: one indexed read."""
    return db.session.connection().scalar(VERSION, {"site": site_id}) or 0


def open_counter(site_id: int) -> None:
    """Make the counter of a new site."""
    db.session.add(Counter(site_id=site_id, value=0))


RAISE = Ready(
    update(Counter.__table__)  # type: ignore[arg-type]
    .where(Counter.__table__.c.site_id == bindparam("site"))
    .values(value=Counter.__table__.c.value + bindparam("more", type_=Counter.__table__.c.value.type))
    .returning(Counter.__table__.c.value)
)
INSERT = Ready(insert(Event.__table__))  # type: ignore[arg-type]
INSERT_DETAILS = Ready(insert(EventDetail.__table__))  # type: ignore[arg-type]


NUMBER = "(SELECT value FROM raised)"
"""None where the site has no counter, which no event and no detail may have."""
LINE = [column for column in Event.__table__.c if column.key != "number"]
DETAIL = EventDetail.__table__.c
AT_ONCE = Ready(
    text(
        "WITH raised AS (UPDATE counters SET value = value + 1 WHERE site_id = :site_id RETURNING value),"  # noqa: S608 -- names of ours alone
        " detail AS (INSERT INTO event_details (number, site_id, salt, entered)"
        f" SELECT {NUMBER}, :site_id, :salt, :entered WHERE :salt <> '')"
        f" INSERT INTO events (number, {', '.join(one.key for one in LINE)})"
        f" VALUES ({NUMBER}, {', '.join(f':{one.key}' for one in LINE)})"
    ).bindparams(*(bindparam(one.key, type_=one.type) for one in (*LINE, DETAIL.salt, DETAIL.entered)))
)
"""One line with its number and its details, on PostgreSQL: each statement is a way there and back."""


def _number(session: Session) -> None:
    pending = session.info.pop("events", None)
    if not pending:
        return
    session.flush()
    by_site: dict[int, list[tuple[dict[str, Any], str, dict[str, Any]]]] = defaultdict(list)
    for line in pending:
        by_site[line[0]["site_id"]].append(line)
    for site_id in sorted(by_site):
        lines = by_site[site_id]
        if len(lines) == 1 and dialect() == "postgresql":
            row, salt, entered = lines[0]
            AT_ONCE.later(**row, salt=salt, entered=entered)
            continue
        first = RAISE.value(site=site_id, more=len(lines)) - len(lines) + 1
        INSERT.all_later([row | {"number": first + place} for place, (row, _, _) in enumerate(lines)])
        INSERT_DETAILS.all_later(
            [
                {"site_id": site_id, "number": first + place, "salt": salt, "entered": entered}
                for place, (_, salt, entered) in enumerate(lines)
                if entered
            ]
        )


before_commits.append(_number)
