"""Setting up what is kept: cabinets and keys; moving, copying and retiring them, each a line in the key's history."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.keys import approvals, history
from domain.keys.borrowers import of as borrower_of
from domain.keys.classes import KeyClass
from domain.keys.loan_models import KeyApproval
from domain.keys.models import Cabinet, Key, KeySet, KeyTag
from domain.keys.queries import Thing, hold, hold_keys, open_lines
from domain.keys.tags import clean_tag
from domain.occupants.models import Unit
from domain.text import N_

CHANGEABLE = frozenset({"opens", "unit_id", "class_code", "photo"})


def add_cabinet(*, site_id: int, name: str, hooks: int, actor: Actor, now: datetime) -> Cabinet:
    """Enter a cabinet; raises Conflict (by constraint) for a known name."""
    if not name.strip():
        raise DomainError(N_("Enter a name."), field="name")
    last = db.session.scalar(select(func.max(Cabinet.position)).where(Cabinet.site_id == site_id))
    cabinet = Cabinet(ref=new_ref(), site_id=site_id, name=name.strip(), hooks=hooks, position=(last or 0) + 1)
    db.session.add(cabinet)
    db.session.flush()
    _record("cabinet.added", cabinet, actor, now, {"name": cabinet.name, "hooks": hooks})
    return cabinet


def change_cabinet(cabinet: Cabinet, *, name: str, hooks: int, actor: Actor, now: datetime) -> None:
    """Rename a cabinet or give it hooks; raises DomainError when keys hang on hooks that would be gone."""
    highest = db.session.scalar(
        select(func.max(Key.hook)).where(Key.cabinet_id == cabinet.id, Key.retired_at.is_(None))
    )
    if highest and hooks < highest:
        raise DomainError(N_("A key hangs on hook %(hook)d. Move it first."), field="hooks", hook=highest)
    if (cabinet.name, cabinet.hooks) == (name.strip(), hooks):
        return
    renamed = cabinet.name != name.strip()
    cabinet.name, cabinet.hooks = name.strip(), hooks
    db.session.flush()
    if renamed:
        for key in db.session.scalars(select(Key).where(Key.cabinet_id == cabinet.id, Key.retired_at.is_(None))):
            history.index_key(key)
    _record("cabinet.changed", cabinet, actor, now, {"name": cabinet.name, "hooks": hooks})


def _check_place(cabinet: Cabinet, hook: int, site_id: int) -> None:
    if cabinet.site_id != site_id:
        raise DomainError(N_("Choose one of those shown."), field="cabinet")
    if not 1 <= hook <= cabinet.hooks:
        raise DomainError(N_("This cabinet has the hooks 1 to %(hooks)d."), field="hook", hooks=cabinet.hooks)


def bind_tag(thing: Thing, tag: str) -> None:
    """Put the tag on the thing; raises Conflict (by constraint) when another one bears it."""
    which = KeyTag.key_id == thing.id if isinstance(thing, Key) else KeyTag.set_id == thing.id
    known = db.session.scalar(select(KeyTag).where(which))
    if known:
        known.tag = tag
    elif isinstance(thing, Key):
        db.session.add(KeyTag(site_id=thing.site_id, tag=tag, key_id=thing.id))
    else:
        db.session.add(KeyTag(site_id=thing.site_id, tag=tag, set_id=thing.id))
    db.session.flush()


def add_key(
    *,
    cabinet: Cabinet,
    hook: int,
    tag: str,
    opens: str,
    class_code: KeyClass,
    actor: Actor,
    now: datetime,
    unit: Unit | None = None,
    copies: int = 1,
    key_set: KeySet | None = None,
    photo: str | None = None,
) -> Key:
    """Enter a key that hangs on that hook.

    Raises DomainError for a tag that cannot be one, a hook that is not there or nothing that it opens; Conflict (by
    constraint) for a tag that is in use.
    """
    _check_place(cabinet, hook, cabinet.site_id)
    if not opens.strip():
        raise DomainError(N_("Say what this key opens."), field="opens")
    if not 1 <= copies <= 99:
        raise DomainError(N_("There are 1 to 99 copies."), field="copies")
    if unit and unit.site_id != cabinet.site_id:
        raise DomainError(N_("Choose one of those shown."), field="unit")
    key = Key(
        ref=new_ref(),
        site_id=cabinet.site_id,
        tag=clean_tag(tag),
        cabinet_id=cabinet.id,
        hook=hook,
        opens=opens.strip(),
        unit_id=unit.id if unit else None,
        class_code=class_code,
        copies=copies,
        set_id=key_set.id if key_set else None,
        photo=photo,
        created_at=now,
    )
    db.session.add(key)
    db.session.flush()
    bind_tag(key, key.tag)
    history.index_key(key, is_new=True)
    history.of_key(
        "key.added",
        key,
        actor=actor,
        now=now,
        facts={"cabinet_id": cabinet.id, "hook": hook, "class": class_code, "copies": copies, "unit_id": key.unit_id},
    )
    return key


def change_key(key: Key, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Change what a key opens, its unit, class or photo; tag, hook, copies and set have deeds of their own.

    A loan that is out keeps the terms under which it went.
    """
    if not values.keys() <= CHANGEABLE:
        raise TypeError(f"Change by a deed of its own: {sorted(values.keys() - CHANGEABLE)}")
    if "opens" in values and not values["opens"].strip():
        raise DomainError(N_("Say what this key opens."), field="opens")
    changed = {name: value for name, value in values.items() if getattr(key, name) != value}
    if not changed:
        return
    before = {f"{name}_before": getattr(key, name) for name in changed}
    for name, value in changed.items():
        setattr(key, name, value)
    db.session.flush()
    history.index_key(key)
    history.of_key("key.changed", key, actor=actor, now=now, facts={**before, **changed})


