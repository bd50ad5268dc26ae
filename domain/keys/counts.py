"""Counting the cabinet (清点, K7): blind, hook by hook, left and taken up again, finished once.

Nothing here says before the end what should hang where. Each hook is compared with what the register said at the
instant when it was looked at, so a key that is lent during the count is no difference.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.keys.comparison import Seen, compare
from domain.keys.count_models import CountedHook, KeyCount, KeyDifference
from domain.keys.count_queries import places_of, under_way
from domain.keys.models import Cabinet, Key, KeySet
from domain.keys.queries import hook_label
from domain.keys.tags import clean_tag, parse_key_qr
from domain.sites.numbers import ALWAYS, next_numbers
from domain.slips import operations as slips
from domain.slips.models import Cause, Nature, Slip, Source
from domain.text import N_

MOST_TAGS = 50


def begin(*, site_id: int, actor: Actor, now: datetime) -> KeyCount:
    """Begin a count, or take up the one that was left; raises DomainError where there is no cabinet."""
    if going := under_way(site_id):
        return going
    if db.session.scalar(select(Cabinet.id).where(Cabinet.site_id == site_id).limit(1)) is None:
        raise DomainError(N_("There is no cabinet to count yet. Enter one first."))
    (number,) = next_numbers(site_id, ("key_counts", ALWAYS))
    count = KeyCount(
        ref=new_ref(),
        site_id=site_id,
        number=number,
        begun_at=now,
        begun_by_id=actor.id if actor.kind == "staff" else None,
    )
    db.session.add(count)
    db.session.flush()
    _record("key_count.begun", count, actor, now)
    return count


def record(
    count: KeyCount,
    cabinet: Cabinet,
    hook: int,
    *,
    seen: Seen,
    actor: Actor,
    now: datetime,
    tags: Iterable[str] = (),
) -> CountedHook:
    """Note what hangs on a hook: scanned tags, something whose tag was not read, or nothing. Looked at again, the later
    look counts. Raises Conflict when the count is finished, DomainError for a hook that is not there.
    """
    _must_go_on(count)
    if cabinet.site_id != count.site_id or not 1 <= hook <= cabinet.hooks:
        raise DomainError(N_("This cabinet has the hooks 1 to %(hooks)d."), field="hook", hooks=cabinet.hooks)
    read = list(dict.fromkeys(_as_kept(tag, count.site_id) for tag in list(tags)[:MOST_TAGS]))
    if seen is Seen.TAGS and not read:
        raise DomainError(N_("Scan or enter the tag of the key."), field="tag")
    one = db.session.scalar(
        select(CountedHook).where(
            CountedHook.count_id == count.id, CountedHook.cabinet_id == cabinet.id, CountedHook.hook == hook
        )
    )
    if one is None:
        one = CountedHook(count_id=count.id, cabinet_id=cabinet.id, hook=hook)
        db.session.add(one)
    one.seen, one.tags = seen, read if seen is Seen.TAGS else []
    one.counted_at, one.counted_by_id = now, actor.id
    db.session.flush()
    return one


def record_looks(
    count: KeyCount, cabinet: Cabinet, looks: Mapping[int, Seen], *, actor: Actor, now: datetime
) -> list[CountedHook]:
    """Note at one go on which hooks something hangs and which are empty; tags that were read on a hook where something
    still hangs stay. Raises as `record` does.
    """
    _must_go_on(count)
    if cabinet.site_id != count.site_id or not looks.keys() <= set(range(1, cabinet.hooks + 1)):
        raise DomainError(N_("This cabinet has the hooks 1 to %(hooks)d."), field="hook", hooks=cabinet.hooks)
    before = select(CountedHook).where(CountedHook.count_id == count.id, CountedHook.cabinet_id == cabinet.id)
    known = {one.hook: one for one in db.session.scalars(before)}
    noted = []
    for hook, seen in sorted(looks.items()):
        one = known.get(hook) or CountedHook(count_id=count.id, cabinet_id=cabinet.id, hook=hook, seen=seen, tags=[])
        if not (one.tags and seen is Seen.SOMETHING):
            one.seen, one.tags = seen, []
        one.counted_at, one.counted_by_id = now, actor.id
        noted.append(one)
    db.session.add_all(noted)
    db.session.flush()
    return noted


def _as_kept(typed: str, site_id: int) -> str:
    """The tag as it is kept; of a label of ours, the tag of what it is on."""
    if ref := parse_key_qr(typed):
        for model in (Key, KeySet):
            tag = db.session.scalar(select(model.tag).where(model.ref == ref, model.site_id == site_id))
            if tag:
                return tag
    return clean_tag(typed)


def finish(count: KeyCount, *, actor: Actor, now: datetime) -> list[KeyDifference]:
    """Finish the count and say what differs. Raises Conflict when it was finished before, DomainError while hooks are
    not counted.
    """
    _must_go_on(count)
    places = places_of(count)
    missing = [place for place in places if place.seen is None]
    if missing:
        raise DomainError(
            N_("%(n)d hooks are not counted yet; the first is %(hook)s."), n=len(missing), hook=missing[0].label
        )
    differences = compare(count)
    db.session.add_all(differences)
    db.session.flush()
    count.hooks = len(places)
    count.differing = len({(one.cabinet_id, one.hook) for one in differences})
    count.finished_at, count.finished_by_id = max(now, count.begun_at), actor.id
    db.session.flush()
    facts = {"hooks": count.hooks, "differences": len(differences)}
    _record("key_count.finished", count, actor, now, facts)
    return differences


def explain(difference: KeyDifference, *, explanation: str, actor: Actor, now: datetime) -> None:
    """Explain one difference. Raises Conflict when somebody else did, DomainError without words."""
    if not explanation.strip():
        raise DomainError(N_("Say what the difference comes from."), field="explanation")
    db.session.refresh(difference, with_for_update={"key_share": True})
    if difference.explained_at:
        raise Conflict(N_("Somebody else has explained this difference."))
    difference.explanation, difference.explained_at = explanation.strip(), now
    difference.explained_by_id = actor.id
    db.session.flush()
    _record_difference("key_count.explained", difference, actor, now, explanation.strip())


def open_slip(difference: KeyDifference, *, note: str, actor: Actor, now: datetime) -> Slip:
    """Follow a difference up with a slip; there is one at most."""
    db.session.refresh(difference, with_for_update={"key_share": True})
    if difference.slip_id is not None:
        raise Conflict(N_("There is a slip about this difference already."))
    cabinet = db.session.get_one(Cabinet, difference.cabinet_id)
    place = hook_label(cabinet.name, difference.hook)
    slip = slips.write(
        site_id=difference.site_id,
        nature=Nature.FOLLOW_UP,
        source=Source.KEYS,
        actor=actor,
        now=now,
        note=note.strip(),
        cause=Cause.KEY_DIFFERENCE,
        label=" · ".join(part for part in (difference.tag, place) if part),
        about="key" if difference.key_id else "key_count",
        about_id=difference.key_id or difference.count_id,
    )
    difference.slip_id = slip.id
    db.session.flush()
    _record_difference("key_count.slip_opened", difference, actor, now, note.strip())
    return slip


def _must_go_on(count: KeyCount) -> None:
    db.session.refresh(count, with_for_update={"key_share": True})
    if count.finished_at:
        raise Conflict(N_("This count is finished. It can no longer be changed."))


def _record(
    kind: str, count: KeyCount, actor: Actor, now: datetime, facts: dict[str, Any] | None = None, note: str = ""
) -> None:
    events.record(
        kind,
        site_id=count.site_id,
        subject="key_count",
        subject_id=count.id,
        actor=actor,
        now=now,
        facts={"number": count.number, **(facts or {})},
        entered={"note": note},
    )


def _record_difference(kind: str, difference: KeyDifference, actor: Actor, now: datetime, note: str) -> None:
    facts = {"kind": difference.kind, "key_id": difference.key_id, "hook": difference.hook}
    _record(kind, db.session.get_one(KeyCount, difference.count_id), actor, now, facts, note)
