"""V4: the host is told by mail, at once, once, and in the own language."""

from datetime import timedelta

import pytest
import time_machine
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import func, select, update

import jobs
from domain import clock as house_clock
from domain import notices
from domain.database import db, reading, writing
from domain.events import Event
from domain.identity import SYSTEM
from domain.notices import Channel, Notice, NoticeState
from domain.occupants.models import Host
from domain.sites.models import Site
from domain.visits import departures
from domain.visits.answers import answer_token, stand_in
from domain.visits.models import Visit
from domain.visits.notices import tell_again
from tests.cast import Cast
from tests.inbox import Inbox
from tests.stays import arrive
from tests.worker.conftest import free_port, set_up, text_of


def notices_now(app: Flask) -> list[Notice]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Notice).order_by(Notice.id)))
        db.session.expunge_all()
        return found


def deliver(app: Flask) -> None:
    with app.app_context():
        jobs.deliver_mail()


def test_the_host_reads_who_came_from_where_why_and_since_when(mailing: Flask, cast: Cast, inbox: Inbox, clock) -> None:
    english(mailing, cast)
    arrive(mailing, cast, organisation="示例物流", companions=2)
    deliver(mailing)
    [mail] = inbox.mails
    assert mail["To"] == "zhangsan@example.com"
    assert mail["Subject"] == "王五 has come to see you"
    assert mail["From"] == "Foyer <desk@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    for said in ("王五", "示例物流", "Companions: 2", "Meeting", "一号大堂", "09:30", "Qingyu Centre"):
        assert said in text_of(mail)
        assert said.partition(": ")[0] in text_of(mail, "html")
    assert "138" not in text_of(mail), "a phone number is not the host's to read"
    assert "https://" not in text_of(mail), "nobody waits for an answer"


def test_a_visitor_who_waits_brings_three_links(mailing: Flask, cast: Cast, inbox: Inbox) -> None:
    english(mailing, cast)
    visit = arrive(mailing, cast, waits=True)
    deliver(mailing)
    [mail] = inbox.mails
    with mailing.app_context():
        link = f"https://desk.example.com/a/{answer_token(visit.ref, cast.host_ref)}"
    for say in ("send_up", "meet", "refuse"):
        assert f"{link}?say={say}" in text_of(mail)
        assert f'href="{link}?say={say}"' in text_of(mail, "html")
    assert mail["Subject"] == "王五 waits in the lobby for your answer"


def test_without_a_known_address_the_letter_says_to_tell_the_reception(
    mailing: Flask, cast: Cast, inbox: Inbox
) -> None:
    english(mailing, cast)
    set_up(mailing, public_url="", trusted_hosts=["localhost", ".example.com"])
    arrive(mailing, cast, waits=True)
    deliver(mailing)
    assert "/a/" not in text_of(inbox.mails[0])
    assert "tell the reception" in text_of(inbox.mails[0])


def test_one_notice_is_one_mail_however_often_the_worker_looks(mailing: Flask, cast: Cast, inbox: Inbox) -> None:
    arrive(mailing, cast)
    deliver(mailing)
    deliver(mailing)
    assert len(inbox.mails) == 1
    [notice] = notices_now(mailing)
    assert (notice.state, notice.tries, notice.claimed_until) == (NoticeState.SENT, 1, None)


def test_what_a_killed_worker_had_claimed_goes_once_more_under_the_same_message_id(
    mailing: Flask, cast: Cast, inbox: Inbox, clock
) -> None:
    arrive(mailing, cast)
    with mailing.app_context():
        with reading():
            [notice_id] = notices.due(house_clock.now(), channel=Channel.MAIL)
        deliver_without_settling(mailing, notice_id)
    deliver(mailing)
    assert len(inbox.mails) == 1, "the claim still holds"
    clock.shift(notices.CLAIM + timedelta(seconds=1))
    deliver(mailing)
    first, repeat = inbox.mails
    assert first["Message-ID"] == repeat["Message-ID"]
    assert first["Message-ID"].endswith("@example.com>")
    deliver(mailing)
    assert len(inbox.mails) == 2


def deliver_without_settling(app: Flask, notice_id: int) -> None:
    """What a worker has done when it is killed after the server's 250."""
    from web import messages

    with writing():
        assert notices.claim(notice_id, now=house_clock.now())
    with reading():
        notice = db.session.get_one(Notice, notice_id)
        letter, message_id = messages.write(notice), notice.message_id
    assert letter
    post = jobs.post()
    post.send(letter, message_id=message_id, told=())
    post.close()


def test_two_workers_never_take_the_same_notice(mailing: Flask, cast: Cast, inbox: Inbox) -> None:
    arrive(mailing, cast)
    with mailing.app_context():
        with reading():
            [notice_id] = notices.due(house_clock.now(), channel=Channel.MAIL)
        with writing():
            assert notices.claim(notice_id, now=house_clock.now())
        with writing():
            assert not notices.claim(notice_id, now=house_clock.now())


def test_a_mail_server_that_is_gone_for_a_day_loses_nothing(app: Flask, cast: Cast, clock) -> None:
    port = free_port()
    set_up(app, smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from="desk@example.com")
    arrive(app, cast)
    arrive(app, cast, name="赵六", phone="+8613800138001")
    for _ in range(24 * 4):
        deliver(app)
        clock.shift(timedelta(minutes=15))
    waiting = notices_now(app)
    assert {notice.state for notice in waiting} == {NoticeState.PENDING}
    assert max(notice.tries for notice in waiting) <= len(notices.RETRIES)
    box = Inbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        late = arrive(app, cast, name="孙八", phone="+8613800138002")
        deliver(app)
    finally:
        server.stop()
    assert len(box.mails) == 3, "who waited for the server alone does not wait out a long pause"
    assert {notice.state for notice in notices_now(app)} == {NoticeState.SENT}
    assert late.id in {notice.subject_id for notice in notices_now(app)}


