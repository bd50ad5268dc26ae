"""The list of invitations and the page of one, drawn by `web.registers`; `invitations/_head.html` stands beside the
heading of the list, `invitations/_actions.html` beside the entry, `invitations/_hit.html` is one that was searched for.
"""

from blueprints.invitations import blueprint
from blueprints.invitations.deeds import deeds
from domain.visits.invitation_register import INVITATIONS
from web.registers import register_room

register_room(blueprint, INVITATIONS, extras=deeds)
