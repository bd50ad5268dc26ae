"""A guest who is expected, and a host's own link, for the addresses that name them."""

from domain import clock
from domain.database import db
from domain.identity import SYSTEM
from domain.meetings.models import Reservation
from domain.occupants.links import link_of, token_of
from domain.occupants.models import Host
from domain.visits.invitation_codes import token_of as guest_token
from tests.cast import Cast
from tests.invited import make_invitation


def expect(cast: Cast) -> dict[tuple[str, str], str]:
    """Invite somebody, and give Zhang San a link; call inside `writing()`, after the rooms are booked."""
    guest = make_invitation(cast, name="周九", phone="+8613600136000")
    host = db.session.get_one(Host, cast.host_id)
    link = link_of(host, actor=SYSTEM, now=clock.now())
    of_host = db.select(Reservation.ref).where(Reservation.host_id == host.id).order_by(Reservation.id)
    meeting = db.session.scalars(of_host).first() or ""
    return {
        ("/i/", "token"): guest_token(guest.ref),
        ("/invitations/", "ref"): guest.ref,
        ("/invitations/meetings/", "ref"): meeting,
        ("/hosts/", "token"): token_of(link),
        ("/hosts/<token>/invitations/", "ref"): guest.ref,
        ("/hosts/<token>/meetings/", "ref"): meeting,
        ("/hosts/<token>/rooms/", "ref"): meeting,
    }
