"""The slip of an invitation: QR, digits and words to be printed or passed on, for who has no mail (V5)."""

from typing import Any

from flask import g

from blueprints.invitations import blueprint
from domain.permissions import Permission
from domain.visits.invitation_queries import get_invitation
from web.at_site import at_a_site
from web.htmx import render
from web.invitation_messages import slip_of
from web.permissions import actor, allow


@blueprint.get("/<ref>/slip")
@allow(Permission.INVITATIONS_WRITE)
def slip(ref: str) -> Any:
    """What the guest needs, on one page."""
    at_a_site()
    return render("invitations/slip.html", **slip_of(get_invitation(ref, actor=actor()), site=g.site))
