"""What wants reading today: the registers of every site where the actor reads review, in one view (R1)."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, case, func, literal, select, union_all

from domain import clock, registers
from domain.database import BigId, db
from domain.events import Counter
from domain.identity import Actor
from domain.permissions import Permission
from domain.registers import Register
from domain.review import duty
from domain.review.duty import Week
from domain.review.entries import limit_key, limits
from domain.review.models import Comment, CommentState, Duty, Mark, Reading, Review
from domain.review.signing import waiting_of
from domain.sites import as_stored
from domain.sites.models import Site
from domain.statements import in_full

COUNTED = 1000
_BUILT: dict[Any, Any] = {}


@dataclass(frozen=True)
class Line:
    """One register of one site: entries never signed, those that wait from earlier, those that the reader has not read,
    when the oldest one was entered; corrections that are out and that came back; this week and the one before."""

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
    """One site: how often a week its registers are to be checked, and each of them."""

    site: Site
    wanted: int
    lines: list[Line]


def at(actor: Actor, site_id: int) -> Actor:
    """The actor as it stands at that site, for what depends on where one works."""
    return actor if actor.site_id == site_id else replace(actor, site_id=site_id)


def read_by(actor: Actor, site_id: int) -> list[Register]:
    """The registers that the actor may read at that site; those whose entries cannot be bound are not signed."""
    return [one for one in registers.everyone() if one.lasting and actor.may(one.read, site_id)]


def boards(actor: Actor, *, now: datetime) -> list[SiteBoard]:
    """Every site with its registers; as many statements whatever stands there."""
    rows = db.session.connection().execute(_sites(actor.everywhere), {"sites": list(actor.site_ids)}).all()
    found = [(as_stored.site_of(row), duty.USUAL if row.times is None else row.times) for row in rows]
    sites = [(site, times) for site, times in found if site and actor.may(Permission.REVIEW_READ, site.id)]
    if not sites:
        return []
    ids = [site.id for site, _times in sites]
    counts = _counts(actor, [site for site, _ in sites])
    comments = _comments(ids)
    signatures = _signatures(ids, min(duty.week_of(now, site.zone)[0] for site, _ in sites) - duty.WEEK)
    return [
        SiteBoard(site, wanted, _lines(actor, site, wanted, counts, comments, signatures, now))
        for site, wanted in sites
    ]


@cache
def _sites(everywhere: bool) -> Select[Any]:
    """The open sites at which somebody has a role, as `visible_to`, with how often registers are checked there."""
    duties, sites = Duty.__table__.c, Site.__table__.c
    statement = (
        select(duties.times, *as_stored.COLUMNS)
        .select_from(Site.__table__.outerjoin(Duty.__table__, duties.site_id == sites.id))
        .where(sites.closed_at.is_(None))
        .order_by(sites.id)
    )
    return statement if everywhere else statement.where(sites.id.in_(bindparam("sites", expanding=True)))


def _lines(
    actor: Actor, site: Site, wanted: int, counts: Any, comments: Any, signatures: list[Any], now: datetime
) -> list[Line]:
    begin, _end = duty.week_of(now, site.zone)
    monday = clock.local_date(begin, site.zone)
    done = duty.days_signed([row for row in signatures if row.site_id == site.id], site.zone)
    lines = []
    for register in read_by(actor, site.id):
        fresh, earlier, unread, oldest = counts[site.id, register.name]
        key, is_due = (site.id, register.name), register.work
        lines.append(
            Line(
                register,
                *(fresh, earlier, unread, oldest),
                comments.get((*key, CommentState.ASKED), 0),
                comments.get((*key, CommentState.ANSWERED), 0),
                duty.this_week(done.get((register.name, monday), 0), wanted, waits=is_due and bool(fresh + earlier)),
                duty.last_week(
                    done.get((register.name, monday - duty.WEEK), 0),
                    wanted,
                    waited=is_due and oldest is not None and oldest < begin,
                ),
            )
        )
    return lines


VERSION = ""
"""The name under which `marks_of` gives the number of a site's last event."""


