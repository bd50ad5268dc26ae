"""The list of meetings and the page of one, drawn by `web.registers`; `meetings/_head.html` stands beside the heading
of the list, `meetings/_actions.html` beside the entry, `meetings/_hit.html` is a meeting among what was searched for.
"""

from blueprints.meetings import reservations
from blueprints.meetings.deeds import deeds
from domain.meetings.register import MEETINGS
from web.registers import register_room

register_room(reservations, MEETINGS, extras=deeds)
