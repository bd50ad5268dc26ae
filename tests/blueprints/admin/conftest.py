"""The admin Xu's browser, and refs of the cast."""

import pytest
from flask import Flask

from domain.database import db, reading
from domain.people.models import Person
from domain.sites.models import Kiosk, Site
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

BAD = {
    "too long": "长" * 10_000,
    "control characters": "\x00\x07 \x1b",
    "only direction marks": "\u202e\u200f\u2066",
}
"""What no name is; each is refused with a sentence at its field."""

ODD = {
    "quotes": 'O\'Brien "& Sons"',
    "markup": "<script>alert(1)</script>",
    "a formula": "=HYPERLINK(1)",
    "emoji": "大堂🏢",
    "turning marks": "ab\u202ecd",
}
"""What may be a name, and is shown as it was typed (turning marks taken away)."""


@pytest.fixture
def admin(app: Flask, cast: Cast) -> FoyerClient:
    """Xu, admin of everything, working at Qingyu."""
    return at_desk(app, cast, "xu")


@pytest.fixture
def site_url(app: Flask, cast: Cast) -> str:
    """The address of Qingyu Centre."""
    with app.app_context(), reading():
        return f"/admin/sites/{db.session.get_one(Site, cast.site_id).ref}"


@pytest.fixture
def kiosk_url(app: Flask, cast: Cast) -> str:
    """The address of the kiosk in lobby one."""
    with app.app_context(), reading():
        return f"/admin/kiosks/{db.session.get_one(Kiosk, cast.kiosk_id).ref}"


@pytest.fixture
def lisi_url(app: Flask, cast: Cast) -> str:
    """The address of Li Si's account."""
    with app.app_context(), reading():
        return f"/admin/people/{db.session.get_one(Person, cast.people['lisi']).ref}"
