"""Checking the seals of a site, and what the last check said; a printed head held against those that are kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain import events
from domain.database import db, reading, writing
from domain.events import Event
from domain.identity import SYSTEM, Actor
from domain.permissions import Permission
from domain.review import sealing, verification
from domain.review.models import Review, Seal
from domain.review.verification import Problem

LISTED = 25
SHORTEST_HEAD = 8


def look(site_id: int) -> list[Problem]:
    """What is wrong at the site; takes its time on a long history. Call while reading."""
    return list(verification.of_site(site_id))


def note(site_id: int, found: list[Problem], *, actor: Actor, now: datetime) -> None:
    """Remember that the seals were checked, what was found, and the newest seal: it cannot be taken back unnoticed."""
    if actor.kind != "system":
        actor.must(Permission.REVIEW_READ, site_id)
    end = sealing.end_of(site_id)
    events.record(
        "seals.checked",
        site_id=site_id,
        subject="seals",
        subject_id=site_id,
        actor=actor,
        now=now,
        facts={
            "whole": not found,
            "found": [[problem.sentence, _plain(problem.values)] for problem in found],
            "seal": end.number,
            "head": end.head,
        },
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def check_everywhere(*, now: datetime) -> None:
    """Check every site that has seals; call outside of any transaction."""
    with reading():
        sites = [site_id for site_id in sealing.sites() if site_id > events.HOUSE]
    for site_id in sites:
        with reading():
            found = look(site_id)
        with writing():
            note(site_id, found, actor=SYSTEM, now=now)


def last_check(site_id: int) -> Any:
    """When the seals were checked last, and what was found; None before the first time."""
    return db.session.execute(
        select(Event.at, Event.facts)
        .where(
            Event.subject == "seals",
            Event.subject_id == site_id,
            Event.site_id == site_id,
            Event.kind == "seals.checked",
        )
        .order_by(Event.number.desc())
        .limit(1)
    ).first()


def seals_of(site_id: int, *, before: str = "") -> list[Any]:
    """Seals of the site, newest first, with the signature that closed each; from the one of that head on. One more than
    is listed tells that there are more."""
    statement = (
        select(Seal.number, Seal.first_event, Seal.last_event, Seal.made_at, Seal.head, Review.ref, Review.register)
        .outerjoin(Review, (Review.site_id == Seal.site_id) & (Review.seal_number == Seal.number))
        .where(Seal.site_id == site_id)
        .order_by(Seal.number.desc())
        .limit(LISTED + 1)
    )
    if before:
        edge = select(func.min(Seal.number)).where(Seal.site_id == site_id, Seal.head == before).scalar_subquery()
        statement = statement.where(Seal.number < edge)
    return list(db.session.execute(statement))


def with_head(site_id: int, typed: str) -> Any:
    """The seal whose head begins with what was typed from paper, or None; too little to tell is None too."""
    wanted = "".join(sign for sign in typed.lower() if sign in "0123456789abcdef")
    if len(wanted) < SHORTEST_HEAD:
        return None
    return db.session.execute(
        select(Seal.number, Seal.made_at, Seal.head)
        .where(Seal.site_id == site_id, Seal.head.startswith(wanted))
        .limit(1)
    ).first()
