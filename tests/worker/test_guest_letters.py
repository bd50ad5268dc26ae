"""V5, M6: a guest's letter has QR, digits, way and a calendar entry that changes and goes with the invitation."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
import vobject
from flask import Flask

import jobs
from domain import clock as house_clock
from domain.database import db, writing
from domain.identity import SYSTEM
from domain.occupants.links import cut_link, send_link
from domain.occupants.models import Host, Unit
from domain.sites.models import Site
from domain.visits.invitation_codes import show_digits, token_of
from domain.visits.invitation_models import Invitation
from domain.visits.invitations import change_time, invite_again, withdraw
from tests.cast import Cast
from tests.inbox import Inbox
from tests.invited import make_invitation
from tests.worker.conftest import text_of


def deliver(app: Flask) -> None:
    with app.app_context():
        jobs.deliver_mail()


def calendar_of(mail: EmailMessage):
    [part] = [part for part in mail.walk() if part.get_filename() == "invite.ics"]
    return vobject.readOne(str(part.get_payload(decode=True), "utf-8"))  # type: ignore[arg-type]


def make(app: Flask, cast: Cast, **values) -> Invitation:
    with app.app_context(), writing():
        db.session.get_one(Unit, cast.unit_id).directions = {"en": "Take lift B\nTurn left", "zh_Hans": "乘 B 梯"}
        made = make_invitation(cast, email="wang@example.com", **values)
        db.session.flush()
        db.session.expunge_all()
    return made


def test_the_letter_brings_codes_way_and_calendar_entry(mailing: Flask, cast: Cast, inbox: Inbox, clock) -> None:
    made = make(mailing, cast, language="en", begins_at=house_clock.now() + timedelta(hours=3))
    deliver(mailing)
    [mail] = inbox.mails
    assert mail["To"] == "wang@example.com"
    assert mail["Subject"] == "Your invitation to Qingyu Centre, Mon 2 Mar, 12:30 to 14:30"
    with mailing.app_context():
        link = f"https://desk.example.com/i/{token_of(made.ref)}"
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        for said in (show_digits(made.digits or ""), link, "Take lift B", "张三", "王五"):
            assert said in text
        assert "zhangsan@example.com" not in text, "a host's address is nobody's to read"
    [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<invitation>"
    assert 'src="cid:invitation"' in text_of(mail, "html")
    calendar = calendar_of(mail)
    event = calendar.vevent
    assert calendar.method.value == "REQUEST"
    assert event.dtstart.value == made.begins_at
    assert event.sequence.value == "0"
    assert event.organizer.value == "mailto:desk@example.com"
    assert event.attendee.value == "mailto:wang@example.com"
    assert show_digits(made.digits or "") in event.description.value


def test_each_change_has_a_higher_number_under_the_same_name(mailing: Flask, cast: Cast, inbox: Inbox, clock) -> None:
    made = make(mailing, cast)
    deliver(mailing)
    with mailing.app_context(), writing():
        site, one = db.session.get_one(Site, cast.site_id), db.session.get_one(Invitation, made.id)
        later = {"begins_at": one.begins_at + timedelta(days=1), "ends_at": one.ends_at + timedelta(days=1)}
        assert change_time(one, site=site, actor=SYSTEM, now=house_clock.now(), **later)
        assert (one.digits, one.ref) == (made.digits, made.ref)
    deliver(mailing)
    with mailing.app_context(), writing():
        site, one = db.session.get_one(Site, cast.site_id), db.session.get_one(Invitation, made.id)
        withdraw(one, site=site, actor=SYSTEM, now=house_clock.now())
    deliver(mailing)
    entries = [calendar_of(mail) for mail in inbox.mails]
    assert len({entry.vevent.uid.value for entry in entries}) == 1
    assert [entry.vevent.sequence.value for entry in entries] == ["0", "1", "2"]
    assert [entry.method.value for entry in entries] == ["REQUEST", "REQUEST", "CANCEL"]
    assert (made.digits or "") not in text_of(inbox.mails[2]).replace(" ", "")


def test_what_changed_again_before_it_went_is_told_once(mailing: Flask, cast: Cast, inbox: Inbox, clock) -> None:
    made = make(mailing, cast)
    with mailing.app_context(), writing():
        site, one = db.session.get_one(Site, cast.site_id), db.session.get_one(Invitation, made.id)
        withdraw(one, site=site, actor=SYSTEM, now=house_clock.now())
        invite_again(one, site=site, actor=SYSTEM, now=house_clock.now())
    deliver(mailing)
    assert len(inbox.mails) == 1
    assert calendar_of(inbox.mails[0]).method.value == "REQUEST"


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "ja", "ko", "fr", "es", "ru", "ar"])
def test_the_letter_speaks_the_guests_language(mailing: Flask, cast: Cast, inbox: Inbox, clock, language: str) -> None:
    make(mailing, cast, language=language)
    deliver(mailing)
    [mail] = inbox.mails
    assert mail["Content-Language"] == language.replace("_", "-")
    assert "Your invitation" not in mail["Subject"]
    assert "Choose" not in text_of(mail)


def test_the_host_gets_the_own_link_unless_it_was_cut_meanwhile(
    mailing: Flask, cast: Cast, inbox: Inbox, clock
) -> None:
    def send() -> None:
        site, host = db.session.get_one(Site, cast.site_id), db.session.get_one(Host, cast.host_id)
        send_link(host, site=site, actor=SYSTEM, now=house_clock.now())

    with mailing.app_context(), writing():
        send()
    deliver(mailing)
    [mail] = inbox.mails
    assert "https://desk.example.com/hosts/" in text_of(mail)
    clock.shift(timedelta(minutes=2))
    with mailing.app_context(), writing():
        send()
        cut_link(db.session.get_one(Host, cast.host_id), actor=SYSTEM, now=house_clock.now())
    deliver(mailing)
    assert len(inbox.mails) == 1
