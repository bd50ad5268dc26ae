"""What wants reading today: the registers of every site where the actor reads review, in one view (R1)."""

from collections import Counter as Counted
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, Text, bindparam, func, literal_column, not_, null, select, true, union_all

from domain import clock, registers
from domain.database import BigId, db
from domain.events import Counter
from domain.identity import Actor
from domain.pages import COUNTED, following
from domain.permissions import Permission
from domain.registers import Register
from domain.review import duty
from domain.review.duty import Week
from domain.review.entries import limit_key, limits
from domain.review.models import ASKED, Comment, CommentState, Duty, Mark, Reading, Review
from domain.review.signing import waiting_of
from domain.sites import as_stored
from domain.sites.models import Site
from domain.statements import in_full

Asked = tuple[Register, Actor]
"""A register, and the reader as who stands at the site whose entries are asked for."""
_BUILT: dict[Any, Any] = {}


@dataclass(frozen=True)
class Line:
    """One register of one site: entries never signed, those that wait from earlier, those that the reader has not read,
    when the oldest of the first two was entered; corrections that are out and came back; this week and the last."""

    register: Register
    fresh: int
    earlier: int
    unread: int
    oldest: datetime | None
    asked: int
    answered: int
    this_week: Week
    last_week: Week

    @property
    def unsigned(self) -> int:
        """How many entries wait for a signature."""
        return self.fresh + self.earlier


@dataclass(frozen=True)
class SiteBoard:
    """One site: how often a week its registers are to be checked, each of them, and whether corrections came back."""

    site: Site
    wanted: int
    lines: list[Line]
    has_answers: bool


SIGNED, MARK, READ, LIMITED, EARLIER = "signed", "mark", "read", "limited", "earlier"


@dataclass(frozen=True)
class Told:
    """Of registers by site and name: signed through and looked at to, read by the actor up to, how many corrections are
    in which state, and which of them have entries that are kept from the actor; and what was signed lately.
    """

    marks: dict[tuple[int, str], tuple[int, int]]
    read: dict[tuple[int, str], int]
    open: Counted[tuple[int, str, str]]
    limited: set[tuple[int, str]]
    signed: list[Any]


def at(actor: Actor, site_id: int) -> Actor:
    """The actor as it stands at that site, for what depends on where one works."""
    return actor if actor.site_id == site_id else replace(actor, site_id=site_id)


def read_by(actor: Actor, site_id: int) -> list[Register]:
    """The registers that the actor may read at that site; those whose entries cannot be bound are not signed."""
    return [one for one in registers.everyone() if one.lasting and actor.may(one.read, site_id)]


def boards(actor: Actor, *, now: datetime) -> list[SiteBoard]:
    """Every site with its registers; as many statements whatever stands there."""
    known = () if actor.everywhere else actor.site_ids
    rows = db.session.connection().execute(_sites(len(known)), _bound(known)).all()
    found = [(as_stored.site_of(row), duty.USUAL if row.times is None else row.times) for row in rows]
    sites = [(site, times) for site, times in found if site and actor.may(Permission.REVIEW_READ, site.id)]
    if not sites:
        return []
    since = min(duty.week_of(now, site.zone)[0] for site, _ in sites) - duty.WEEK
    asked = [(register, at(actor, site.id)) for site, _times in sites for register in read_by(actor, site.id)]
    told = _told(actor, [site.id for site, _ in sites], asked, since)
    counts = _counts(asked, told)
    answered = {site_id for site_id, _register, state in told.open if state == CommentState.ANSWERED}
    return [
        SiteBoard(site, wanted, _lines(actor, site, wanted, counts, told, now), site.id in answered)
        for site, wanted in sites
    ]


def _bound(site_ids: Iterable[int]) -> dict[str, Any]:
    return {f"site_{place}": site_id for place, site_id in enumerate(site_ids)}


def _among(column: Any, count: int) -> Any:
    """Whether it is one of so many bound sites; a list bound as one is put together anew each time it is asked."""
    return column.in_([bindparam(f"site_{place}", type_=BigId) for place in range(count)])


