"""The list of loans and the page of one: drawn by `web.registers`."""

from blueprints.keys import loans
from blueprints.keys.acknowledgements import deeds
from domain.keys.register import KEYS
from web.registers import register_room

register_room(loans, KEYS, extras=deeds)
