"""K4: restricted is denied unless granted; approvers are others than the borrower, and each other."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain import clock
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.keys import approvals, rules
from domain.keys.approval_queries import ready_for, state_of, waiting_for
from domain.keys.approvals import ask_approval, deny
from domain.keys.classes import KeyClass
from domain.keys.loan_models import KeyApproval, KeyDecision, Loan
from domain.keys.returns import return_keys
from domain.keys.rules import set_rules
from domain.notices import Notice
from domain.people.models import Person
from tests import cabinet as shelf
from tests.cabinet import refused
from tests.cast import Cast


def test_without_an_approval_the_key_stays(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with pytest.raises(DomainError, match="needs an approval"), writing():
            shelf.hand_out(shelf.key(stock.pool), shelf.worker(), cast)
        with writing():
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, by=())
        with pytest.raises(DomainError, match="not complete"), writing():
            shelf.hand_out(shelf.key(stock.pool), shelf.worker(), cast, approval=approval)


def test_a_granted_approval_serves_once_for_that_key_and_borrower(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast)
        for who in (shelf.worker("何样"), shelf.person_of(cast, "chen")):
            with pytest.raises(DomainError, match="something else"), writing():
                shelf.hand_out(shelf.key(stock.pool), who, cast, approval=approval)
        with writing():
            loan = shelf.hand_out(shelf.key(stock.pool), shelf.worker(), cast, approval=approval)
            assert loan.purpose == "换水泵"
            return_keys([shelf.key(stock.pool)], actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        with pytest.raises(Conflict, match="used for another loan"), writing():
            shelf.hand_out(shelf.key(stock.pool), shelf.worker(), cast, approval=approval)


def test_an_approval_does_not_stretch_past_the_time_it_was_given_for(
    app: Flask, cast: Cast, stock: shelf.Stock
) -> None:
    with app.app_context():
        with writing():
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, minutes=30)
        with pytest.raises(DomainError, match="given until"), writing():
            shelf.hand_out(shelf.key(stock.pool), shelf.worker(), cast, approval=approval, minutes=60)


def test_it_runs_out(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, minutes=240)
        later = clock.now() + approvals.LASTS
        with pytest.raises(DomainError, match="too old"), writing():
            shelf.hand_out(shelf.key(stock.pool), shelf.worker(), cast, approval=approval, now=later, minutes=10)


def test_receptionists_borrowers_and_strangers_do_not_approve(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            approval = shelf.approved(shelf.key(stock.pool), shelf.person_of(cast, "wu"), cast, by=())
        for login, words in (
            ("lisi", "does not approve"),
            ("zhou", "does not approve"),
            ("qian", "does not approve"),
            ("wu", "You are the borrower"),
        ):
            with pytest.raises(DomainError, match=words), writing():
                approvals.approve(approval, actor=shelf.actor_of(cast, login), now=clock.now())
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.add(
                KeyDecision(approval_id=approval.id, person_id=cast.people["wu"], granted=True, decided_at=clock.now())
            )
        assert "You are the borrower" in refused(caught)


def test_two_approvers_are_two_people(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            set_rules(
                site_id=cast.site_id,
                code=KeyClass.RESTRICTED,
                approvals=2,
                actor=shelf.actor_of(cast, "he"),
                now=clock.now(),
            )
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast)
            assert state_of(approval, now=clock.now()) == "waiting"
        with pytest.raises(Conflict, match="answered this already"), writing():
            approvals.approve(approval, actor=shelf.actor_of(cast, "wu"), now=clock.now())
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.add(
                KeyDecision(approval_id=approval.id, person_id=cast.people["wu"], granted=True, decided_at=clock.now())
            )
        assert "another person's" in refused(caught)
        with writing():
            approvals.approve(approval, actor=shelf.actor_of(cast, "he"), now=clock.now())
            shelf.hand_out(shelf.key(stock.pool), shelf.worker(), cast, approval=approval)


def test_one_refusal_is_enough_and_words_stay(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, by=())
            deny(approval, actor=shelf.actor_of(cast, "wu"), now=clock.now(), reason="未安排救生员")
        with pytest.raises(DomainError, match="was refused"), writing():
            shelf.hand_out(shelf.key(stock.pool), shelf.worker(), cast, approval=approval)
        for change in (
            update(KeyDecision).values(granted=True),
            update(KeyApproval).values(person_id=cast.people["wu"], borrower="staff"),
            db.delete(KeyDecision),
        ):
            with pytest.raises(IntegrityError), writing():
                db.session.execute(change)


def test_the_database_takes_no_loan_with_an_ungranted_approval(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, by=())
        now = clock.now()
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.add(
                Loan(
                    site_id=cast.site_id,
                    number=77,
                    key_id=stock.pool,
                    class_code="restricted",
                    approval_id=approval.id,
                    out_at=now,
                    due_at=now + timedelta(hours=1),
                    escalate_at=now + timedelta(hours=2),
                    **shelf.worker().columns(),
                )
            )
        assert "does not hold" in refused(caught)


def test_approvers_are_told_and_see_what_waits_for_them(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context():
        with writing():
            db.session.get_one(Person, cast.people["wu"]).email = "wu@example.com"
            db.session.get_one(Person, cast.people["lisi"]).email = "lisi@example.com"
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, by=())
        with reading():
            told = db.session.scalars(select(Notice).where(Notice.subject == "key_approval")).all()
            assert [(one.kind, one.recipient_id) for one in told] == [("key.approval_asked", cast.people["wu"])]
            waits = {login: waiting_for(shelf.actor_of(cast, login), now=clock.now()) for login in ("wu", "lisi")}
            assert [one.id for one in waits["wu"]] == [approval.id]
            assert waits["lisi"] == []
        with writing():
            approvals.approve(approval, actor=shelf.actor_of(cast, "wu"), now=clock.now())
        with reading():
            assert waiting_for(shelf.actor_of(cast, "he"), now=clock.now()) == []
            ready = ready_for(shelf.key(stock.pool), shelf.worker(), now=clock.now())
            assert ready is not None
            assert ready.id == approval.id
            kinds = db.session.scalars(select(Notice.kind).where(Notice.recipient_id == cast.people["lisi"])).all()
            assert kinds == ["key.approval_granted"]


def test_the_same_is_not_asked_twice_and_not_where_nothing_needs_asking(
    app: Flask, cast: Cast, stock: shelf.Stock
) -> None:
    with app.app_context():
        with writing():
            approval = shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, by=())
        with pytest.raises(Conflict, match="waits for an answer"), writing():
            shelf.approved(shelf.key(stock.pool), shelf.worker(), cast, by=())
        with pytest.raises(DomainError, match="needs no approval"), writing():
            shelf.approved(shelf.key(stock.roof), shelf.worker(), cast, by=())
        with writing():
            approvals.withdraw(approval, actor=shelf.actor_of(cast, "lisi"), now=clock.now())
            shelf.approved(shelf.key(stock.pool), shelf.worker(), cast)


def test_staff_beside_the_list_need_what_the_site_says(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context(), writing():
        set_rules(
            site_id=cast.site_id,
            code=KeyClass.PLANT_ROOM,
            unlisted_approvals=1,
            actor=shelf.actor_of(cast, "he"),
            now=clock.now(),
        )
        asked = ask_approval(
            shelf.key_set(stock.plant_set),
            who=shelf.person_of(cast, "zhou"),
            purpose="抄表",
            due_at=clock.now() + timedelta(hours=1),
            actor=shelf.actor_of(cast, "lisi"),
            now=clock.now(),
        )
        approvals.approve(asked, actor=shelf.actor_of(cast, "wu"), now=clock.now())
        loan = shelf.hand_out(shelf.key_set(stock.plant_set), shelf.person_of(cast, "zhou"), cast, approval=asked)
        assert loan.approval_id == asked.id


def test_nobody_puts_the_own_name_on_a_list(app: Flask, cast: Cast, stock: shelf.Stock) -> None:
    with app.app_context(), pytest.raises(DomainError, match="Somebody else has to put you"), writing():
        rules.list_person(
            db.session.get_one(Person, cast.people["he"]),
            code=KeyClass.PLANT_ROOM,
            site_id=cast.site_id,
            actor=shelf.actor_of(cast, "he"),
            now=clock.now(),
        )