@cache
def _marks() -> Any:
    nothing = literal(0, Integer)
    sites: Any = bindparam("sites", expanding=True)
    return union_all(
        select(Mark.site_id, Mark.register, Mark.through, Mark.looked_to, nothing).where(Mark.site_id.in_(sites)),
        select(Reading.site_id, Reading.register, nothing, nothing, Reading.number).where(
            Reading.person_id == bindparam("person"), Reading.site_id.in_(sites)
        ),
        select(Counter.site_id, literal(VERSION), nothing, Counter.value, nothing).where(Counter.site_id.in_(sites)),
    )


def marks_of(actor: Actor, site_ids: list[int]) -> dict[tuple[int, str], tuple[int, int, int]]:
    """Of each register of these sites: signed through, looked at to, and read by the actor up to; nothing where there
    is none of them. Under the name VERSION stands, in the middle, the number of the site's last event."""
    found: dict[tuple[int, str], tuple[int, int, int]] = {}
    rows = db.session.connection().execute(_marks(), {"sites": site_ids, "person": actor.id})
    for site_id, name, through, looked_to, read_to in rows:
        known = found.get((site_id, name), (0, 0, 0))
        found[site_id, name] = (max(known[0], through), max(known[1], looked_to), max(known[2], read_to))
    return found


def _counts(actor: Actor, sites: list[Site]) -> dict[tuple[int, str], Any]:
    """Of each register of each site: fresh, waiting from earlier, unread, and when the oldest fresh one was entered."""
    marks = marks_of(actor, [site.id for site in sites])
    asked = [(register, at(actor, site.id)) for site in sites for register in read_by(actor, site.id)]
    if not asked:
        return {}
    values: dict[str, Any] = {}
    for place, (register, there) in enumerate(asked):
        through, looked_to, read_to = marks.get((there.site_id or 0, register.name), (0, 0, 0))
        values |= {f"site_{place}": there.site_id, f"through_{place}": through, f"looked_{place}": looked_to}
        values[f"read_{place}"] = read_to
    key = tuple((register.name, limit_key(register, there)) for register, there in asked)
    if key not in _BUILT:
        counts = union_all(*(_count(*one, place) for place, one in enumerate(asked)))
        _BUILT[key] = counts.execution_options(one_plan=True)
    return {(row[0], row[1]): tuple(row[2:]) for row in db.session.connection().execute(_BUILT[key], values)}


def _count(register: Register, actor: Actor, place: int) -> Select[Any]:
    """The counts of one register as a statement with bound values; built once, which costs more than asking it."""
    site_id = bindparam(f"site_{place}", type_=BigId)
    through, read_to = bindparam(f"through_{place}", type_=Integer), bindparam(f"read_{place}", type_=Integer)
    theirs = (register.site == site_id, *limits(register, actor))

    def beyond(number: Any) -> Any:
        some = select(register.id).where(*theirs, register.number > number).order_by(register.number)
        return select(func.count()).select_from(some.limit(in_full(COUNTED + 1)).subquery()).scalar_subquery()

    waiting = waiting_of(register, site_id, bindparam(f"looked_{place}", type_=BigId)).subquery()
    earlier = select(func.count()).select_from(waiting).scalar_subquery()
    first = select(register.at).where(*theirs, register.number > through).order_by(register.number).limit(in_full(1))
    return select(
        site_id,
        literal(register.name),
        beyond(through),
        case((through > 0, earlier), else_=0),
        beyond(read_to),
        first.scalar_subquery(),
    )


def _comments(site_ids: list[int]) -> dict[tuple[int, str, str], int]:
    rows = db.session.connection().execute(_open_comments(), {"sites": site_ids})
    return {(row[0], row[1], row[2]): row[3] for row in rows}


@cache
def _open_comments() -> Any:
    sites: Any = bindparam("sites", expanding=True)
    return (
        select(Comment.site_id, Comment.register, Comment.state, func.count())
        .where(Comment.site_id.in_(sites), Comment.state.in_((CommentState.ASKED, CommentState.ANSWERED)))
        .group_by(Comment.site_id, Comment.register, Comment.state)
    )


def _signatures(site_ids: list[int], since: datetime) -> list[Any]:
    return list(db.session.connection().execute(_signed_since(), {"sites": site_ids, "since": since}))


@cache
def _signed_since() -> Any:
    sites: Any = bindparam("sites", expanding=True)
    return select(Review.site_id, Review.register, Review.signed_at).where(
        Review.site_id.in_(sites), Review.signed_at >= bindparam("since")
    )
