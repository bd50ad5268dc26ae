"""Meeting rooms: the day of all of them, reserving, finding one, and the register of meetings."""

from flask import Blueprint, Flask

blueprint = Blueprint("meetings", __name__, url_prefix="/meetings")
reservations = Blueprint("reservations", __name__, url_prefix="/reservations")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.meetings import (  # noqa: F401
        changing,
        day,
        deeds,
        finding,
        register,
        reserving,
        rooms,
    )

    app.register_blueprint(blueprint)
    app.register_blueprint(reservations)
