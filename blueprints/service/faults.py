"""A fault, or what was left behind: a slip by one touch, with a picture where one was taken (M5, M8)."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.service import blueprint
from domain import clock, photos
from domain.errors import DomainError
from domain.meetings import faults
from domain.meetings.service_queries import served
from domain.meetings.sheet_queries import head_of
from domain.permissions import Permission
from domain.slips.models import Slip
from domain.text import N_
from web.at_site import at_a_site
from web.edits import PlainArea, draw, settled
from web.fields import BooleanField, HiddenField
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.i18n import say
from web.permissions import actor, allow
from web.pictures import photo_folder, send_photo
from web.transactions import takes, writes
from web.uploads import UploadField

MOST_BYTES = 12_000_000
MOST_PIXELS = 60_000_000
LARGEST = 1280


class FoundForm(FoyerForm):
    """What was found. `fault`: the touch on one of what breaks most."""

    fault = HiddenField()
    what = PlainArea(_("What it is"), rows=2, max_length=faults.LONGEST)
    urgent = BooleanField(_("It must be repaired before the next meeting"))
    picture = UploadField(
        _("Picture"), hint=_("optional"), accept="image/jpeg,image/png,image/webp", attrs={"capture": "environment"}
    )

    def said(self) -> str:
        """The words: what was touched, and what was typed."""
        known = {words: say(words) for words in faults.FAULTS}
        return ": ".join(filter(None, (known.get(str(self.fault.data or ""), ""), str(self.what.data or "").strip())))

    def photo(self) -> str | None:
        """The file of the picture, drawn anew; None without one. Raises DomainError for what is no picture."""
        if self.picture.data is None:
            return None
        raw = self.picture.read(MOST_BYTES)
        if raw is None:
            raise DomainError(N_("This picture is too large. Take another one."), field="picture")
        jpeg = photos.redrawn(raw, largest=LARGEST, most_bytes=MOST_BYTES, most_pixels=MOST_PIXELS)
        return photos.keep(photo_folder(), jpeg)


class LostForm(FoundForm):
    """What was left behind."""

    urgent = None  # type: ignore[assignment]


@blueprint.route("/<ref>/run/fault", methods=["GET", "POST"])
@allow(Permission.MEETINGS_SERVE)
@takes(MOST_BYTES + 100_000)
@writes
def fault(ref: str) -> Any:
    """A fault: the department is told by a slip."""
    return _found(ref, FoundForm(endpoint="service.fault"), lost=False)


@blueprint.route("/<ref>/run/lost", methods=["GET", "POST"])
@allow(Permission.MEETINGS_SERVE)
@takes(MOST_BYTES + 100_000)
@writes
def lost(ref: str) -> Any:
    """What was left behind: the desk is told by a slip."""
    return _found(ref, LostForm(endpoint="service.lost"), lost=True)


def _found(ref: str, form: FoundForm, *, lost: bool) -> Any:
    at_a_site()
    reservation, _order = served(ref, actor=actor())
    if request.method == "POST" and form.validate():
        with refusals(form):
            said: dict[str, Any] = {"what": form.said(), "actor": actor(), "now": clock.now()}
            # The words are looked at before the picture is kept: what is refused leaves no file.
            if not said["what"]:
                raise DomainError(N_("Say what it is, or touch one of those shown."), field="what")
            said["photo"] = form.photo()
            slip: Slip = (
                faults.note_lost(reservation, **said)
                if lost
                else faults.note_fault(reservation, urgent=bool(form.urgent.data), **said)
            )
            flash(gettext("Slip %(number)s is written.", number=f"{slip.number:04d}"), "ok")
            return done(url_for("service.run", ref=ref))
    settled(form)
    return draw(
        "service/found.html",
        form=form,
        ref=ref,
        lost=lost,
        head=head_of(ref, actor=actor()),
        known=faults.FAULTS,
        now=clock.now(),
    )


@blueprint.get("/<ref>/run/pictures/<slip_ref>")
@allow(Permission.MEETINGS_SERVE)
def picture(ref: str, slip_ref: str) -> Any:
    """The picture of a fault that was found with this meeting."""
    at_a_site()
    reservation, _order = served(ref, actor=actor())
    return send_photo(faults.photo_of(reservation, slip_ref))
