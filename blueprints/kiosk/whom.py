"""First step: whom to see (V3). At least two characters, at most five matches, only name and company."""

from typing import Any

from flask import request

from blueprints.kiosk import blueprint, journey
from domain import clock
from domain.errors import DomainError
from domain.limits import OWN_SEARCHES
from domain.occupants.queries import look_up_at_kiosk
from domain.text import N_
from domain.visits.arrivals import check_may_arrive
from web.attempts import from_here, slowed_down
from web.fields import HiddenField, clean_text
from web.forms import FoyerForm, refusals
from web.htmx import render, wants_fragment
from web.marks import marks
from web.permissions import kiosk
from web.transactions import read_only, writes

LETTERS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "0123456789")
LONGEST = 40


class WhomForm(FoyerForm):
    """The match that was touched."""

    endpoint = "kiosk.choose_whom"
    kind = HiddenField()
    ref = HiddenField()


def _typed() -> str:
    """What was typed, here or before this page was left, with the key of the on-screen row that was touched."""
    text = clean_text(request.values.get("q", journey.draft().get("q", "")))[:LONGEST]
    return journey.touched(text, request.args.get("key", ""), "".join(LETTERS))[:LONGEST]


def _page(form: WhomForm, *, status: int = 200) -> Any:
    query = _typed()
    context = {
        "form": form,
        "q": query,
        "letters": () if journey.device().own else LETTERS,
        "chosen": tuple(journey.draft().get("whom", ())),
        "matches": look_up_at_kiosk(query, site_id=journey.device().site.id),
        "marks": marks,
        "spelt": journey.spelt,
        "few": len(query) < 2,
    }
    if wants_fragment():
        return render("kiosk/_found.html", fragment="kiosk/_found.html", status=status, **context)
    return journey.show("kiosk/whom.html", step="whom", back="welcome", status=status, steps=journey.steps(), **context)


@blueprint.get("/whom")
@kiosk
def whom() -> Any:
    """Search by name, pinyin, initials, unit or company; own phones may be anywhere, so theirs are counted (P4)."""
    if journey.device().own and _typed():
        slowed_down(OWN_SEARCHES, from_here(journey.device().kiosk.id))
    return _page(WhomForm())


@blueprint.post("/whom")
@kiosk
@writes
def choose_whom() -> Any:
    """Keep who was touched; a host who left meanwhile is refused in words."""
    form = WhomForm()
    if form.validate():
        with refusals(form):
            journey.keep(whom=(form.kind.data, form.ref.data), q=_typed(), invitation=None)
            found = journey.chosen_whom()
            if found is None:
                raise DomainError(
                    N_("This person is no longer in the building. Choose somebody else, or call the reception.")
                )
            check_may_arrive(journey.device().site, found, now=clock.now())
            return journey.to(
                "kiosk.details" if journey.chosen_purpose() and len(journey.purposes()) == 1 else "kiosk.why"
            )
    read_only()
    return _page(form, status=form.status)
