"""One key or one set: how it stands, who has it, who had it, what happened to it, and the next deed."""

from typing import Any

from flask import url_for

from blueprints.keys import blueprint
from blueprints.keys.cabinet import around
from blueprints.keys.returns import return_form
from domain import clock, history
from domain.keys.happenings import happened
from domain.keys.hooks import bunches
from domain.keys.loan_queries import past_of
from domain.keys.models import Key
from domain.keys.queries import Thing, get_thing, rows_of
from domain.permissions import Permission
from domain.slips.queries import open_about
from web.at_site import at_a_site
from web.htmx import render
from web.i18n import tell
from web.permissions import actor, allow
from web.pictures import send_photo
from web.register_words import who_did

MOST_PAST = 12


def standing(thing: Thing) -> dict[str, Any]:
    """How a key or the keys of a set stand now: their rows, and taken together what stands alike."""
    now = clock.now()
    rows = rows_of(thing, now=now)
    out = [row for row in rows if row.loan_ref]
    return {
        "thing": thing,
        "rows": rows,
        "row": rows[0] if rows else None,
        "bunches": bunches(rows),
        "out": out,
        "here": [row for row in rows if not row.loan_ref and not row.lost_at and not row.retired_at],
        "is_set": not isinstance(thing, Key),
    }


def _lines(thing: Thing) -> list[dict[str, Any]]:
    """What happened to the thing itself, newest first; its loans are listed by themselves."""
    subject = "key" if isinstance(thing, Key) else "key_set"
    drawn = []
    for line in reversed(history.of_subject(subject, thing.id, site_id=thing.site_id)):
        what = happened(line)
        drawn.append({"at": line.at, "what": tell(what.sentence, what.values), "happening": what, "who": who_did(line)})
    return drawn


def _slip(rows: list[Any]) -> Any:
    """The open slip that follows up a lost key, for those who read slips."""
    lost = next((row.id for row in rows if row.lost_at), None)
    return open_about("key", lost) if lost and actor().may(Permission.SLIPS_READ) else None


@blueprint.get("/<ref>")
@allow(Permission.KEYS_READ)
def thing(ref: str) -> Any:
    """The page of a key or a set."""
    at_a_site()
    found = get_thing(ref, actor=actor())
    context = standing(found)
    out = bool(context["out"]) and actor().may(Permission.KEYS_LEND)
    return render(
        "keys/thing.html",
        **context,
        form=return_form(found) if out else None,
        past=list({row.ref: row for row in past_of(context["rows"], most=MOST_PAST * len(context["rows"]))}.values()),
        lines=_lines(found),
        slip=_slip(context["rows"]),
        photo_url=url_for("keys.photo", ref=ref) if found.photo else "",
        **around(),
    )


@blueprint.get("/<ref>/photo")
@allow(Permission.KEYS_READ)
def photo(ref: str) -> Any:
    """The photo of the bunch, for those who may see the key."""
    at_a_site()
    return send_photo(get_thing(ref, actor=actor()).photo)
