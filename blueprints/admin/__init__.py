"""The room admin: sites, purposes, kiosks, occupants, people and roles."""

from flask import Blueprint, Flask, g, request

from domain.emails import mask_email
from domain.masking import mask_phone
from domain.permissions import ROLE_NAMES
from web.edits import drawn_facts

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

ROOMS = {
    "sites": "admin.sites",
    "kiosks": "admin.kiosks",
    "units": "admin.units",
    "hosts": "admin.units",
    "departments": "slips.register",
    "slip-kinds": "slips.register",
}


@blueprint.before_request
def _room() -> None:
    """Which entry of the rail is lit: a purpose belongs to the sites, a host to the occupants."""
    part = request.path.removeprefix(blueprint.url_prefix or "").strip("/").partition("/")[0]
    g.room = ROOMS.get(part, "admin.people")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.admin import (  # noqa: F401
        departments,
        first,
        hosts,
        kiosks,
        people,
        purposes,
        site_parts,
        sites,
        slip_kinds,
        units,
        upload,
    )

    app.jinja_env.filters.update(facts=drawn_facts, mask_phone=mask_phone, mask_email=mask_email)
    app.jinja_env.globals.update(role_words=ROLE_NAMES)
    app.register_blueprint(blueprint)
