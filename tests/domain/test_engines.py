"""How the database is opened: what a transaction sees, and what a connection keeps for the next one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import DBAPIError

from domain import engines, once, postgresql
from domain.database import db, reading, writing
from domain.limits import LimitCount
from domain.modes import glance
from domain.statements import Ready, in_full

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COUNTED = select(func.count()).select_from(LimitCount)
COUNT = Ready(COUNTED)
PLANS = "SELECT right(statement, 1), generic_plans, custom_plans FROM pg_prepared_statements"
KEPT = "SELECT name FROM pg_prepared_statements"


def counted() -> int:
    return db.session.scalar(COUNTED) or 0


def add(key: str) -> None:
    with writing():
        db.session.add(LimitCount(key=key, window=NOON, tries=1))


def test_who_reads_sees_one_state_although_others_write_meanwhile(app: Flask) -> None:
    with app.app_context(), reading():
        before = counted()
        with app.app_context():
            add("meanwhile")
        assert counted() == before
    with app.app_context(), reading():
        assert counted() == before + 1


def test_who_reads_cannot_write(app: Flask) -> None:
    with app.app_context(), reading():
        db.session.add(LimitCount(key="sly", window=NOON, tries=1))
        with pytest.raises(DBAPIError, match=r"read-?only"):
            db.session.flush()


@pytest.fixture
def glancing() -> Iterator[None]:
    token = glance.set(True)
    yield
    glance.reset(token)


@pytest.mark.usefixtures("glancing")
def test_who_glances_sees_one_state_from_the_second_question_on(app: Flask) -> None:
    with app.app_context(), reading():
        before = counted()
        with app.app_context():
            add("meanwhile")
        seen = counted()
        assert seen in (before, before + 1)
        with app.app_context():
            add("later")
        assert counted() == seen
    with app.app_context(), reading():
        assert counted() == before + 2


@pytest.mark.usefixtures("glancing")
@pytest.mark.parametrize("asks_before", [False, True])
def test_who_glances_cannot_write(app: Flask, asks_before: bool) -> None:
    with app.app_context(), reading():
        if asks_before:
            counted()
        db.session.add(LimitCount(key="sly", window=NOON, tries=1))
        with pytest.raises(DBAPIError, match=r"read-?only"):
            db.session.flush()
    with app.app_context(), reading():
        assert counted() == 0


@pytest.mark.usefixtures("glancing")
@pytest.mark.parametrize("questions", [0, 1, 2])
def test_a_connection_that_glanced_writes_as_any_other(app: Flask, questions: int) -> None:
    with app.app_context():
        with reading():
            db.session.connection()
            for _ in range(questions):
                counted()
        add("kept")
        with reading():
            assert counted() == 1


@pytest.fixture
def ways(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many statements go in each way there and back that a reused connection makes."""
    made: list[int] = []
    together, ask_alone, tell = postgresql.Wire._together, postgresql.Wire._alone, postgresql._tell

    def several(wire: postgresql.Wire, sent: Any) -> None:
        if len(sent) > 1:
            made.append(len(sent))
        together(wire, sent)

    def alone(wire: postgresql.Wire, sent: Any) -> None:
        made.append(1)
        ask_alone(wire, sent)

    def told(raw: Any, command: bytes) -> None:
        made.append(1)
        tell(raw, command)

    with app.app_context():
        for _ in range(2):  # what the server is told once of a connection and of each statement
            with writing():
                spend_and_remember(f"before {len(made)}")
            with reading():
                COUNT.value()
        monkeypatch.setattr(postgresql.Wire, "_together", several)
        monkeypatch.setattr(postgresql.Wire, "_alone", alone)
        monkeypatch.setattr(postgresql, "_tell", told)
        yield made


def spend_and_remember(nonce: str) -> None:
    once.spend(nonce, content_hash="h", now=NOON)
    once.remember_answer(nonce, "/there")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("glancing")
def test_a_glance_is_one_way_there_and_back(ways: list[int]) -> None:
    with reading():
        COUNT.value()
    assert ways == [1]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_transaction_begins_with_its_first_question(ways: list[int]) -> None:
    with reading():
        COUNT.value()
        COUNT.value()
    assert ways == [2, 1, 1]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_asked_before_an_answer_is_looked_at_goes_in_one_way(ways: list[int]) -> None:
    with reading():
        first, second = COUNT.ask(), COUNT.ask()
        assert second.then(len).get() == len(first.get()) == 1
    assert ways == [3, 1]


