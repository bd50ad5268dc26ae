"""Guests of a meeting in a real browser: pasted at the desk, written to, signed in at the kiosk with six digits, seen
by the organiser behind the own link and by the attendant (V5, M6).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import vobject
from aiosmtpd.controller import Controller
from playwright.sync_api import Locator, expect

import jobs
from domain import clock
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.meetings.models import Room
from domain.meetings.reservations import Wish, reserve
from domain.occupants.links import link_of, token_of
from domain.occupants.models import Host, Unit
from domain.sites.models import Site
from domain.visits.invitation_codes import token_of as guest_token
from domain.visits.invitation_models import Invitation
from tests.browser.conftest import House
from tests.browser.looking import look
from tests.browser.visitor import touch
from tests.inbox import Inbox
from tests.invited import make_invitation
from tests.rooms import furnish_rooms
from tests.worker.conftest import free_port, set_up, text_of

LIST = "王五, 13800138000, wang@example.com, 示例公司\n赵六, 1380013"
KEYS = ".keys button[value='{}']"


@pytest.fixture
def inbox(house: House) -> Iterator[Inbox]:
    """A mail server that the served house hands its mail in at."""
    box = Inbox(free_port())
    server = Controller(box, hostname="127.0.0.1", port=box.port)
    server.start()
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none"}
    set_up(house.app, **smtp, mail_from="Foyer <desk@example.com>", public_url=house.url)
    yield box
    server.stop()


def meet_soon(house: House) -> tuple[str, str]:
    """Zhang San's meeting, which begins soon or has just begun; and the own link."""
    cast, now = house.cast, clock.now()
    zone = f"Etc/GMT{now.hour - 12:+d}"  # where it is noon: no meeting goes over midnight
    begin = clock.local(now, zone)
    begin = begin.replace(minute=begin.minute // 5 * 5, second=0, microsecond=0)
    end = begin + timedelta(minutes=50)
    with house.app.app_context(), writing():
        rooms = furnish_rooms(cast)
        room, site = db.session.get_one(Room, rooms.pine), db.session.get_one(Site, cast.site_id)
        site.zone = zone
        room.opens, room.closes, room.open_days, room.after_minutes = 0, 1440, [1, 2, 3, 4, 5, 6, 7], 0
        db.session.flush()
        host, unit = db.session.get_one(Host, cast.host_id), db.session.get_one(Unit, cast.unit_id)
        host.language = "en"
        said = {"since": begin.time(), "until": end.time(), "wish": Wish("季度会", 5, host=host, unit=unit)}
        [made] = reserve(room, days=[begin.date()], site=site, actor=SYSTEM, now=now, **said)  # type: ignore[arg-type]
        return made.ref, token_of(link_of(host, actor=SYSTEM, now=now))


@pytest.mark.parametrize("scripts", [True, False])
def test_guests_of_a_meeting_are_invited_come_and_are_seen(house: House, inbox: Inbox, scripts: bool) -> None:
    meeting, link = meet_soon(house)
    desk = house.staff("lisi", scripts=scripts)
    desk.goto(f"/reservations/{meeting}")
    touch(desk.locator("main").get_by_role("link", name="Guests"))
    desk.locator("[name=guests]").fill(LIST)
    desk.get_by_label("Language of the letter").select_option("en")
    touch(desk.get_by_role("button", name="Invite", exact=True))
    expect(desk.get_by_text("Line 2")).to_be_visible()
    expect(desk.locator("[name=guests]")).to_have_value(LIST)
    touch(desk.get_by_role("button", name="Invite the 1 other now"))
    expect(desk.locator("[name=guests]")).to_have_value("赵六, 1380013")
    expect(desk.get_by_text("0 of 1 have come")).to_be_visible()

    with house.app.app_context():
        jobs.deliver_mail()
        with reading():
            digits = db.session.scalars(db.select(Invitation.digits)).one() or ""
    [mail] = [each for each in inbox.mails if each["To"] == "wang@example.com"]
    assert f"{digits[:3]} {digits[3:]}" in text_of(mail)
    [file] = [part for part in mail.walk() if part.get_filename() == "invite.ics"]
    entry = vobject.readOne(str(file.get_payload(decode=True), "utf-8"))  # type: ignore[arg-type]
    assert entry.vevent.summary.value == "季度会"

    kiosk = house.kiosk(scripts=scripts)
    kiosk.goto("/kiosk?language=en")
    touch(kiosk.locator("a.tile", has_text="I have an invitation"))
    press = Locator.click if scripts else touch  # without scripts each key brings the page anew
    for digit in digits:
        press(kiosk.locator(KEYS.format(digit)))
    touch(kiosk.locator("main form button[data-k=main]"))
    expect(kiosk.get_by_role("heading", level=1)).to_have_text("Welcome, 王*")
    touch(kiosk.get_by_role("button", name="Agree and sign in"))
    expect(kiosk.get_by_text("A-001").first).to_be_visible()

    organiser = house.open("phone", scripts=scripts)
    organiser.goto(f"/hosts/{link}/meetings/{meeting}")
    expect(organiser.get_by_text("1 of 1 have come")).to_be_visible()
    if scripts:  # the desk's own page asks for itself
        expect(desk.get_by_text("1 of 1 have come")).to_be_visible()
    else:
        desk.goto(f"/invitations/meetings/{meeting}")
        expect(desk.get_by_text("1 of 1 have come")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_is_right_to_look_at(house: House, language: str) -> None:
    meeting, link = meet_soon(house)
    with house.app.app_context(), writing():
        one = make_invitation(house.cast, language=language)
        host = db.session.get_one(Host, house.cast.host_id)
        host.language = language
        ref, guest, code = one.ref, guest_token(one.ref), one.digits or ""
    desk = house.staff("lisi", language=language)
    found = []
    for path in (
        "/invitations/today",
        "/invitations/new",
        f"/invitations/meetings/{meeting}",
        f"/invitations/{ref}",
        f"/invitations/{ref}/slip",
        "/invitations/links",
        "/invitations/upload",
        "/invitations",
    ):
        desk.goto(path)
        found += look(desk, path, sizes=("tablet",), finger=44)
        if path.endswith("/slip"):
            words = desk.locator("#copy").input_value()
            desk.locator("[data-copy]").click()
            expect(desk.locator("[data-copy]")).to_have_text({"en": "Copied", "zh_Hans": "已复制"}[language])
            assert desk.evaluate("getSelection().toString()") == words
    phone = house.open("phone", language=language)
    for path in (
        f"/hosts/{link}",
        f"/hosts/{link}/meetings/{meeting}",
        f"/hosts/{link}/invitations/{ref}",
        f"/i/{guest}",
    ):
        phone.goto(path)
        found += look(phone, path, sizes=("phone",), finger=44)
    kiosk = house.kiosk()
    kiosk.goto(f"/kiosk?language={language}")
    found += look(kiosk, "welcome", sizes=("portrait", "landscape"), finger=64)
    kiosk.goto("/kiosk/invitation")
    found += look(kiosk, "invitation", sizes=("portrait", "landscape"), finger=64)
    kiosk.locator("[name=code]").fill(code)
    touch(kiosk.locator("main form button[data-k=main]"))
    found += look(kiosk, "invited", sizes=("portrait", "landscape"), finger=64)
    assert found == []