@cache
def _sites(count: int) -> Select[Any]:
    """The open ones of so many bound sites, of all without any, with how often registers are checked there."""
    duties, sites = Duty.__table__.c, Site.__table__.c
    statement = (
        select(duties.times, *as_stored.COLUMNS)
        .select_from(Site.__table__.outerjoin(Duty.__table__, duties.site_id == sites.id))
        .where(sites.closed_at.is_(None))
        .order_by(sites.id)
    )
    return statement.where(_among(sites.id, count)) if count else statement


def _lines(actor: Actor, site: Site, wanted: int, counts: Any, told: Told, now: datetime) -> list[Line]:
    begin, _end = duty.week_of(now, site.zone)
    monday = clock.local_date(begin, site.zone)
    done = duty.days_signed([row for row in told.signed if row.site_id == site.id], site.zone)
    lines = []
    for register in read_by(actor, site.id):
        fresh, earlier, unread, made, oldest = counts[site.id, register.name]
        key, due = (site.id, register.name), wanted if register.work else 0
        lines.append(
            Line(
                register,
                *(fresh, earlier, unread, oldest),
                told.open[(*key, CommentState.ASKED)],
                told.open[(*key, CommentState.ANSWERED)],
                duty.this_week(done.get((register.name, monday), 0), due, waits=bool(fresh + earlier)),
                duty.last_week(
                    done.get((register.name, monday - duty.WEEK), 0), due, waited=made is not None and made < begin
                ),
            )
        )
    return lines


def _told(actor: Actor, site_ids: list[int], asked: list[Asked], since: datetime) -> Told:
    values = _bound(site_ids) | {"person": actor.id, "since": since}
    told = Told({}, {}, Counted(), set(), [])
    limited = [one for one in asked if one[0].limit]
    built = LIMITED, len(site_ids), *((register.name, limit_key(register, there)) for register, there in limited)
    if built not in _BUILT:
        _BUILT[built] = _telling(len(site_ids), limited)
    for row in db.session.connection().execute(_BUILT[built], values):
        key = row.site_id, row.register
        if row.what == SIGNED:
            told.signed.append(row)
        elif row.what == MARK:
            told.marks[key] = row.one, row.two
        elif row.what == READ:
            told.read[key] = row.one
        elif row.what == LIMITED:
            told.limited.add(key)
        else:
            told.open[(*key, row.what)] = row.one
    return told


def _telling(count: int, limited: list[Asked]) -> Any:
    """What all of these are known by, in one statement: its columns are named and typed by the first part."""
    nothing = literal_column("0", Integer)
    counted = func.count()
    return union_all(
        select(
            *(in_full(SIGNED).label("what"), Review.site_id, Review.register),
            *(nothing.label("one"), nothing.label("two"), Review.signed_at),
        ).where(_among(Review.site_id, count), Review.signed_at >= bindparam("since")),
        select(in_full(MARK), Mark.site_id, Mark.register, Mark.through, Mark.looked_to, null()).where(
            _among(Mark.site_id, count)
        ),
        select(in_full(READ), Reading.site_id, Reading.register, Reading.number, nothing, null()).where(
            Reading.person_id == bindparam("person"), _among(Reading.site_id, count)
        ),
        select(Comment.state, Comment.site_id, Comment.register, counted, nothing, null())
        .where(_among(Comment.site_id, count), ASKED)
        .group_by(Comment.site_id, Comment.register, Comment.state),
        # Known beforehand: were both ways of counting in one statement, PostgreSQL would plan it anew each time.
        *(
            select(
                in_full(LIMITED), in_full(there.site_id or 0), in_full(register.name), nothing, nothing, null()
            ).where(not_(register.unlimited(there)) if register.unlimited else true())
            for register, there in limited
        ),
    )


class Place(NamedTuple):
    """Of one register: the number of the site's last event, signed through, looked at to, read by the actor up to."""

    up_to: int
    through: int
    looked_to: int
    read_to: int


def place_of(register: Register, site_id: int, *, actor: Actor) -> Place:
    """How far a register is, and its reader."""
    values = {"site": site_id, "register": register.name, "person": actor.id}
    return Place(*db.session.connection().execute(_place(), values).one())


