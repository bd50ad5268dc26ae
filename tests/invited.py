"""Guests who are invited to Zhang San in 1806, and what becomes of them."""

from datetime import datetime, timedelta
from typing import Any

from domain import clock
from domain.database import db
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.arrivals import Entered, Whom
from domain.visits.entries import arrive, known_of
from domain.visits.invitation_models import Invitation
from domain.visits.invitations import Guest, Plan, invite
from domain.visits.models import Visit
from tests.cabinet import actor_of
from tests.cast import Cast

PHONE = "+8613800138000"


def plan(
    cast: Cast,
    *,
    begins_at: datetime | None = None,
    hours: float = 2,
    with_host: bool = True,
    waiting: bool = False,
    **values: Any,
) -> Plan:
    """From now for two hours, unless said otherwise; `waiting`: for a purpose that asks the host first."""
    since = begins_at or clock.now()
    purpose = cast.waiting_purpose_id if waiting else cast.purpose_id
    return Plan(
        Whom(db.session.get_one(Unit, cast.unit_id), db.session.get_one(Host, cast.host_id) if with_host else None),
        db.session.get_one(Purpose, purpose),
        since,
        since + timedelta(hours=hours),
        **values,
    )


def make_invitation(
    cast: Cast, name: str = "王五", *, phone: str = PHONE, email: str = "", **values: Any
) -> Invitation:
    """One that the desk made; call inside `writing()`."""
    [made] = invite(
        [Guest(name, phone, email)],
        plan(cast, **values),
        site=db.session.get_one(Site, cast.site_id),
        source="desk",
        actor=actor_of(cast, "lisi"),
        now=clock.now(),
    )
    return made


def come(cast: Cast, invitation_id: int, *, source: str = "kiosk", phone: str | None = None) -> Visit:
    """The guest signs in with it; call inside `writing()`."""
    invitation = db.session.get_one(Invitation, invitation_id)
    known = known_of(invitation)
    return arrive(
        invitation,
        entered=Entered(known.name or "某人", known.phone if phone is None else phone),
        site=db.session.get_one(Site, cast.site_id),
        language="en",
        source=source,
        actor=actor_of(cast, "lisi"),
        now=clock.now(),
    )
