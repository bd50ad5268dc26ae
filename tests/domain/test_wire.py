"""What goes to PostgreSQL past the driver's cursors keeps what a transaction promises."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from domain.database import db, reading, writing
from domain.engines import mode
from domain.once import SpentToken, spend
from domain.statements import Ready, in_full

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TOKENS = SpentToken.__table__
PUT = Ready(insert(SpentToken), ["nonce", "content_hash", "location", "spent_at"])
FOUND = select(TOKENS.c.location).where(TOKENS.c.nonce == bindparam("one"))
FIND, FIND_ALONE = Ready(FOUND), Ready(FOUND.execution_options(alone=True))
KEPT = text("SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements")


def _token(nonce: str, location: str = "") -> dict[str, object]:
    return {"nonce": nonce, "content_hash": "h", "location": location, "spent_at": AT}


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def _wire() -> Any:
    return db.session.connection().connection.dbapi_connection


def _in_transaction() -> bool:
    return _wire().pgconn.transaction_status != 0


@pytest.mark.usefixtures("context")
def test_a_question_that_stands_alone_begins_no_transaction_and_the_next_one_does() -> None:
    with reading():
        assert FIND_ALONE.value(one="a") is None
        assert not _in_transaction()
        assert FIND.value(one="a") is None
        assert _in_transaction()
        with pytest.raises(DBAPIError, match="read-only"):
            PUT.run(**_token("a"))


@pytest.mark.usefixtures("context")
def test_alone_within_a_transaction_it_sees_what_was_written_there() -> None:
    with writing():
        PUT.run(**_token("a", "here"))
        assert FIND_ALONE.value(one="a") == "here"


@pytest.mark.usefixtures("context")
def test_who_asked_alone_and_then_a_record_cannot_write_either() -> None:
    with reading():
        FIND_ALONE.value(one="a")
        db.session.add(SpentToken(**_token("a")))
        with pytest.raises(DBAPIError, match="read-only"):
            db.session.flush()


@pytest.mark.parametrize(("first", "refused"), [("a nul \0", DataError), ("kept", IntegrityError)])
@pytest.mark.usefixtures("context")
def test_after_a_first_statement_that_went_wrong_nothing_is_written_past_the_transaction(
    first: str, refused: type[DBAPIError]
) -> None:
    with writing():
        PUT.run(**_token("kept"))
    token = mode.set("write")
    try:
        with pytest.raises(refused):
            PUT.run(**_token(first))
        with suppress(DBAPIError):
            PUT.run(**_token("b"))
        db.session.rollback()
    finally:
        mode.reset(token)
    with reading():
        assert FIND.value(one="b") is None


@pytest.mark.usefixtures("context")
def test_more_than_the_network_takes_at_once_arrives() -> None:
    long = "长" * 4_000_000
    with writing():
        PUT.run_all([_token("a", long), _token("b", long)])
    with reading():
        assert FIND.value(one="b") == long


def test_one_who_waits_for_a_row_lets_all_others_work(app: Flask) -> None:
    said = []

    def second() -> None:
        with app.app_context(), writing():
            said.append(spend("a", content_hash="h", now=AT))

    with app.app_context():
        waits = Thread(target=second)
        with writing():
            assert spend("a", content_hash="h", now=AT) is None
            waits.start()
            waits.join(0.5)
            assert waits.is_alive()
            PUT.run(**_token("b"))
        waits.join(10)
    assert said
    assert said[0] is not None


@pytest.mark.usefixtures("context")
def test_what_the_driver_makes_the_server_forget_is_prepared_again() -> None:
    with writing():
        PUT.run(**_token("a", "here"))
        FIND.value(one="a")
        db.session.connection().exec_driver_sql("SAVEPOINT one")
        PUT.run(**_token("b"))
        db.session.connection().exec_driver_sql("ROLLBACK TO SAVEPOINT one")  # of which the driver hears
        assert FIND.value(one="a") == "here"
        assert FIND.value(one="b") is None


@pytest.mark.usefixtures("context")
def test_a_connection_keeps_so_many_statements_and_no_more() -> None:
    with reading():
        wire = _wire()
        most, wire.prepared_max = wire.prepared_max, 5
        try:
            for number in range(9):
                assert Ready(FOUND.limit(in_full(number + 1))).first(one="a") is None
            assert len(db.session.execute(KEPT).all()) <= 5
        finally:
            wire.prepared_max = most


@pytest.mark.usefixtures("context")
def test_what_is_made_ready_may_be_planned_once_for_all_values_too() -> None:
    once = Ready(FOUND.limit(in_full(70)).execution_options(one_plan=True))
    with reading():
        for number in range(3):
            once.value(one=f"{number}")
            FIND.value(one=f"{number}")
        plans = {row[0]: tuple(row[1:]) for row in db.session.execute(KEPT)}
    assert next(counts for statement, counts in plans.items() if "LIMIT 70" in statement) == (3, 0)
