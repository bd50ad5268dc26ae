"""A visitor of the cast signs in: to see Zhang San in 1806."""

from typing import Any

from flask import Flask

from domain.database import db, writing
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast


def arrive(app: Flask, cast: Cast, *, waits: bool = False, **entered: Any) -> Visit:
    """Commit a visit; `waits`: its purpose demands the host's answer. It is given back outside of any session."""
    with app.app_context():
        with writing():
            visit = make.make_visit(
                db.session.get_one(Site, cast.site_id),
                db.session.get_one(Purpose, cast.waiting_purpose_id if waits else cast.purpose_id),
                db.session.get_one(Unit, cast.unit_id),
                db.session.get_one(Host, cast.host_id),
                **entered,
            )
            visit.kiosk_id = cast.kiosk_id
        db.session.expunge_all()
        return visit
