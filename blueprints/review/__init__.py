"""Review: what wants reading today, the registers read and signed, corrections asked for, seals."""

from flask import Blueprint, Flask

blueprint = Blueprint("review", __name__, url_prefix="/review")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.review import (  # noqa: F401
        asked,
        comments,
        duties,
        entry,
        overview,
        seals,
        signatures,
        spans,
    )

    app.register_blueprint(blueprint)
