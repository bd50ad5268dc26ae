"""Invitations: who is expected today, inviting ahead, the guests of a meeting, the hosts' own links (V5, M6)."""

from flask import Blueprint, Flask

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.invitations import (  # noqa: F401 -- its views
        deeds,
        inviting,
        links,
        meetings,
        register,
        slips,
        times,
        today,
        upload,
    )

    app.register_blueprint(blueprint)
