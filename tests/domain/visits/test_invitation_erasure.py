"""P2: who was invited is erased after the site's days, whether they came or not, and is found no more."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from domain import clock as house_clock
from domain import search
from domain.database import db, reading, writing
from domain.events import EventDetail
from domain.identity import SYSTEM
from domain.visits.invitation_erasure import erase_invitations, free_codes
from domain.visits.invitation_models import Invitation
from tests.cast import Cast
from tests.found import indexed
from tests.invited import come, make_invitation

MAIL = "wang@example.com"


def test_who_was_invited_is_erased_after_the_sites_days(app: Flask, cast: Cast, clock) -> None:
    with app.app_context(), writing():
        came, absent = make_invitation(cast, email=MAIL).id, make_invitation(cast, name="赵六").id
        come(cast, came)
        later = make_invitation(cast, begins_at=house_clock.now() + timedelta(days=60)).id
    clock.shift(timedelta(days=4))
    with app.app_context():
        with writing():
            assert free_codes(now=house_clock.now()) == 2
            assert db.session.get_one(Invitation, later).digits
        assert erase_invitations(actor=SYSTEM, now=house_clock.now()) == 0
        clock.shift(timedelta(days=90))
        with writing():
            assert search.settle() > 3
        assert erase_invitations(actor=SYSTEM, now=house_clock.now()) == 2
        with reading():
            for gone in (came, absent):
                one = db.session.get_one(Invitation, gone)
                assert (one.name, one.phone, one.email, one.organisation, one.digits) == ("", "", "", "", None)
            assert db.session.get_one(Invitation, later).name == "王五"
            assert indexed(search.INVITATION) == {later}
            kept = select(func.count()).select_from(EventDetail).where(EventDetail.entered["email"].as_string() == MAIL)
            assert db.session.scalar(kept) == 0