def test_a_refused_recipient_is_final_and_the_desk_can_see_it(mailing: Flask, cast: Cast, inbox: Inbox) -> None:
    inbox.answers["zhangsan@example.com"] = "550 no such mailbox"
    visit = arrive(mailing, cast)
    deliver(mailing)
    [notice] = notices_now(mailing)
    assert notice.state == NoticeState.FAILED
    assert notice.problem == "The mail server refused the recipient."
    with mailing.app_context(), reading():
        event = db.session.scalars(select(Event).where(Event.kind == "notice.failed")).one()
        assert (event.subject, event.subject_id) == ("visit", visit.id)
        assert event.facts["recipient_id"] == cast.host_id
        assert "example.com" not in str(event.facts)


def test_a_full_mailbox_is_tried_again(mailing: Flask, cast: Cast, inbox: Inbox, clock) -> None:
    inbox.answers["zhangsan@example.com"] = "452 mailbox full"
    arrive(mailing, cast)
    deliver(mailing)
    assert notices_now(mailing)[0].state == NoticeState.PENDING
    inbox.answers.clear()
    clock.shift(notices.RETRIES[0])
    deliver(mailing)
    assert len(inbox.mails) == 1


def test_without_a_mail_server_the_desk_sees_that_nobody_was_told(app: Flask, cast: Cast) -> None:
    arrive(app, cast)
    deliver(app)
    [notice] = notices_now(app)
    assert notice.state == NoticeState.FAILED
    assert notice.problem == "No mail server is set up."


def test_what_can_never_be_told_is_given_up_after_the_last_try(app: Flask, cast: Cast, clock) -> None:
    set_up(app, smtp_host="127.0.0.1", smtp_port=free_port(), smtp_security="none", mail_from="desk@example.com")
    arrive(app, cast)
    for pause in (timedelta(0), *notices.RETRIES):
        clock.shift(pause)
        deliver(app)
    [notice] = notices_now(app)
    assert (notice.state, notice.tries) == (NoticeState.FAILED, len(notices.RETRIES) + 1)


@pytest.mark.parametrize("ended", ["cancelled", "erased", "host left"])
def test_telling_that_makes_no_sense_any_more_is_dropped(mailing: Flask, cast: Cast, inbox: Inbox, ended: str) -> None:
    visit = arrive(mailing, cast, waits=True)
    with mailing.app_context(), writing():
        here = db.session.get_one(Visit, visit.id)
        if ended == "cancelled":
            departures.cancel(here, actor=SYSTEM, now=house_clock.now())
        elif ended == "erased":
            here.erased_at = house_clock.now()
        else:
            db.session.get_one(Host, cast.host_id).left_at = house_clock.now()
    deliver(mailing)
    assert inbox.mails == []
    assert [notice.state for notice in notices_now(mailing)] == [NoticeState.DROPPED]


def test_the_deputy_of_a_silent_host_gets_a_link_of_the_own(mailing: Flask, cast: Cast, inbox: Inbox, clock) -> None:
    english(mailing, cast)
    visit = arrive(mailing, cast, waits=True)
    clock.shift(timedelta(minutes=3))
    with mailing.app_context():
        for _ in range(2):
            with writing():
                stand_in(now=house_clock.now(), actor=SYSTEM)
        with reading():
            assert db.session.scalar(select(func.count()).where(Event.kind == "visit.deputy_told")) == 1
    deliver(mailing)
    to_host, to_deputy = inbox.mails
    assert (to_host["To"], to_deputy["To"]) == ("zhangsan@example.com", "feng@example.com")
    with mailing.app_context():
        assert answer_token(visit.ref, cast.deputy_ref) in text_of(to_deputy)
    assert "waits for 张三" in to_deputy["Subject"]


def test_the_desk_can_urge_the_host_once_a_minute(mailing: Flask, cast: Cast, inbox: Inbox, clock) -> None:
    visit = arrive(mailing, cast, waits=True)
    for shift in (timedelta(0), timedelta(seconds=10), timedelta(minutes=1)):
        clock.shift(shift)
        with mailing.app_context(), writing():
            host, site = db.session.get_one(Host, cast.host_id), db.session.get_one(Site, cast.site_id)
            tell_again(db.session.get_one(Visit, visit.id), host, site=site, now=house_clock.now())
    deliver(mailing)
    assert len(inbox.mails) == 1 + 2


def test_the_time_is_that_of_the_site(mailing: Flask, cast: Cast, inbox: Inbox, clock: time_machine.Traveller) -> None:
    with mailing.app_context(), writing():
        db.session.execute(update(Site).where(Site.id == cast.site_id).values(zone="Europe/Paris"))
    arrive(mailing, cast)
    deliver(mailing)
    assert "02:30" in text_of(inbox.mails[0])


def english(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        db.session.execute(update(Host).where(Host.site_id == cast.site_id).values(language="en"))


def test_a_name_in_a_header_stays_one_line(mailing: Flask, cast: Cast, inbox: Inbox) -> None:
    arrive(mailing, cast, name="a\r\nBcc: x@example.com <b>")
    deliver(mailing)
    assert inbox.mails[0]["Bcc"] is None
    assert "<b>" not in text_of(inbox.mails[0], "html")
