"""How occupants are reached is erased once they have left and the site's days are over (P4); the name stays with what
names them. Why somebody looked at them in full goes after the same days.
"""

from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, and_, delete, func, or_, select, tuple_, type_coerce, update

from domain.database import db, reading, writing
from domain.encryption import keyring
from domain.events import Event, EventDetail
from domain.occupants.models import Host
from domain.sites.models import Site

NOTHING = {"synchronize_session": False}


def erase_left(*, now: datetime) -> int:
    """Erase phones, mails and channels of those who left, with what the history knew; returns of how many. Each site is
    a transaction of its own: call outside of any."""
    with reading():
        sites = db.session.execute(select(Site.id, Site.retention_days).order_by(Site.id)).all()
    return sum(_erase_at(site.id, now - timedelta(days=site.retention_days)) for site in sites)


def _erase_at(site_id: int, before: datetime) -> int:
    empty = len(keyring().seal("", "hosts.channels"))
    reached = or_(Host.phone != "", Host.email != "", func.length(type_coerce(Host.channels, LargeBinary)) > empty)
    left = and_(Host.site_id == site_id, Host.left_at < before)
    known = and_(
        *(Event.site_id == site_id, Event.subject == "host"),
        or_(
            Event.subject_id.in_(select(Host.id).where(left)),
            and_(Event.kind == "host.unmasked", Event.at < before),
        ),
    )
    with reading():
        ids = db.session.scalars(select(Host.id).where(left, reached)).all()
        held = (Event.site_id == EventDetail.site_id) & (Event.number == EventDetail.number)
        numbers = db.session.scalars(select(Event.number).join(EventDetail, held).where(known)).all()
    if ids or numbers:
        with writing():
            gone = update(Host).where(Host.id.in_(ids)).values(phone="", email="", channels="")
            db.session.execute(gone, execution_options=NOTHING)
            of = [(site_id, number) for number in numbers]
            db.session.execute(
                delete(EventDetail).where(tuple_(EventDetail.site_id, EventDetail.number).in_(of)),
                execution_options=NOTHING,
            )
    return len(ids)
