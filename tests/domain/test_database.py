"""A transaction of the session is the connection's, whoever writes in it: records, statements made ready, or both."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, PendingRollbackError

from domain import database, events
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.modes import mode
from domain.once import SpentToken
from domain.statements import Ready
from tests.cast import Cast

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
PUT = Ready(insert(SpentToken), ["nonce", "content_hash", "location", "spent_at"])


def _token(nonce: str) -> dict[str, object]:
    return {"nonce": nonce, "content_hash": "h", "location": "", "spent_at": AT}


def _kept() -> set[str]:
    with reading():
        return set(db.session.scalars(select(SpentToken.nonce)))


def _tell(cast: Cast) -> None:
    events.record("visit.printed", site_id=cast.site_id, subject="visit", subject_id=1, actor=SYSTEM, now=AT)


def test_records_and_statements_are_kept_together(app: Flask) -> None:
    with app.app_context():
        with writing():
            PUT.run(**_token("by statement"))
            db.session.add(SpentToken(**_token("by record")))
        assert _kept() == {"by statement", "by record"}


def test_records_and_statements_are_given_up_together(app: Flask) -> None:
    with app.app_context():
        with writing():
            db.session.add(SpentToken(**_token("by record")))
            db.session.flush()
            PUT.run(**_token("by statement"))
            db.session.rollback()
        assert _kept() == set()


def test_a_failed_record_takes_all_with_it_until_it_is_rolled_back(app: Flask) -> None:
    with app.app_context():
        with writing():
            PUT.run(**_token("there"))
        with writing():
            PUT.run(**_token("before"))
            db.session.add(SpentToken(**_token("there")))
            with pytest.raises(IntegrityError):
                db.session.flush()
            with pytest.raises(PendingRollbackError):
                PUT.run(**_token("after"))
            db.session.rollback()
        assert _kept() == {"there"}


def test_an_event_is_numbered_where_no_record_was_written(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            before = events.version(cast.site_id)
            _tell(cast)
        with reading():
            assert events.version(cast.site_id) == before + 1


def test_what_was_rolled_back_is_no_event_later(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            before = events.version(cast.site_id)
            _tell(cast)
            db.session.rollback()
            PUT.run(**_token("a"))
        with reading():
            assert events.version(cast.site_id) == before


def test_who_waits_for_a_commit_is_told_when_others_see_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[str]] = []
    with app.app_context():
        monkeypatch.setattr(database, "after_commits", [lambda _session: seen.append(_kept())])
        with writing():
            PUT.run(**_token("by statement"))
            db.session.add(SpentToken(**_token("by record")))
        assert seen == [{"by statement", "by record"}]


def test_a_commit_that_fails_leaves_no_record_known(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("the disk is full")

    with app.app_context():
        db.session.rollback()
        token = mode.set("write")
        record = SpentToken(**_token("by record"))
        db.session.add(record)
        monkeypatch.setattr(db.session().connection(), "commit", fail)
        with pytest.raises(OSError, match="disk"):
            db.session.commit()
        assert record not in db.session
        db.session.rollback()
        mode.reset(token)
        assert _kept() == set()
