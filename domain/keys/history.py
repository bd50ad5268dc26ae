"""Lines of history about a key, a set and a loan, and what a key is found by."""

from datetime import datetime
from typing import Any

from domain import events, grams, search
from domain.database import db
from domain.identity import Actor
from domain.keys.loan_models import Loan
from domain.keys.models import Cabinet, Key, KeySet
from domain.keys.queries import Thing, hook_label
from domain.occupants.models import Unit
from domain.phones import last_four


def of_key(
    kind: str,
    thing: Thing,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    entered: dict[str, Any] | None = None,
) -> None:
    """Add a line about a key or a set; both are told by their tag."""
    events.record(
        kind,
        site_id=thing.site_id,
        subject="key" if isinstance(thing, Key) else "key_set",
        subject_id=thing.id,
        actor=actor,
        now=now,
        facts={"tag": thing.tag, **(facts or {})},
        entered=entered,
    )


def of_loan(
    kind: str,
    loan: Loan,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    entered: dict[str, Any] | None = None,
) -> None:
    """Add a line about a loan."""
    events.record(
        kind,
        site_id=loan.site_id,
        subject="loan",
        subject_id=loan.id,
        actor=actor,
        now=now,
        facts={"number": loan.number, **(facts or {})},
        entered=entered,
    )


def index_key(key: Key, *, is_new: bool = False) -> None:
    """Make a key findable by tag, hook, what it opens, its unit and its set; a retired one by nothing."""
    found_by = _grams_of_key(key) if not key.retired_at else set()
    search.index(site_id=key.site_id, kind=search.KEY, subject_id=key.id, found_by=found_by, is_new=is_new)


def _grams_of_key(key: Key) -> set[str]:
    texts = [key.tag, key.opens, hook_label(db.session.get_one(Cabinet, key.cabinet_id).name, key.hook)]
    if key.unit_id is not None:
        unit = db.session.get_one(Unit, key.unit_id)
        texts += [unit.number, unit.company]
    if key.set_id is not None:
        texts.append(db.session.get_one(KeySet, key.set_id).tag)
    return set().union(*(grams.grams_of_text(text) for text in texts if text))


def grams_of_borrower(name: str, phone: str) -> set[str]:
    """What a loan is found by: who has it."""
    found_by = grams.grams_of_name(name) if name else set()
    return found_by | (grams.grams_of_digits(phone) | {last_four(phone)} if phone else set())


def index_loan(loan: Loan) -> None:
    """Make a new loan findable by its borrower."""
    search.index(
        site_id=loan.site_id,
        kind=search.LOAN,
        subject_id=loan.id,
        found_by=grams_of_borrower(loan.name, loan.phone),
        is_new=True,
    )
