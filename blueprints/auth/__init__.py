"""The way in for staff: sign-in, second factor, lock, the own account, links for a new password."""

from flask import Blueprint, Flask

blueprint = Blueprint("auth", __name__)


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.auth import account, entering, locks, passing, passwords, second_factor  # noqa: F401

    app.register_blueprint(blueprint)
