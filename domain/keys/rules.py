"""What the site's classes allow, and whether this borrower may have these keys on these terms (K4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    false,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from domain import events
from domain.database import JsonList, db
from domain.errors import DomainError, NotAllowed
from domain.identity import Actor
from domain.keys.borrowers import Who
from domain.keys.classes import APPROVERS, DEFAULTS, READERS, Borrower, KeyClass, Rules, strictest
from domain.keys.models import KeyClassRules, KeyListing
from domain.people.models import Person
from domain.permissions import Role
from domain.statements import Ready
from domain.text import N_

NOT_LENT_TO = {
    Borrower.OCCUPANT: N_("Keys of this class are not lent to occupants."),
    Borrower.STAFF: N_("Keys of this class are not lent to staff."),
    Borrower.CONTRACTOR: N_("Keys of this class are never lent to contractors: an escort lets them in."),
    Borrower.VISITOR: N_("Keys of this class are never lent to visitors: an escort lets them in."),
}
CHANGEABLE = frozenset(one.name for one in fields(Rules)) - {"code"}


@dataclass(frozen=True)
class Terms:
    """On what terms a borrower may have certain keys: how many approvals by whom, for how long, what must be noted."""

    rules: Rules
    needed: int

    def latest(self, now: datetime) -> datetime:
        """The latest time at which the keys must be back."""
        return now + timedelta(minutes=self.rules.limit_minutes)

    def usual(self, now: datetime) -> datetime:
        """The time that is offered first."""
        return now + timedelta(minutes=self.rules.default_minutes)

    def check_due(self, due_at: datetime, now: datetime) -> None:
        """Raise DomainError for a time that is over, or past what the class allows."""
        if due_at <= now:
            raise DomainError(N_("This time is over. Choose a later one."), field="due_at")
        if due_at > self.latest(now):
            raise DomainError(
                N_("Keys of this class are due back by %(until)s at the latest."),
                field="due_at",
                until=self.latest(now),
            )


_OWN = KeyClassRules.__table__.c
STORED = tuple(cast(one, JsonList).label(one.key) if isinstance(one.type, JSON) else one for one in _OWN)
"""What a statement selects for `as_stored`."""
OWN = Ready(select(*STORED).where(_OWN.site_id == bindparam("site_id")))


@lru_cache(maxsize=256)
def as_stored(*stored: Any) -> Rules | None:
    """What a site says of a class, remembered under all that its row holds; None where an outer join found no row."""
    row = dict(zip(_OWN.keys(), stored, strict=True))
    if row["code"] is None:
        return None
    values = {name: row[name] for name in CHANGEABLE}
    values["borrowers"] = frozenset(map(Borrower, row["borrowers"]))
    values["approvers"] = frozenset(map(Role, row["approvers"]))
    values["seen_by"] = frozenset(map(Role, row["seen_by"]))
    return Rules(KeyClass(row["code"]), **values)


def rules_at(site_id: int) -> dict[KeyClass, Rules]:
    """The rules of every class at the site: its own, else the house's."""
    return DEFAULTS | {rules.code: rules for row in OWN.rows(site_id=site_id) if (rules := as_stored(*row))}


def seen_by(actor: Actor, *, site_id: int | None = None) -> frozenset[str]:
    """The classes whose keys the actor may see at the site (default: where the actor works now)."""
    where = actor.site_id if site_id is None else site_id
    if actor.kind == "system":
        return frozenset(KeyClass)
    if where is None:
        return frozenset()
    roles = actor.roles_at(where)
    return frozenset(code for code, rules in rules_at(where).items() if rules.seen_by & roles)


def visible(code: Any, actor: Actor, *, site_id: int | None = None) -> ColumnElement[bool]:
    """The condition that the class in that column is one of `seen_by`, for a statement: it asks nothing beforehand."""
    where = actor.site_id if site_id is None else site_id
    if actor.kind == "system":
        return true()
    return visible_to(code, actor.roles_at(where) if where is not None else frozenset(), where)


def visible_to(code: Any, roles: frozenset[Role], where: Any) -> ColumnElement[bool]:
    """As `visible`, for whoever has these roles at the site, which may be bound later."""
    # Literal: a list that is bound makes SQLAlchemy write the statement anew each time it is asked.
    usual: list[ColumnElement[str]] = [
        literal_column(f"'{rules.code.value}'") for rules in DEFAULTS.values() if rules.seen_by & roles
    ]
    own = select(KeyClassRules.code).where(KeyClassRules.site_id == where)
    if len(usual) == len(DEFAULTS):
        return code.not_in(own.where(not_(_named(roles))))
    return or_(and_(code.in_(usual), code.not_in(own)), code.in_(own.where(_named(roles))))


def _named(roles: frozenset[Role]) -> ColumnElement[bool]:
    """The condition that the site's own rules of a class name one of these roles."""
    return or_(false(), *(cast(KeyClassRules.seen_by, Text).contains(f'"{role}"') for role in sorted(roles)))


