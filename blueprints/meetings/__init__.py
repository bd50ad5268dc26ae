"""Meeting rooms: the day of all of them, reserving, finding one, and the register of meetings."""

from flask import Blueprint, Flask

blueprint = Blueprint("meetings", __name__, url_prefix="/meetings")
reservations = Blueprint("reservations", __name__, url_prefix="/reservations")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.meetings import (  # noqa: F401
        approving,
        changing,
        day,
        deeds,
        displays,
        door,
        feeds,
        finding,
        register,
        reserving,
        room_rules,
        rooms,
        waiting,
    )

    app.register_blueprint(blueprint)
    app.register_blueprint(reservations)
    app.register_blueprint(feeds.calendars)
