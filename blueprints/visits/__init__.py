"""The register of visits, and everything that is done with one visit."""

from flask import Blueprint, Flask

blueprint = Blueprint("visits", __name__, url_prefix="/visits")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.visits import answers, badges, calls, corrections, departures, lingering, register  # noqa: F401

    app.register_blueprint(blueprint)
