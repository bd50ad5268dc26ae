"""The cabinet as those see it who enter keys: every key of the site, whatever its class lets others see."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from domain.database import db
from domain.errors import DomainError, NotFound
from domain.identity import Actor
from domain.keys.models import Cabinet, Key, KeySet
from domain.keys.queries import Thing
from domain.occupants.models import Unit
from domain.text import N_


def get_managed(ref: str, *, actor: Actor) -> Thing:
    """The key or set of that ref at the site where the actor works; raises NotFound."""
    if key := db.session.scalar(select(Key).where(Key.ref == ref, Key.site_id == actor.site_id)):
        return key
    if key_set := db.session.scalar(select(KeySet).where(KeySet.ref == ref, KeySet.site_id == actor.site_id)):
        return key_set
    raise NotFound


def get_managed_key(ref: str, *, actor: Actor) -> Key:
    """The key of that ref; raises NotFound for a set too."""
    thing = get_managed(ref, actor=actor)
    if not isinstance(thing, Key):
        raise NotFound
    return thing


def sets_of(site_id: int) -> Sequence[KeySet]:
    """The sets of the site that are not retired, by tag."""
    return db.session.scalars(
        select(KeySet).where(KeySet.site_id == site_id, KeySet.retired_at.is_(None)).order_by(KeySet.tag)
    ).all()


def cabinets_with_counts(site_id: int) -> Sequence[Any]:
    """Cabinets in their order with how many keys belong into each: `ref`, `name`, `hooks`, `hanging`."""
    keys = (
        select(func.count())
        .where(Key.cabinet_id == Cabinet.id, Key.retired_at.is_(None))
        .correlate(Cabinet)
        .scalar_subquery()
    )
    return db.session.execute(
        select(Cabinet.id, Cabinet.ref, Cabinet.name, Cabinet.hooks, keys.label("hanging"))
        .where(Cabinet.site_id == site_id)
        .order_by(Cabinet.position, Cabinet.id)
    ).all()


def keys_in(cabinet: Cabinet, *, first: int = 1, hooks: int = 2000) -> Sequence[Any]:
    """The keys that belong on so many hooks of a cabinet, by hook, with unit and set; retired ones left out."""
    return db.session.execute(
        select(
            Key.ref,
            Key.tag,
            Key.hook,
            Key.opens,
            Key.class_code,
            Key.copies,
            Key.photo,
            Key.lost_at,
            Unit.number.label("unit_number"),
            KeySet.ref.label("set_ref"),
            KeySet.tag.label("set_tag"),
            KeySet.opens.label("set_opens"),
        )
        .outerjoin(Unit, Unit.id == Key.unit_id)
        .outerjoin(KeySet, KeySet.id == Key.set_id)
        .where(Key.cabinet_id == cabinet.id, Key.retired_at.is_(None), Key.hook.between(first, first + hooks - 1))
        .order_by(Key.hook, Key.tag)
    ).all()


def unit_named(text: str, *, site_id: int) -> Unit | None:
    """The unit of exactly that number, or number and company; also one that nobody is in: its keys are in custody.

    None for nothing typed; raises DomainError (field "unit") for an unknown number, and where a company must be told.
    """
    if not text:
        return None
    number, _blank, company = text.partition(" ")
    named = select(Unit).where(Unit.site_id == site_id, Unit.number.in_({text, number}))
    found = [unit for unit in db.session.scalars(named) if _is_meant(unit, text, number, company.strip())]
    present = [unit for unit in found if not unit.left_at]
    return one_unit(text, present or found)


def _is_meant(unit: Unit, text: str, number: str, company: str) -> bool:
    return unit.number == text or (unit.number == number and unit.company == company)


def one_unit(text: str, found: Sequence[Any]) -> Any:
    """The only one; raises DomainError in words for none and for several."""
    if not found:
        raise DomainError(N_("No unit has the number %(text)s."), field="unit", text=text)
    if len(found) > 1:
        raise DomainError(
            N_("Several are in %(text)s. Write the company after the number, with a blank between."),
            field="unit",
            text=text,
        )
    return found[0]


def keys_by_refs(refs: Sequence[str], *, site_id: int) -> Sequence[Key]:
    """Those of the keys that are the site's and not retired, by hook."""
    return db.session.scalars(
        select(Key)
        .where(Key.ref.in_(refs), Key.site_id == site_id, Key.retired_at.is_(None))
        .order_by(Key.cabinet_id, Key.hook, Key.tag)
    ).all()


def labels_of(site_id: int, *, refs: Sequence[str], cabinet: Cabinet | None, first: int, hooks: int) -> Sequence[Any]:
    """What is printed on labels, by hook: the keys and sets of these refs, or all of so many hooks of a cabinet."""
    places = (
        select(
            Key.ref, Key.tag, Cabinet.name.label("cabinet"), Cabinet.position, Key.hook, Key.set_id, Key.id.label("id")
        )
        .join(Cabinet, Cabinet.id == Key.cabinet_id)
        .where(Key.site_id == site_id, Key.retired_at.is_(None))
    )
    of_sets = (
        select(
            KeySet.ref,
            KeySet.tag,
            func.min(Cabinet.name).label("cabinet"),
            func.min(Cabinet.position).label("position"),
            func.min(Key.hook).label("hook"),
        )
        .join(Key, Key.set_id == KeySet.id)
        .join(Cabinet, Cabinet.id == Key.cabinet_id)
        .where(KeySet.site_id == site_id, Key.retired_at.is_(None), KeySet.retired_at.is_(None))
        .group_by(KeySet.id)
    )
    if cabinet is not None:
        here = (Key.cabinet_id == cabinet.id, Key.hook.between(first, first + hooks - 1))
        places, of_sets = places.where(*here), of_sets.where(*here)
    else:
        places, of_sets = places.where(Key.ref.in_(refs)), of_sets.where(KeySet.ref.in_(refs))
    rows = [*db.session.execute(of_sets).all(), *db.session.execute(places).all()]
    return sorted(rows, key=lambda row: (row.position, row.hook, row.tag))
