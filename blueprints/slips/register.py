"""The list of slips and the page of one: drawn by `web.registers`, with what can be done with a slip."""

from blueprints.slips import blueprint
from blueprints.slips.deeds import deeds
from domain.slips.register import SLIPS
from web.registers import register_room

register_room(blueprint, SLIPS, extras=deeds)
