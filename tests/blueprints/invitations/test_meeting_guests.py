"""M6: the guests of a meeting are invited in one go, go with it, and whoever greets them sees who has come."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.meetings import ends
from domain.meetings.changes import Which, change, extend
from domain.notices import Notice
from domain.visits.invitation_models import Invitation
from tests import rooms as rooms_of
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.invited import come
from tests.rooms import Rooms, furnish_rooms

LIST = "王五, 13800138000, wang@example.com, 示例公司\n赵六"


@pytest.fixture
def rooms(app: Flask, cast: Cast, clock) -> Rooms:
    with app.app_context(), writing():
        return furnish_rooms(cast)


@pytest.fixture
def desk(app: Flask, cast: Cast, rooms: Rooms) -> FoyerClient:
    return at_desk(app, cast)


def book(app: Flask, cast: Cast, room: int, **values) -> tuple[int, str]:
    with app.app_context(), writing():
        [made] = rooms_of.book(room, cast, "10:00", "11:00", **values)
        return made.id, made.ref


def guests(app: Flask) -> list[Invitation]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Invitation).order_by(Invitation.id)))
        db.session.expunge_all()
        return found


def told(app: Flask) -> list[str]:
    with app.app_context(), reading():
        rows = db.session.scalars(select(Notice).where(Notice.subject == "invitation").order_by(Notice.id))
        return [f"{row.kind} {row.facts['sequence']}" for row in rows]


def invited(app: Flask, cast: Cast, desk: FoyerClient, room: int, **values) -> tuple[int, str]:
    meeting = book(app, cast, room, **values)
    page = f"/invitations/meetings/{meeting[1]}"
    answer = desk.submit(page, {"guests": LIST}, form=f"form[action='{page}']")
    assert answer.location == page
    return meeting


def test_they_are_pasted_and_the_attendant_sees_who_has_come(
    app: Flask, cast: Cast, desk: FoyerClient, rooms: Rooms
) -> None:
    _, ref = invited(app, cast, desk, rooms.pine)
    assert desk.get(f"/reservations/{ref}").page.select(f"a[href='/invitations/meetings/{ref}']")
    first, second = guests(app)
    assert first.begins_at == second.begins_at
    assert (first.host_id, first.unit_id, first.source) == (cast.host_id, cast.unit_id, "meeting")
    assert told(app) == ["invitation.made 0"]
    attendant = at_desk(app, cast, "chen")
    page = attendant.get(f"/invitations/meetings/{ref}")
    assert "0 of 2 have come" in page.words
    assert "王五" in page.words
    assert not page.page.select("main form")
    with app.app_context(), writing():
        come(cast, first.id)
    live = attendant.htmx(f"/invitations/meetings/{ref}/live", headers={"HX-PTag": page.headers["HX-PTag"]})
    assert "1 of 2 have come" in live.words


def test_nobody_is_invited_twice_to_the_same(app: Flask, cast: Cast, desk: FoyerClient, rooms: Rooms) -> None:
    _, ref = invited(app, cast, desk, rooms.pine)
    page = f"/invitations/meetings/{ref}"
    answer = desk.submit(page, {"guests": f"{LIST}\n孙八"}, form=f"form[action='{page}']")
    assert answer.status_code == 422
    assert answer.words.count("This guest is invited already.") == 2
    assert "Invite the 1 other now" in answer.words


def test_a_meeting_of_the_staff_says_who_receives_its_guests(
    app: Flask, cast: Cast, desk: FoyerClient, rooms: Rooms
) -> None:
    with app.app_context(), writing():
        [made] = rooms_of.book(rooms.pine, cast, "10:00", "11:00", meeting=rooms_of.wish(cast, by="zhou"))
        ref = made.ref
    page = f"/invitations/meetings/{ref}"
    form = f"form[action='{page}']"
    refused = desk.submit(page, {"guests": LIST}, form=form)
    assert refused.status_code == 422
    assert "choose who it is" in refused.words
    found = desk.submit(page, {"guests": LIST, "whom_text": "1806", "find": "1"}, form=form)
    assert LIST in found.page.select_one("textarea").get_text()
    choice = found.page.select_one("[name=whom]")["value"]
    data = {one["name"]: one.get("value", "") for one in found.page.select(f"{form} input[type=hidden]")}
    data |= {"guests": LIST, "whom": choice, "group": "0", "purpose": cast.purpose_ref, "language": "en"}
    assert desk.post(page, data=data).location == page
    assert len(guests(app)) == 2


def test_moved_the_guests_are_told_the_new_time(app: Flask, cast: Cast, desk: FoyerClient, rooms: Rooms) -> None:
    meeting, _ = invited(app, cast, desk, rooms.pine)
    with app.app_context(), writing():
        one = rooms_of.reservation(meeting)
        change(
            one,
            which=Which.ONE,
            room=rooms_of.room(rooms.bamboo),
            day=rooms_of.MONDAY + timedelta(days=1),
            since=rooms_of.at("14:00"),
            until=rooms_of.at("15:00"),
            wish=rooms_of.wish(cast),
            site=rooms_of.site_of(cast),
            actor=SYSTEM,
            now=house_clock.now(),
        )
        begins = one.begins_at
    assert {guest.begins_at for guest in guests(app)} == {begins}
    assert {guest.sequence for guest in guests(app)} == {1}
    assert told(app) == ["invitation.made 0", "invitation.moved 1"]


def test_called_off_the_codes_open_nothing_and_on_again_they_do(
    app: Flask, cast: Cast, desk: FoyerClient, rooms: Rooms
) -> None:
    meeting, ref = invited(app, cast, desk, rooms.pine)
    second = guests(app)[1]
    page = f"/invitations/meetings/{ref}"
    desk.submit(page, form=f"form[action='/invitations/{second.ref}/withdrawals']")
    codes = [guest.digits for guest in guests(app)]
    with app.app_context(), writing():
        ends.cancel(rooms_of.reservation(meeting), which=Which.ONE, reason="", actor=SYSTEM, now=house_clock.now())
    assert [guest.state for guest in guests(app)] == ["withdrawn", "withdrawn"]
    assert "does not take place" in desk.get(page).words
    with app.app_context(), writing():
        ends.revive(rooms_of.reservation(meeting), actor=SYSTEM, now=house_clock.now())
    assert [guest.state for guest in guests(app)] == ["open", "withdrawn"], "whom somebody uninvited stays so"
    assert [guest.digits for guest in guests(app)] == codes
    assert told(app) == ["invitation.made 0", "invitation.withdrawn 1", "invitation.moved 2"]


def test_ended_early_who_did_not_come_is_told_and_extended_nobody_is(
    app: Flask, cast: Cast, desk: FoyerClient, rooms: Rooms, clock
) -> None:
    meeting, _ = invited(app, cast, desk, rooms.pine)
    clock.shift(timedelta(minutes=40))
    with app.app_context(), writing():
        one = rooms_of.reservation(meeting)
        ends.start(one, actor=SYSTEM, now=house_clock.now())
        extend(one, minutes=30, site=rooms_of.site_of(cast), actor=SYSTEM, now=house_clock.now())
        until = one.ends_at
    first, second = guests(app)
    assert (first.ends_at, second.ends_at) == (until, until)
    with app.app_context(), writing():
        come(cast, second.id, phone="")
        ends.end_early(rooms_of.reservation(meeting), actor=SYSTEM, now=house_clock.now())
    assert [guest.state for guest in guests(app)] == ["withdrawn", "open"]
    assert told(app) == ["invitation.made 0", "invitation.withdrawn 1"]
