"""The host's page behind the link of a notice: who waits, and three answers (V4). No account, no list, one visit."""

from flask import Blueprint, Flask

blueprint = Blueprint("hosts", __name__)


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.hosts import answers  # noqa: F401 -- its views

    app.register_blueprint(blueprint)
