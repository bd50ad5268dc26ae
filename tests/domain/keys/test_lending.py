"""K2–K4: a key is with one borrower at most, and goes to nobody whom its class does not name."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from domain import clock, events, registers
from domain.database import db, reading, refusal, writing
from domain.errors import Conflict, DomainError
from domain.keys.borrowers import staff_without_account, visitor
from domain.keys.cabinet import retire
from domain.keys.classes import Borrower, KeyClass
from domain.keys.loan_models import LoanLine
from domain.keys.loans import Note
from domain.keys.losses import report_lost
from domain.keys.models import Key
from domain.keys.returns import return_keys
from domain.keys.rules import set_rules
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose
from domain.visits.departures import sign_out
from tests import cabinet as shelf
from tests import factories as make
from tests.cabinet import refused
from tests.cast import Cast


def test_a_loan_says_what_went_to_whom_until_when_and_is_numbered(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            loan = shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        assert (loan.number, loan.name, loan.acknowledged_how) == (1, "冯样", "signature")
        assert loan.signature == shelf.STROKES
        raw = db.session.execute(text("SELECT signature FROM loans")).scalar_one()
        assert shelf.STROKES.encode() not in bytes(raw)
        with reading():
            event = db.session.scalars(select(events.Event).where(events.Event.kind == "loan.lent")).one()
            assert event.facts["key_ids"] == [stock.roof]
            assert "冯样" not in str(event.facts)


def test_a_key_that_is_out_is_not_lent_again_and_says_with_whom_and_since_when(
    app: Flask, cast: Cast, stock: shelf.Stock
) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker("冯样样"), cast)
        with pytest.raises(Conflict, match="GG-01 is out since") as caught, writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.host_of(cast), cast)
        assert caught.value.values["name"] == "冯*样"
        with writing():
            shelf.hand_out(shelf.key(stock.room), shelf.person_of(cast, "chen"), cast)
        with pytest.raises(Conflict) as caught, writing():
            shelf.hand_out(shelf.key(stock.room), shelf.host_of(cast), cast)
        assert caught.value.values["name"] == "Chen"


def test_a_set_takes_its_keys_with_it_and_does_not_go_when_one_is_out(
    app: Flask, cast: Cast, stock: shelf.Stock
) -> None:
    with app.app_context():
        with writing():
            chen = shelf.person_of(cast, "chen")
            shelf.hand_out(shelf.key_set(stock.plant_set), chen, cast)
        for key_id in stock.plant:
            with pytest.raises(Conflict, match="is out since"), writing():
                shelf.hand_out(shelf.key(key_id), chen, cast)
        with reading():
            assert db.session.scalar(select(func.count()).select_from(LoanLine)) == 3


def test_one_key_that_is_out_alone_keeps_its_set_here(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.plant[1]), shelf.person_of(cast, "chen"), cast)
        with pytest.raises(Conflict, match="JF-B1-07 is out"), writing():
            shelf.hand_out(shelf.key_set(stock.plant_set), shelf.person_of(cast, "chen"), cast)


def test_the_database_itself_refuses_a_second_open_line(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key_set(stock.plant_set), shelf.person_of(cast, "chen"), cast)
            other = shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.add(LoanLine(loan_id=other.id, key_id=stock.plant[0]))
        words = refusal(caught.value)
        assert isinstance(words, Conflict)
        assert "Look again who has it" in words.sentence


def test_the_database_refuses_loans_of_lost_and_retired_keys_whoever_writes(
    app: Flask, cast: Cast, stock: shelf.Stock
) -> None:
    with app.app_context():
        with writing():
            report_lost(shelf.key(stock.room), note="", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
            retire(shelf.key(stock.unit), actor=shelf.actor_of(cast, "zhou"), now=clock.now())
            loan = shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        for key_id in (stock.room, stock.unit):
            with pytest.raises(IntegrityError) as caught, writing():
                db.session.add(LoanLine(loan_id=loan.id, key_id=key_id))
            assert "lost or retired" in refused(caught)
        for column in ("lost_at", "retired_at"):
            with pytest.raises(IntegrityError) as caught, writing():
                db.session.execute(update(Key).where(Key.id == stock.roof).values({column: clock.now()}))
            assert "Take it back first" in refused(caught)


def test_lost_and_retired_keys_are_refused_in_words(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            report_lost(shelf.key(stock.plant[0]), note="", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
            retire(shelf.key(stock.room), actor=shelf.actor_of(cast, "zhou"), now=clock.now())
        for thing, words in (
            (shelf.key(stock.plant[0]), "was reported lost"),
            (shelf.key_set(stock.plant_set), "of this set is lost"),
            (shelf.key(stock.room), "is retired"),
        ):
            with pytest.raises(DomainError, match=words), writing():
                shelf.hand_out(thing, shelf.person_of(cast, "chen"), cast)


def test_a_class_lends_to_those_it_names_alone(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        for thing, who in (
            (shelf.key_set(stock.plant_set), shelf.worker()),
            (shelf.key(stock.plant[0]), shelf.host_of(cast)),
            (shelf.key(stock.pool), shelf.host_of(cast)),
        ):
            with pytest.raises(DomainError, match="Keys of this class are") as caught, writing():
                shelf.hand_out(thing, who, cast)
            assert caught.value.field == "borrower"
        with pytest.raises(DomainError, match="on its list alone"), writing():
            shelf.hand_out(shelf.key(stock.plant[0]), shelf.person_of(cast, "wu"), cast)
        with pytest.raises(DomainError, match="on its list alone"), writing():
            shelf.hand_out(shelf.key(stock.plant[0]), staff_without_account("王例", "+8613900000018"), cast)


def test_plant_room_keys_are_never_opened_to_outsiders_by_a_setting(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context(), pytest.raises(DomainError, match="never lent to outsiders"), writing():
        set_rules(
            site_id=cast.site_id,
            code=KeyClass.PLANT_ROOM,
            borrowers=frozenset({Borrower.STAFF, Borrower.CONTRACTOR}),
            actor=shelf.actor_of(cast, "he"),
            now=clock.now(),
        )


def test_without_a_custodian_plant_room_keys_stay_here(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            set_rules(
                site_id=cast.site_id,
                code=KeyClass.PLANT_ROOM,
                custodian_id=None,
                actor=shelf.actor_of(cast, "he"),
                now=clock.now(),
            )
        with pytest.raises(DomainError, match="Nobody is named who keeps"), writing():
            shelf.hand_out(shelf.key(stock.plant[0]), shelf.person_of(cast, "chen"), cast)


def test_the_due_time_is_neither_over_nor_past_the_class_s_limit(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        for minutes, words in ((-1, "is over"), (0, "is over"), (12 * 60 + 1, "at the latest")):
            with pytest.raises(DomainError, match=words) as caught, writing():
                shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast, minutes=minutes)
            assert caught.value.field == "due_at"


def test_a_unit_key_needs_the_owner_s_word(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context(), pytest.raises(DomainError, match="owner's or the agent's") as caught, writing():
        shelf.hand_out(shelf.key(stock.unit), shelf.worker(), cast, noted=Note("看房"))
    assert caught.value.field == "authority"


def test_a_visitor_must_be_in_the_building(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            visit = make.make_visit(
                shelf.site_of(cast),
                db.session.get_one(Purpose, cast.purpose_id),
                db.session.get_one(Unit, cast.unit_id),
                db.session.get_one(Host, cast.host_id),
            )
            who = visitor(visit.ref, site_id=cast.site_id, now=clock.now())
            loan = shelf.hand_out(shelf.key(stock.roof), who, cast)
            assert (loan.visit_id, loan.name) == (visit.id, "王五")
        with writing():
            sign_out(visit, how="desk", actor=shelf.actor_of(cast, "lisi"), now=clock.now(), despite=True)
        with pytest.raises(DomainError, match="not in the building"), reading():
            visitor(visit.ref, site_id=cast.site_id, now=clock.now())


def test_a_visitor_s_keys_are_known_to_whoever_asks_the_registers(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            visit = make.make_visit(
                shelf.site_of(cast),
                db.session.get_one(Purpose, cast.purpose_id),
                db.session.get_one(Unit, cast.unit_id),
            )
            who = visitor(visit.ref, site_id=cast.site_id, now=clock.now())
            shelf.hand_out(shelf.key(stock.roof), who, cast)
        with reading():
            (held,) = registers.holdings_of(visit.id)
            assert held.register.name == "keys"
            assert held.values["tag"] == "GG-01"
        with writing():
            return_keys([shelf.key(stock.roof)], actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        with reading():
            assert registers.holdings_of(visit.id) == []
