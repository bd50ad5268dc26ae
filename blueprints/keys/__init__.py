"""The cabinet and everything that is done with keys, and the register of their loans."""

from flask import Blueprint, Flask

blueprint = Blueprint("keys", __name__, url_prefix="/keys")
loans = Blueprint("loans", __name__, url_prefix="/loans")


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.keys import (  # noqa: F401
        approvals,
        bunch,
        cabinet,
        cabinets,
        classes,
        copies,
        counts,
        deeds,
        differences,
        keeping,
        labels,
        lending,
        register,
        reservations,
        returns,
        things,
        upload,
    )

    app.register_blueprint(blueprint)
    app.register_blueprint(loans)
