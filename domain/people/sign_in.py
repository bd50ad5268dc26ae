"""Signing in, and what becomes of the session: locked, unlocked, moved to another site, ended."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from domain.codes import new_token
from domain.database import db
from domain.encryption import blind_index
from domain.errors import DomainError, NotAllowed
from domain.identity import SYSTEM, Actor
from domain.limits import PASSWORD_BY_ADDRESS, PASSWORD_BY_LOGIN, PASSWORD_EVERYWHERE
from domain.people import queries
from domain.people.authority import Held
from domain.people.history import note
from domain.people.models import Person, StaffSession
from domain.people.passwords import NOBODYS, hash_password, is_outdated, is_password
from domain.sites.models import Site
from domain.sites.queries import visible_to as sites_visible_to
from domain.text import N_

LONGEST_LOGIN = 64


class WrongPassword(DomainError):
    """Login and password do not belong together; which of them is wrong is not said."""

    def __init__(self) -> None:
        super().__init__(N_("User name or password is wrong."))


class NotTheOwnPassword(DomainError):
    """Somebody who is signed in did not type the own password."""

    def __init__(self) -> None:
        super().__init__(N_("This is not the password of your account."), field="password")


@dataclass(frozen=True)
class Proof:
    """A password that was right: whose, from where, by which hash, and a new hash where that was made with weaker
    settings.
    """

    person_id: int
    address: str
    by_hash: str
    new_hash: str | None


def normalise_login(typed: str) -> str:
    """The login as it is kept: width, case and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", typed).casefold().split())[:LONGEST_LOGIN]


def token_hash(token: str) -> str:
    """What the database keeps of a token that opens something."""
    return hashlib.sha256(token.encode()).hexdigest()


def _limited_by(*what: str) -> str:
    # A password typed into the wrong field must not stand in the table of limits.
    return blind_index(" ".join(what), "limits")


def prove(*, login: str, password: str, address: str, now: datetime) -> Proof:
    """Check a password, in a reading transaction: it takes as long for nobody as for somebody.

    Raises WrongPassword, and TooMany before anything is checked.
    """
    login = normalise_login(login)
    PASSWORD_BY_LOGIN.check(_limited_by(login, address), now=now)
    PASSWORD_EVERYWHERE.check(_limited_by(login), now=now)
    PASSWORD_BY_ADDRESS.check(_limited_by(address), now=now)
    person = queries.active(login)
    kept = person.password_hash if person else NOBODYS
    if not is_password(kept, password) or person is None:
        raise WrongPassword
    return Proof(person.id, address, kept, hash_password(password) if is_outdated(kept) else None)


def note_wrong(*, login: str, address: str, now: datetime) -> None:
    """Remember a refused sign-in: count it by login and by address, and write it into the history."""
    login = normalise_login(login)
    PASSWORD_BY_LOGIN.count(_limited_by(login, address), now=now)
    PASSWORD_EVERYWHERE.count(_limited_by(login), now=now)
    PASSWORD_BY_ADDRESS.count(_limited_by(address), now=now)
    note("sign_in_refused", queries.active(login), actor=SYSTEM, now=now, entered={"address": address})


def prove_again(person_id: int, *, session_id: int, password: str, now: datetime) -> None:
    """Check the own password of who is signed in; counted by session, so that no stranger can use up the tries.

    Raises NotTheOwnPassword, and TooMany before anything is checked.
    """
    PASSWORD_BY_LOGIN.check(f"session {session_id}", now=now)
    if not is_password(db.session.get_one(Person, person_id).password_hash, password):
        raise NotTheOwnPassword


def note_wrong_again(*, session_id: int, actor: Actor, now: datetime) -> None:
    """Remember that who is signed in did not type the own password."""
    PASSWORD_BY_LOGIN.count(f"session {session_id}", now=now)
    note("password_refused", actor.id, actor=actor, now=now)


def actor_of(person: Person, *, grants: frozenset[Held], site_id: int | None = None) -> Actor:
    """The person as who acts."""
    return Actor("staff", person.id, person.name, site_id, tuple(grants))


