"""Steps and times of a sheet, in the reader's words."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from domain.meetings.phases import HOUSE_WORDS, PHASE_NAMES, Phase
from domain.meetings.sheet_queries import PATIENCE
from web.i18n import say

FAR_AHEAD = timedelta(hours=3)


def step_words(step: Any) -> str:
    """What a step is called: the site's own words, else the house's."""
    return str(step.name) or say(HOUSE_WORDS.get(step.code, ""))


def phase_words(phase: str) -> str:
    """会前准备, 迎宾 and so on."""
    return say(PHASE_NAMES[Phase(phase)])


def minutes_late(step: Any, now: datetime) -> int:
    """How many minutes a step that waits is over its time; 0 while there is patience left."""
    return int((now - step.due_at) / timedelta(minutes=1)) if step.due_at + PATIENCE < now else 0


def is_far_ahead(step: Any, now: datetime) -> bool:
    """Whether a step is due so much later that ticking it now is more likely a slip of the finger than a deed."""
    return bool(step.due_at - now > FAR_AHEAD)


def init_app(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.globals.update(
        step_words=step_words, phase_words=phase_words, minutes_late=minutes_late, is_far_ahead=is_far_ahead
    )
