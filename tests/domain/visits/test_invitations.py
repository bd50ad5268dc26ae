"""V5: an invitation serves its time and its entries, an arrival joins it, and the database counts."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from domain import clock as house_clock
from domain.database import db, reading, refusal, writing
from domain.errors import Conflict, DomainError
from domain.identity import SYSTEM
from domain.sites.models import Site
from domain.visits.answers import answer
from domain.visits.departures import cancel, sign_out
from domain.visits.entries import Standing, arrive, join, known_of, standing
from domain.visits.invitation_codes import find_by_code, parse_digits, parse_scanned, qr_of, token_of
from domain.visits.invitation_models import USED_UP, Invitation, InvitationEntry
from domain.visits.invitation_queries import for_visit
from domain.visits.invitations import Guest, invite, invite_again, withdraw
from domain.visits.models import HostAnswer, Visit, VisitState
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.invited import PHONE, come, make_invitation, plan
from tests.stays import arrive as walk_in


@pytest.fixture(autouse=True)
def _stopped(clock) -> None:
    """The clock stands still."""


def made(app: Flask, cast: Cast, **values) -> int:
    with app.app_context(), writing():
        return make_invitation(cast, **values).id


def came(app: Flask, cast: Cast, invitation_id: int, **values) -> Visit:
    with app.app_context(), writing():
        visit = come(cast, invitation_id, **values)
        db.session.flush()
        db.session.expunge_all()
    return visit


def entries(app: Flask) -> int:
    with app.app_context(), reading():
        return db.session.scalar(select(func.count()).select_from(InvitationEntry)) or 0


def refused(app: Flask, cast: Cast, invitation_id: int, **values) -> DomainError:
    with pytest.raises(DomainError) as caught:
        came(app, cast, invitation_id, **values)
    return caught.value


def test_a_guest_comes_once_with_an_invitation_for_one_and_waits_for_nobody(app: Flask, cast: Cast) -> None:
    one = made(app, cast, waiting=True)
    visit = came(app, cast, one)
    assert visit.state == VisitState.INSIDE
    assert visit.name == "王五"
    assert refused(app, cast, one, phone="+8613800138001").sentence == USED_UP
    assert entries(app) == 1


def test_several_entries_serve_several_days_but_never_one_more(app: Flask, cast: Cast, clock) -> None:
    one = made(app, cast, hours=72, entries=2)
    for _ in range(2):
        visit = came(app, cast, one)
        with app.app_context(), writing():
            sign_out(db.session.get_one(Visit, visit.id), how="badge", actor=SYSTEM, now=house_clock.now())
        clock.shift(timedelta(days=1))
    assert refused(app, cast, one).sentence == USED_UP


def test_no_way_of_writing_makes_more_entries_than_there_are(app: Flask, cast: Cast) -> None:
    one = made(app, cast)
    first, second = walk_in(app, cast), walk_in(app, cast, phone="+8613800138001")
    insert = "INSERT INTO invitation_entries (invitation_id, place, visit_id, entered_at)"
    at = f"{{}} VALUES ({one}, {{}}, {{}}, '2026-03-02')"
    for statement, worked in (
        (at.format(insert, 2, first.id), False),
        (at.format(insert, 0, first.id), False),
        (at.format(insert, 1, first.id), True),
        (at.format(insert, 1, second.id), False),
        ("UPDATE invitation_entries SET place = 2", False),
        ("DELETE FROM invitation_entries", False),
        ("UPDATE invitations SET entries = 2", True),
        (at.format(insert, 2, second.id), True),
        ("UPDATE invitations SET entries = 1", False),
        ("DELETE FROM invitations", False),
        ("UPDATE invitations SET number = 99", False),
    ):
        error = written(app, statement)
        assert (error is None) == worked, statement
        if error and "INSERT" in statement:
            words = refusal(error)
            assert words
            assert words.sentence == USED_UP


def written(app: Flask, statement: str) -> IntegrityError | None:
    """What the database says to it."""
    with app.app_context():
        try:
            with writing():
                db.session.execute(text(statement))
        except IntegrityError as error:
            return error
    return None


def test_taken_back_it_opens_nothing_and_holds_again_when_invited_again(app: Flask, cast: Cast) -> None:
    one = made(app, cast)
    with app.app_context(), writing():
        site, invitation = db.session.get_one(Site, cast.site_id), db.session.get_one(Invitation, one)
        withdraw(invitation, site=site, actor=SYSTEM, now=house_clock.now())
        with pytest.raises(Conflict):
            withdraw(invitation, site=site, actor=SYSTEM, now=house_clock.now())
    assert "taken back" in refused(app, cast, one).sentence
    with app.app_context(), writing():
        site, invitation = db.session.get_one(Site, cast.site_id), db.session.get_one(Invitation, one)
        invite_again(invitation, site=site, actor=SYSTEM, now=house_clock.now())
        assert invitation.sequence == 2
    assert came(app, cast, one).state == VisitState.INSIDE


@pytest.mark.parametrize(
    ("from_now", "stands"),
    [
        (timedelta(hours=1), Standing.GOOD),
        (timedelta(hours=5), Standing.EARLY),
        (timedelta(days=1), Standing.EARLY),
        (timedelta(days=2), Standing.FAR),
        (timedelta(hours=-3), Standing.LATE),
        (timedelta(days=-1), Standing.LATE),
        (timedelta(days=-2), Standing.OVER),
    ],
)
def test_the_day_before_and_after_it_is_matched_and_asked(
    app: Flask, cast: Cast, clock, from_now: timedelta, stands: Standing
) -> None:
    clock.shift(-timedelta(days=3))
    one = made(app, cast, begins_at=house_clock.now() + timedelta(days=3) + from_now)
    clock.shift(timedelta(days=3))
    with app.app_context(), reading():
        invitation = db.session.get_one(Invitation, one)
        assert standing(invitation, used=0, zone="Asia/Shanghai", now=house_clock.now()) == stands
    if stands in (Standing.FAR, Standing.OVER):
        refused(app, cast, one)
        assert entries(app) == 0
    else:
        assert came(app, cast, one).state == (VisitState.INSIDE if stands is Standing.GOOD else VisitState.WAITING)


def test_who_is_not_let_in_a_day_early_has_the_invitation_still(app: Flask, cast: Cast, clock) -> None:
    one = made(app, cast, begins_at=house_clock.now() + timedelta(days=1))
    early = came(app, cast, one)
    with app.app_context(), writing():
        answer(db.session.get_one(Visit, early.id), HostAnswer.REFUSE, by="host", actor=SYSTEM, now=house_clock.now())
    assert entries(app) == 0
    again = came(app, cast, one)
    with app.app_context(), writing():
        cancel(db.session.get_one(Visit, again.id), actor=SYSTEM, now=house_clock.now())
    clock.shift(timedelta(days=1))
    assert came(app, cast, one).state == VisitState.INSIDE


def test_early_for_a_unit_without_a_host_is_a_matter_for_the_desk(app: Flask, cast: Cast) -> None:
    one = made(app, cast, begins_at=house_clock.now() + timedelta(days=1), with_host=False)
    assert "reception" in refused(app, cast, one).sentence
    assert came(app, cast, one, source="desk").state == VisitState.INSIDE


def test_who_came_without_the_code_is_joined_by_the_desk_and_waits_no_longer(app: Flask, cast: Cast) -> None:
    one = made(app, cast)
    visit = walk_in(app, cast, waits=True, phone=PHONE)
    with app.app_context(), writing():
        visit, site = db.session.get_one(Visit, visit.id), db.session.get_one(Site, cast.site_id)
        found = for_visit(visit, now=house_clock.now())
        assert found
        assert found.id == one
        join(found, visit, site=site, actor=actor_of(cast, "lisi"), now=house_clock.now())
        assert visit.state == VisitState.INSIDE
        assert for_visit(visit, now=house_clock.now()) is None
        with pytest.raises(DomainError):
            join(found, visit, site=site, actor=actor_of(cast, "lisi"), now=house_clock.now())
    assert refused(app, cast, one).sentence == USED_UP


def test_codes_are_read_however_they_are_typed_and_unknown_ones_all_sound_alike(app: Flask, cast: Cast) -> None:
    one = made(app, cast)
    with app.app_context(), reading():
        invitation = db.session.get_one(Invitation, one)
        digits, ref, site = invitation.digits or "", invitation.ref, cast.site_id
        halves = digits[:3], digits[3:]
        link = f"https://desk.example.com/i/{token_of(ref)}"
        for typed in (digits, " ".join(halves), "-".join(halves), qr_of(ref), qr_of(ref).lower(), link):
            assert find_by_code(typed, site_id=site).id == one
        forged = f"FOYER:I:{ref.upper()}{'A' * 20}"
        sentences = set()
        for typed in ("000000" if digits != "000000" else "000001", forged, f"/i/{ref}-{'a' * 20}"):
            with pytest.raises(DomainError) as caught:
                find_by_code(typed, site_id=site)
            sentences.add(caught.value.sentence)
        with pytest.raises(DomainError) as caught:
            find_by_code(qr_of(ref), site_id=cast.other_site_id)
        assert {caught.value.sentence} == sentences
        assert parse_digits("٤٨٢٩١٣") == "482913"
        assert parse_digits("12345") is None
        assert parse_scanned("x" * 5000) is None


def test_what_makes_no_sense_is_refused_with_its_field(app: Flask, cast: Cast) -> None:
    now = house_clock.now()
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        for values, field in (
            ({"hours": 0}, "until"),
            ({"begins_at": now - timedelta(days=2)}, "since"),
            ({"begins_at": now + timedelta(days=400)}, "day"),
            ({"hours": 24 * 100}, "last_day"),
            ({"entries": 0}, "entries"),
        ):
            with pytest.raises(DomainError) as caught:
                invite([Guest("王五")], plan(cast, **values), site=site, source="desk", actor=SYSTEM, now=now)
            assert caught.value.field == field
        with pytest.raises(DomainError):
            invite([], plan(cast), site=site, source="desk", actor=SYSTEM, now=now)


def test_each_live_invitation_of_a_site_has_digits_of_its_own(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        guests = [Guest(f"客{number}") for number in range(200)]
        invite(guests, plan(cast), site=site, source="desk", actor=SYSTEM, now=house_clock.now())
        digits = db.session.scalars(select(Invitation.digits)).all()
    assert len(set(digits)) == 200


def test_what_is_known_is_not_asked_again(app: Flask, cast: Cast) -> None:
    one = made(app, cast)
    with app.app_context(), writing():
        invitation = db.session.get_one(Invitation, one)
        known = known_of(invitation)
        assert (known.name, known.phone) == ("王五", PHONE)
        visit = arrive(
            invitation,
            entered=known,
            site=db.session.get_one(Site, cast.site_id),
            language="fr",
            source="own",
            actor=SYSTEM,
            now=house_clock.now(),
        )
        assert (visit.language, visit.source, visit.unit_id, visit.host_id) == ("fr", "own", cast.unit_id, cast.host_id)
