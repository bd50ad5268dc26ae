"""V5, M6 behind a host's own link: it invites, shows who has come, shows no directory, and is cut off at once."""

import pytest
from flask import Flask
from sqlalchemy import select

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.notices import Notice
from domain.occupants.links import HostLink, link_of, token_of
from domain.occupants.models import Host
from domain.visits.invitation_models import Invitation
from tests import rooms as rooms_of
from tests.cabinet import actor_of
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.invited import come, make_invitation
from tests.misspelling import misspelt
from tests.rooms import furnish_rooms


@pytest.fixture
def page(app: Flask, cast: Cast, clock) -> str:
    with app.app_context(), writing():
        host = db.session.get_one(Host, cast.host_id)
        host.language = "en"
        return f"/hosts/{token_of(link_of(host, actor=actor_of(cast, 'lisi'), now=house_clock.now()))}"


def guests(app: Flask) -> list[Invitation]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Invitation).order_by(Invitation.id)))
        db.session.expunge_all()
        return found


def test_the_desk_mails_the_link_and_never_shows_it(app: Flask, cast: Cast, clock) -> None:
    desk = at_desk(app, cast)
    links = "/invitations/links"
    form = f"form[action='{links}']"
    answer = desk.submit(f"{links}?whom=host:{cast.host_ref}", form=form, follow_redirects=True)
    assert "on its way to 张三" in answer.words
    with app.app_context(), reading():
        assert db.session.scalars(select(Notice.kind)).all() == ["host.link"]
        link = db.session.scalars(select(HostLink)).one()
        token = token_of(link)
    assert token not in answer.text
    phone = app.test_client()
    assert phone.get(f"/hosts/{token}").status_code == 200
    desk.submit(f"{links}?whom=host:{cast.host_ref}", {"cut": "1"}, form=form)
    assert phone.get(f"/hosts/{token}").status_code == 404
    assert phone.get(f"/hosts/{misspelt(token)}").status_code == 404
    refused = desk.submit(f"{links}?whom=unit:{cast.unit_ref}", form=form)
    assert "a unit has no link" in refused.words


def test_a_host_invites_sees_who_has_come_and_takes_back(
    app: Flask, cast: Cast, client: FoyerClient, page: str
) -> None:
    form = f"form[action='{page}']"
    said = {"guests": "王五, 13800138000\n赵六", "day": "2026-03-02", "since": "09:30", "until": "12:00"}
    assert client.submit(page, said, form=form).location == page
    first, second = guests(app)
    assert (first.source, first.host_id) == ("host", cast.host_id)
    with app.app_context(), writing():
        come(cast, first.id)
    live = client.htmx(f"{page}/live")
    assert "Has come" in live.words
    own = f"{page}/invitations/{second.ref}"
    assert (second.digits or "x")[:3] in client.get(own).words
    assert client.submit(own, form=f"form[action='{own}/withdrawals']").location == own
    assert "was taken back" in client.get(own).words
    assert client.submit(own, form=f"form[action='{own}/letters']").location == own
    assert guests(app)[1].is_open


def test_bad_lines_are_named_and_kept(app: Flask, cast: Cast, client: FoyerClient, page: str) -> None:
    answer = client.submit(page, {"guests": "王五, 1380013"}, form=f"form[action='{page}']")
    assert answer.status_code == 422
    assert "Line 1" in answer.words
    assert "王五, 1380013" in answer.page.select_one("textarea").get_text()


def test_the_guests_of_the_own_meeting_and_of_nobody_elses(
    app: Flask, cast: Cast, client: FoyerClient, page: str
) -> None:
    with app.app_context(), writing():
        rooms = furnish_rooms(cast)
        mine = rooms_of.book(rooms.pine, cast, "10:00", "11:00")[0].ref
        others = rooms_of.book(rooms.bamboo, cast, "10:00", "11:00", meeting=rooms_of.wish(cast, by="zhou"))[0].ref
    assert "季度会" in client.get(page).words
    own = f"{page}/meetings/{mine}"
    assert client.submit(own, {"guests": "王五\n赵六"}, form=f"form[action='{own}']").location == own
    assert "0 of 2 have come" in client.get(own).words
    assert [guest.source for guest in guests(app)] == ["meeting", "meeting"]
    assert client.get(f"{page}/meetings/{others}").status_code == 404


def test_somebody_elses_guest_is_not_there(app: Flask, cast: Cast, client: FoyerClient, page: str) -> None:
    with app.app_context(), writing():
        other = make_invitation(cast, with_host=False).ref
    assert client.get(f"{page}/invitations/{other}").status_code == 404
    assert "王五" not in client.get(page).text
