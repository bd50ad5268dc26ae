"""The photo of a bunch: uploaded, drawn anew, kept sealed; `things.py` shows it to those who may see the key."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.keys import blueprint
from domain import clock, photos
from domain.errors import DomainError
from domain.keys import cabinet as deeds
from domain.keys import sets
from domain.keys.managed import get_managed
from domain.keys.models import KeySet
from domain.keys.queries import Thing
from domain.permissions import Permission
from domain.text import N_
from web.edits import draw, settled
from web.forms import FoyerForm, refusals
from web.htmx import done
from web.permissions import actor, allow
from web.pictures import photo_folder
from web.transactions import takes, writes
from web.uploads import UploadField

MOST_BYTES = 8_000_000
MOST_PIXELS = 50_000_000
LARGEST = 1280


class PictureForm(FoyerForm):
    """A picture from the tablet's camera or its files."""

    picture = UploadField(
        _("Picture"),
        accept="image/jpeg,image/png,image/webp",
        description=_("JPEG, PNG or WebP of at most 8 MB. It is made smaller, and where it was taken is left out."),
    )

    def redrawn(self) -> bytes:
        """The picture drawn anew; raises DomainError for none and for what is no picture."""
        if self.picture.data is None:
            raise DomainError(N_("Choose a picture."), field="picture")
        raw = self.picture.read(MOST_BYTES)
        if raw is None:
            raise DomainError(N_("This picture is too large. Take another one."), field="picture")
        return photos.redrawn(raw, largest=LARGEST, most_bytes=MOST_BYTES, most_pixels=MOST_PIXELS)


@blueprint.route("/<ref>/picture", methods=["GET", "POST"])
@allow(Permission.KEYS_MANAGE)
@takes(MOST_BYTES + 100_000)
@writes
def photograph(ref: str) -> Any:
    """Take another photo of the bunch."""
    thing, form = get_managed(ref, actor=actor()), PictureForm()
    back = url_for("keys.keep", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            _hang_up(thing, photos.keep(photo_folder(), form.redrawn()))
            flash(gettext("The photo of %(tag)s is kept.", tag=thing.tag), "ok")
            return done(back)
    settled(form)
    title = gettext("Photo of %(tag)s", tag=thing.tag)
    return draw("keys/deed.html", form=form, title=title, save=gettext("Keep the photo"), back=back, multipart=True)


def _hang_up(thing: Thing, name: str) -> None:
    if isinstance(thing, KeySet):
        sets.change_set(thing, opens=thing.opens, photo=name, actor=actor(), now=clock.now())
    else:
        deeds.change_key(thing, photo=name, actor=actor(), now=clock.now())
