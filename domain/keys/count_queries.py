"""Counts, read: what is under way, which hooks are left, what differed and what is still to be explained (K7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain.database import db
from domain.errors import NotFound
from domain.identity import Actor
from domain.keys.count_models import CountedHook, KeyCount, KeyDifference
from domain.keys.models import Cabinet, Key
from domain.keys.queries import cabinets_of, hook_label
from domain.people.models import Person
from domain.slips.models import Slip


@dataclass(frozen=True)
class Place:
    """A hook that is to be counted, and whether it was: never what should hang there."""

    cabinet_ref: str
    cabinet_name: str
    hook: int
    seen: str | None = None
    tags: tuple[str, ...] = ()
    counted_at: datetime | None = None

    @property
    def label(self) -> str:
        """2-14."""
        return hook_label(self.cabinet_name, self.hook)


def under_way(site_id: int) -> KeyCount | None:
    """The count that was begun at the site and is not finished."""
    return db.session.scalar(select(KeyCount).where(KeyCount.site_id == site_id, KeyCount.finished_at.is_(None)))


def get_count(ref: str, *, actor: Actor) -> KeyCount:
    """The count of that ref at the actor's site; raises NotFound."""
    count = db.session.scalar(select(KeyCount).where(KeyCount.ref == ref, KeyCount.site_id == actor.site_id))
    if count is None:
        raise NotFound
    return count


def get_difference(ref: str, *, actor: Actor) -> KeyDifference:
    """The difference of that ref at the actor's site; raises NotFound."""
    found = db.session.scalar(
        select(KeyDifference).where(KeyDifference.ref == ref, KeyDifference.site_id == actor.site_id)
    )
    if found is None:
        raise NotFound
    return found


def counted_of(count: KeyCount) -> Sequence[CountedHook]:
    """What was seen so far."""
    return db.session.scalars(select(CountedHook).where(CountedHook.count_id == count.id)).all()


def places_of(count: KeyCount) -> list[Place]:
    """Every hook of the site, in order, the empty ones too, with what was seen on it so far."""
    seen = {(one.cabinet_id, one.hook): one for one in counted_of(count)}
    places = []
    for cabinet in db.session.scalars(cabinets_of(count.site_id)):
        for hook in range(1, cabinet.hooks + 1):
            one = seen.get((cabinet.id, hook))
            if one:
                place = Place(cabinet.ref, cabinet.name, hook, one.seen, tuple(one.tags), one.counted_at)
            else:
                place = Place(cabinet.ref, cabinet.name, hook)
            places.append(place)
    return places


def differences_of(count: KeyCount) -> Sequence[Any]:
    """What differed: rows with `ref`, `kind`, `tag`, `cabinet`, `hook`, the explanation and who gave it, the slip."""
    return db.session.execute(
        select(
            KeyDifference.ref,
            KeyDifference.kind,
            KeyDifference.tag,
            KeyDifference.hook,
            KeyDifference.explanation,
            KeyDifference.explained_at,
            Key.ref.label("key_ref"),
            Cabinet.name.label("cabinet"),
            Person.name.label("explained_by"),
            Slip.ref.label("slip_ref"),
            Slip.number.label("slip_number"),
        )
        .join(Cabinet, Cabinet.id == KeyDifference.cabinet_id)
        .outerjoin(Key, Key.id == KeyDifference.key_id)
        .outerjoin(Person, Person.id == KeyDifference.explained_by_id)
        .outerjoin(Slip, Slip.id == KeyDifference.slip_id)
        .where(KeyDifference.count_id == count.id)
        .order_by(KeyDifference.id)
    ).all()


def unexplained(site_id: int) -> int:
    """How many differences of the site's latest finished count nobody has explained: what a handover waits for (K7)."""
    latest = latest_finished(site_id)
    if latest is None:
        return 0
    return (
        db.session.scalar(
            select(func.count()).where(KeyDifference.count_id == latest.id, KeyDifference.explained_at.is_(None))
        )
        or 0
    )


def latest_finished(site_id: int) -> KeyCount | None:
    """The count that was finished last at the site."""
    return db.session.scalar(
        select(KeyCount)
        .where(KeyCount.site_id == site_id, KeyCount.finished_at.is_not(None))
        .order_by(KeyCount.begun_at.desc(), KeyCount.id.desc())
        .limit(1)
    )


def counts_of(site_id: int, *, most: int = 25) -> Sequence[Any]:
    """The latest counts, newest first, with how many differences are still to be explained."""
    open_ones = (
        select(func.count())
        .where(KeyDifference.count_id == KeyCount.id, KeyDifference.explained_at.is_(None))
        .correlate(KeyCount)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            KeyCount.ref,
            KeyCount.number,
            KeyCount.begun_at,
            KeyCount.finished_at,
            KeyCount.hooks,
            KeyCount.differing,
            Person.name.label("begun_by"),
            open_ones.label("unexplained"),
        )
        .outerjoin(Person, Person.id == KeyCount.begun_by_id)
        .where(KeyCount.site_id == site_id)
        .order_by(KeyCount.begun_at.desc(), KeyCount.id.desc())
        .limit(most)
    ).all()
