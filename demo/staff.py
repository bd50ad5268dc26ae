"""One account for each role, with passwords that chance makes and one file tells."""

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import select

from demo.building import Building
from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.events import HOUSE
from domain.identity import SYSTEM, Actor
from domain.people.models import Grant, Person
from domain.people.passwords import hash_password
from domain.permissions import Role

FILE = "demo-accounts.txt"
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is misread or hard to type."""


@dataclass(frozen=True)
class Account:
    """A role of the demo, who has it, and where: at `one` site, at `both`, or `everywhere`, sites to come included."""

    role: Role
    login: str
    name: str
    where: Literal["one", "both", "everywhere"] = "one"


ACCOUNTS = (
    Account(Role.RECEPTIONIST, "lisi", "李四"),
    Account(Role.ATTENDANT, "chenyang", "陈样"),
    Account(Role.LEAD, "zhouli", "周例", "both"),
    Account(Role.SUPERVISOR, "wufan", "吴范"),
    Account(Role.MANAGER, "heyan", "何演", "everywhere"),
    Account(Role.ADMIN, "xushi", "许示", "everywhere"),
)


def hire(first: Building, second: Building, *, now: datetime) -> dict[str, Person]:
    """Make the accounts, with a password that nobody knows yet; people by login."""
    places: dict[str, list[int | None]] = {
        "one": [first.site.id],
        "both": [first.site.id, second.site.id],
        "everywhere": [None],
    }
    people = {}
    for account in ACCOUNTS:
        person = Person(
            ref=new_ref(),
            login=account.login,
            name=account.name,
            email=f"{account.login}@example.com",
            language="zh_Hans",
            password_hash="",
            password_changed_at=now,
            created_at=now,
        )
        db.session.add(person)
        db.session.flush()
        for site_id in places[account.where]:
            db.session.add(Grant(person_id=person.id, role=account.role, site_id=site_id))
        events.record(
            "person.entered",
            site_id=HOUSE,
            subject="person",
            subject_id=person.id,
            actor=SYSTEM,
            now=now,
            facts={"role": account.role, "site_ids": places[account.where]},
            entered={"login": account.login, "name": account.name},
        )
        people[account.login] = person
    db.session.flush()
    return people


def actor_of(person: Person, building: Building) -> Actor:
    """That person at work in the building."""
    return Actor("staff", person.id, person.name, building.site.id)


def give_passwords(folder: Path, *, now: datetime) -> Path:
    """Set new passwords and write `role<TAB>user<TAB>password` lines that the owner alone may read; gives the file."""
    people = {person.login: person for person in db.session.scalars(select(Person))}
    lines = []
    for account in ACCOUNTS:
        if account.login in people:
            password = "".join(secrets.choice(SIGNS) for _ in range(16))
            person = people[account.login]
            person.password_hash, person.password_changed_at = hash_password(password), now
            lines.append(f"{account.role}\t{account.login}\t{password}\n")
    db.session.flush()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(lines)
    return path
