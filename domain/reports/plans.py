"""When a site wants its reports and who gets them by mail; and the round that prepares what has fallen due, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from domain import events, notices
from domain.codes import new_ref
from domain.database import db, dialect, reading, upsert, writing
from domain.emails import parse_email
from domain.errors import DomainError, NotFound
from domain.identity import SYSTEM, Actor
from domain.notices import Channel
from domain.permissions import Permission
from domain.reports.kinds import KINDS, Due, Kind
from domain.reports.models import Report, ReportPlan
from domain.sites.models import Site
from domain.text import N_

MISSED = timedelta(days=8)
"""What fell due longer ago than that is not prepared any more: a house that was switched off for a month."""
MOST_ADDRESSES = 20


@dataclass(frozen=True)
class Planned:
    """A kind of report as the site wants it."""

    kind: Kind
    day: int
    minute: int
    addresses: tuple[str, ...] = ()
    active: bool = True

    @property
    def due(self) -> Due:
        """When it falls due."""
        return Due(self.kind, self.day, self.minute)


def planned_at(site_id: int) -> list[Planned]:
    """Every kind as the site wants it: as it said, or as is usual."""
    said = {plan.kind: plan for plan in db.session.scalars(select(ReportPlan).where(ReportPlan.site_id == site_id))}
    found = []
    for kind in KINDS.values():
        plan = said.get(kind.name)
        if plan is None:
            found.append(Planned(kind, kind.day, kind.minute))
        else:
            found.append(Planned(kind, plan.day, plan.minute, tuple(plan.addresses.split()), plan.active))
    return found


def plan_of(site_id: int, kind: str) -> Planned:
    """One of them; raises NotFound."""
    found = next((one for one in planned_at(site_id) if one.kind.name == kind), None)
    if found is None:
        raise NotFound
    return found


def change(
    kind: Kind, *, site_id: int, day: int, minute: int, typed: str, active: bool, actor: Actor, now: datetime
) -> None:
    """Say when the site wants a kind and to which addresses, one a line; raises DomainError for what is none."""
    actor.must(Permission.REPORTS_MANAGE, site_id)
    addresses = list(dict.fromkeys(filter(None, (_address(line) for line in typed.replace(",", "\n").splitlines()))))
    if len(addresses) > MOST_ADDRESSES:
        raise DomainError(N_("At most twenty addresses. Make a list of them at your mail server."), field="addresses")
    most = {"day": 0, "week": 7}.get(kind.rhythm, 31)
    if not min(1, most) <= day <= most:
        raise DomainError(N_("Choose a day that there is."), field="day")
    plan = db.session.get(ReportPlan, (site_id, kind.name)) or ReportPlan(site_id=site_id, kind=kind.name)
    plan.day, plan.minute, plan.active, plan.changed_at = day, minute, active, now
    plan.addresses = "\n".join(addresses)
    db.session.add(plan)
    events.record(
        "report.planned",
        site_id=site_id,
        subject="site",
        subject_id=site_id,
        actor=actor,
        now=now,
        facts={"kind": kind.name, "day": day, "minute": minute, "active": active, "addresses": len(addresses)},
    )


def _address(line: str) -> str:
    try:
        return parse_email(line)
    except DomainError as error:
        raise DomainError(error.sentence, field="addresses", **error.values) from error


def upcoming(site_id: int, zone: str, *, now: datetime) -> list[tuple[Planned, date]]:
    """What falls due next, the earliest first."""
    found = [(one, day) for one in planned_at(site_id) if one.active and (day := one.due.next(now, zone))]
    return sorted(found, key=lambda line: (line[1], line[0].minute))


def prepared(site_id: int, *, most: int = 60) -> Sequence[Report]:
    """The reports that were prepared, the latest first."""
    of_site = select(Report).where(Report.site_id == site_id)
    return db.session.scalars(of_site.order_by(Report.due_at.desc(), Report.id.desc()).limit(most)).all()


def report(ref: str, *, site_id: int) -> Report:
    """The site's report of that name; raises NotFound."""
    found = db.session.scalar(select(Report).where(Report.ref == ref, Report.site_id == site_id))
    if found is None:
        raise NotFound
    return found


def prepare_due(*, now: datetime) -> int:
    """Prepare what has fallen due at each site and put its mail into the outbox; returns how many. Call outside of any
    transaction; a second round, or a second worker, prepares nothing twice.
    """
    with reading():
        sites = db.session.scalars(select(Site).where(Site.closed_at.is_(None)).order_by(Site.id)).all()
        wanted = [(site, one) for site in sites for one in planned_at(site.id) if one.active]
        known = {
            (row.site_id, row.kind, row.due_at)
            for row in db.session.execute(
                select(Report.site_id, Report.kind, Report.due_at).where(Report.due_at > now - MISSED - MISSED)
            )
        }
    count = 0
    for site, one in wanted:
        day = one.due.last(now, site.zone)
        due_at = one.due.at(day, site.zone) if day else None
        if day is None or due_at is None or due_at < max(now - MISSED, site.created_at):
            continue
        if (site.id, one.kind.name, due_at) not in known:
            with writing():
                count += _prepare(site, one, day, due_at, now)
    return count


def _prepare(site: Site, one: Planned, day: date, due_at: datetime, now: datetime) -> int:
    first, last = one.due.span(day)
    values = {"site_id": site.id, "kind": one.kind.name, "since": first, "until": last, "due_at": due_at}
    statement = upsert(Report.__table__, dialect()).values(**values, made_at=now, ref=new_ref())
    made = db.session.execute(
        statement.on_conflict_do_nothing(index_elements=["site_id", "kind", "due_at"]).returning(Report.__table__.c.id)
    ).scalar()
    if made is None:
        return 0
    events.record(
        "report.prepared", site_id=site.id, subject="report", subject_id=made, actor=SYSTEM, now=now,
        facts={"kind": one.kind.name, "since": first.isoformat(), "until": last.isoformat()},
    )  # fmt: skip
    if one.addresses and site.mail_enabled:
        notices.tell(
            "report.due",
            site_id=site.id,
            recipient="site",
            recipient_id=site.id,
            channel=Channel.MAIL,
            subject="report",
            subject_id=made,
            now=now,
            message_id=new_ref(),
        )
    return 1
