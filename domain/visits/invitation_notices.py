"""The guest is written to when invited, when the time or place changes, and when the invitation is taken back (V5)."""

from datetime import datetime

from domain import notices
from domain.codes import new_ref
from domain.notices import Channel
from domain.sites.models import Site
from domain.visits.invitation_models import Invitation


def tell_guest(invitation: Invitation, what: str, *, site: Site, now: datetime, again: str = "") -> None:
    """Mail the guest; `what` is `made`, `moved` or `withdrawn`. Where no mail is known, who invited passes it on."""
    if not invitation.email or not site.mail_enabled:
        return
    notices.tell(
        f"invitation.{what}",
        site_id=site.id,
        recipient="guest",
        recipient_id=invitation.id,
        channel=Channel.MAIL,
        subject="invitation",
        subject_id=invitation.id,
        now=now,
        message_id=new_ref(),
        facts={"sequence": str(invitation.sequence)},
        again=f"{invitation.sequence}{again}",
    )
