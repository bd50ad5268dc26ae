"""The list of visits and the page of one: drawn by `web.registers`, with what can be done with a visit."""

from blueprints.visits import blueprint
from blueprints.visits.deeds import deeds
from domain.visits.register import VISITS
from web.registers import register_room

register_room(blueprint, VISITS, extras=deeds)
