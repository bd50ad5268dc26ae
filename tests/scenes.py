"""Scenes: what a fixture puts into an empty database, made once and put back for every further test.

The cast and a filled cabinet take 160 statements; to put back what those left takes a copy. A scene stands on others,
as the cabinet on the cast, and is put back only where exactly those stand: where anything else was written, it is made
anew.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import time_machine
from flask import Flask, current_app, has_request_context
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import Engine

from domain import clock
from domain.database import db, writing
from tests.databases import Databases
from web import drawn

Made = TypeVar("Made")
KEPT = 40
_standing: dict[str, tuple[object, ...]] = {}
"""The scenes that stand in a database, by its name, until anything else is written there."""


@event.listens_for(Engine, "commit")
def _something_is_written(connection: Connection) -> None:
    _standing.pop(str(connection.engine.url.database), None)
    if current_app and not has_request_context():  # a test's own hand, which leaves no history
        current_app.extensions.pop(drawn.KEPT, None)


def nothing_stands_in(url: str) -> None:
    """Say that this database is empty."""
    _standing[_name(url)] = ()


def rest(app: Flask) -> None:
    """End the app's session, so that its database can be written over.

    On PostgreSQL its connections stay: what a new one must learn of 60 tables takes as long as a short test.
    """
    app.extensions.pop(drawn.KEPT, None)
    with app.app_context():
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            db.engine.dispose()


class Kept(NamedTuple):
    """A scene: what its fixture gave, the database, and the files in the app's data directory."""

    made: Any
    database: Any
    files: dict[Path, bytes]


class Scenes:
    """All scenes of a session. What is given back is a copy of what was made: that holds ids and refs, no records."""

    def __init__(self, kind_of: Callable[[str], Databases]) -> None:
        """`kind_of` gives the kind of the database with that URL."""
        self._kind_of = kind_of
        self._kept: dict[tuple[object, ...], Kept] = {}

    def stand(self, app: Flask, name: str, make: Callable[[], Made]) -> Made:
        """Let the scene of that name stand in the app's database: put back, or made by `make` in an app context."""
        url, folder = str(app.config["SQLALCHEMY_DATABASE_URI"]), Path(app.instance_path)
        below, hour, databases = _standing.get(_name(url)), _hour(), self._kind_of(url)
        if below is None or hour is None:
            with app.app_context():
                return make()
        scene = (*(below or [type(databases)]), (name, hour))
        if kept := self._kept.pop(scene, None):
            rest(app)
            databases.put_back(url, kept.database)
            for file, content in kept.files.items():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_bytes(content)
        else:
            with app.app_context():
                made = make()
            rest(app)
            files = {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
            kept = Kept(made, databases.snapshot(url), files)
        self._kept[scene] = kept  # at the end: the one that nobody has used for longest goes first
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        _standing[_name(url)] = scene
        return deepcopy(kept.made)


def written(make: Callable[..., Made], *given: object) -> Callable[[], Made]:
    """`make(*given)` in a writing transaction."""

    def in_a_transaction() -> Made:
        with writing():
            return make(*given)

    return in_a_transaction


def _name(url: str) -> str:
    return str(make_url(url).database)


def _hour() -> object:
    """When a scene is made: the time at which the clock stands; "now" where nobody set it, else None."""
    if not time_machine.escape_hatch.is_travelling():
        return "now"
    now = clock.now()
    return now if clock.now() == now else None
