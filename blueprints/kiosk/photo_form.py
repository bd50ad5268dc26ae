"""The picture for the badge, as the page's script sends it."""

import base64

from web.fields import HiddenField
from web.forms import FoyerForm


class PictureField(HiddenField):
    """A picture as a data address, as the page's script writes it."""

    max_length = 1_000_000


class PhotoForm(FoyerForm):
    """A picture; nothing: without a photo."""

    picture = PictureField()

    def raw(self) -> bytes | None:
        """The bytes that were sent, or None."""
        head, _comma, coded = (self.picture.data or "").partition(";base64,")
        if not head.startswith("data:image/"):
            return None
        try:
            return base64.b64decode(coded, validate=True)
        except ValueError:
            return b""
