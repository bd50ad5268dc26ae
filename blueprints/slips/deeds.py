"""What can be done with a slip as it stands, and the ways back from having done it."""

from collections.abc import Callable
from typing import Any

from flask import flash, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from wtforms.validators import ValidationError

from domain import clock, pages
from domain.database import db
from domain.errors import NotFound
from domain.keys.models import Key
from domain.keys.rules import visible
from domain.meetings.models import Reservation
from domain.permissions import Permission
from domain.slips.models import Nature, Slip, SlipState
from domain.slips.queries import get_visible, photo_of
from domain.slips.register import SLIPS
from web.fields import TextArea
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.permissions import actor
from web.registers import entry_context
from web.transactions import read_only

KEY_PAGE, MEETING_PAGE = "keys.thing", "reservations.entry"
NOTED, DONE, CLOSED = "noted", "done", "closed"
WORDS_NEEDED = {
    NOTED: _("Say what was done."),
    DONE: _("Note cause and material: what was it, and what was used?"),
    CLOSED: _("Say how it ended."),
}


class DeedForm(FoyerForm):
    """One touch on a slip."""


class StepForm(FoyerForm):
    """One line of what was done; the button that sends it says whether it was noted, is done, or closes the slip."""

    text = TextArea(_("What was done, or how it ended"), max_length=2000)
    what = NOTED

    def validate_text(self, field: Any) -> None:
        """Each of the three needs words."""
        if not field.data:
            raise ValidationError(str(WORDS_NEEDED[self.what]))


def deeds(row: Any) -> dict[str, Any]:
    """What `slips/_actions.html` offers for that row, and what the slip is about."""
    who = actor()
    may, is_open = who.may(Permission.SLIPS_WRITE), row.state != SlipState.CLOSED
    in_work = row.state in (SlipState.DISPATCHED, SlipState.IN_WORK)
    repair = row.nature == Nature.REPAIR
    mine = row.owner_id == who.id
    return {
        "may": {
            "write": may and is_open,
            "accept": may and is_open and not mine and row.offered_to_id in (None, who.id),
            "receive": may and row.state == SlipState.DISPATCHED,
            "done": may and is_open and (in_work or (repair and row.state == SlipState.OPEN)),
            "close": may and is_open and not (repair and in_work) and not (row.against_id and row.against_id == who.id),
            "reopen": may and not is_open and not row.erased_at,
        },
        "offered_to_me": is_open and row.offered_to_id is not None and row.offered_to_id == who.id,
        "step": StepForm(endpoint="slips.note_step") if may and is_open else None,
        "about_url": _about(row),
        "picture_url": url_for("slips.picture", ref=row.ref) if photo_of(row.id) else None,
    }


def _about(row: Any) -> str | None:
    """Where the key or the meeting stands that a slip is about, for whoever may see it."""
    if row.about == "meeting" and actor().may(Permission.MEETINGS_READ):
        here = Reservation.site_id == row.site_id
        met = db.session.scalar(select(Reservation.ref).where(Reservation.id == row.about_id, here))
        return url_for(MEETING_PAGE, ref=met) if met else None
    if row.about != "key" or not actor().may(Permission.KEYS_READ):
        return None
    seen = visible(Key.class_code, actor())
    ref = db.session.scalar(select(Key.ref).where(Key.id == row.about_id, Key.site_id == row.site_id, seen))
    return url_for(KEY_PAGE, ref=ref) if ref else None


def find(ref: str) -> Slip:
    """The slip, or 404."""
    return get_visible(ref, actor=actor())


def after(ref: str, said: str) -> Any:
    """Back to the slip, which says what happened."""
    flash(said, "ok")
    return done(url_for(SLIPS.endpoint, ref=ref))


def refused(ref: str, form: FoyerForm, **more: Any) -> Any:
    """The refusal in words, over the slip as it stands now."""
    read_only()
    row = pages.entry(SLIPS, ref, site_id=actor().site_id)
    return refuse("registers/entry.html", form=form, **entry_context(SLIPS, row) | deeds(row) | more)


def deed(ref: str, do: Callable[..., object], said: str) -> Any:
    """Do it to the slip, and say so or why not. `do` takes the slip, `actor` and `now`."""
    slip, form = find(ref), DeedForm()
    if form.validate():
        with refusals(form):
            do(slip, actor=actor(), now=clock.now())
            return after(ref, gettext(said))
    return refused(ref, form)


def ask(ref: str, form: FoyerForm, **words: Any) -> Any:
    """The page of one form about a slip: drawn, or refused with its sentences. `words`: title and button."""
    if form.status >= 400:
        read_only()
    if actor().site_id is None:
        raise NotFound
    row = pages.entry(SLIPS, ref, site_id=actor().site_id)
    context = {"row": row, "back": url_for(SLIPS.endpoint, ref=ref), **words}
    return render("slips/ask.html", status=form.status, form=form, **context)
