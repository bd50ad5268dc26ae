"""Statements that are made ready once behave as SQLAlchemy's own, on both databases."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import bindparam, event, insert, literal, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from domain.database import breaks, db, reading, writing
from domain.once import SpentToken
from domain.statements import Ready

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TOKENS = SpentToken.__table__
PUT = Ready(insert(SpentToken), ["nonce", "content_hash", "location", "spent_at"])
FIND = Ready(
    select(TOKENS.c.nonce, TOKENS.c.spent_at, literal("x").label("mark"))
    .where(TOKENS.c.nonce == bindparam("one"), TOKENS.c.content_hash.in_(("g", "h")))
    .limit(5)
)
MOVE = Ready(update(SpentToken).where(TOKENS.c.nonce == bindparam("one")).values(location="there"))


def _token(nonce: str) -> dict[str, object]:
    return {"nonce": nonce, "content_hash": "h", "location": "", "spent_at": AT}


def test_what_was_written_is_read_with_its_types_and_names(app: Flask) -> None:
    with app.app_context(), writing():
        assert PUT.run(**_token("a")) == 1
        PUT.all_later([_token("b"), _token("c")])
        PUT.all_later([])
        assert MOVE.run(one="b") == 1
        assert MOVE.run(one="nobody") == 0
    with app.app_context(), reading():
        found = FIND.first(one="c")
        assert (found.nonce, found.spent_at, found.mark) == ("c", AT, "x")
        assert FIND.rows(one="nobody") == []
        assert FIND.first(one="nobody") is None
        assert FIND.value(one="nobody") is None
        assert db.session.get_one(SpentToken, "b").location == "there"


@pytest.mark.parametrize(("count", "length"), [(4000, 800), (20, 400_000)])
def test_many_long_rows_go_at_once(app: Flask, count: int, length: int) -> None:
    """More than a connection takes at a time, with many answers meanwhile and with none."""
    rows = [_token(f"{number}") | {"content_hash": "h" * length} for number in range(count)]
    with app.app_context(), writing():
        PUT.all_later(rows)
        assert MOVE.run(one=f"{count - 1}") == 1


def test_lists_may_be_of_any_length(app: Flask) -> None:
    some = TOKENS.c.nonce.in_(bindparam("some", expanding=True))
    at = TOKENS.c.spent_at.in_(bindparam("at", expanding=True))
    kept = select(TOKENS.c.nonce).where(some, at, TOKENS.c.content_hash == bindparam("hash")).order_by("nonce")
    statement = Ready(kept)
    with app.app_context(), writing():
        PUT.all_later([_token("a"), _token("b"), _token("c")])
        for asked in (["b"], ["a", "c"], [], ["c"]):
            found = statement.rows(some=asked, at=[AT], hash="h")
            assert [row.nonce for row in found] == asked


def test_a_broken_constraint_is_told_as_by_sqlalchemy(app: Flask) -> None:
    with app.app_context(), writing():
        PUT.run(**_token("a"))
    with app.app_context(), pytest.raises(IntegrityError) as caught, writing():
        PUT.run(**_token("a"))
    assert breaks(caught.value, "pk_spent_tokens") or breaks(caught.value, "uq_spent_tokens_nonce")


def test_who_reads_cannot_write_by_it(app: Flask) -> None:
    with app.app_context(), reading(), pytest.raises(DBAPIError):
        PUT.run(**_token("a"))


def test_listeners_hear_every_statement(app: Flask) -> None:
    heard: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: heard.append(given[2]))
        with reading():
            FIND.rows(one="a")
    assert len(heard) == 1
    assert heard[0].startswith("SELECT spent_tokens.nonce")


def test_the_connection_is_that_of_the_transaction(app: Flask) -> None:
    with app.app_context():
        with reading():
            first = db.session().connection()
            assert db.session().connection() is first
        with reading():
            assert db.session().connection() is not first
