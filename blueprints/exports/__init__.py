"""Exports of what a register shows, and the filters that somebody keeps (R4)."""

from flask import Blueprint, Flask

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.exports import asking, files, filters  # noqa: F401

    app.register_blueprint(blueprint)
