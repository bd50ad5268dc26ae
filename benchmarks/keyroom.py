"""Keys for the data set: cabinets of 100 hooks with 5,000 keys, and as many past loans as there are visits."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select, update

from benchmarks.bulk import Loader
from demo import names
from domain import clock
from domain.codes import new_ref
from domain.database import db, writing
from domain.identity import Actor
from domain.keys.borrowers import Who
from domain.keys.classes import Borrower, KeyClass
from domain.keys.history import grams_of_borrower, index_key
from domain.keys.loan_models import Loan, LoanLine
from domain.keys.loans import Note, lend
from domain.keys.models import Cabinet, Key, KeyTag
from domain.permissions import Role
from domain.search import LOAN, SearchGram
from domain.sites.models import DailyNumber
from domain.sites.numbers import ALWAYS

CABINETS, HOOKS = 50, 100
BORROWERS = 20_000
BATCH = 50_000
OUT = 12
"""Loans that are out while the pages are measured, as on the drawing of the desk."""
GRAM_COLUMNS = ["site_id", "kind", "gram", "subject_id"]
LOAN_COLUMNS = [column.name for column in Loan.__table__.columns]
LINE_COLUMNS = [column.name for column in LoanLine.__table__.columns]
KEYS = CABINETS * HOOKS


def furnish(url: str, site_id: int, desk: Actor, loans: int, *, now: datetime) -> None:
    """Hang the keys and write down the loans; every key is back afterwards."""
    with writing():
        _hang(site_id, now - timedelta(days=4_000))
        first = db.session.scalar(select(func.min(Key.id)).where(Key.site_id == site_id))
    db.session.remove()
    assert first is not None
    chance = Random(4)
    people = [(names.person_name(chance), names.mobile(90_000_000 + n)) for n in range(BORROWERS)]
    found_by = [sorted(grams_of_borrower(*person)) for person in people]
    loader, made = Loader(url), 0
    while made < loans:
        many = range(made + 1, min(made + BATCH, loans) + 1)
        loader.load(Loan.__table__, LOAN_COLUMNS, _loans(many, loans, site_id, desk, first, people, now))  # type: ignore[arg-type]
        loader.load(LoanLine.__table__, LINE_COLUMNS, _lines(many, loans, desk, first, now))  # type: ignore[arg-type]
        grams = sorted((site_id, LOAN, gram, n) for n in many for gram in found_by[n % BORROWERS])
        loader.load(SearchGram.__table__, GRAM_COLUMNS, grams)  # type: ignore[arg-type]
        made = many[-1]
        print(f"  {made:,} of {loans:,} loans", flush=True)
    loader.load(DailyNumber.__table__, ["site_id", "series", "day", "last"], [(site_id, "keys", ALWAYS, loans)])  # type: ignore[arg-type]
    loader.finish("loans", "loan_lines")


def _hang(site_id: int, at: datetime) -> None:
    for number in range(1, CABINETS + 1):
        cabinet = Cabinet(ref=new_ref(), site_id=site_id, name=str(number), hooks=HOOKS, position=number)
        db.session.add(cabinet)
        db.session.flush()
        keys = [
            Key(
                ref=new_ref(),
                site_id=site_id,
                tag=f"K{number:02d}-{hook:03d}",
                cabinet_id=cabinet.id,
                hook=hook,
                opens=f"{number} 层 {hook} 号门",
                class_code=KeyClass.PUBLIC,
                created_at=at,
            )
            for hook in range(1, HOOKS + 1)
        ]
        db.session.add_all(keys)
        db.session.flush()
        db.session.add_all(KeyTag(site_id=site_id, tag=key.tag, key_id=key.id) for key in keys)
        db.session.flush()
        for key in keys:
            index_key(key, is_new=True)


def _span(n: int, loans: int, now: datetime) -> tuple[datetime, datetime]:
    """When the n-th loan went out and came back: one after another over the years, the last a day ago."""
    out = now - timedelta(days=1) - (loans - n) * timedelta(minutes=2)
    return out, out + timedelta(minutes=20 + n % 100)


def _loans(
    many: range, loans: int, site_id: int, desk: Actor, first: int, people: list[tuple[str, str]], now: datetime
) -> Iterator[list[Any]]:
    for n in many:
        out, back = _span(n, loans, now)
        name, phone = people[n % BORROWERS]
        row = {
            "id": n,
            "ref": new_ref(),
            "site_id": site_id,
            "number": n,
            "key_id": first + n % KEYS,
            "class_code": KeyClass.PUBLIC,
            "borrower": Borrower.CONTRACTOR,
            "name": name,
            "phone": phone,
            "purpose": "检修",
            "authority": "",
            "escort": "",
            "handed_out_by_id": desk.id,
            "out_at": out,
            "due_at": out + timedelta(hours=2),
            "escalate_at": out + timedelta(hours=4),
            "ended_at": back,
            "chased": 0,
            "lost": False,
            "acknowledged_how": "paper",
            "acknowledged_at": out,
        }
        yield [row.get(column) for column in LOAN_COLUMNS]


def _lines(many: range, loans: int, desk: Actor, first: int, now: datetime) -> Iterator[list[Any]]:
    for n in many:
        row = {
            "id": n,
            "loan_id": n,
            "key_id": first + n % KEYS,
            "ended_at": _span(n, loans, now)[1],
            "ended_how": "returned",
            "condition": "",
            "brought_by": "",
            "confirmed": True,
            "taken_by_id": desk.id,
        }
        yield [row.get(column) for column in LINE_COLUMNS]


def tidy(site_id: int, person_id: int) -> None:
    """Take back what an earlier run lent, and lend anew what is out on the drawing of the desk."""
    now = clock.now()
    desk = Actor("staff", person_id, "", site_id, ((Role.RECEPTIONIST, site_id),))
    with writing():
        out = select(Loan.id).where(Loan.ended_at.is_(None), Loan.site_id == site_id)
        lines = update(LoanLine).where(LoanLine.loan_id.in_(out), LoanLine.ended_at.is_(None))
        whole = update(Loan).where(Loan.ended_at.is_(None), Loan.site_id == site_id)
        for statement in (lines.values(ended_at=now, ended_how="returned"), whole.values(ended_at=now)):
            db.session.execute(statement, execution_options={"synchronize_session": False})
    with writing():
        keys = db.session.scalars(select(Key).where(Key.site_id == site_id).order_by(Key.id).limit(OUT)).all()
        for place, key in enumerate(keys):
            lend(
                key,
                who=Who(Borrower.CONTRACTOR, f"借用{place}", names.mobile(95_000_000 + place)),
                noted=Note("检修"),
                due_at=now + timedelta(minutes=30 + 40 * place),
                actor=desk,
                now=now,
                acknowledged=None,
            )
    db.session.remove()
