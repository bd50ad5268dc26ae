"""Leaving a page that is half filled in, by one of its other buttons: what stands in the fields is kept first.

These buttons belong to the form of the page and send it as `aside`: the name of the step they lead to, `call` for the
bell, `language`, `cancel`, or `idle` when nobody touched the screen. Nothing is checked, so that nobody is held up on
the way out.
"""

from typing import Any

from flask import redirect, request

from blueprints.kiosk import journey
from blueprints.kiosk.idle import ring
from web.fields import BooleanField, DrawnField
from web.forms import FoyerForm


def _typed(form: FoyerForm) -> dict[str, Any]:
    return {
        field.name: field.data if isinstance(field, BooleanField) else field.shown
        for field in form
        if isinstance(field, DrawnField)
    }


def keep(form: FoyerForm, *, step: str, **content: Any) -> None:
    """Keep what stands in the fields of this step, and what else is said."""
    journey.keep(typed=journey.draft().get("typed", {}) | {step: kept(step) | _typed(form)}, **content)


def kept(step: str) -> dict[str, Any]:
    """What stood in the fields of this step when it was left."""
    typed: dict[str, Any] = journey.draft().get("typed", {}).get(step, {})
    return typed


def leaves(form: FoyerForm, *, step: str, page: str = "", **content: Any) -> Any:
    """Where the visitor goes who leaves this form for now, its text and `content` kept; None for who sends it.

    `page` is the form, where the step has several.
    """
    where = request.form.get("aside")
    if where is None:
        return None
    if where == "cancel" and not journey.is_begun(**{step: _typed(form)}):
        return journey.to("kiosk.welcome")
    keep(form, step=step, **content)
    if where == "cancel":
        return journey.to("kiosk.ask_cancel", step=step)
    if where == "language":
        return redirect(journey.language_url(page or step), 303)
    if where == "idle":
        return journey.to("kiosk.still_here", step=step)
    if where == "call":
        return ring(step) if form.token.validate(form) else journey.to(journey.STEPS[step])
    return journey.to(journey.STEPS.get(where, journey.STEPS[step]))
