"""Who is told of a visit (V4)."""

from datetime import datetime

from domain import notices
from domain.codes import new_ref
from domain.database import db
from domain.notices import Channel
from domain.occupants.models import Host, Unit
from domain.occupants.queries import contacts_of
from domain.sites.models import Site
from domain.visits.models import Visit


def channels_to(host: Host, *, site: Site) -> list[Channel]:
    """How this host can be told; none: the reception must call."""
    return [Channel.MAIL] * bool(host.email and site.mail_enabled) + [Channel.CHAT] * bool(host.channels)


def _tell(host: Host, visit: Visit, *, site: Site, kind: str, now: datetime, again: str = "") -> None:
    for channel in channels_to(host, site=site):
        notices.tell(
            kind,
            site_id=site.id,
            recipient="host",
            recipient_id=host.id,
            channel=channel,
            subject="visit",
            subject_id=visit.id,
            now=now,
            message_id=new_ref(),
            again=again,
        )


def deputy_stands_in(host: Host, now: datetime) -> bool:
    """Whether the host is away and has somebody who is told as well."""
    return bool(host.deputy_id and host.away_until and host.away_until > now)


def tell_hosts(visit: Visit, *, site: Site, whom_unit: Unit, host: Host | None, now: datetime) -> None:
    """Tell the host at once, and the deputy too while the host is away; of a unit alone, its contacts.

    The site's own chat channels hear of every visitor.
    """
    told = [host] if host else list(db.session.scalars(contacts_of(whom_unit.id)))
    if host and deputy_stands_in(host, now):
        told.append(db.session.get_one(Host, host.deputy_id))
    for person in told:
        _tell(person, visit, site=site, kind="visit.arrived", now=now)
    if site.channels:
        notices.tell(
            "visit.arrived",
            site_id=site.id,
            recipient="site",
            recipient_id=site.id,
            channel=Channel.CHAT,
            subject="visit",
            subject_id=visit.id,
            now=now,
            message_id=new_ref(),
        )


def tell_deputy(visit: Visit, deputy: Host, *, site: Site, now: datetime) -> None:
    """The host was silent too long: the deputy stands in and can answer as the host could."""
    visit.deputy_told_at = now
    _tell(deputy, visit, site=site, kind="visit.deputy", now=now)


def tell_again(visit: Visit, host: Host, *, site: Site, now: datetime) -> None:
    """The desk urges the host once more (再催)."""
    _tell(host, visit, site=site, kind="visit.reminder", now=now, again=now.isoformat(timespec="minutes"))
