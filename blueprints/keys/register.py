"""The list of loans and the page of one: drawn by `web.registers`."""

from blueprints.keys import loans
from domain.keys.register import KEYS
from web.registers import register_room

register_room(loans, KEYS)