def site_to_begin(person: Person, grants: frozenset[Held]) -> int | None:
    """Where somebody starts to work: at the last site, the only one, the first one of all; else it is asked."""
    open_sites = list(db.session.scalars(sites_visible_to(actor_of(person, grants=grants))))
    ids = [site.id for site in open_sites]
    last = queries.last_site_id(person.id)
    if last in ids:
        return last
    return ids[0] if len(ids) == 1 or (ids and any(grant.site_id is None for grant in grants)) else None


def begin(person: Person, *, site_id: int | None, shared_device: bool, second_factor: bool, now: datetime) -> str:
    """Open a session for that person; returns its token."""
    token = new_token()
    db.session.add(
        StaffSession(
            token_hash=token_hash(token),
            person_id=person.id,
            site_id=site_id,
            shared_device=shared_device,
            second_factor_at=now if second_factor else None,
            created_at=now,
            seen_at=now,
        )
    )
    db.session.flush()
    return token


def sign_in(proof: Proof, *, shared_device: bool, now: datetime) -> str:
    """Open a session for who proved the password; returns its token. Raises WrongPassword when it was changed since."""
    person = db.session.get_one(Person, proof.person_id)
    if person.left_at is not None or person.password_hash != proof.by_hash:
        raise WrongPassword
    if proof.new_hash:
        person.password_hash = proof.new_hash
    PASSWORD_BY_LOGIN.clear(_limited_by(person.login, proof.address))
    grants = queries.grants_of(person.id)
    site_id = site_to_begin(person, grants)
    note(
        "signed_in",
        person,
        actor=actor_of(person, grants=grants, site_id=site_id),
        now=now,
        facts={"shared_device": shared_device, "site_id": site_id},
        entered={"address": proof.address},
    )
    return begin(person, site_id=site_id, shared_device=shared_device, second_factor=False, now=now)


def _change(session_id: int, **values: object) -> bool:
    done = db.session.execute(
        update(StaffSession).where(StaffSession.id == session_id, StaffSession.ended_at.is_(None)).values(**values),
        execution_options={"synchronize_session": False},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def renew(session_id: int) -> str:
    """Give the session another token, after whoever holds it proved more (ASVS 7.2.4); returns it."""
    token = new_token()
    _change(session_id, token_hash=token_hash(token))
    return token


def sign_out(*, session_id: int, actor: Actor, now: datetime) -> None:
    """End the own session."""
    if _change(session_id, ended_at=now):
        note("signed_out", actor.id, actor=actor, now=now)


def lock(*, session_id: int, actor: Actor, now: datetime) -> None:
    """Lock the own session until the password is typed again."""
    if _change(session_id, locked_at=now):
        note("locked", actor.id, actor=actor, now=now)


def unlock(*, session_id: int, actor: Actor, now: datetime) -> None:
    """Open a locked session again; the password was proved (`prove_again`)."""
    PASSWORD_BY_LOGIN.clear(f"session {session_id}")
    if _change(session_id, locked_at=None, seen_at=now):
        note("unlocked", actor.id, actor=actor, now=now)


def work_at(site_ref: str, *, session_id: int, actor: Actor, now: datetime) -> Site:
    """Work at another of the own sites from here on; raises NotAllowed for any other."""
    site = db.session.scalar(sites_visible_to(actor).where(Site.ref == site_ref))
    if site is None:
        raise NotAllowed(N_("You have no role at this site."))
    if _change(session_id, site_id=site.id):
        note("site_chosen", actor.id, actor=actor, now=now, facts={"site_id": site.id})
    return site


def end_sessions(
    person_id: int, *, actor: Actor, now: datetime, but: int | None = None, only: int | None = None
) -> int:
    """End the sessions of a person: all, all but one, or only one; returns how many.

    Who may is asked before: everybody for the own, `accounts.end_sessions` for somebody else's.
    """
    statement = select(StaffSession.id).where(StaffSession.person_id == person_id, StaffSession.ended_at.is_(None))
    if but is not None:
        statement = statement.where(StaffSession.id != but)
    if only is not None:
        statement = statement.where(StaffSession.id == only)
    ended = sum(_change(session_id, ended_at=now) for session_id in db.session.scalars(statement).all())
    if ended:
        note("sessions_ended", person_id, actor=actor, now=now, facts={"count": ended})
    return ended
