"""/invitations/<ref>/time and the same behind a host's link: another time, the same codes, a letter; what cannot be."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.events import Event
from domain.notices import Notice
from domain.occupants.links import link_of, token_of
from domain.occupants.models import Host
from domain.visits.invitation_models import Invitation
from domain.visits.invitations import withdraw
from tests import rooms as rooms_of
from tests.cabinet import actor_of
from tests.cast import Cast, at_desk
from tests.invited import come, make_invitation
from tests.rooms import furnish_rooms

MAIN = "main form[method=post]"
LATER = {"day": "2026-03-03", "since": "14:00", "until": "16:00"}


@pytest.fixture(params=["desk", "host"])
def who(request: pytest.FixtureRequest, app: Flask, cast: Cast, clock) -> tuple[FlaskClient, str]:
    """A browser, and where the invitations of whom it is stand. It is Monday, 9:30."""
    if request.param == "desk":
        return at_desk(app, cast), ""
    with app.app_context(), writing():
        host = db.session.get_one(Host, cast.host_id)
        host.language = "en"
        return app.test_client(), f"/hosts/{token_of(link_of(host, actor=actor_of(cast, 'lisi'), now=clock_now()))}"


def clock_now() -> datetime:
    """Now, by the house's clock."""
    return house_clock.now()


def make(app: Flask, cast: Cast, **values) -> tuple[int, str]:
    with app.app_context(), writing():
        one = make_invitation(cast, email="wang@example.com", **values)
        return one.id, f"/invitations/{one.ref}"


def stands(app: Flask, invitation_id: int) -> Invitation:
    with app.app_context(), reading():
        found = db.session.get_one(Invitation, invitation_id)
        db.session.expunge_all()
        return found


def kinds(app: Flask, table: type[Event] | type[Notice]) -> list[str]:
    with app.app_context(), reading():
        written = db.session.scalars(select(table.kind).order_by(table.id))
        return [kind for kind in written if kind.startswith("invitation.")]


def test_the_code_stays_the_sequence_rises_and_the_guest_is_told(app: Flask, cast: Cast, who) -> None:
    (browser, at), (one, page) = who, make(app, cast, entries=2)
    with app.app_context(), writing():
        come(cast, one)
    before = stands(app, one)
    way = browser.get(at + page).page.select_one(f"a[href='{at}{page}/time']")
    answer = browser.submit(str(way["href"]), LATER, form=MAIN, follow_redirects=True)
    assert "The time is changed. The guest is told." in answer.words
    after = stands(app, one)
    assert clock_words(after.begins_at, after.ends_at) == ("2026-03-03 14:00", "2026-03-03 16:00")
    assert (after.digits, after.entries, after.ref) == (before.digits, 2, before.ref)
    assert after.sequence == before.sequence + 1
    assert kinds(app, Notice) == ["invitation.made", "invitation.moved"]
    assert kinds(app, Event)[-1] == "invitation.moved"


def clock_words(*instants: datetime) -> tuple[str, ...]:
    return tuple(f"{house_clock.local(at, 'Asia/Shanghai'):%Y-%m-%d %H:%M}" for at in instants)


