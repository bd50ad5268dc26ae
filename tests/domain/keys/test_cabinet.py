"""K1: what hangs where; tags in use once; moving, copying and retiring are lines in the key's history."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain import clock, events
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.keys import cabinet as deeds
from domain.keys import sets
from domain.keys.approvals import approve, ask_copies
from domain.keys.cabinet import add_key, change_tag, copies_made, move, retire
from domain.keys.classes import KeyClass
from domain.keys.hooks import hooks_from
from domain.keys.models import Key
from domain.keys.queries import key_state, keys_of
from domain.keys.reservations import reserve
from tests import cabinet as shelf
from tests.cabinet import Stock, refused
from tests.cast import Cast


def enter(cast: Cast, stock: Stock, tag: str, *, hook: int = 9, opens: str = "后门") -> Key:
    return add_key(
        cabinet=shelf.cabinet_of(stock),
        hook=hook,
        tag=tag,
        opens=opens,
        class_code=KeyClass.PUBLIC,
        actor=shelf.actor_of(cast, "zhou"),
        now=clock.now(),
    )


@pytest.mark.parametrize("tag", ["GG-01", "gg-01 ", "JF-B1"])
def test_a_tag_is_on_one_key_or_one_set(app: Flask, cast: Cast, stock: Stock, tag: str) -> None:
    with app.app_context():
        with pytest.raises(IntegrityError) as caught, writing():
            enter(cast, stock, tag)
        assert "another key or set" in refused(caught)


def test_a_hook_that_is_not_there_and_a_key_for_nothing_are_refused(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        for hook, opens, words in ((0, "后门", "1 to 12"), (13, "后门", "1 to 12"), (9, " ", "what this key opens")):
            with pytest.raises(DomainError, match=words), writing():
                enter(cast, stock, "HM-01", hook=hook, opens=opens)


def test_who_retires_a_key_frees_its_tag(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            retire(shelf.key(stock.roof), actor=shelf.actor_of(cast, "zhou"), now=clock.now())
        with writing():
            assert enter(cast, stock, "GG-01").id != stock.roof


def test_a_key_that_is_out_is_not_retired(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        with pytest.raises(Conflict, match="Take it back first"), writing():
            retire(shelf.key(stock.roof), actor=shelf.actor_of(cast, "zhou"), now=clock.now())


def test_retiring_a_set_leaves_its_keys(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            retire(shelf.key_set(stock.plant_set), actor=shelf.actor_of(cast, "zhou"), now=clock.now())
        with writing():
            assert shelf.key(stock.plant[0]).set_id is None
            shelf.hand_out(shelf.key(stock.plant[0]), shelf.person_of(cast, "chen"), cast)
            enter(cast, stock, "JF-B1")


def test_keys_of_a_set_hang_together_and_move_together(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with reading():
            assert {key.hook for key in keys_of(shelf.key_set(stock.plant_set))} == {4}
        with writing():
            move(
                shelf.key_set(stock.plant_set),
                cabinet=shelf.cabinet_of(stock),
                hook=11,
                actor=shelf.actor_of(cast, "zhou"),
                now=clock.now(),
            )
        with reading():
            assert {key.hook for key in keys_of(shelf.key_set(stock.plant_set))} == {11}
            asked = select(events.Event).where(events.Event.kind == "key.moved").order_by(events.Event.number)
            moved = db.session.scalars(asked).all()
            assert moved[-1].facts["hook_before"] == 4
            assert moved[-1].facts["hook"] == 11


def test_a_key_is_of_one_set_and_joins_none_while_it_is_out(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with pytest.raises(Conflict, match="another set"), writing():
            sets.add_set(
                [shelf.key(stock.roof), shelf.key(stock.plant[0])],
                tag="TT",
                opens="天台",
                actor=shelf.actor_of(cast, "zhou"),
                now=clock.now(),
            )
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        with pytest.raises(Conflict, match="is out"), writing():
            sets.put_into_set(
                shelf.key(stock.roof),
                shelf.key_set(stock.plant_set),
                actor=shelf.actor_of(cast, "zhou"),
                now=clock.now(),
            )


def test_another_tag_is_known_at_once_and_the_old_one_no_more(app: Flask, cast: Cast, stock: Stock) -> None:
    from domain.keys.queries import find_tag

    with app.app_context():
        with writing():
            change_tag(shelf.key(stock.roof), "04a3-2b", actor=shelf.actor_of(cast, "zhou"), now=clock.now())
        with reading():
            lisi = shelf.actor_of(cast, "lisi")
            assert find_tag("04A3-2B", actor=lisi).id == stock.roof
            with pytest.raises(DomainError, match="not known"):
                find_tag("GG-01", actor=lisi)


def test_copies_are_an_approved_entry(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            asked = ask_copies(
                shelf.key(stock.unit),
                copies=2,
                who=shelf.person_of(cast, "zhou"),
                purpose="新租客",
                actor=shelf.actor_of(cast, "zhou"),
                now=clock.now(),
            )
        zhou = shelf.actor_of(cast, "zhou")
        with pytest.raises(DomainError, match="not complete"), writing():
            copies_made(shelf.key(stock.unit), approval=asked, actor=zhou, now=clock.now())
        with writing():
            approve(asked, actor=shelf.actor_of(cast, "wu"), now=clock.now())
            copies_made(shelf.key(stock.unit), approval=asked, actor=zhou, now=clock.now())
        assert shelf.key(stock.unit).copies == 4
        with pytest.raises(Conflict, match="used"), writing():
            copies_made(shelf.key(stock.unit), approval=asked, actor=zhou, now=clock.now())


def test_the_cabinet_shows_every_hook_and_how_its_keys_stand(app: Flask, cast: Cast, stock: Stock) -> None:
    from datetime import timedelta

    from domain.keys.losses import report_lost

    with app.app_context():
        now = clock.now()
        lisi = shelf.actor_of(cast, "lisi")
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
            report_lost(shelf.key(stock.unit), note="", actor=lisi, now=now)
            reserve(
                shelf.key(stock.room),
                who=shelf.host_of(cast),
                starts_at=now - timedelta(minutes=5),
                ends_at=now + timedelta(minutes=55),
                purpose="会议",
                actor=lisi,
                now=now,
            )
        with reading():
            later = now + timedelta(minutes=61)
            words = {
                hook: {key_state(bunch.row, now).word for bunch in bunches}
                for hook, bunches in hooks_from(shelf.cabinet_of(stock), 1, actor=lisi, now=now).items()
            }
            assert list(words) == list(range(1, 13))
            assert [words[hook] for hook in (1, 2, 3, 4, 5, 12)] == [
                {"Lent out"},
                {"Lost"},
                {"On its hook"},
                {"On its hook"},
                {"Reserved"},
                set(),
            ]
            (bunch,) = hooks_from(shelf.cabinet_of(stock), 1, actor=lisi, now=now)[1]
            soon = key_state(bunch.row, now + timedelta(minutes=1))
            assert (soon.word, soon.tone) == ("Due within the hour", "wait"), "as its figure above the cabinet"
            (bunch,) = hooks_from(shelf.cabinet_of(stock), 1, actor=lisi, now=later)[1]
            assert key_state(bunch.row, later).word == "Overdue"
            assert bunch.row.name == "冯样"


def test_a_cabinet_does_not_lose_hooks_on_which_keys_hang(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context(), pytest.raises(DomainError, match="hook 5"), writing():
        deeds.change_cabinet(
            shelf.cabinet_of(stock), name="2", hooks=4, actor=shelf.actor_of(cast, "zhou"), now=clock.now()
        )
