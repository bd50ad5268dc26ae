"""Keys that come as a file: each row checked in words, then all of them entered at once."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import insert, select

from domain.codes import new_ref
from domain.database import db
from domain.errors import DomainError
from domain.identity import Actor
from domain.keys import history
from domain.keys.classes import KeyClass
from domain.keys.managed import one_unit
from domain.keys.models import Cabinet, Key, KeyTag
from domain.keys.queries import cabinets_of
from domain.keys.tags import clean_tag, parse_key_qr
from domain.occupants.models import Unit
from domain.sites.models import Site
from domain.text import N_
from domain.uploads import UploadedRow
from domain.widths import plain_digits

REQUIRED = ("tag", "opens", "cabinet", "hook", "class")
LONGEST_OPENS = 120
MOST_COPIES = 99


@dataclass
class Row(UploadedRow):
    """One row of a file: what stands in it, and afterwards what it means and what is wrong with it.

    `class` holds a code already: how a class is called is the reader's affair.
    """

    NARROW: ClassVar = ("tag", "hook", "copies")
    values: dict[str, Any] = field(default_factory=dict)


class _Known:
    """What the site has, read once for all rows."""

    def __init__(self, site_id: int, tags: Sequence[str], actor: Actor) -> None:
        cabinets = db.session.scalars(cabinets_of(site_id)).all()
        self.cabinets = {plain_digits(one.name): one for one in cabinets} | {one.name: one for one in cabinets}
        self.is_alone = len(cabinets) == 1
        self.units: dict[str, list[Unit]] = {}
        for unit in db.session.scalars(select(Unit).where(Unit.site_id == site_id)):
            names = {unit.number, f"{unit.number} {unit.company}".strip()}
            for name in names | {plain_digits(name) for name in names}:
                self.units.setdefault(name, []).append(unit)
        self.taken: set[str] = set()
        self.foreign: dict[str, str] = {}
        rows = db.session.execute(
            select(KeyTag.tag, KeyTag.site_id, Site.name)
            .join(Site, Site.id == KeyTag.site_id)
            .where(KeyTag.tag.in_(tags))
        )
        for tag, where, site in rows:
            if where == site_id:
                self.taken.add(tag)
            elif actor.roles_at(where):
                self.foreign[tag] = site


def check(rows: Sequence[Row], *, site_id: int, actor: Actor) -> None:
    """Look at every row, and write into it what it means or what is wrong, in words."""
    sound = []
    for row in rows:
        row.values = {}
        if row.begins_anew():
            sound.append(row)
            _try(row, "tag", partial(clean_tag, row.cells["tag"]))
    tags = [row.values["tag"] for row in rows if "tag" in row.values]
    known = _Known(site_id, sorted(set(tags)), actor)
    seen: dict[str, int] = {}
    for row in sound:
        _check_tag(row, known, seen)
        _check_place(row, known)
        _try(row, "opens", partial(_opens, row.cells["opens"]))
        _try(row, "class", partial(_class, row.cells["class"]))
        _try(row, "unit", partial(_unit, row.cells.get("unit", ""), known))
        _try(row, "copies", partial(_copies, row.cells.get("copies", "")))


def _try(row: Row, name: str, read: Callable[[], Any]) -> None:
    with row.blames():
        row.values[name] = read()


def _check_tag(row: Row, known: _Known, seen: dict[str, int]) -> None:
    tag = row.values.get("tag")
    if tag is None:
        return
    if parse_key_qr(row.cells["tag"]):
        row.problems.append((N_("This is a label of Foyer. Write the tag of the key."), {}))
    elif tag in seen:
        row.problems.append((N_("Line %(line)d has the tag %(tag)s too."), {"line": seen[tag], "tag": tag}))
    elif tag in known.taken:
        row.problems.append((N_("The tag %(tag)s is on another key or set of this site already."), {"tag": tag}))
    elif tag in known.foreign:
        values = {"tag": tag, "site": known.foreign[tag]}
        row.problems.append((N_("The tag %(tag)s belongs to %(site)s."), values))
    seen.setdefault(tag, row.line)


def _check_place(row: Row, known: _Known) -> None:
    name, typed = row.cells["cabinet"], row.cells["hook"]
    cabinet = known.cabinets.get(name) or known.cabinets.get(plain_digits(name))
    if not name and known.is_alone:
        cabinet = next(iter(known.cabinets.values()))
    if cabinet is None:
        row.problems.append((N_("No cabinet is called “%(name)s”. Enter it first."), {"name": name}))
        return
    hook = _number(typed)
    if hook is None or not 1 <= hook <= cabinet.hooks:
        row.problems.append((N_("Cabinet %(name)s has the hooks 1 to %(hooks)d."), _hooks(cabinet)))
        return
    row.values |= {"cabinet": cabinet, "hook": hook}


def _hooks(cabinet: Cabinet) -> dict[str, Any]:
    return {"name": cabinet.name, "hooks": cabinet.hooks}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None


def _opens(text: str) -> str:
    if not text:
        raise DomainError(N_("Say what this key opens."))
    if len(text) > LONGEST_OPENS:
        raise DomainError(N_("What it opens has at most %(most)d characters."), most=LONGEST_OPENS)
    return text


def _class(code: str) -> KeyClass:
    if code not in set(KeyClass):
        raise DomainError(N_("There is no class “%(name)s”."), name=code)
    return KeyClass(code)


def _unit(text: str, known: _Known) -> Unit | None:
    if not text:
        return None
    found = known.units.get(text) or known.units.get(plain_digits(text), [])
    present = [unit for unit in found if not unit.left_at]
    unit: Unit = one_unit(text, present or found)
    return unit


def _copies(text: str) -> int:
    copies = _number(text) if text else 1
    if copies is None or not 1 <= copies <= MOST_COPIES:
        raise DomainError(N_("There are 1 to 99 copies."))
    return copies


def enter(rows: Sequence[Row], *, site_id: int, actor: Actor, now: datetime) -> int:
    """Enter all keys of the rows at once, each with its line in the history; gives how many.

    Checks them again: raises DomainError when one has a problem now. Conflict (by constraint) for a tag that somebody
    else took in the same moment.
    """
    check(rows, site_id=site_id, actor=actor)
    wrong = Counter(bool(row.problems) for row in rows)[True]
    if wrong or not rows:
        raise DomainError(N_("Rows with problems are not entered. Put them right in the file and choose it again."))
    keys = [_key(row, site_id=site_id, now=now) for row in rows]
    db.session.add_all(keys)
    db.session.flush()
    tags = [{"site_id": site_id, "tag": key.tag, "key_id": key.id, "set_id": None} for key in keys]
    db.session.execute(insert(KeyTag), tags)
    for key in keys:
        history.index_key(key, is_new=True)
        history.of_key(
            "key.added",
            key,
            actor=actor,
            now=now,
            facts={
                "cabinet_id": key.cabinet_id,
                "hook": key.hook,
                "class": key.class_code,
                "copies": key.copies,
                "unit_id": key.unit_id,
                "upload": True,
            },
        )
    return len(keys)


def _key(row: Row, *, site_id: int, now: datetime) -> Key:
    values, unit = row.values, row.values["unit"]
    return Key(
        ref=new_ref(),
        site_id=site_id,
        tag=values["tag"],
        cabinet_id=values["cabinet"].id,
        hook=values["hook"],
        opens=values["opens"],
        unit_id=unit.id if unit else None,
        class_code=values["class"],
        copies=values["copies"],
        created_at=now,
    )