def sees_all(actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor sees every class where the actor works now, for a statement."""
    if actor.kind == "system":
        return true()
    roles = actor.roles_at(actor.site_id)
    if not all(rules.seen_by & roles for rules in DEFAULTS.values()):
        return false()
    own = select(KeyClassRules.code).where(KeyClassRules.site_id == actor.site_id)
    return not_(own.where(not_(_named(roles))).exists())


def may_approve(actor: Actor, codes: Iterable[str], *, site_id: int) -> bool:
    """Whether the actor's role there approves keys of all of these classes."""
    rules, roles = rules_at(site_id), actor.roles_at(site_id) & APPROVERS
    return bool(roles) and all(rules[KeyClass(code)].approvers & roles for code in codes)


def rules_of(keys: Sequence[Any], *, site_id: int) -> Rules:
    """The rules of these keys together, whoever borrows them. Takes keys, or rows of them."""
    return strictest(_classes_of(keys, site_id))


def _classes_of(keys: Sequence[Any], site_id: int) -> list[Rules]:
    by_class = rules_at(site_id)
    return [by_class[KeyClass(code)] for code in sorted({key.class_code for key in keys})]


def terms(keys: Sequence[Any], who: Who, *, site_id: int) -> Terms:
    """The terms for these keys together; raises DomainError for a borrower who may not have them at all."""
    return terms_under(_classes_of(keys, site_id), who, site_id=site_id)


def terms_under(several: Sequence[Rules], who: Who, *, site_id: int) -> Terms:
    """Likewise, for keys of which these are the rules of each class."""
    together = strictest(several)
    if who.borrower not in together.borrowers:
        raise DomainError(NOT_LENT_TO[who.borrower], field="borrower")
    for rules in several:
        if rules.needs_custodian and rules.custodian_id is None:
            raise DomainError(N_("Nobody is named who keeps keys of this class. The manager has to name somebody."))
    needed = together.approvals
    for rules in several:
        if rules.listed_only and who.borrower is Borrower.STAFF and not _is_listed(who, rules.code, site_id):
            if rules.unlisted_approvals is None:
                raise DomainError(
                    N_("Keys of this class are lent to the staff on its list alone, and this person is not on it."),
                    field="borrower",
                )
            needed = max(needed, rules.unlisted_approvals)
    if who.borrower is Borrower.STAFF and who.person_id is None and (needed or together.listed_only):
        raise DomainError(
            N_("Choose the person among the accounts: keys of this class need an approval for somebody known."),
            field="borrower",
        )
    return Terms(together, needed)


def _is_listed(who: Who, code: KeyClass, site_id: int) -> bool:
    return who.person_id is not None and db.session.get(KeyListing, (site_id, code, who.person_id)) is not None


def listed(code: KeyClass, *, site_id: int) -> Sequence[Person]:
    """The staff on the list of a class."""
    return db.session.scalars(
        select(Person)
        .join(KeyListing, KeyListing.person_id == Person.id)
        .where(KeyListing.site_id == site_id, KeyListing.code == code, Person.left_at.is_(None))
        .order_by(Person.name, Person.id)
    ).all()


def _check(rules: Rules) -> None:
    if not rules.default_minutes <= rules.limit_minutes:
        raise DomainError(N_("The usual time is longer than the longest."), field="default_minutes")
    if (rules.approvals or rules.unlisted_approvals) and not rules.approvers:
        raise DomainError(N_("Say who approves: without anybody these keys are lent to nobody."), field="approvers")
    if not rules.approvers <= APPROVERS or not rules.seen_by <= READERS | {Role.ATTENDANT, Role.ADMIN}:
        raise DomainError(N_("Choose one of those shown."))
    if rules.code is KeyClass.PLANT_ROOM and {Borrower.CONTRACTOR, Borrower.VISITOR} & rules.borrowers:
        raise DomainError(
            N_("Keys of plant rooms are never lent to outsiders: an escort lets them in."), field="borrowers"
        )


def set_rules(*, site_id: int, code: KeyClass, actor: Actor, now: datetime, **values: Any) -> Rules:
    """Say what a class allows at the site; `values` are fields of Rules. Loans that are out keep their terms.

    Raises DomainError for what makes no sense, and for plant-room keys lent to outsiders (K4).
    """
    if not values.keys() <= CHANGEABLE:
        raise TypeError(f"Rules have no such field: {sorted(values.keys() - CHANGEABLE)}")
    before = rules_at(site_id)[code]
    after = replace(before, **values)
    _check(after)
    if after == before:
        return before
    kept: dict[str, Any] = {name: getattr(after, name) for name in CHANGEABLE}
    for name in ("borrowers", "approvers", "seen_by"):
        kept[name] = sorted(kept[name])
    row = db.session.get(KeyClassRules, (site_id, code))
    if row is None:
        db.session.add(KeyClassRules(site_id=site_id, code=code, **kept))
    else:
        for name, value in kept.items():
            setattr(row, name, value)
    db.session.flush()
    changed = {name: kept[name] for name in sorted(CHANGEABLE) if getattr(before, name) != getattr(after, name)}
    _record("key_class.changed", site_id, {"code": code, **changed}, actor, now)
    return after


def list_person(person: Person, *, code: KeyClass, site_id: int, actor: Actor, now: datetime) -> None:
    """Put somebody on the list of a class; nobody lists the own person."""
    if person.id == actor.id:
        raise NotAllowed(N_("Somebody else has to put you on this list."))
    if person.left_at:
        raise DomainError(N_("This person no longer works here."), field="person")
    if db.session.get(KeyListing, (site_id, code, person.id)) is None:
        db.session.add(
            KeyListing(site_id=site_id, code=code, person_id=person.id, listed_at=now, listed_by_id=actor.id)
        )
        db.session.flush()
        _record("key_class.listed", site_id, {"code": code, "person_id": person.id}, actor, now)


def unlist_person(person: Person, *, code: KeyClass, site_id: int, actor: Actor, now: datetime) -> None:
    """Take somebody off the list of a class."""
    gone = db.session.execute(
        delete(KeyListing).where(
            KeyListing.site_id == site_id, KeyListing.code == code, KeyListing.person_id == person.id
        )
    )
    if gone.rowcount:  # type: ignore[attr-defined]
        _record("key_class.unlisted", site_id, {"code": code, "person_id": person.id}, actor, now)


def _record(kind: str, site_id: int, facts: dict[str, Any], actor: Actor, now: datetime) -> None:
    events.record(kind, site_id=site_id, subject="site", subject_id=site_id, actor=actor, now=now, facts=facts)
