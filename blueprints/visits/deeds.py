"""What can be done with a visit as it stands, and the ways back from having done it."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, url_for
from flask_babel import gettext

from domain import clock, pages
from domain.permissions import Permission
from domain.registers import holdings_of
from domain.visits.entries import invitation_of
from domain.visits.invitation_queries import for_visit
from domain.visits.models import PRESENT, Visit, VisitState
from domain.visits.queries import get_visible
from domain.visits.register import VISITS
from domain.visits.untold import nobody_told
from web.errors import show
from web.fields import HiddenField
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, wants_fragment
from web.messages import working_channels
from web.permissions import actor
from web.registers import entry_context
from web.transactions import read_only
from web.whom_part import away_words

PLACES = {"desk": ("desk.board", Permission.DESK_WORK), "closing": ("desk.closing", Permission.VISITS_WRITE)}


class DeedForm(FoyerForm):
    """One touch on a visit; `then` says where it was made: one of PLACES, or the visit's own page. `despite`: the desk
    knows that something of ours is not back (V14)."""

    then = HiddenField()
    despite = HiddenField()


def deeds(row: Any) -> dict[str, Any]:
    """What `visits/_actions.html` offers for that row."""
    state, may = row.state, actor().may(Permission.VISITS_WRITE)
    today = clock.local_date(clock.now(), g.site.zone)
    left = state in (VisitState.LEFT, VisitState.PROBABLY_LEFT)
    return {
        "away": away_words(row.host_away_until, row.deputy_name) if state in PRESENT else "",
        "holdings": holdings_of(row.id) if state in PRESENT or left else [],
        "is_gone": left,
        "came_with": invitation_of(row.id),
        "untold": may and state in PRESENT and nobody_told(row.id, over=working_channels(), now=clock.now()),
        "expected": for_visit(row, now=clock.now()) if state in PRESENT else None,
        "may": {
            "write": may,
            "answer": may and state == VisitState.WAITING,
            "tell": may and bool(row.answered_at) and row.answer_told_at is None and not left,
            "depart": may and state in PRESENT,
            "linger": may and state == VisitState.INSIDE and row.due_at < clock.now(),
            "take_back": may and left and clock.local_date(row.left_at, g.site.zone) == today,
            "take_answer_back": may
            and state == VisitState.REFUSED
            and row.answered_by == "desk"
            and clock.local_date(row.answered_at, g.site.zone) == today,
            "correct": may and not row.erased_at and actor().may(Permission.VISITS_UNMASK),
            "call": state in PRESENT and actor().may(Permission.HOSTS_CALL),
            "print": may and state in PRESENT,
        },
    }


def after(ref: str, form: DeedForm, said: str) -> Any:
    """Back to where the deed was done; a whole page says what happened, a region shows it."""
    place, right = PLACES.get(form.then.data or "", ("", None))
    if not wants_fragment():
        flash(said, "ok")
    return done(url_for(place) if right and actor().may(right) else url_for(VISITS.endpoint, ref=ref))


def refused(ref: str, form: FoyerForm) -> Any:
    """The refusal in words: a note for htmx, else the visit as it stands now."""
    if wants_fragment():
        read_only()
        sentence = (form.problems or [problem for _field, problem in form.all_problems()])[0]
        return show(form.status, sentence)
    read_only()
    row = pages.entry(VISITS, ref, site_id=actor().site_id)
    return refuse("registers/entry.html", form=form, **entry_context(VISITS, row) | deeds(row))


def find(ref: str) -> Visit:
    """The visit, or 404."""
    return get_visible(ref, actor=actor())


def deed(ref: str, do: Callable[..., object], said: str) -> Any:
    """Do it to the visit, and say so or why not. `do` takes visit, `actor` and `now`; `said` may name the visitor."""
    visit, form = find(ref), DeedForm()
    if form.validate():
        with refusals(form):
            do(visit, actor=actor(), now=clock.now())
            return after(ref, form, gettext(said, name=visit.name))
    return refused(ref, form)
