"""What of an uploaded directory is worth a remark and is no error: companies of another building, a phone twice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from domain.database import db
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.occupants.queries import unit_name
from domain.occupants.uploads import Row
from domain.permissions import Permission
from domain.sites.models import Site
from domain.text import N_


def tell_other_sites(rows: Sequence[Row], site_id: int, actor: Actor) -> None:
    """A file that was meant for another building is noticed by its companies."""
    new = {(row.unit.number, row.unit.company): row for row in rows if row.unit and "unit" in row.makes}
    companies = {company for _, company in new if company}
    if not companies:
        return
    elsewhere = (
        select(Unit.number, Unit.company, Unit.site_id, Site.name)
        .join(Site, Site.id == Unit.site_id)
        .where(Unit.site_id != site_id, Unit.left_at.is_(None), Unit.company.in_(companies))
    )
    for number, company, where, site in db.session.execute(elsewhere):
        row = new.get((number, company))
        if row is not None and actor.may(Permission.OCCUPANTS_MANAGE, where):
            values = {"unit": unit_name(number, company), "site": site}
            row.remarks.append((N_("%(unit)s stands at %(site)s. Is this file meant for this building?"), values))


def tell_whom_else(rows: Sequence[Row], present: Iterable[Host]) -> None:
    """A phone that somebody else has is no error (a family, a front office), and often a slip of the hand."""
    having: dict[str, list[Any]] = defaultdict(list)
    meant = {row.host.id for row in rows if row.host is not None}
    for host in present:
        if host.phone and host.id not in meant:
            having[host.phone].append(host)
    for row in sorted(rows, key=lambda row: row.host is None):
        phone = row.values.get("phone") or (row.host.phone if row.host is not None else "")
        if row.is_host and phone:
            others = having[phone]
            if others and ("host" in row.makes or any(name == "phone" for name, _, _ in row.changes)):
                other = others[0]
                name = other.values["name"] if isinstance(other, Row) else other.name
                row.remarks.append((N_("%(name)s has this number too."), {"name": name}))
            others.append(row)
