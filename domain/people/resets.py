"""Ways back in: a link for one use within a day, made by an admin, by the lead of the desk or on the console."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from domain.codes import new_token
from domain.database import db
from domain.errors import DomainError
from domain.identity import Actor
from domain.people import queries, sign_in
from domain.people.authority import must_reset
from domain.people.history import note
from domain.people.models import PasswordReset, Person
from domain.people.passwords import must_be_strong
from domain.sites.models import Site
from domain.text import N_

LASTS = timedelta(hours=24)


class SpentLink(DomainError):
    """The link was used, replaced, or is too old."""

    status = 410

    def __init__(self) -> None:
        super().__init__(N_("This link is no longer valid. Ask for a new one."))


def make_reset_link(person: Person, *, actor: Actor, now: datetime) -> str:
    """Make the link's token, to be shown once and handed over; earlier links of the person end.

    Raises NotAllowed, and DomainError for somebody who left.
    """
    must_reset(actor, queries.grants_of(person.id))
    if person.left_at is not None:
        raise DomainError(N_("Who left gets no way back in."))
    cancel_links(person, now=now)
    token = new_token()
    db.session.add(
        PasswordReset(token_hash=sign_in.token_hash(token), person_id=person.id, created_at=now, expires_at=now + LASTS)
    )
    db.session.flush()
    note("reset_made", person, actor=actor, now=now)
    return token


def cancel_links(person: Person, *, now: datetime) -> None:
    """Links that were made for the person open nothing any more."""
    db.session.execute(
        update(PasswordReset)
        .where(PasswordReset.person_id == person.id, PasswordReset.used_at.is_(None))
        .values(used_at=now),
        execution_options={"synchronize_session": False},
    )


def find(token: str, *, now: datetime) -> Person:
    """Whose password the link sets; raises SpentLink."""
    person = db.session.scalar(
        select(Person)
        .join(PasswordReset, PasswordReset.person_id == Person.id)
        .where(
            PasswordReset.token_hash == sign_in.token_hash(token),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > now,
            Person.left_at.is_(None),
        )
    )
    if person is None:
        raise SpentLink
    return person


def must_suit(password: str, *, login: str, name: str) -> None:
    """Raise WeakPassword unless it may become the password of whom these name."""
    sites = db.session.scalars(select(Site)).all()
    must_be_strong(password, not_in_it=[login, name, "Foyer", *(each for s in sites for each in (s.name, s.name_en))])


def use(token: str, *, password_hash: str, now: datetime) -> Person:
    """Set the password by the link, once; all sessions of the person end. Raises SpentLink."""
    person = find(token, now=now)
    used = db.session.execute(
        update(PasswordReset)
        .where(PasswordReset.token_hash == sign_in.token_hash(token), PasswordReset.used_at.is_(None))
        .values(used_at=now),
        execution_options={"synchronize_session": False},
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        raise SpentLink
    actor = sign_in.actor_of(person, grants=queries.grants_of(person.id))
    set_password(person, password_hash=password_hash, actor=actor, now=now)
    note("reset_used", person, actor=actor, now=now)
    return person


def set_password(
    person: Person, *, password_hash: str, actor: Actor, now: datetime, keep_session: int | None = None
) -> None:
    """Give the person another password (its hash is made before, outside the transaction); other sessions end."""
    person.password_hash, person.password_changed_at, person.must_change_password = password_hash, now, False
    db.session.flush()
    cancel_links(person, now=now)
    sign_in.end_sessions(person.id, but=keep_session, actor=actor, now=now)
    note("password_changed", person, actor=actor, now=now)
