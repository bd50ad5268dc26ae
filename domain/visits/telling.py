"""What a notice tells about a visit, and to whom: read at the moment of telling, so that it is true (V4)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from domain.channels import lines_of
from domain.database import db
from domain.masking import mask_name
from domain.notices import Channel, Notice
from domain.occupants.models import Host, Unit
from domain.occupants.queries import unit_name
from domain.sites.models import Kiosk, Purpose, Site
from domain.sites.queries import in_language
from domain.visits.answers import answer_token
from domain.visits.models import PRESENT, Visit, VisitState


@dataclass(frozen=True)
class About:
    """A visit as a host reads of it: never the phone, the document or the photo."""

    site: Site
    name: str
    organisation: str
    companions: int
    purpose: str
    whom: str
    unit: str
    where: str
    since: datetime
    left: datetime | None
    state: str
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether the visitor stands there until the host answers."""
        return self.state == VisitState.WAITING


@dataclass(frozen=True)
class Telling:
    """One notice to be written: about whom, in which language, and where it goes. `token` opens the answers."""

    kind: str
    about: About
    language: str
    token: str
    to_site: bool
    addresses: tuple[str, ...]


def about(visit: Visit, *, language: str, masked: bool = False) -> About:
    """What there is to tell of a visit."""
    row = db.session.execute(
        select(Site, Purpose.names, Unit.number, Unit.company, Host.name.label("host"), Kiosk.name.label("kiosk"))
        .select_from(Visit)
        .join(Site, Site.id == Visit.site_id)
        .join(Purpose, Purpose.id == Visit.purpose_id)
        .join(Unit, Unit.id == Visit.unit_id)
        .outerjoin(Host, Host.id == Visit.host_id)
        .outerjoin(Kiosk, Kiosk.id == Visit.kiosk_id)
        .where(Visit.id == visit.id)
    ).one()
    unit = unit_name(row.number, row.company)
    return About(
        site=row.Site,
        name=mask_name(visit.name) if masked else visit.name,
        organisation=visit.organisation,
        companions=visit.companions,
        purpose=in_language(row.names, language),
        whom=row.host or unit,
        unit=unit,
        where=row.kiosk or "",
        since=visit.arrived_at,
        left=visit.left_at,
        state=visit.state,
        answer=visit.answer,
        answered_by=visit.answered_by,
        answered_at=visit.answered_at,
    )


def telling(notice: Notice) -> Telling | None:
    """What to write for that notice; None when telling makes no sense any more.

    That is: the visit was erased, cancelled or refused; the deputy is no longer needed; the visitor of a reminder has
    left; or whoever was to be told left, or has no address any more.
    """
    visit = db.session.get(Visit, notice.subject_id)
    if visit is None or visit.erased_at or visit.state in (VisitState.CANCELLED, VisitState.REFUSED):
        return None
    if notice.kind == "visit.deputy" and visit.state != VisitState.WAITING:
        return None
    if notice.kind == "visit.reminder" and visit.state not in PRESENT:
        return None
    if notice.recipient == "site":
        site = db.session.get_one(Site, notice.recipient_id)
        return _written(notice, visit, language=site.language, addresses=tuple(lines_of(site.channels)), to_site=True)
    host = db.session.get(Host, notice.recipient_id)
    if host is None or host.left_at:
        return None
    addresses = (host.email,) if notice.channel == Channel.MAIL else tuple(lines_of(host.channels))
    token = answer_token(visit.ref, host.ref) if visit.state == VisitState.WAITING else ""
    return _written(notice, visit, language=host.language, addresses=addresses, token=token)


def _written(
    notice: Notice, visit: Visit, *, language: str, addresses: tuple[str, ...], token: str = "", to_site: bool = False
) -> Telling | None:
    if not any(addresses):
        return None
    return Telling(
        kind=notice.kind,
        about=about(visit, language=language, masked=to_site),
        language=language,
        token=token,
        to_site=to_site,
        addresses=addresses,
    )
