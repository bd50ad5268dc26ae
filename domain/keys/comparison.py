"""What was seen on the hooks, compared with what the register said at the instant when each was looked at (K7)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select

from domain.codes import new_ref
from domain.database import db
from domain.keys.count_models import CountedHook, KeyCount, KeyDifference
from domain.keys.count_queries import counted_of
from domain.keys.loan_models import Loan, LoanLine
from domain.keys.models import Key, KeyTag
from domain.text import N_


class Seen(StrEnum):
    """What was seen on a hook."""

    TAGS = "tags"
    SOMETHING = "something"
    EMPTY = "empty"


class Differs(StrEnum):
    """How the cabinet and the register differ."""

    MISSING = "missing"
    OTHER_HOOK = "other_hook"
    ON_LOAN = "on_loan"
    LOST = "lost"
    RETIRED = "retired"
    UNKNOWN = "unknown"
    SURPLUS = "surplus"


DIFFERENCE_WORDS = {
    Differs.MISSING: N_("%(tag)s should hang on hook %(hook)s and was not there"),
    Differs.OTHER_HOOK: N_("%(tag)s hung on hook %(hook)s, which is not its own"),
    Differs.ON_LOAN: N_("%(tag)s hung on hook %(hook)s and is out by the register"),
    Differs.LOST: N_("%(tag)s was reported lost and hung on hook %(hook)s"),
    Differs.RETIRED: N_("%(tag)s is retired and hung on hook %(hook)s"),
    Differs.UNKNOWN: N_("Nobody knows the tag %(tag)s that hung on hook %(hook)s"),
    Differs.SURPLUS: N_("Something hung on hook %(hook)s, which should be empty"),
}


@dataclass(frozen=True)
class Known:
    """What the register says of a key over the time of the count."""

    key: Key
    out: tuple[tuple[datetime, datetime | None], ...]

    def is_out(self, at: datetime) -> bool:
        return any(since <= at and (until is None or at < until) for since, until in self.out)

    def should_hang(self, at: datetime) -> bool:
        gone = [gone for gone in (self.key.lost_at, self.key.retired_at) if gone]
        return self.key.created_at <= at and not any(when <= at for when in gone) and not self.is_out(at)


def compare(count: KeyCount) -> list[KeyDifference]:
    """The differences of a count, in the order of the hooks; not yet in the database."""
    counted = sorted(counted_of(count), key=lambda one: (one.cabinet_id, one.hook))
    registered = _registered(count)
    by_tag = _tagged(count.site_id, registered)
    seen_keys: set[int] = set()
    found: list[KeyDifference] = []
    for one in counted:
        for tag in one.tags:
            keys = by_tag.get(tag, [])
            if not keys:
                found.append(_difference(count, one, Differs.UNKNOWN, None, tag))
            for known in keys:
                seen_keys.add(known.key.id)
                if kind := _odd(known, one):
                    found.append(_difference(count, one, kind, known.key, known.key.tag))
    for one in counted:
        here = [
            known
            for known in registered.values()
            if (known.key.cabinet_id, known.key.hook) == (one.cabinet_id, one.hook)
            and known.should_hang(one.counted_at)
        ]
        if one.seen == Seen.SOMETHING:
            # Something hangs there, and something should: the tags were not read, so it stands for what should.
            if not here:
                found.append(_difference(count, one, Differs.SURPLUS, None, ""))
            continue
        found += [
            _difference(count, one, Differs.MISSING, known.key, known.key.tag)
            for known in here
            if known.key.id not in seen_keys
        ]
    return found


def _odd(known: Known, one: CountedHook) -> Differs | None:
    """What is odd about a key that was seen on this hook."""
    key, at = known.key, one.counted_at
    if key.retired_at and key.retired_at <= at:
        return Differs.RETIRED
    if key.lost_at and key.lost_at <= at:
        return Differs.LOST
    if known.is_out(at):
        return Differs.ON_LOAN
    return Differs.OTHER_HOOK if (key.cabinet_id, key.hook) != (one.cabinet_id, one.hook) else None


def _registered(count: KeyCount) -> dict[int, Known]:
    """Every key of the site with the spans in which it was out since the count began."""
    keys = db.session.scalars(select(Key).where(Key.site_id == count.site_id).order_by(Key.id)).all()
    spans: dict[int, list[tuple[datetime, datetime | None]]] = {key.id: [] for key in keys}
    rows = db.session.execute(
        select(LoanLine.key_id, Loan.out_at, LoanLine.ended_at)
        .join(Loan, Loan.id == LoanLine.loan_id)
        .where(Loan.site_id == count.site_id, or_(Loan.ended_at.is_(None), Loan.ended_at >= count.begun_at))
    )
    for row in rows:
        spans[row.key_id].append((row.out_at, row.ended_at))
    return {key.id: Known(key, tuple(spans[key.id])) for key in keys}


def _tagged(site_id: int, registered: dict[int, Known]) -> dict[str, list[Known]]:
    """What bears each tag: a key, or the keys of a set. A tag that is free again still tells the retired key."""
    tagged: dict[str, list[Known]] = {known.key.tag: [known] for known in registered.values() if known.key.retired_at}
    tags = db.session.execute(select(KeyTag.tag, KeyTag.key_id, KeyTag.set_id).where(KeyTag.site_id == site_id))
    for tag, key_id, set_id in tags:
        tagged[tag] = [
            known
            for known in registered.values()
            if known.key.id == key_id or (set_id is not None and known.key.set_id == set_id)
        ]
    return tagged


def _difference(count: KeyCount, one: CountedHook, kind: Differs, key: Key | None, tag: str) -> KeyDifference:
    return KeyDifference(
        ref=new_ref(),
        site_id=count.site_id,
        count_id=count.id,
        cabinet_id=one.cabinet_id,
        hook=one.hook,
        kind=kind,
        key_id=key.id if key else None,
        tag=tag,
        explanation="",
    )
