"""The list of slips and the page of one, drawn by `web.registers`: beside the list's heading stands `slips/_head.html`,
beside a slip what can be done with it.
"""

from blueprints.slips import blueprint
from blueprints.slips.deeds import deeds
from domain.slips.register import SLIPS
from web.registers import register_room

register_room(blueprint, SLIPS, extras=deeds)
