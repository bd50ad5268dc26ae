"""K4–K6: letters about keys say what is meant in the reader's language, and never the wrong person's data."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from domain import clock
from domain.database import db, reading, writing
from domain.delivery.letter import Letter, NotTaken
from domain.identity import SYSTEM
from domain.keys.approvals import deny
from domain.keys.chase import chase
from domain.keys.losses import report_lost
from domain.keys.returns import return_keys
from domain.notices import Channel, Notice
from domain.people.models import Person
from tests import cabinet as shelf
from tests.cast import Cast
from web import messages


@pytest.fixture
def stock(app: Flask, cast: Cast, clock: object) -> shelf.Stock:
    """The filled cabinet; Wu, Li Si and Chen have mail addresses, Wu reads Chinese."""
    with app.app_context(), writing():
        for login in ("wu", "lisi", "chen"):
            db.session.get_one(Person, cast.people[login]).email = f"{login}@example.com"
        db.session.get_one(Person, cast.people["wu"]).language = "zh_Hans"
        return shelf.fill(cast)


def letters() -> dict[str, Letter | None]:
    """The letters by kind of notice, as they would be written now."""
    with reading():
        found = db.session.scalars(select(Notice).where(Notice.channel == Channel.MAIL).order_by(Notice.id)).all()
        return {notice.kind: messages.write(notice) for notice in found}


def test_an_approver_reads_who_asks_for_what(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, by=())
        letter = letters()["key.approval_asked"]
        assert letter is not None
        assert letter.addresses == ("wu@example.com",)
        assert "冯样" in letter.subject
        assert "SK-01" in letter.text
        assert "换水泵" in letter.html
        with writing():
            deny(approval, actor=shelf.actor_of(cast, "wu"), now=clock.now())
        written = letters()
        assert written["key.approval_asked"] is None
        denied = written["key.approval_denied"]
        assert denied is not None
        assert denied.addresses == ("lisi@example.com",)
        assert "refused" in denied.subject


def test_a_borrower_is_reminded_until_the_key_is_back(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key_set(stock.plant_set), shelf.person_of(cast, "chen"), cast, minutes=30)
            chase(actor=SYSTEM, now=clock.now() + timedelta(minutes=31))
        letter = letters()["key.due"]
        assert letter is not None
        assert letter.addresses == ("chen@example.com",)
        assert "JF-B1-06, JF-B1-07, JF-B1-08" in letter.text
        assert letter.text.endswith("\nQingyu Centre\n"), "Chen reads English"
        assert "<p>Qingyu Centre</p>" in letter.html
        with writing():
            keys = [shelf.key(key_id) for key_id in stock.plant]
            return_keys(keys, actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        assert letters()["key.due"] is None


def test_the_supervisor_reads_of_a_lost_key(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            report_lost(shelf.key(stock.roof), note="", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        letter = letters()["key.lost"]
        assert letter is not None
        assert (letter.addresses, letter.language) == (("wu@example.com",), "zh_Hans")
        assert "GG-01" in letter.subject
        assert letter.text.endswith("\n青屿中心\n")


def test_a_notice_about_something_that_nobody_writes_is_no_letter_about_a_visit(app: Flask, cast: Cast) -> None:
    with app.app_context(), reading(), pytest.raises(NotTaken):
        messages.write(Notice(subject="something", subject_id=1, site_id=cast.site_id))
