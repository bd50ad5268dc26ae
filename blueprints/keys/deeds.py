"""Deeds at the desk on one key: it is lost (K6)."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from blueprints.keys import blueprint
from domain import clock
from domain.keys.losses import report_lost
from domain.keys.models import Key
from domain.keys.queries import get_key
from domain.permissions import Permission
from web.edits import draw, settled
from web.fields import TextArea
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.permissions import actor, allow
from web.transactions import writes


class LossForm(FoyerForm):
    """What is known of the loss; the slip begins with it."""

    note = TextArea(
        _("What is known"),
        [DataRequired(_("Say where it was last, and who looked for it."))],
        max_length=500,
        description=_("Where it was last, who looked for it. The slip begins with these words."),
    )


def _page(key: Key, form: LossForm) -> Any:
    settled(form)
    return draw(
        "keys/deed.html",
        form=form,
        title=gettext("Report %(tag)s lost", tag=key.tag),
        fact=key.opens,
        said=gettext("It is frozen at once: nobody can lend it. The supervisor is told, and a slip follows it up."),
        save=gettext("Report it lost"),
        back=url_for("keys.thing", ref=key.ref),
    )


@blueprint.get("/<ref>/losses")
@allow(Permission.KEYS_LEND)
def ask_loss(ref: str) -> Any:
    """Ask what is known of the loss."""
    return _page(get_key(ref, actor=actor()), LossForm(endpoint="keys.lose"))


@blueprint.post("/<ref>/losses")
@allow(Permission.KEYS_LEND)
@writes
def lose(ref: str) -> Any:
    """Freeze the key, tell the supervisor, open a slip."""
    key, form = get_key(ref, actor=actor()), LossForm()
    if form.validate():
        with refusals(form):
            slip = report_lost(key, note=form.note.data, actor=actor(), now=clock.now())
            said = gettext(
                "%(tag)s is frozen. Slip %(number)s follows it up.", tag=key.tag, number=f"{slip.number:04d}"
            )
            flash(said, "late")
            return done(url_for("keys.thing", ref=ref))
    return _page(key, form)