@cache
def _place() -> Select[Any]:
    def one(column: Any, *conditions: Any) -> Any:
        return func.coalesce(select(column).where(*conditions).scalar_subquery(), literal_column("0", Integer))

    site, register = bindparam("site", type_=BigId), bindparam("register", type_=Text)
    marked = (Mark.site_id == site, Mark.register == register)
    read = (Reading.person_id == bindparam("person"), Reading.site_id == site, Reading.register == register)
    return select(
        one(Counter.value, Counter.site_id == site),
        one(Mark.through, *marked),
        one(Mark.looked_to, *marked),
        one(Reading.number, *read),
    )


def _counts(asked: list[Asked], told: Told) -> dict[tuple[int, str], Any]:
    """Of each register of each site: fresh, waiting from earlier, unread, when the oldest fresh one, and the oldest of
    both, was entered.
    """
    if not asked:
        return {}
    values: dict[str, Any] = {}
    parts: list[tuple[Register, Actor | None]] = []
    for place, (register, there) in enumerate(asked):
        name = there.site_id or 0, register.name
        through, _looked_to = told.marks.get(name, (0, 0))
        values |= {f"site_{place}": there.site_id, f"through_{place}": through, f"read_{place}": told.read.get(name, 0)}
        parts.append((register, there if name in told.limited else None))
    key = tuple((register.name, limited and limit_key(register, limited)) for register, limited in parts)
    if key not in _BUILT:
        _BUILT[key] = union_all(*(_count(*part, place) for place, part in enumerate(parts)))
    earlier, most = _earlier(asked, told), COUNTED + 1
    counts = {}
    for site_id, name, fresh, unread, made in db.session.connection().execute(_BUILT[key], values):
        waiting, first = earlier.get((site_id, name), (0, None))
        oldest = min(filter(None, (first, made)), default=None)
        counts[site_id, name] = min(fresh, most), waiting, min(unread, most), made, oldest
    return counts


def _count(register: Register, limited: Actor | None, place: int) -> Select[Any]:
    """The counts of one register as a statement with bound values; built once, which costs more than asking it. Where
    entries are kept from the actor, `limited` is who that is.
    """
    site_id = bindparam(f"site_{place}", type_=BigId)
    through, read_to = bindparam(f"through_{place}", type_=Integer), bindparam(f"read_{place}", type_=Integer)
    theirs = (register.site == site_id, *(limits(register, limited) if limited else ()))
    first = select(register.made).where(*theirs, register.number > through).order_by(register.number).limit(in_full(1))
    return select(
        site_id,
        in_full(register.name),
        following(register, site_id, limited, through),
        following(register, site_id, limited, read_to),
        first.scalar_subquery(),
    )


def _earlier(asked: list[Asked], told: Told) -> dict[tuple[int, str], tuple[int, Any]]:
    """How many wait from earlier, and when the oldest was made, of each register that was signed before. Asked by
    itself: PostgreSQL would plan all counts anew each time, as this part is nothing where nothing was signed.
    """
    signed = [(register, there.site_id or 0) for register, there in asked]
    signed = [one for one in signed if told.marks.get((one[1], one[0].name), (0, 0))[0]]
    if not signed:
        return {}
    key = EARLIER, *(register.name for register, _site_id in signed)
    if key not in _BUILT:
        _BUILT[key] = union_all(*(_waiting(register, place) for place, (register, _) in enumerate(signed)))
    values = _bound(site_id for _register, site_id in signed)
    values |= {f"looked_{place}": told.marks[at, one.name][1] for place, (one, at) in enumerate(signed)}
    return {(row[0], row[1]): (row[2], row[3]) for row in db.session.connection().execute(_BUILT[key], values)}


def _waiting(register: Register, place: int) -> Select[Any]:
    site_id = bindparam(f"site_{place}", type_=BigId)
    waiting = waiting_of(register, site_id, bindparam(f"looked_{place}", type_=BigId)).subquery()
    first = select(register.made).join(waiting, waiting.c.entry_id == register.id).order_by(register.number)
    count, oldest = select(func.count()).select_from(waiting), first.limit(in_full(1))
    return select(site_id, in_full(register.name), count.scalar_subquery(), oldest.scalar_subquery())
