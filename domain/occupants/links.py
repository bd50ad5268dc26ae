"""The host's own link: a page without an account, for what a host does ahead (V5, M6).

It carries a random name and a seal over it, so that who reads the database cannot open it. Each host has one that is
good at most; cut off, it opens nothing any more, and a new one is another.
"""

import hmac
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column

from domain import events, notices
from domain.codes import new_ref
from domain.database import Base, BigId, HasId, HasRef, db
from domain.encryption import blind_index, keyring
from domain.errors import DomainError, NotFound, explains
from domain.identity import Actor
from domain.notices import Channel
from domain.occupants.models import Host
from domain.sites.models import Site
from domain.text import N_

PURPOSE = "host.link"
LENGTH = 26
GOOD = text("revoked_at IS NULL")
INVALID = N_("This link is not valid any more. Ask the reception for a new one.")


class HostLink(HasId, HasRef, Base):
    """A host's own link, good until it is cut off or the host leaves."""

    __tablename__ = "host_links"
    __table_args__ = (Index("uq_host_links_good", "host_id", unique=True, sqlite_where=GOOD, postgresql_where=GOOD),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"))
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


explains("uq_host_links_good", N_("Somebody sent this link in the same moment. It is on its way."))


def token_of(link: HostLink) -> str:
    """The unguessable end of the link."""
    return f"{link.ref}-{blind_index(link.ref, PURPOSE)[:LENGTH]}"


def find_link(token: str) -> tuple[HostLink, Host]:
    """Link and host of a token; raises NotFound in the same words for a wrong one, a cut one, a host who left."""
    ref, _, seal = token.partition("-")
    seals = keyring().blind_indexes(ref, PURPOSE)
    if not any(hmac.compare_digest(seal.encode(), good[:LENGTH].encode()) for good in seals):
        raise NotFound(INVALID)
    row = db.session.execute(
        select(HostLink, Host).join(Host, Host.id == HostLink.host_id).where(HostLink.ref == ref)
    ).first()
    if row is None or row.HostLink.revoked_at or row.Host.left_at:
        raise NotFound(INVALID)
    return row.HostLink, row.Host


def good_link(host_id: int) -> HostLink | None:
    """The host's link that is good now."""
    return db.session.scalar(select(HostLink).where(HostLink.host_id == host_id, HostLink.revoked_at.is_(None)))


def _record(kind: str, host: Host, actor: Actor, now: datetime) -> None:
    events.record(f"host.{kind}", site_id=host.site_id, subject="host", subject_id=host.id, actor=actor, now=now)


def link_of(host: Host, *, actor: Actor, now: datetime) -> HostLink:
    """The host's good link, made where there is none. Raises DomainError for a host who left."""
    if host.left_at:
        raise DomainError(N_("This person is no longer in the building."))
    if link := good_link(host.id):
        return link
    link = HostLink(
        ref=new_ref(),
        site_id=host.site_id,
        host_id=host.id,
        made_by_id=actor.id if actor.kind == "staff" else None,
        made_at=now,
    )
    db.session.add(link)
    db.session.flush()
    _record("link_made", host, actor, now)
    return link


def send_link(host: Host, *, site: Site, actor: Actor, now: datetime) -> HostLink:
    """Mail the host the own link. Raises DomainError where no mail can go: nobody else is ever shown it."""
    if not host.email:
        raise DomainError(N_("No mail address of this host is known. Enter it under Occupants first."), field="whom")
    if not site.mail_enabled:
        raise DomainError(N_("This site sends no mail. An admin can switch it on."))
    link = link_of(host, actor=actor, now=now)
    notices.tell(
        "host.link",
        site_id=site.id,
        recipient="host",
        recipient_id=host.id,
        channel=Channel.MAIL,
        subject="host_link",
        subject_id=link.id,
        now=now,
        message_id=new_ref(),
        again=now.isoformat(timespec="minutes"),
    )
    _record("link_sent", host, actor, now)
    return link


def cut_link(host: Host, *, actor: Actor, now: datetime) -> None:
    """The link opens nothing any more: it was lost or passed on. Without a good one there is nothing to do."""
    link = good_link(host.id)
    if link is None:
        return
    link.revoked_at = now
    db.session.flush()
    _record("link_cut", host, actor, now)
