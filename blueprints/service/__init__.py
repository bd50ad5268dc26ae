"""The service of meetings: orders, the run sheets of the day, closing, and the lists that a site keeps of it."""

from flask import Blueprint, Flask

blueprint = Blueprint("service", __name__, url_prefix="/meetings")
public = Blueprint("confirmation", __name__)


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.service import (  # noqa: F401
        attendants,
        closing,
        confirmation,
        faults,
        hours,
        items,
        orders,
        runs,
        sheet,
        step_templates,
        templates,
        words,
    )

    words.init_app(app)
    app.register_blueprint(blueprint)
    app.register_blueprint(public)