def change_tag(thing: Thing, tag: str, *, actor: Actor, now: datetime) -> None:
    """Put another tag on a key or a set; raises Conflict (by constraint) when it is in use."""
    after = clean_tag(tag)
    if after == thing.tag:
        return
    _must_serve(thing)
    before, thing.tag = thing.tag, after
    bind_tag(thing, after)
    for key in [thing] if isinstance(thing, Key) else hold(thing):
        history.index_key(key)
    history.of_key("key.tag_changed", thing, actor=actor, now=now, facts={"before": before})


def move(thing: Thing, *, cabinet: Cabinet, hook: int, actor: Actor, now: datetime) -> None:
    """Give a key, or all keys of a set, another hook."""
    _check_place(cabinet, hook, thing.site_id)
    _must_serve(thing)
    for key in hold(thing):
        before = (key.cabinet_id, key.hook)
        if before == (cabinet.id, hook):
            continue
        key.cabinet_id, key.hook = cabinet.id, hook
        db.session.flush()
        history.index_key(key)
        history.of_key(
            "key.moved",
            key,
            actor=actor,
            now=now,
            facts={
                "cabinet_id_before": before[0],
                "hook_before": before[1],
                "cabinet_id": cabinet.id,
                "hook": hook,
            },
        )


def copies_made(key: Key, *, approval: KeyApproval, actor: Actor, now: datetime) -> None:
    """Copies were made, with the approval that was given for them (K4). Raises as `approvals.use` does."""
    (key,) = hold_keys([key.id])  # keys before approvals, as whoever lends does
    approval = approvals.hold(approval)
    who = borrower_of(approval)
    approvals.use(approval, key, what="copy", who=who, until=None, needed=1, now=now)
    before, key.copies = key.copies, key.copies + (approval.copies or 0)
    db.session.flush()
    history.of_key(
        "key.copied",
        key,
        actor=actor,
        now=now,
        facts={"before": before, "copies": key.copies, "approval_id": approval.id},
        entered={"name": approval.name, "purpose": approval.purpose},
    )


def retire(thing: Thing, *, actor: Actor, now: datetime, note: str = "") -> None:
    """Take a key or a set off the register; its tag is free again, its history stays. Retiring a set frees its keys.

    Raises Conflict when the key is out.
    """
    keys = hold(thing)
    if thing.retired_at:
        return
    if isinstance(thing, Key) and open_lines(keys):
        raise Conflict(N_("This key is out. Take it back first."))
    thing.retired_at = now
    which = KeyTag.key_id == thing.id if isinstance(thing, Key) else KeyTag.set_id == thing.id
    db.session.execute(delete(KeyTag).where(which), execution_options={"synchronize_session": "fetch"})
    for key in keys:
        key.set_id = None
    db.session.flush()
    for key in keys:
        history.index_key(key)
    history.of_key("key.retired", thing, actor=actor, now=now, entered={"note": note})


def _must_serve(thing: Thing) -> None:
    if thing.retired_at:
        raise Conflict(N_("%(tag)s is retired. It is no longer lent."), tag=thing.tag)


def _record(kind: str, cabinet: Cabinet, actor: Actor, now: datetime, facts: dict[str, Any]) -> None:
    events.record(
        kind, site_id=cabinet.site_id, subject="cabinet", subject_id=cabinet.id, actor=actor, now=now, facts=facts
    )
