"""A secret key is lost for good: what it sealed is given up, and the house goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, func, select, type_coerce, update

from domain import abandonment, encryption, photos, sealed
from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.encryption import Keyring, use_keyring
from domain.events import HOUSE, Event
from domain.exports.models import Export
from domain.keys.loan_models import Loan
from domain.keys.models import Key
from domain.meetings.models import Room
from domain.meetings.room_parts import RoomPicture
from domain.occupants.models import Host
from domain.people.models import Person, RecoveryCode
from domain.reports.models import ReportPlan
from domain.review import sealing
from domain.sites.models import Site
from domain.slips.models import Slip
from domain.visits.models import Draft, Visit
from tests.cast import Cast
from tests.conftest import SECRET
from tests.house.birds import settle
from tests.stays import arrive

LOST = "a secret of the tests that nobody knows any more"


@pytest.fixture
def lost(app: Flask, cast: Cast, clock: Any) -> Iterator[int]:
    """A house sealed in every column under a secret that nobody knows; of one visit, given here, the key is there."""
    known = encryption.keyring()
    use_keyring(Keyring.from_secret([LOST, SECRET]))
    settle(app, cast, clock)
    with app.app_context():
        now = house_clock.now()
        with writing():
            db.session.execute(update(Person).where(Person.login == "wu").values(totp_secret="JBSWY3DPEHPK3PXP"))
            db.session.add(RecoveryCode(person_id=cast.people["wu"], code_hash="x" * 32))
            for model, site_column in ((Site, Site.id), (Host, Host.site_id)):
                db.session.execute(update(model).where(site_column == cast.site_id).values(channels="ding://lost"))
            plan = {"day": 1, "minute": 0, "addresses": "boss@example.com", "active": True, "changed_at": now}
            db.session.add(ReportPlan(site_id=cast.site_id, kind="week", **plan))
            asked = {"register": "visits", "site_ids": [cast.site_id], "chosen": {}, "format": "csv", "full": False}
            who = {"site_id": cast.site_id, "person_id": cast.people["wu"], "language": "en", "asked_at": now}
            db.session.add(Export(ref="x" * 12, typed="王五", state="waiting", **asked, **who))
            room_id = db.session.scalars(select(Room.id)).first()
            db.session.add(RoomPicture(ref="y" * 12, room_id=room_id, file=photos.keep(folder(app), b"x"), made_at=now))
        sealing.catch_up_everywhere(now=now)
    use_keyring(Keyring.from_secret([SECRET, LOST]))
    kept = arrive(app, cast, name="赵六", phone="+8613800138005", document="8765").id
    use_keyring(Keyring.from_secret([SECRET]))
    yield kept
    use_keyring(known)


def folder(app: Flask) -> Path:
    return Path(app.config["SETTINGS"].data_dir) / "photos"


def told(app: Flask, *args: str, typed: str = "") -> Any:
    with app.app_context():
        return app.test_cli_runner().invoke(args=list(args), input=typed)


def test_the_word_is_asked_for_and_without_it_nothing_changes(app: Flask, lost: int) -> None:
    with app.app_context():
        before = sealed.unopened(photos=folder(app))
    said = told(app, "give-up-sealed", typed="yes\n")
    assert (said.exit_code, "Nothing was changed." in said.output) == (1, True)
    assert "in people.totp_secret" in said.output
    with app.app_context():
        assert sealed.unopened(photos=folder(app)) == before


def test_what_no_key_opens_is_erased_everywhere_and_the_house_goes_on(app: Flask, cast: Cast, lost: int) -> None:
    with app.app_context():
        everywhere = {f"{one.table.name}.{one.name}" for one in sealed.columns()} | {"photos"}
        assert set(sealed.unopened(photos=folder(app))) == everywhere
    assert told(app, "verify").exit_code == 1
    said = told(app, "give-up-sealed", typed="give up\n")
    assert said.exit_code == 0, said.output
    assert "wu" in said.output
    assert told(app, "verify").output == "The record is whole.\n"
    with app.app_context(), reading():
        assert db.session.get_one(Visit, lost).document == "8765", "what opens stays"
        assert set(db.session.scalars(select(Visit.document).where(Visit.id != lost))) == {None}
        assert {*db.session.scalars(select(Host.channels)), *db.session.scalars(select(Site.channels))} == {""}
        for gone in (Loan.signature, Visit.photo, Slip.photo, Key.photo, RoomPicture.id, Draft.id):
            assert db.session.scalars(select(gone).where(gone.is_not(None))).all() == []
        assert db.session.scalars(select(Export.state)).all() == ["failed"], "it would hold more than was asked"
        assert list(folder(app).iterdir()) == []


def test_second_steps_are_set_up_anew_in_the_usual_way(app: Flask, cast: Cast, lost: int) -> None:
    told(app, "give-up-sealed", "--yes")
    with app.app_context(), reading():
        wu = db.session.get_one(Person, cast.people["wu"])
        assert (wu.totp_secret, wu.totp_confirmed_at) == (None, None)
        assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
        noted = select(func.count()).where(Event.kind == "person.second_factor_taken_away")
        assert db.session.scalar(noted) == 1


def test_each_site_and_the_house_remember_what_was_given_up(app: Flask, cast: Cast, lost: int) -> None:
    told(app, "give-up-sealed", "--yes")
    with app.app_context(), reading():
        rows = db.session.execute(select(Event.site_id, Event.facts).where(Event.kind == "site.sealed_given_up"))
        facts = {row.site_id: row.facts for row in rows}
    assert facts[HOUSE].keys() >= {"people.totp_secret", "photos"}
    assert facts[cast.site_id]["visits.document"] == 1
    assert facts[cast.site_id]["sites.channels"] == 1


def test_what_is_changed_meanwhile_stays(app: Flask, cast: Cast, lost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        read = list(sealed.lost_values())
        with writing():
            raw = update(Host).where(Host.id == cast.host_id).values(channels="ding://new")
            db.session.execute(raw)
        monkeypatch.setattr(sealed, "lost_values", lambda: iter(read))
        done = abandonment.give_up(photos=folder(app), now=house_clock.now())
        with reading():
            assert db.session.scalar(select(Host.channels).where(Host.id == cast.host_id)) == "ding://new"
            hosts = select(func.count()).where(type_coerce(Host.channels, LargeBinary).is_not(None))
            assert done.counts["hosts.channels"] < (db.session.scalar(hosts) or 0)


def test_where_everything_opens_nothing_is_asked(app: Flask, cast: Cast) -> None:
    arrive(app, cast, document="4321")
    said = told(app, "give-up-sealed")
    assert (said.exit_code, said.output) == (0, "Everything that is sealed opens. Nothing was changed.\n")
