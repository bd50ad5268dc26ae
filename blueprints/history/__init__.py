"""The history of a site, as a register: read, filtered, exported and signed as the others are. Beside a line stands
`history/_actions.html`: the entry that it speaks of.
"""

from typing import Any

from flask import Blueprint, Flask

from domain import registers
from domain.history_register import HISTORY
from web.addresses import address
from web.permissions import actor
from web.registers import register_room

blueprint = Blueprint("history", __name__, url_prefix="/history")


def _beside(row: Any) -> dict[str, Any]:
    """Where the entry stands that a line speaks of, for who reads its register; no look where nothing was entered."""
    found: dict[str, Any] = {} if row.personal else {"look": None}
    register = registers.of_subject(row.subject)
    if register is not None and row.thing_ref and actor().may(register.read):
        found |= {"thing": register, "thing_url": address(register.endpoint, row.thing_ref)}
    return found


register_room(blueprint, HISTORY, extras=_beside)


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    app.register_blueprint(blueprint)
