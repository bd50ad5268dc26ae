"""The links that `make run` prints: the desk, a kiosk that is paired already, a visitor's phone, a host's answer.

A kiosk's token is in the database as its hash alone. The demo's are derived from the installation's secret, so that
its link opens a paired kiosk in any browser, again and again, without a token being kept anywhere.
"""

import hashlib
import hmac
from datetime import datetime

from sqlalchemy import select

from demo.building import Building
from domain.database import db
from domain.encryption import blind_index
from domain.identity import SYSTEM
from domain.occupants.links import HostLink, token_of
from domain.occupants.models import Host
from domain.sites import pairing
from domain.sites.models import Kiosk, Site
from domain.visits.answers import answer_token
from domain.visits.models import Visit, VisitState


def kiosk_token(kiosk: Kiosk) -> str:
    """The token of a demo kiosk's cookie."""
    return blind_index(kiosk.ref, "demo.kiosk")


def pair_kiosks(building: Building, *, now: datetime) -> None:
    """Pair the building's kiosks under their derived tokens."""
    for kiosk in building.kiosks:
        pair_as_demo(kiosk, now=now)


def pair_as_demo(kiosk: Kiosk, *, now: datetime) -> None:
    """Pair a kiosk, or a display at a door, under its derived token."""
    pairing.give_token(kiosk, actor=SYSTEM, now=now)
    kiosk.token_hash = hashlib.sha256(kiosk_token(kiosk).encode()).hexdigest()
    db.session.flush()


def door_key(ref: str) -> str:
    """What a link to a demo kiosk must carry besides its name."""
    return blind_index(ref, "demo.door")


def find_kiosk(ref: str, key: str) -> Kiosk | None:
    """The kiosk of a link, while it is paired as the demo paired it; None for anything else."""
    if not hmac.compare_digest(door_key(ref).encode(), key.encode()):
        return None
    return db.session.scalar(select(Kiosk).where(Kiosk.ref == ref, Kiosk.revoked_at.is_(None)))


def kiosks() -> list[tuple[Site, Kiosk]]:
    """The demo's paired kiosks, the lobby's first."""
    rows = db.session.execute(
        select(Site, Kiosk)
        .join(Kiosk, Kiosk.site_id == Site.id)
        .where(Kiosk.token_hash.is_not(None), Kiosk.revoked_at.is_(None))
        .order_by(Kiosk.id)
    )
    return [(row.Site, row.Kiosk) for row in rows]


def waiting_for_answer() -> tuple[Visit, Host, str] | None:
    """A visit that waits for its host, the host, and the end of the link in the host's mail."""
    row = db.session.execute(
        select(Visit, Host)
        .join(Host, Host.id == Visit.host_id)
        .where(Visit.state == VisitState.WAITING)
        .order_by(Visit.arrived_at.desc())
        .limit(1)
    ).first()
    return (row.Visit, row.Host, answer_token(row.Visit.ref, row.Host.ref)) if row else None


def own_page() -> tuple[Host, str] | None:
    """A host who has the own link, and its end."""
    row = db.session.execute(
        select(HostLink, Host)
        .join(Host, Host.id == HostLink.host_id)
        .where(HostLink.revoked_at.is_(None))
        .order_by(HostLink.id)
    ).first()
    return (row.Host, token_of(row.HostLink)) if row else None
