"""The list of slips and the page of one, drawn by `web.registers`: beside the list's heading stands `slips/_head.html`,
beside a slip what can be done with it.
"""

from typing import Any

from blueprints.slips import blueprint
from blueprints.slips.deeds import deeds, find
from domain.permissions import Permission
from domain.slips.queries import photo_of
from domain.slips.register import SLIPS
from web.permissions import allow
from web.pictures import send_photo
from web.registers import register_room

register_room(blueprint, SLIPS, extras=deeds)


@blueprint.get("/<ref>/picture")
@allow(Permission.SLIPS_READ)
def picture(ref: str) -> Any:
    """The picture that was taken of the matter."""
    return send_photo(photo_of(find(ref).id))
