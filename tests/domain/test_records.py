"""Records that are written by a statement made ready."""

from datetime import UTC, datetime

from flask import Flask

from domain.database import db, reading, writing
from domain.records import write
from domain.sites.models import Purpose, Site

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def test_a_new_record_is_known_to_the_session_and_can_be_changed(app: Flask) -> None:
    with app.app_context():
        with writing():
            site = write(Site, name="A", created_at=AT, closed_at=None)
            purpose = write(Purpose, site_id=site.id, names={"en": "Visit"}, stay_minutes=None, retired_at=None)
            assert purpose.ref
            purpose.names = {"en": "Delivery"}
        with reading():
            kept = db.session.get_one(Purpose, purpose.id)
            assert (kept.names, kept.icon, kept.waits_for_host) == ({"en": "Delivery"}, "more", False)