def test_an_answer_is_waited_for_within_its_transaction(app: Flask) -> None:
    with app.app_context():
        with reading():
            asked, late = COUNT.ask(), COUNT.ask()
            assert asked.get()[0][0] == 0
            assert late.get()[0][0] == 0
        with reading():
            unseen = COUNT.ask()
            counted()
        assert unseen.get()[0][0] == 0


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_was_not_asked_any_more_has_no_answer(app: Flask) -> None:
    with app.app_context():
        with reading():
            asked = COUNT.ask()
        with pytest.raises(RuntimeError, match="ended before"):
            asked.get()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_nobody_waits_for_goes_with_the_commit(ways: list[int]) -> None:
    with writing():
        spend_and_remember("one")
    assert ways == [2, 2]
    with reading():
        assert db.session.get_one(once.SpentToken, "one").location == "/there"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_was_not_sent_before_a_roll_back_is_not_written(app: Flask) -> None:
    with app.app_context():
        with writing():
            spend_and_remember("one")
            db.session.rollback()
            once.remember_answer("one", "/there")
            db.session.rollback()
        with reading():
            assert db.session.get(once.SpentToken, "one") is None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_the_driver_has_the_server_forget_is_made_ready_anew(app: Flask) -> None:
    with app.app_context(), writing():
        for _ in range(3):
            assert COUNT.value() == counted() == 0
            db.session.connection().exec_driver_sql("CREATE TEMPORARY TABLE passing (one integer)")
            db.session.connection().exec_driver_sql("DROP TABLE passing")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_was_longest_on_a_connection_is_given_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "STATEMENTS_KEPT", 4)
    with app.app_context(), reading():
        connection = db.session.connection()
        for count in range(1, 9):
            assert Ready(COUNTED.where(LimitCount.tries > in_full(count))).value() == 0
        assert COUNT.value() == 0
        ours = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'foyer%%'"
        assert connection.exec_driver_sql(ours).scalar_one() <= 4


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_sqlite_has_planned_it_keeps_however_long_a_list_may_be(app: Flask) -> None:
    planned: list[Any] = []

    def plans(*what: Any) -> int:
        planned.append(what)
        return 0

    def ask(most: int) -> int:
        planned.clear()
        db.session.execute(select(LimitCount.key).limit(most).offset(1)).all()
        return len(planned)

    with app.app_context(), reading():
        connection: Any = db.session.connection().connection.dbapi_connection
        connection.set_authorizer(plans)  # which SQLite asks while it plans
        try:
            assert ask(25) > 0
            assert ask(25) == 0
            assert ask(50) == 0
        finally:
            connection.set_authorizer(None)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_postgresql_has_planned_it_keeps_for_the_next_page(app: Flask) -> None:
    kept: list[set[str]] = []
    for _ in range(4):
        with app.app_context(), reading():
            counted()
            kept.append(set(db.session.connection().exec_driver_sql(KEPT).scalars()))
    with app.app_context():
        db.session.rollback()
    assert kept[1]
    assert kept[1] <= kept[2] == kept[3]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_says_so_is_planned_once_for_all_values_and_nothing_else_is(app: Flask) -> None:
    asked = select(LimitCount.tries).where(LimitCount.key == bindparam("key"))
    once_planned, anew = Ready(asked.limit(in_full(2)), one_plan=True), Ready(asked.limit(in_full(3)))
    with app.app_context(), reading():
        connection = db.session.connection()
        for number in range(4):
            for statement in (once_planned, anew):
                statement.rows(key=f"{number}")
        plans = {row[0]: tuple(row[1:]) for row in connection.exec_driver_sql(PLANS)}
    assert plans["2"] == (4, 0)
    assert plans["3"] == (0, 4)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_while_it_rested_is_not_given_out(app: Flask) -> None:
    with app.app_context():
        with reading():
            (pid,) = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").one()
        db.session.remove()
        address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        with reading():
            (fresh,) = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").one()
    assert fresh != pid


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_resting_connection_to_which_the_server_said_something_is_still_good(app: Flask) -> None:
    with app.app_context():
        with writing():
            (pid,) = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").one()
            db.session.connection().exec_driver_sql("LISTEN heard")
        db.session.remove()
        address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("NOTIFY heard")
        with writing():
            (same,) = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").one()
            db.session.connection().exec_driver_sql("UNLISTEN heard")
    assert same == pid


def raw_connection() -> Any:
    return db.session.connection().connection.dbapi_connection


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_connection_writes_and_the_others_read(app: Flask) -> None:
    with app.app_context():
        with writing():
            writes = raw_connection()
            db.session.add(LimitCount(key="first", window=NOON, tries=1))
        with reading():
            assert raw_connection() is not writes
            assert counted() == 1
        with writing():
            assert raw_connection() is writes


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_being_written_outlasts_the_pool_and_holds_the_next_writer_off(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.05)
    with app.app_context():
        with writing():
            db.session.add(LimitCount(key="kept", window=NOON, tries=1))
            db.session.flush()
            db.engine.dispose()
            with app.app_context(), pytest.raises(DBAPIError, match="locked"):
                add("too early")
        add("after it")
        with reading():
            assert counted() == 2
