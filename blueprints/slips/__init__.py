"""The register of slips, and everything that is done with one."""

from typing import Any

from flask import Blueprint, Flask

from domain.slips.register import matter_of
from web.i18n import tell

blueprint = Blueprint("slips", __name__, url_prefix="/slips")


def matter_words(row: Any) -> str:
    """What a slip is about, in the reader's language."""
    return tell(*matter_of(row))


def init_app(app: Flask) -> None:
    """Add the room to the app."""
    from blueprints.slips import passing, promises, register, steps, writing  # noqa: F401

    app.jinja_env.globals.update(matter_words=matter_words)
    app.register_blueprint(blueprint)
