"""The desk: what is going on in the lobby now, signing in on behalf, finding, the closing hour."""

from flask import Blueprint, Flask

blueprint = Blueprint("desk", __name__, url_prefix="/desk")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.desk import board, calls, closing, hosts, search, sign_in  # noqa: F401

    app.register_blueprint(blueprint)
