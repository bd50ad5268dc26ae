"""R1: who is asked for a correction reads so by mail, and who asked, that it came back; no visitor is named."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

import jobs
from domain import clock as time
from domain import registers
from domain.database import db, reading, writing
from domain.notices import Notice, NoticeState
from domain.people.models import Person
from domain.permissions import Role
from domain.review import comments
from domain.review.models import Comment
from domain.review.notices import SUBJECT
from domain.sites.models import Site
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast
from tests.domain.review.conftest import Desk, actor_of
from tests.inbox import Inbox
from tests.worker.conftest import text_of


@pytest.fixture
def desk(mailing: Flask, cast: Cast, clock: object, inbox: Inbox) -> Desk:
    """A visit that Li Si wrote, its host told; Wu and Li Si have addresses, Li Si reads Chinese."""
    desk = Desk(mailing, cast)
    desk.visits(1)
    with mailing.app_context(), writing():
        for login in ("wu", "lisi"):
            db.session.get_one(Person, cast.people[login]).email = f"{login}@example.com"
        db.session.get_one(Person, cast.people["lisi"]).language = "zh_Hans"
    deliver(desk)
    inbox.mails.clear()
    return desk


def ask(desk: Desk, text: str = "访客1写全名") -> int:
    """Wu asks Li Si to correct the visit; gives the id of the comment."""
    with desk.app.app_context(), writing():
        visit = db.session.scalars(select(Visit)).one()
        lisi = db.session.get_one(Person, desk.cast.people["lisi"])
        wu = actor_of(desk.cast, "wu")
        register = registers.get("visits")
        return comments.comment(register, visit, text=text, ask=lisi.ref, actor=wu, now=time.now()).id


def answer(desk: Desk, comment_id: int) -> None:
    """Li Si answers."""
    with desk.app.app_context(), writing():
        found = db.session.get_one(Comment, comment_id)
        comments.answer(found, text="访客0只有一个名", actor=actor_of(desk.cast, "lisi"), now=time.now())


def deliver(desk: Desk) -> None:
    """The worker goes round twice: the second time there is nothing left."""
    with desk.app.app_context():
        jobs.deliver_mail()
        jobs.deliver_mail()


def test_who_is_to_correct_reads_which_entry_and_where_to_answer(desk: Desk, inbox: Inbox) -> None:
    ask(desk)
    deliver(desk)
    (mail,) = inbox.mails
    assert (mail["To"], mail["Subject"]) == ("lisi@example.com", "请您更正：来访 0001")
    for kind in ("plain", "html"):
        words = text_of(mail, kind)
        assert "https://desk.example.com/review/asked" in words
        assert "Wu" in words
        assert "访客0" not in words, "A letter names no visitor."
        assert "写全名" not in words, "What was said may speak of visitors: it stays in the house."


def test_who_asked_reads_that_the_answer_came_back_and_where_it_stands(desk: Desk, inbox: Inbox) -> None:
    comment_id = ask(desk)
    deliver(desk)
    answer(desk, comment_id)
    deliver(desk)
    mail = inbox.mails[-1]
    assert len(inbox.mails) == 2
    assert (mail["To"], mail["Subject"]) == ("wu@example.com", "The answer came back: Visit 0001")
    with desk.app.app_context(), reading():
        entry = db.session.scalars(select(Visit.ref)).one()
        place = db.session.get_one(Site, desk.cast.site_id).ref
    assert f"/review/registers/{place}/visits/entries/{entry}" in text_of(mail)
    assert "只有一个名" not in text_of(mail)


def test_what_was_answered_before_the_letter_left_is_not_asked_any_more(desk: Desk, inbox: Inbox) -> None:
    answer(desk, ask(desk))
    deliver(desk)
    assert [mail["To"] for mail in inbox.mails] == ["wu@example.com"]
    with desk.app.app_context(), reading():
        about = select(Notice.kind, Notice.state).where(Notice.subject == SUBJECT)
        states = dict(db.session.execute(about).all())
        assert states == {"review.asked": NoticeState.DROPPED, "review.answered": NoticeState.SENT}


def test_asked_once_more_is_told_once_more(desk: Desk, inbox: Inbox) -> None:
    comment_id = ask(desk)
    answer(desk, comment_id)
    with desk.app.app_context(), writing():
        found = db.session.get_one(Comment, comment_id)
        comments.ask_again(found, text="还缺", actor=actor_of(desk.cast, "wu"), now=time.now())
    deliver(desk)
    assert [mail["To"] for mail in inbox.mails] == ["lisi@example.com"], "One letter, although it was asked twice."


def test_where_who_asked_has_left_the_supervisors_are_told(desk: Desk, inbox: Inbox) -> None:
    with desk.app.app_context(), writing():
        site = db.session.get_one(Site, desk.cast.site_id)
        make.make_person("sun", Role.SUPERVISOR, site, name="Sun").email = "sun@example.com"
    comment_id = ask(desk)
    with desk.app.app_context(), writing():
        db.session.get_one(Person, desk.cast.people["wu"]).left_at = time.now()
    deliver(desk)
    answer(desk, comment_id)
    deliver(desk)
    assert [mail["To"] for mail in inbox.mails] == ["lisi@example.com", "sun@example.com"]


def test_who_has_no_address_sees_it_at_the_desk_alone(desk: Desk, inbox: Inbox) -> None:
    with desk.app.app_context(), writing():
        db.session.get_one(Person, desk.cast.people["lisi"]).email = ""
    ask(desk)
    deliver(desk)
    assert not inbox.mails
