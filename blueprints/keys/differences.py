"""What differed at a count: explained one by one, or turned into a slip (K7)."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from blueprints.keys import blueprint
from domain import clock
from domain.database import db
from domain.errors import NotFound
from domain.keys.comparison import DIFFERENCE_WORDS, Differs
from domain.keys.count_models import KeyCount
from domain.keys.count_queries import differences_of, get_count, get_difference
from domain.keys.counts import explain, open_slip
from domain.keys.queries import hook_label
from domain.people.models import Person
from domain.permissions import Permission
from web.fields import TextArea
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse
from web.i18n import tell
from web.permissions import actor, allow
from web.transactions import read_only, writes


class ExplanationForm(FoyerForm):
    """What a difference comes from."""

    explanation = TextArea(
        _("What it comes from"),
        [DataRequired(_("Say what the difference comes from."))],
        max_length=500,
        rows=2,
    )


def difference_words(row: Any) -> str:
    """A difference in one sentence."""
    values = {"tag": row.tag, "hook": hook_label(row.cabinet, row.hook)}
    return tell(DIFFERENCE_WORDS[Differs(row.kind)], values)


def record_context(count: KeyCount, asked: str) -> dict[str, Any]:
    """What the page of a finished count shows: its differences, and the form of the one that is asked for or next."""
    rows = differences_of(count)
    open_ones = [row for row in rows if not row.explained_at]
    current = next((row for row in open_ones if row.ref == asked), open_ones[0] if open_ones else None)
    may = actor().may(Permission.KEYS_LEND)
    return {
        "count": count,
        "rows": [{"row": row, "words": difference_words(row)} for row in rows],
        "left": len(open_ones),
        "current": current if may else None,
        "current_words": difference_words(current) if current else "",
        "explain": ExplanationForm(endpoint="keys.explain_difference") if may and current else None,
        "finished_by": _name(count.finished_by_id),
        "begun_by": _name(count.begun_by_id),
    }


def _name(person_id: int | None) -> str:
    person = db.session.get(Person, person_id) if person_id else None
    return person.name if person else ""


@blueprint.post("/counts/<ref>/differences/<difference_ref>")
@allow(Permission.KEYS_LEND)
@writes
def explain_difference(ref: str, difference_ref: str) -> Any:
    """Explain a difference; with the second button a slip follows it up."""
    count, form = get_count(ref, actor=actor()), ExplanationForm()
    difference = get_difference(difference_ref, actor=actor())
    if difference.count_id != count.id:
        raise NotFound
    if form.validate():
        with refusals(form):
            words, now = form.explanation.data, clock.now()
            slip = open_slip(difference, note=words, actor=actor(), now=now) if "slip" in request.form else None
            explain(difference, explanation=words, actor=actor(), now=now)
            if slip:
                flash(gettext("Slip %(number)s follows it up.", number=f"{slip.number:04d}"), "ok")
            return done(url_for("keys.count", ref=ref))
    read_only()
    shown = record_context(get_count(ref, actor=actor()), difference_ref)
    return refuse("keys/count.html", form=form, **shown | {"explain": form if shown["explain"] else None})
