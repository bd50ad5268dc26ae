"""The site around a page is read once for all that its row holds."""

from flask import Flask
from sqlalchemy import inspect

from domain.database import db, reading, writing
from domain.sites.as_stored import read_site
from domain.sites.models import Site
from tests.cast import Cast


def test_a_site_reads_as_its_record_does(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        site.channels, site.directions = "https://chat.example/秘密", {"zh_Hans": "右转"}
    with app.app_context(), reading():
        site, read = db.session.get_one(Site, cast.site_id), read_site(cast.site_id)
        for column in Site.__table__.c:
            assert getattr(read, column.name) == getattr(site, column.name), column.name
        assert inspect(read).session is None


def test_a_site_that_was_changed_is_read_anew(app: Flask, cast: Cast) -> None:
    with app.app_context(), reading():
        before = read_site(cast.site_id)
        assert read_site(cast.site_id) is before
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).opening = {"1": [["08:00", "18:00"]]}
    with app.app_context(), reading():
        assert read_site(cast.site_id).opening == {"1": [["08:00", "18:00"]]} != before.opening
