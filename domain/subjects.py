"""A person asks what is kept of them (P3): found across the table of registers and in what nouns keep beside it, shown
in full, erased where nothing stands against it. A noun registers how its entries are erased, and what it keeps of
people outside of its register, in its `erasure.py`; what still runs stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain import events, history, registers
from domain.database import db
from domain.errors import DomainError
from domain.identity import Actor
from domain.permissions import Permission
from domain.registers import Column, Register
from domain.text import N_

MOST = 200
IDENTITY = {
    "document": N_("Identity document shown"),
    "callback": N_("Called on the phone number of the entry, and answered"),
    "code": N_("Badge or invitation code shown"),
}


@dataclass(frozen=True)
class Erasing:
    """How one register erases: `kept` says of a row why it cannot be erased yet ("" when it can), `erase` does it."""

    kept: Callable[[Any], str]
    erase: Callable[[Sequence[Any], Actor, datetime], None]


@dataclass(frozen=True)
class Beside:
    """What a noun keeps of people outside of its register, read as an entry is: `model` has `site_id`, `name`, `phone`
    and `erased_at`; the first of the columns tells one from the other, as the number of `one`."""

    name: str
    subject: str
    one: str
    read: Permission
    model: Any
    columns: tuple[Column, ...]
    details: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Found:
    """One entry with the person in it."""

    register: Register | Beside
    row: Any
    kept: str


_ERASE: dict[str, Erasing] = {}
_BESIDE: dict[str, Beside] = {}
PERIOD = N_("It is erased when its period is over.")


def erases(register: str, kept: Callable[[Any], str]) -> Callable[[Any], Any]:
    """Register what erases entries of that register on request; it takes rows of the full statement."""

    def add(erase: Callable[[Sequence[Any], Actor, datetime], None]) -> Any:
        _ERASE[register] = Erasing(kept, erase)
        return erase

    return add


def keeps(beside: Beside) -> Beside:
    """Register what a noun keeps of people beside its register."""
    _BESIDE[beside.name] = beside
    return beside


def of_subject(subject: str) -> Beside | None:
    """What the history calls so, where it is kept beside a register."""
    return next((beside for beside in _BESIDE.values() if beside.subject == subject), None)


def reached() -> set[str]:
    """The tables in which a person is found."""
    models = [one.model for one in registers.everyone() if one.erasable] + [one.model for one in _BESIDE.values()]
    return {model.__table__.name for model in models}


def find(*, phone: str, name: str, actor: Actor) -> list[Found]:
    """The entries of the actor's site with that phone number, or with just that name, the newest first.

    Both must fit where both are given. Raises DomainError when neither is.
    """
    if not (phone or name):
        raise DomainError(N_("Enter the phone number, or the name as it was entered."), field="phone")
    actor.must(Permission.PRIVACY_SERVE)
    site_id = actor.site_id
    if site_id is None:
        return []
    found = []
    for register in registers.all_for(actor):
        columns = {column.kind: column.value for column in (*register.columns, *register.details)}
        wanted = [(columns.get("phone"), phone), (columns.get("name"), name)]
        if any(value and column is None for column, value in wanted):
            continue
        statement = register.full().where(register.site == site_id, register.search(phone or name, site_id))
        if register.limit:
            statement = statement.where(register.limit(actor))
        for row in db.session.execute(statement.order_by(register.at.desc()).limit(MOST)):
            if all(column and _same(column(row), value) for column, value in wanted if value):
                erasing = _ERASE.get(register.name)
                found.append(Found(register, row, erasing.kept(row) if erasing else PERIOD))
    for beside in _BESIDE.values():
        if actor.may(beside.read):
            found += _beside(beside, site_id, phone, name)
    return found


def _beside(beside: Beside, site_id: int, phone: str, name: str) -> list[Found]:
    model, conditions = beside.model, []
    if phone:
        conditions.append(model.phone == phone)
    if name:
        conditions.append(func.lower(func.replace(model.name, " ", "")) == "".join(name.split()).lower())
    rows = db.session.scalars(
        select(model)
        .where(model.site_id == site_id, model.erased_at.is_(None), *conditions)
        .order_by(model.id.desc())
        .limit(MOST)
    )
    return [Found(beside, row, _ERASE[beside.name].kept(row)) for row in rows]


def _same(held: Any, asked: str) -> bool:
    return "".join(str(held or "").split()).casefold() == "".join(asked.split()).casefold()


def show(found: Sequence[Found], *, identity: str, actor: Actor, now: datetime) -> None:
    """The person sees the own data in full: each entry's history says so (P2, P3)."""
    _must_know(identity)
    for one in found:
        if isinstance(one.register, Register):
            history.looked_at(one.register, one.row, reason=f"P3: {identity}", actor=actor, now=now)
        else:
            about = one.register.subject
            events.record(
                f"{about}.unmasked",
                site_id=one.row.site_id,
                subject=about,
                subject_id=one.row.id,
                actor=actor,
                now=now,
                entered={"reason": f"P3: {identity}"},
            )


def erase(found: Sequence[Found], *, identity: str, actor: Actor, now: datetime) -> int:
    """Erase what may be erased; returns how many entries. The history says how many of each register, and names nobody.

    Raises NotAllowed, or DomainError without a checked identity and when there is nothing to erase.
    """
    actor.must(Permission.PRIVACY_SERVE)
    _must_know(identity)
    due = [one for one in found if not one.kept]
    if not due:
        raise DomainError(N_("Nothing of it can be erased now. Each entry says why."))
    counts: dict[str, int] = {}
    for name, erasing in _ERASE.items():
        if rows := [one.row for one in due if one.register.name == name]:
            erasing.erase(rows, actor, now)
            counts[name] = len(rows)
    site_id = due[0].row.site_id
    events.record(
        "person.erased", site_id=site_id, subject="site", subject_id=site_id, actor=actor, now=now,
        facts={"identity": identity, "entries": counts},
    )  # fmt: skip
    return sum(counts.values())


def _must_know(identity: str) -> None:
    if identity not in IDENTITY:
        raise DomainError(N_("Check the identity first, and say how."), field="identity")
