"""What a letter to a guest tells, read at the moment of telling, so that it is true (V5, M6)."""

from dataclasses import dataclass
from datetime import datetime

from domain import gatherings
from domain.database import db
from domain.gatherings import Gathering
from domain.notices import Notice
from domain.sites.models import Site
from domain.sites.ways import way_to
from domain.visits.arrivals import whom_of
from domain.visits.invitation_models import Invitation


@dataclass(frozen=True)
class GuestLetter:
    """One letter to be written. It names whom the guest sees, never how to reach them (P4)."""

    kind: str
    site: Site
    invitation: Invitation
    language: str
    guest: str
    whom: str
    company: str
    title: str
    """What the meeting is about; "" for a visit without one."""
    place: str
    way: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    address: str
    withdrawn: bool


def gathering_of(invitation: Invitation) -> Gathering | None:
    """The meeting whose guest it is."""
    if invitation.meeting_id is None:
        return None
    return gatherings.among([invitation.meeting_id]).get(invitation.meeting_id)


def guest_place(invitation: Invitation) -> str:
    """Room and floor of the meeting; "" where the guest goes to the unit."""
    gathering = gathering_of(invitation)
    return " · ".join(filter(None, (gathering.room, gathering.floor and f"{gathering.floor}F"))) if gathering else ""


def letter_of(notice: Notice) -> GuestLetter | None:
    """What to write for that notice; None when telling makes no sense any more: the invitation was erased or has no
    address, it changed again and a later letter tells so, or it was taken back.
    """
    invitation = db.session.get(Invitation, notice.subject_id)
    if invitation is None or invitation.erased_at or not invitation.email:
        return None
    if str(invitation.sequence) != notice.facts.get("sequence", str(invitation.sequence)):
        return None
    if invitation.is_open is (notice.kind == "invitation.withdrawn"):
        return None
    return letter_about(invitation, notice.kind)


def letter_about(invitation: Invitation, kind: str) -> GuestLetter:
    """What there is to tell a guest now."""
    site, whom, gathering = db.session.get_one(Site, invitation.site_id), whom_of(invitation), gathering_of(invitation)
    return GuestLetter(
        kind=kind,
        site=site,
        invitation=invitation,
        language=invitation.language,
        guest=invitation.name,
        whom=whom.host.name if whom.host else whom.unit.company or whom.unit.number,
        company=whom.unit.company if whom.host else "",
        title=gathering.title if gathering else "",
        place=guest_place(invitation) or whom.unit.number,
        way=tuple(way_to(whom.unit, site, invitation.language)),
        begins_at=invitation.begins_at,
        ends_at=invitation.ends_at,
        address=invitation.email,
        withdrawn=not invitation.is_open,
    )
