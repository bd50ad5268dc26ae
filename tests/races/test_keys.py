"""K3: however many tablets lend at once, a key is with one borrower; who comes second is told so in words."""

from datetime import timedelta
from random import Random

from flask import Flask
from sqlalchemy import func, select

from domain import clock
from domain.database import db, reading, writing
from domain.keys.approvals import approve
from domain.keys.loan_models import KeyApproval, KeyDecision, Loan, LoanLine
from tests import cabinet as shelf
from tests.cast import Cast
from tests.races import keys
from tests.races.race import Outcome, race

CLIENTS, TRIES = 8, 300


def test_no_key_is_with_two_borrowers(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        pool = keys.fill(cast.site_id)
        actor = shelf.actor_of(cast, "lisi")
    outcome = race(app, keys.client(pool, actor), clients=CLIENTS, tries=TRIES)
    assert outcome.broken == []
    assert outcome.tries == TRIES
    assert 0 < outcome.won < TRIES
    with app.app_context(), reading():
        assert keys.violations(pool) == []
        assert db.session.scalar(select(func.count()).select_from(Loan)) == outcome.won


def test_two_tablets_lend_the_same_key_in_the_same_second_and_one_of_them_does(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        stock = shelf.fill(cast)

    def turn(outcome: Outcome, chance: Random) -> None:
        who = shelf.person_of(cast, "chen")
        thing = shelf.key_set(stock.plant_set) if chance.random() < 0.5 else shelf.key(stock.plant[1])
        outcome.attempt(lambda: void(shelf.hand_out(thing, who, cast)))

    outcome = race(app, turn, clients=CLIENTS, tries=CLIENTS)
    assert outcome.broken == []
    assert outcome.won == 1
    assert sum(outcome.refused.values()) == CLIENTS - 1


def test_even_without_any_check_the_database_lets_one_through(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        stock = shelf.fill(cast)
    now = clock.now()

    def turn(outcome: Outcome, chance: Random) -> None:
        def write() -> None:
            loan = Loan(
                site_id=cast.site_id,
                number=chance.randrange(10**9),
                key_id=stock.roof,
                class_code="public",
                out_at=now,
                due_at=now + timedelta(hours=1),
                escalate_at=now + timedelta(hours=2),
                **shelf.worker().columns(),
            )
            db.session.add(loan)
            db.session.flush()
            db.session.add(LoanLine(loan_id=loan.id, key_id=stock.roof))

        outcome.attempt(write)

    outcome = race(app, turn, clients=CLIENTS, tries=4 * CLIENTS)
    assert (outcome.won, outcome.broken) == (1, [])
    assert list(outcome.refused) == ["Somebody else was lent this key a moment ago. Look again who has it."]


def test_an_approval_is_spent_by_one_of_many_and_answered_once_by_each(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        stock = shelf.fill(cast)
        approval_id = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, by=()).id

    def decide(outcome: Outcome, chance: Random) -> None:
        wu = shelf.actor_of(cast, "wu")
        outcome.attempt(lambda: approve(db.session.get_one(KeyApproval, approval_id), actor=wu, now=clock.now()))

    answered = race(app, decide, clients=CLIENTS, tries=CLIENTS)
    assert (answered.won, answered.broken) == (1, [])

    def spend(outcome: Outcome, chance: Random) -> None:
        approval = db.session.get_one(KeyApproval, approval_id)
        outcome.attempt(
            lambda: void(shelf.hand_out(shelf.key(stock.pool), shelf.worker(), cast, approval=approval, minutes=30))
        )

    spent = race(app, spend, clients=CLIENTS, tries=CLIENTS)
    assert (spent.won, spent.broken) == (1, [])
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(KeyDecision)) == 1


def void(_anything: object) -> None:
    """Do it for what it does."""
