"""The kiosk in the lobby, and the same pages on a visitor's own phone."""

from flask import Blueprint, Flask

blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk")
pairing_blueprint = Blueprint("pairing", __name__, url_prefix="/kiosk/pair")
phone_blueprint = Blueprint("phone", __name__)


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.kiosk import (  # noqa: F401
        arrival,
        departure,
        guest_links,
        idle,
        invited,
        keys,
        pairing,
        phone,
        speaking,
        waiting,
        welcome,
        whom,
    )

    app.register_blueprint(pairing_blueprint)
    app.register_blueprint(blueprint)
    app.register_blueprint(phone_blueprint)
