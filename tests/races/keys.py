"""The race for keys (K3): few keys, some of them in sets, and many tablets that lend, take back and report lost."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sqlalchemy import func, select

from domain import clock
from domain.database import db
from domain.events import Event
from domain.identity import SYSTEM, Actor
from domain.keys import sets
from domain.keys.acknowledgements import Acknowledged
from domain.keys.borrowers import contractor
from domain.keys.cabinet import add_cabinet, add_key
from domain.keys.classes import KeyClass
from domain.keys.loan_models import Loan, LoanLine
from domain.keys.loans import Note, lend
from domain.keys.losses import report_lost
from domain.keys.models import Key, KeySet
from domain.keys.queries import Thing, keys_of
from domain.keys.returns import return_keys
from tests.races.race import Client, Outcome

KEYS, IN_A_SET = 12, 3
SETS = 3
SETS_TRIED = 0.3


@dataclass(frozen=True)
class Pool:
    """What is fought for: twelve keys, nine of them also as three sets."""

    site_id: int
    keys: tuple[int, ...]
    sets: tuple[int, ...]


def fill(site_id: int) -> Pool:
    """Hang them; call inside `writing()`."""
    now = clock.now()
    cabinet = add_cabinet(site_id=site_id, name="R", hooks=KEYS, actor=SYSTEM, now=now)
    keys = [
        add_key(
            cabinet=cabinet,
            hook=number + 1,
            tag=f"RC-{number:02d}",
            opens=f"门 {number}",
            class_code=KeyClass.PUBLIC,
            actor=SYSTEM,
            now=now,
        )
        for number in range(KEYS)
    ]
    key_sets = [
        sets.add_set(
            keys[number * IN_A_SET : (number + 1) * IN_A_SET], tag=f"RS-{number}", opens="套", actor=SYSTEM, now=now
        )
        for number in range(SETS)
    ]
    return Pool(site_id, tuple(key.id for key in keys), tuple(one.id for one in key_sets))


def client(pool: Pool, actor: Actor) -> Client:
    """A tablet that tries to lend something, and now and then takes something back or loses it.

    Only the tries to lend are counted; taking back and losing are there so that keys come round, and must not break.
    """

    def turn(outcome: Outcome, chance: Random) -> None:
        is_set = chance.random() < SETS_TRIED
        thing_id = chance.choice(pool.sets if is_set else pool.keys)

        def find() -> Thing:
            return db.session.get_one(KeySet, thing_id) if is_set else db.session.get_one(Key, thing_id)

        def lend_it() -> None:
            now = clock.now()
            lend(
                find(),
                who=contractor("冯样", "+8613900000017"),
                noted=Note("赛跑"),
                due_at=now + timedelta(hours=1),
                acknowledged=Acknowledged.PAPER,
                actor=actor,
                now=now,
            )

        def take_back() -> None:
            return_keys(keys_of(find()), actor=actor, now=clock.now())

        def lose() -> None:
            report_lost(db.session.get_one(Key, chance.choice(pool.keys)), note="", actor=actor, now=clock.now())

        beside = Outcome()
        outcome.attempt(lend_it)
        if chance.random() < 0.5:
            beside.attempt(take_back)
        if chance.random() < 0.02:
            beside.attempt(lose)
        outcome.broken += beside.broken

    return turn


def violations(pool: Pool) -> list[str]:
    """What must never be, read from the history in its order: a key lent while it is out or lost; and from the rows."""
    out: set[int] = set()
    lost: set[int] = set()
    found: list[str] = []
    events = db.session.execute(
        select(Event.number, Event.kind, Event.subject_id, Event.facts)
        .where(
            Event.site_id == pool.site_id,
            Event.kind.in_(("loan.lent", "loan.returned", "loan.key_lost", "key.lost", "key.found")),
        )
        .order_by(Event.number)
    )
    for number, kind, subject_id, facts in events:
        match kind:
            case "loan.lent":
                keys = set(facts["key_ids"])
                found += [f"event {number}: key {key} was out already" for key in sorted(keys & out)]
                found += [f"event {number}: key {key} was lost" for key in sorted(keys & lost)]
                out |= keys
            case "loan.returned" | "loan.key_lost":
                keys = set(facts["key_ids"])
                found += [f"event {number}: key {key} was not out" for key in sorted(keys - out)]
                out -= keys
            case "key.lost":
                lost.add(subject_id)
            case "key.found":
                lost.discard(subject_id)
    open_lines = db.session.execute(
        select(LoanLine.key_id, func.count().label("lines"))
        .where(LoanLine.ended_at.is_(None))
        .group_by(LoanLine.key_id)
    ).all()
    found += [f"key {row.key_id} has {row.lines} open lines" for row in open_lines if row.lines > 1]
    if {row.key_id for row in open_lines} != out:
        found.append("the rows and the history differ about what is out")
    half_open = select(LoanLine.id).where(LoanLine.loan_id == Loan.id, LoanLine.ended_at.is_(None)).exists()
    wrong = select(func.count()).select_from(Loan).where((Loan.ended_at.is_(None)) != half_open)
    if db.session.scalar(wrong):
        found.append("a loan has ended while a key of it is out, or goes on without any")
    return found
