"""The list of meetings and the page of one: drawn by `web.registers`."""

from blueprints.meetings import reservations
from blueprints.meetings.deeds import deeds
from domain.meetings.register import MEETINGS
from web.registers import register_room

register_room(reservations, MEETINGS, extras=deeds)
