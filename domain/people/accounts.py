"""Accounts: somebody comes, changes, gets and loses roles, leaves."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain.codes import new_ref
from domain.database import db
from domain.emails import parse_email
from domain.errors import DomainError
from domain.identity import Actor
from domain.names import clean_name, name_problem
from domain.people import queries, resets, sign_in
from domain.people.authority import Held, must_grant, must_look_after
from domain.people.history import note
from domain.people.models import Grant, Person
from domain.people.passwords import NOBODYS
from domain.permissions import Role
from domain.phones import parse_phone
from domain.text import N_

LANGUAGES = ("zh_Hans", "en")
_LOGIN = re.compile(rf"[\w.@+-]{{2,{sign_in.LONGEST_LOGIN}}}")


def _login(typed: str) -> str:
    login = sign_in.normalise_login(typed)
    if not _LOGIN.fullmatch(login):
        raise DomainError(N_("2 to 64 letters, digits or . _ - @ +, such as zhangsan or QY-0217."), field="login")
    return login


def _name(typed: str) -> str:
    if problem := name_problem(typed):
        raise DomainError(problem, field="name")
    return clean_name(typed)


def _language(name: str) -> str:
    if name not in LANGUAGES:
        raise DomainError(N_("Choose one of those shown."), field="language")
    return name


def _phone(typed: str) -> str:
    return parse_phone(typed) if typed else ""


CLEANED = {"login": _login, "name": _name, "phone": _phone, "email": parse_email, "language": _language}
"""What can be entered about a person, and how it is read."""


def add_person(
    *,
    login: str,
    name: str,
    grants: Iterable[Held],
    actor: Actor,
    now: datetime,
    language: str = "zh_Hans",
    phone: str = "",
    email: str = "",
    password_hash: str = NOBODYS,
    must_change_password: bool = False,
) -> Person:
    """Make an account. Without a password nobody gets in by it until a link was used (`resets.make_reset_link`).

    Raises DomainError at its field, NotAllowed for a role beyond the actor's reach, Conflict by constraint when the
    login is taken.
    """
    typed = {"login": login, "name": name, "phone": phone, "email": email, "language": language}
    person = Person(
        ref=new_ref(),
        **{field: CLEANED[field](value) for field, value in typed.items()},
        password_hash=password_hash,
        password_changed_at=now,
        must_change_password=must_change_password,
        created_at=now,
    )
    must_look_after(actor, ())
    db.session.add(person)
    db.session.flush()
    note("added", person, actor=actor, now=now, entered=_entered(person))
    set_grants(person, grants, actor=actor, now=now)
    return person


def _entered(person: Person) -> dict[str, Any]:
    return {"login": person.login, "name": person.name, "phone": person.phone, "email": person.email}


def change_person(person: Person, *, actor: Actor, now: datetime, **typed: str) -> None:
    """Change login, name, phone, email or language, given by name; everybody may change the own language.

    Raises DomainError at its field, NotAllowed, Conflict by constraint when the login is taken.
    """
    if actor.id != person.id or set(typed) != {"language"}:
        must_look_after(actor, queries.grants_of(person.id))
    cleaned = {field: CLEANED[field](value) for field, value in typed.items()}
    changed = sorted(field for field, value in cleaned.items() if getattr(person, field) != value)
    for field in changed:
        setattr(person, field, cleaned[field])
    db.session.flush()
    if changed:
        note("changed", person, actor=actor, now=now, facts={"fields": changed}, entered=_entered(person))


def set_grants(person: Person, grants: Iterable[Held], *, actor: Actor, now: datetime) -> None:
    """Let the person hold exactly these roles; they count from the next request on.

    Raises NotAllowed for a role beyond the actor's reach, DomainError when nobody would be admin any more.
    """
    wanted, held = frozenset(grants), queries.grants_of(person.id)
    for grant in wanted ^ held:
        must_grant(actor, grant)
    _keep_an_admin(person, held=held, wanted=wanted, actor=actor)
    for row in db.session.scalars(select(Grant).where(Grant.person_id == person.id)).all():
        if Held(Role(row.role), row.site_id) not in wanted:
            db.session.delete(row)
    db.session.add_all(
        Grant(person_id=person.id, role=grant.role.value, site_id=grant.site_id) for grant in wanted - held
    )
    db.session.flush()
    for kind, changed in (("role_given", wanted - held), ("role_taken", held - wanted)):
        for grant in sorted(changed, key=lambda each: (each.role, each.site_id or 0)):
            note(kind, person, actor=actor, now=now, facts={"role": grant.role.value, "site_id": grant.site_id})


def _keep_an_admin(person: Person, *, held: frozenset[Held], wanted: frozenset[Held], actor: Actor) -> None:
    lost = {grant for grant in held - wanted if grant.role is Role.ADMIN}
    if not lost:
        return
    if actor.id == person.id and actor.kind == "staff" and not any(grant.role is Role.ADMIN for grant in wanted):
        raise DomainError(N_("You cannot take your own last admin role. Another admin can."), field="grants")
    if Held(Role.ADMIN, None) not in lost:
        return
    # Locked, so that two admins cannot take each other's role in the same moment.
    admins = db.session.scalars(
        select(Grant.person_id).where(Grant.role == Role.ADMIN.value, Grant.site_id.is_(None)).with_for_update()
    ).all()
    others = select(func.count()).where(Person.id.in_(set(admins) - {person.id}), Person.left_at.is_(None))
    if not db.session.scalar(others):
        raise DomainError(
            N_("Somebody must stay admin of all sites. Give the role to another one first."), field="grants"
        )


def person_left(person: Person, *, actor: Actor, now: datetime) -> None:
    """The person left: no way in any more, at once; the history keeps the name.

    Raises NotAllowed, and DomainError for the own account and for the last admin.
    """
    held = queries.grants_of(person.id)
    must_look_after(actor, held)
    if actor.kind == "staff" and actor.id == person.id:
        raise DomainError(N_("You cannot close your own account. Another admin can."))
    _keep_an_admin(person, held=held, wanted=frozenset(), actor=actor)
    person.left_at, person.password_hash = now, NOBODYS
    db.session.flush()
    resets.cancel_links(person, now=now)
    sign_in.end_sessions(person.id, actor=actor, now=now)
    note("left", person, actor=actor, now=now)


def end_sessions(person: Person, *, actor: Actor, now: datetime) -> int:
    """Sign the person out everywhere; returns from how many browsers. Raises NotAllowed."""
    must_look_after(actor, queries.grants_of(person.id))
    return sign_in.end_sessions(person.id, actor=actor, now=now)