def test_the_same_time_again_writes_to_nobody(app: Flask, cast: Cast, who) -> None:
    (browser, at), (one, page) = who, make(app, cast)
    assert browser.submit(f"{at}{page}/time", form=MAIN).status_code == 303
    assert stands(app, one).sequence == 0
    assert kinds(app, Notice) == ["invitation.made"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"until": "13:00"}, "until", "The end lies before the beginning."),
        ({"until": "14:00"}, "until", "The end lies before the beginning."),
        ({"since": "22:00", "until": "01:00"}, "until", "The end lies before the beginning."),
        ({"day": "2026-03-01"}, "since", "This time is over."),
        ({"day": "2028-03-01"}, "day", "a year ahead"),
        ({"last_day": "2026-03-01"}, "last_day", "The last day lies before the first."),
        ({"last_day": "2026-12-31"}, "last_day", "three months at most"),
        ({"day": "9999-12-31", "last_day": ""}, "day", ""),
        ({"day": "morgen"}, "day", ""),
        ({"since": "25:00"}, "since", ""),
        ({"until": ""}, "until", "Enter until when"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(app: Flask, cast: Cast, who, typed, field, words) -> None:
    (browser, at), (one, page) = who, make(app, cast)
    answer = browser.submit(f"{at}{page}/time", LATER | typed, form=MAIN)
    assert answer.status_code == 422
    assert words in answer.page.select_one(f"#{field}-e").get_text()
    assert stands(app, one).sequence == 0


def test_over_midnight_is_said_with_the_last_day(app: Flask, cast: Cast, who) -> None:
    (browser, at), (one, page) = who, make(app, cast)
    night = {"day": "2026-03-03", "last_day": "2026-03-04", "since": "22:00", "until": "01:00"}
    assert browser.submit(f"{at}{page}/time", night, form=MAIN).status_code == 303
    found = stands(app, one)
    assert clock_words(found.begins_at, found.ends_at) == ("2026-03-03 22:00", "2026-03-04 01:00")
    assert browser.get(f"{at}{page}/time").page.select_one("#last_day")["value"] == "2026-03-04"


def test_who_was_slower_is_told_what_changed(app: Flask, cast: Cast, who) -> None:
    (browser, at), (one, page) = who, make(app, cast)
    stale = browser.get(f"{at}{page}/time").page.select(f"{MAIN} input[type=hidden]")
    browser.submit(f"{at}{page}/time", LATER, form=MAIN)
    data = {str(each["name"]): str(each.get("value", "")) for each in stale}
    late = browser.post(f"{at}{page}/time", data=data | LATER | {"since": "15:00", "last_day": ""})
    assert late.status_code == 409
    assert "Somebody changed “Day” meanwhile." in late.words
    assert stands(app, one).sequence == 1


def test_one_that_was_taken_back_ended_or_is_used_up_stays(app: Flask, cast: Cast, clock, who) -> None:
    (browser, at), (one, page) = who, make(app, cast)
    pages = {name: make(app, cast, name=name, phone="")[1] for name in ("孙七", "周八")}
    with app.app_context(), writing():
        come(cast, one)
        gone = db.session.scalars(select(Invitation).where(Invitation.name == "孙七")).one()
        withdraw(gone, site=rooms_of.site_of(cast), actor=actor_of(cast, "lisi"), now=clock_now())
    for path, words in ((page, "used already"), (pages["孙七"], "taken back before")):
        assert browser.get(at + path).page.select_one("a[href$='/time']") is None
        answer = browser.submit(f"{at}{path}/time", LATER, form=MAIN)
        assert (answer.status_code, words in answer.words) == (409, True)
    clock.shift(timedelta(hours=5))
    browser = browser if at else at_desk(app, cast)
    assert "has ended" in browser.submit(f"{at}{pages['周八']}/time", LATER, form=MAIN).words


def test_the_guest_of_a_meeting_moves_with_it_alone(app: Flask, cast: Cast, who) -> None:
    with app.app_context(), writing():
        (meeting,) = rooms_of.book(furnish_rooms(cast).pine, cast, "14:00", "15:00")
        meeting_id = meeting.id
    (browser, at), (_one, page) = who, make(app, cast, meeting_id=meeting_id)
    assert browser.get(at + page).page.select_one("a[href$='/time']") is None
    answer = browser.submit(f"{at}{page}/time", LATER, form=MAIN)
    assert (answer.status_code, "Move the meeting" in answer.words) == (409, True)


def test_nobody_else_s_invitation_opens(app: Flask, cast: Cast, who) -> None:
    (_browser, at), (one, page) = who, make(app, cast)
    with app.app_context(), writing():
        db.session.get_one(Invitation, one).host_id = None
    other = at_desk(app, cast, "qian") if not at else FlaskClient(app)
    assert other.get(f"{at}{page}/time").status_code == 404
