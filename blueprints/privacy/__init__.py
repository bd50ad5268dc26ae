"""Privacy: what is kept how long, who looked at what in full, and a person's own data shown and erased (P2, P3)."""

from flask import Blueprint, Flask

blueprint = Blueprint("privacy", __name__)


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.privacy import keeping, looks, people  # noqa: F401

    app.register_blueprint(blueprint)
