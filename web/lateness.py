"""How late it is, in the words of the staff."""

from flask import Flask

from domain.text import N_
from web.i18n import say, span

A_MINUTE = 60


def over(seconds: float) -> str:
    """So long past its time: 超 22 分. In the first minute it is said without a number, which would be nought."""
    return say(N_("%(span)s over"), span=span(seconds)) if seconds >= A_MINUTE else say(N_("just over"))


def init_app(app: Flask) -> None:
    """Templates write `(now - row.due_at).total_seconds()|over`."""
    app.jinja_env.filters["over"] = over
