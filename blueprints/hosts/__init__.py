"""The room hosts."""

from flask import Blueprint, Flask

blueprint = Blueprint("hosts", __name__)


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    app.register_blueprint(blueprint)
