"""P2: signatures go after 72 hours, borrowers' names after the site's days; loans, and names of the staff, stay."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, text

from domain import clock, search
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import SYSTEM
from domain.keys.erasure import erase_borrowers, erase_signatures
from domain.keys.loan_models import Loan
from domain.keys.reservations import reserve
from domain.keys.returns import return_keys
from domain.slips.erasure import erase_slips
from domain.slips.models import Nature, Slip, Source
from domain.slips.operations import close, write
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast
from tests.found import indexed

CANARY = "卡纳瑞"
PHONE = "+8613900008888"


def everything() -> str:
    """All rows of all tables that may hold something personal."""
    tables = (
        *("loans", "loan_lines", "key_approvals", "key_reservations", "event_details", "notices", "slips"),
        *("slip_steps", "search_grams", "search_new_grams"),
    )
    rows = [row for table in tables for row in db.session.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608
    return str(list(map(tuple, rows)))  # a row itself shows the beginnings of long texts alone


def test_signatures_go_after_72_hours_and_no_sooner(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        now = clock.now()
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
            shelf.hand_out(shelf.key(stock.room), shelf.host_of(cast), cast)
            return_keys([shelf.key(stock.roof)], actor=shelf.actor_of(cast, "lisi"), now=now)
        assert erase_signatures(actor=SYSTEM, now=now + timedelta(hours=72)) == 0
        assert erase_signatures(actor=SYSTEM, now=now + timedelta(hours=73)) == 1
        assert erase_signatures(actor=SYSTEM, now=now + timedelta(days=400)) == 0
        with reading():
            left = db.session.execute(select(Loan.key_id, Loan.signature, Loan.acknowledged_how).order_by(Loan.id))
            assert [(row.key_id, row.signature is None, row.acknowledged_how) for row in left] == [
                (stock.roof, True, "signature"),
                (stock.room, False, "signature"),
            ]


def test_nothing_of_an_outsider_is_left_after_the_site_s_days(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        now, lisi = clock.now(), shelf.actor_of(cast, "lisi")
        outsider = shelf.worker(CANARY, PHONE)
        with writing():
            loan = shelf.hand_out(shelf.key(stock.roof), outsider, cast)
            return_keys([shelf.key(stock.roof)], actor=lisi, now=now, brought_by=f"{CANARY}的同事", condition="完好")
            staff = shelf.hand_out(shelf.key(stock.room), shelf.person_of(cast, "chen"), cast)
            return_keys([shelf.key(stock.room)], actor=lisi, now=now, brought_by=CANARY)
            return_keys([shelf.key(stock.pool)], actor=lisi, now=now, brought_by=CANARY)
            shelf.approved(shelf.key(stock.pool), outsider, cast)
            reserve(
                shelf.key(stock.roof),
                who=outsider,
                starts_at=now + timedelta(hours=1),
                ends_at=now + timedelta(hours=2),
                purpose=CANARY,
                actor=lisi,
                now=now,
            )
            slip = write(
                site_id=cast.site_id,
                nature=Nature.COMPLAINT,
                source=Source.DESK,
                matter=f"{CANARY}说电梯异响",
                name=CANARY,
                phone=PHONE,
                actor=lisi,
                now=now,
            )
            close(slip, outcome=f"已答复{CANARY}", actor=lisi, now=now)
        later = now + timedelta(days=91)
        with reading():
            assert CANARY in everything()
        assert erase_borrowers(actor=SYSTEM, now=now + timedelta(days=89)) == 0
        assert erase_borrowers(actor=SYSTEM, now=later) == 3
        assert erase_slips(actor=SYSTEM, now=later) == 1
        with reading():
            assert CANARY not in everything()
            assert PHONE not in everything()
            kept = db.session.get_one(Loan, loan.id)
            assert (kept.number, kept.key_id, kept.name) == (1, stock.roof, "")
            assert db.session.get_one(Loan, staff.id).name == "Chen"
            assert db.session.get_one(Slip, slip.id).state == "closed"
            assert indexed(search.LOAN, search.SLIP) == {staff.id}


def test_the_history_stays_without_its_personal_part(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        now = clock.now()
        with writing():
            loan = shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
            return_keys([shelf.key(stock.roof)], actor=shelf.actor_of(cast, "lisi"), now=now, condition="完好")
        erase_borrowers(actor=SYSTEM, now=now + timedelta(days=91))
        with reading():
            lines = db.session.execute(
                select(Event.kind, Event.digest, EventDetail.entered)
                .outerjoin(EventDetail, (EventDetail.site_id == Event.site_id) & (EventDetail.number == Event.number))
                .where(Event.subject == "loan", Event.subject_id == loan.id)
                .order_by(Event.number)
            ).all()
            assert [line.kind for line in lines] == ["loan.lent", "loan.returned"]
            assert all(line.digest and line.entered is None for line in lines)


def test_who_still_has_a_key_is_not_erased(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            loan = shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        assert erase_borrowers(actor=SYSTEM, now=clock.now() + timedelta(days=400)) == 0
        with reading():
            assert db.session.get_one(Loan, loan.id).name == "冯样"
