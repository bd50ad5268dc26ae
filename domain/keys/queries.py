"""Keys, read: the cabinet by hook, what is out, who has it; limited to the classes that the actor may see."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from domain import search
from domain.database import db
from domain.errors import DomainError, NotFound
from domain.identity import Actor
from domain.keys.loan_models import Loan, LoanLine
from domain.keys.models import Cabinet, Key, KeyReservation, KeySet, KeyTag
from domain.keys.rules import seen_by, visible_to
from domain.keys.tags import clean_tag, parse_key_qr
from domain.occupants.models import Unit
from domain.permissions import Role
from domain.records import Held, Seldom
from domain.registers import State
from domain.sites.models import Site
from domain.statements import Ready
from domain.text import N_

Thing = Key | KeySet
"""What is lent: one key, or a set that goes out whole."""
"""Above every degree of grams: this very hook."""
UNKNOWN = N_("This tag is not known here. Look at it again, or search for the key.")


def hook_label(cabinet: str, hook: int) -> str:
    """2-14: cabinet and hook."""
    return f"{cabinet}-{hook}"


@lru_cache(maxsize=256)
def _key(roles: frozenset[Role] | None) -> Select[Key]:
    """The key of a ref, if its class may be seen; None of roles sees all."""
    statement = select(Key).where(Key.ref == bindparam("ref"), Key.site_id == search.HERE)
    return statement if roles is None else statement.where(visible_to(Key.class_code, roles, search.HERE))


def get_thing(ref: str, *, actor: Actor) -> Thing:
    """The key or set of that ref at the actor's site; raises NotFound, also for a class that the actor may not see."""
    roles = None if actor.kind == "system" else actor.roles_at(actor.site_id)
    if key := db.session.scalar(_key(roles), {"ref": ref, "site_id": actor.site_id}):
        return key
    found = db.session.execute(
        select(KeySet, Key.class_code)
        .outerjoin(Key, and_(Key.set_id == KeySet.id, Key.retired_at.is_(None)))
        .where(KeySet.ref == ref, KeySet.site_id == actor.site_id)
    ).all()
    if found and {row.class_code for row in found if row.class_code} <= seen_by(actor):
        return found[0].KeySet
    raise NotFound


def get_key(ref: str, *, actor: Actor) -> Key:
    """The key of that ref; raises NotFound for anything else."""
    thing = get_thing(ref, actor=actor)
    if not isinstance(thing, Key):
        raise NotFound
    return thing


def _tagged(typed: str) -> list[tuple[int, str]]:
    """(site, ref) of whatever bears that tag or that label of ours, at any site."""
    if ref := parse_key_qr(typed):
        return [
            (site_id, ref)
            for model in (Key, KeySet)
            if (site_id := db.session.scalar(select(model.site_id).where(model.ref == ref)))
        ]
    rows = db.session.execute(
        select(KeyTag.site_id, func.coalesce(Key.ref, KeySet.ref).label("ref"))
        .outerjoin(Key, Key.id == KeyTag.key_id)
        .outerjoin(KeySet, KeySet.id == KeyTag.set_id)
        .where(KeyTag.tag == clean_tag(typed))
        .order_by(KeyTag.site_id)
    )
    return [(row.site_id, row.ref) for row in rows]


def find_tag(typed: str, *, actor: Actor) -> Thing:
    """The key or set of a scanned or typed tag.

    Raises DomainError (field "tag") for one that is unknown, hidden from the actor, or of another site; that one is
    named when the actor works there too.
    """
    found = _tagged(typed)
    for site_id, ref in found:
        if site_id == actor.site_id:
            with suppress(NotFound):
                return get_thing(ref, actor=actor)
            raise DomainError(UNKNOWN, field="tag")
    for site_id, _ in found:
        if actor.roles_at(site_id):
            raise DomainError(
                N_("This tag belongs to %(site)s. Change the site first if you work there now."),
                field="tag",
                site=db.session.get_one(Site, site_id).name,
            )
    raise DomainError(UNKNOWN, field="tag")


def keys_of(thing: Thing) -> list[Key]:
    """The key itself, or the keys of the set that are not retired, in the order in which they are locked."""
    if isinstance(thing, Key):
        return [thing]
    return list(
        db.session.scalars(select(Key).where(Key.set_id == thing.id, Key.retired_at.is_(None)).order_by(Key.id))
    )


def hold(thing: Thing) -> list[Key]:
    """The keys of the thing as they stand now, kept from others until the commit: sets first, keys by their number,
    so that two who lend the same bunch wait for each other instead of for ever.

    All locks of this noun are FOR NO KEY UPDATE (`key_share`): a row that merely points to one that is held does not
    wait for it, and closes no ring.
    """
    if isinstance(thing, Key):
        return [HOLD(thing)]
    db.session.refresh(thing, with_for_update={"key_share": True})
    return list(db.session.scalars(HELD_OF_SET, {"set_id": thing.id}))


def hold_keys(ids: Iterable[int]) -> list[Key]:
    """Likewise, of these keys."""
    return list(db.session.scalars(HELD, {"ids": list(ids)}))


def _held(which: ColumnElement[bool]) -> Select[Key]:
    statement = select(Key).where(which).order_by(Key.id).with_for_update(key_share=True)
    return statement.execution_options(populate_existing=True)


