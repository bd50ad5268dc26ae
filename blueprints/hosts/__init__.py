"""What hosts do without an account: behind the link of a notice three answers for one visit (V4); behind the own link
what they do ahead (V5, M6). Nothing of the directory is shown.
"""

from flask import Blueprint, Flask

blueprint = Blueprint("hosts", __name__)


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.hosts import answers, own, rooms, times, waiting  # noqa: F401 -- its views

    app.register_blueprint(blueprint)
