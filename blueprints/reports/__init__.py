"""Figures of the site, and the reports that are prepared of them (R3)."""

from flask import Blueprint, Flask

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.reports import figures, planning, prepared  # noqa: F401

    app.register_blueprint(blueprint)