# Built once: whatever is done with a key asks them.
HELD = _held(Key.id.in_(bindparam("ids", expanding=True)))
HOLD = Held(Key, key_share=True)
HELD_OF_SET = _held(and_(Key.set_id == bindparam("set_id"), Key.retired_at.is_(None)))
OPEN_LINES = Seldom(
    select(LoanLine, Loan)
    .join(Loan, Loan.id == LoanLine.loan_id)
    .where(LoanLine.key_id.in_(bindparam("ids", expanding=True)), LoanLine.ended_at.is_(None))
    .order_by(LoanLine.key_id)
    .execution_options(populate_existing=True),
    LoanLine.id,
)


def open_lines(keys: Sequence[Any]) -> dict[int, tuple[LoanLine, Loan]]:
    """The open line and its loan of those keys that are out, by key, as they stand now."""
    return {line.key_id: (line, loan) for line, loan in OPEN_LINES.ask(ids=[key.id for key in keys])}


def cabinets_of(site_id: int) -> Select[Cabinet]:
    """The cabinets of the site, in its order."""
    return select(Cabinet).where(Cabinet.site_id == site_id).order_by(Cabinet.position, Cabinet.id)


@cache
def _cabinets_drawn() -> Ready:
    drawn = Cabinet.__table__.c
    columns = (drawn.id, drawn.ref, drawn.site_id, drawn.name, drawn.hooks)
    return Ready(select(*columns).where(drawn.site_id == bindparam("site_id")).order_by(drawn.position, drawn.id))


def cabinets_drawn(site_id: int) -> Sequence[Any]:
    """Likewise, of each what its page draws."""
    return _cabinets_drawn().rows(site_id=site_id)


def get_cabinet(ref: str, *, actor: Actor) -> Cabinet:
    """The cabinet of that ref at the actor's site; raises NotFound."""
    cabinet = db.session.scalar(select(Cabinet).where(Cabinet.ref == ref, Cabinet.site_id == actor.site_id))
    if cabinet is None:
        raise NotFound
    return cabinet


OUT_ON = (
    select(LoanLine.loan_id).where(LoanLine.key_id == Key.id, LoanLine.ended_at.is_(None)).correlate(Key)
).scalar_subquery()
"""The loan on which a key is out. Each key is looked up: open lines are few among all, and PostgreSQL, which takes them
for one, would rather go through all of them for each key.
"""


def key_rows(now: Any) -> Select[*tuple[Any, ...]]:
    """The columns that the cabinet draws of a key: where it hangs, what it opens, who has it, who has reserved it."""
    reserved = (
        select(func.min(KeyReservation.starts_at))
        .where(KeyReservation.key_id == Key.id, KeyReservation.ended_at.is_(None), KeyReservation.ends_at > now)
        .scalar_subquery()
    )
    return (
        select(
            Key.id,
            Key.ref,
            Key.site_id,
            Key.tag,
            Key.cabinet_id,
            Key.hook,
            Key.opens,
            Key.class_code,
            Key.copies,
            Key.photo,
            Key.lost_at,
            Key.retired_at,
            Cabinet.name.label("cabinet"),
            Unit.number.label("unit_number"),
            Unit.company.label("company"),
            KeySet.ref.label("set_ref"),
            KeySet.tag.label("set_tag"),
            Loan.ref.label("loan_ref"),
            Loan.set_id.label("lent_set_id"),
            Loan.borrower,
            Loan.name,
            Loan.phone,
            Loan.purpose,
            Loan.escort,
            Loan.out_at,
            Loan.due_at,
            Loan.escalate_at,
            reserved.label("reserved_from"),
        )
        .join(Cabinet, Cabinet.id == Key.cabinet_id)
        .outerjoin(Unit, Unit.id == Key.unit_id)
        .outerjoin(KeySet, KeySet.id == Key.set_id)
        .outerjoin(Loan, Loan.id == OUT_ON)
    )


RETIRED, LOST = State(N_("Retired"), "minus", "idle"), State(N_("Lost"), "warn", "late")
OVERDUE, LENT = State(N_("Overdue"), "late", "late"), State(N_("Lent out"), "out", "accent")
SOON, DUE_SOON = timedelta(hours=1), State(N_("Due within the hour"), "clock", "wait")
RESERVED, HANGS = State(N_("Reserved"), "calendar", "wait"), State(N_("On its hook"), "check", "ok")


def key_state(row: Any, now: datetime) -> State:
    """How a key of `key_rows` stands at that instant."""
    if row.retired_at:
        return RETIRED
    if row.lost_at:
        return LOST
    if row.loan_ref:
        return OVERDUE if row.due_at < now else DUE_SOON if row.due_at < now + SOON else LENT
    return RESERVED if row.reserved_from and row.reserved_from <= now else HANGS


def key_row(key: Key, *, now: datetime) -> Any:
    """The row of one key."""
    return db.session.execute(key_rows(now).where(Key.id == key.id)).one()


def rows_of_set(key_set: KeySet, *, now: datetime) -> Sequence[Any]:
    """The rows of the keys of a set."""
    which = and_(Key.set_id == key_set.id, Key.retired_at.is_(None))
    return db.session.execute(key_rows(now).where(which).order_by(Key.tag)).all()


def rows_of(thing: Thing, *, now: datetime) -> list[Any]:
    """The row of the key, or those of the set's keys: none when the set is retired."""
    return [key_row(thing, now=now)] if isinstance(thing, Key) else list(rows_of_set(thing, now=now))
