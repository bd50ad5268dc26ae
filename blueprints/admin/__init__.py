"""The room admin: sites, purposes, kiosks, occupants, people and roles."""

from collections.abc import Iterable

from flask import Blueprint, Flask, g, request

from domain.emails import mask_email
from domain.masking import mask_phone
from domain.permissions import ROLE_NAMES
from web.i18n import language

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

ROOMS = {"sites": "admin.sites", "kiosks": "admin.kiosks", "units": "admin.units", "hosts": "admin.units"}


@blueprint.before_request
def _room() -> None:
    """Which entry of the rail is lit: a purpose belongs to the sites, a host to the occupants."""
    g.room = ROOMS.get(request.path.split("/")[2], "admin.people")


def facts(parts: Iterable[str]) -> str:
    """Facts in one line: a comma separates them, in Chinese the wide one."""
    return ("，" if language().startswith("zh") else ", ").join(parts)


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.admin import hosts, kiosks, people, purposes, site_parts, sites, units  # noqa: F401

    app.jinja_env.filters.update(facts=facts, mask_phone=mask_phone, mask_email=mask_email)
    app.jinja_env.globals.update(role_words=ROLE_NAMES)
    app.register_blueprint(blueprint)
