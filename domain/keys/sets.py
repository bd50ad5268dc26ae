"""Keys that hang together (成套): making a set, hanging keys to it, taking them off."""

from datetime import datetime

from domain.codes import new_ref
from domain.database import db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.keys import history
from domain.keys.cabinet import bind_tag
from domain.keys.models import Key, KeySet
from domain.keys.queries import hold, hold_keys, open_lines
from domain.keys.tags import clean_tag
from domain.text import N_


def add_set(keys: list[Key], *, tag: str, opens: str, actor: Actor, now: datetime, photo: str | None = None) -> KeySet:
    """Make a set of keys of one site, which then hang on the hook of the first.

    Raises DomainError for fewer than two, for keys of another set or site, and for one that is out or retired.
    """
    if len({key.id for key in keys}) < 2:
        raise DomainError(N_("A set has at least two keys."), field="keys")
    first = keys[0]
    if not opens.strip():
        raise DomainError(N_("Say what this key opens."), field="opens")
    key_set = KeySet(
        ref=new_ref(), site_id=first.site_id, tag=clean_tag(tag), opens=opens.strip(), photo=photo, created_at=now
    )
    db.session.add(key_set)
    db.session.flush()
    bind_tag(key_set, key_set.tag)
    history.of_key("key_set.added", key_set, actor=actor, now=now, facts={"key_ids": [key.id for key in keys]})
    for key in keys:
        put_into_set(key, key_set, actor=actor, now=now, place=first)
    return key_set


def put_into_set(key: Key, key_set: KeySet, *, actor: Actor, now: datetime, place: Key | None = None) -> None:
    """Hang a key to a set; it moves to the set's hook. Raises Conflict for a key that is out or of another set."""
    others = hold(key_set)
    (key,) = hold_keys([key.id])
    if key.set_id == key_set.id:
        return
    if key.site_id != key_set.site_id or key.retired_at or key_set.retired_at:
        raise DomainError(N_("Choose one of those shown."), field="keys")
    if key.set_id is not None:
        raise Conflict(N_("%(tag)s belongs to another set."), tag=key.tag)
    if open_lines([key, *others]):
        raise Conflict(N_("%(tag)s or a key of the set is out. Wait until all are back."), tag=key.tag)
    at = place or (others[0] if others else key)
    key.set_id, key.cabinet_id, key.hook = key_set.id, at.cabinet_id, at.hook
    db.session.flush()
    history.index_key(key)
    history.of_key("key.set_changed", key, actor=actor, now=now, facts={"set_id": key_set.id, "set": key_set.tag})


def take_out_of_set(key: Key, *, actor: Actor, now: datetime) -> None:
    """Take a key off its set; it stays on the hook. A loan that is out keeps it."""
    if key.set_id is None:
        return
    key_set = db.session.get_one(KeySet, key.set_id)
    hold(key_set)
    key.set_id = None
    db.session.flush()
    history.index_key(key)
    history.of_key("key.set_changed", key, actor=actor, now=now, facts={"set_id": None, "set": key_set.tag})


def change_set(key_set: KeySet, *, actor: Actor, now: datetime, opens: str, photo: str | None) -> None:
    """Change what is said of a set."""
    if not opens.strip():
        raise DomainError(N_("Say what this key opens."), field="opens")
    if (key_set.opens, key_set.photo) != (opens.strip(), photo):
        key_set.opens, key_set.photo = opens.strip(), photo
        db.session.flush()
        history.of_key("key.changed", key_set, actor=actor, now=now, facts={"opens": key_set.opens})
