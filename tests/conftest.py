"""What every test may ask for: a database of its own on each of the two kinds, the app on it, browsers, and the time.

People and things are not here: the cast is in tests/cast.py.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from domain.people import passwords
from tests.cast import Cast, gather
from tests.client import TYPED, FoyerClient
from tests.databases import Databases, PostgreSQLDatabases, SQLiteDatabases, postgresql_server
from tests.scenes import Scenes, nothing_stands_in, rest

SECRET = "a secret of the tests, long enough to be taken"
COMPILED = FileSystemBytecodeCache(tempfile.mkdtemp(prefix="foyer-templates-"))
atexit.register(shutil.rmtree, COMPILED.directory, ignore_errors=True)
# What passes once passes always; FOYER_TEST_EXPLORE=1 lets hypothesis look at new examples.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("FOYER_TEST_EXPLORE") else "same")
MONDAY_MORNING = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def _remember_builders() -> None:
    """Each test has an app of its own, and compiling the same 200 addresses for each took a quarter of the suite."""
    compiled: dict[object, object] = {}
    compile_builder = Rule._compile_builder

    def remembered(self: Rule, append_unknown: bool = True) -> object:
        key = tuple(self._trace), repr(self.defaults), append_unknown
        if key not in compiled:
            compiled[key] = compile_builder(self, append_unknown)
        return compiled[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign,assignment]


_remember_builders()


class RememberedPasswords(PasswordHasher):
    """Hashes as strong as the house's, but a password that was hashed or tried before is not worked out again.

    Each time takes a quarter of a second of a slow machine, in hundreds of tests that sign in with the same few words.
    Making them weaker instead would change the hashes that tests look at.
    """

    _hashed: dict[str | bytes, str] = {}
    _tried: dict[tuple[str | bytes, str | bytes], bool] = {}

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        """The hash; the same each time."""
        if password not in self._hashed:
            self._hashed[password] = super().hash(password, salt=salt)
        return self._hashed[password]

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 -- the name it overrides
        """True, or the exception of a wrong password; what is no hash at all is refused each time."""
        if (hash, password) not in self._tried:
            try:
                self._tried[hash, password] = super().verify(hash, password)
            except VerifyMismatchError:
                self._tried[hash, password] = False
        if not self._tried[hash, password]:
            raise VerifyMismatchError
        return True


passwords._hasher = RememberedPasswords()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their place alone: sealed and zipped ones differ each time, in length too, and the workers of a run
    must agree on the names.
    """
    return f"{argname}-bytes" if isinstance(val, bytes) else None


LONG = ("browser", "house", "races", "worker", "journeys")
"""The folders whose tests take seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests: the workers of a run share what is left at its end, and end together."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(here).parts[0]
        return LONG.index(folder) if folder in LONG else len(LONG)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Have the collector of garbage leave alone what stays, and come less often: it took a tenth of the suite."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def make_app(database_url: str, data_dir: Path) -> Flask:
    """The app as the tests run it."""
    from app import create_app
    from config import Settings

    app = create_app(
        Settings(
            database_url=database_url, secret_key=SECRET, data_dir=data_dir, chat_hosts=["127.0.0.1"], testing=True
        )
    )
    # Each test has an app of its own; compiling the templates for each anew took most of the suite's time.
    app.jinja_env.bytecode_cache = COMPILED
    return app


def close(app: Flask) -> None:
    """Let go of the app's connections."""
    from domain.database import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def migrate(database_url: str, data_dir: Path) -> None:
    """Bring an empty database to the newest migration."""
    import flask_migrate

    app = make_app(database_url, data_dir)
    with app.app_context():
        flask_migrate.upgrade()
    close(app)


class Apps:
    """Apps by the database they are on, given to one test after the other.

    Building one, loading its templates and compiling its statements took half of a test's time. An app that a test
    has changed, by a further address or another setting, serves no other test.
    """

    KEPT = 4

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._free: dict[str, tuple[Flask, str]] = {}

    def on(self, database: str) -> Iterator[Flask]:
        """The app on that database, with an empty data directory."""
        from domain.encryption import Keyring, use_keyring

        if database in self._free:
            app, born = self._free.pop(database)
        else:
            app = make_app(database, self._folders.mktemp("data"))
            app.test_client_class = FoyerClient
            born = shape_of(app)
        # Another app of this process may have brought a keyring of its own, which opens nothing that a scene holds.
        use_keyring(Keyring.from_secret([SECRET]))
        yield app
        rest(app)
        app.extensions.pop(TYPED, None)
        if shape_of(app) != born:
            close(app)
            return
        _empty(Path(app.instance_path))
        self._free[database] = app, born
        if len(self._free) > self.KEPT:
            oldest, _born = self._free.pop(next(iter(self._free)))
            close(oldest)

    def close(self) -> None:
        """Let go of all of them."""
        for app, _born in self._free.values():
            close(app)


def shape_of(app: Flask) -> str:
    """What a test may have changed of an app: addresses, views, what stands around them, settings, tools."""
    return repr(
        (
            len(list(app.url_map.iter_rules())),
            sorted((name, id(view)) for name, view in app.view_functions.items()),
            [(part, list(map(id, each))) for part, each in app.before_request_funcs.items()],
            [(part, list(map(id, each))) for part, each in app.after_request_funcs.items()],
            sorted((name, repr(value)) for name, value in app.config.items()),
            sorted((name, id(value)) for name, value in app.jinja_env.globals.items()),
            id(app.wsgi_app.__func__) if hasattr(app.wsgi_app, "__func__") else id(app.wsgi_app),
        )
    )


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """SQLite files, migrated when the first test asks for one."""
    folder = tmp_path_factory.mktemp("sqlite")
    return SQLiteDatabases(folder, lambda url: migrate(url, folder))


@pytest.fixture(scope="session")
def postgresql_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """PostgreSQL databases, likewise."""
    folder = tmp_path_factory.mktemp("postgresql")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with postgresql_server() as server:
        databases = PostgreSQLDatabases(server, worker, lambda url: migrate(url, folder))
        yield databases
        databases.close()


def fresh(databases: Databases) -> Iterator[str]:
    """The URL of a database without a scene."""
    for url in databases.fresh():
        nothing_stands_in(url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a migrated, empty database; a test that takes it runs once on SQLite and once on PostgreSQL."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    yield from fresh(databases)


@pytest.fixture(scope="session")
def scenes(request: pytest.FixtureRequest) -> Scenes:
    """What fixtures have put into databases, to be put there again."""

    def kind_of(url: str) -> Databases:
        databases: Databases = request.getfixturevalue(f"{url.partition(':')[0].partition('+')[0]}_databases")
        return databases

    return Scenes(kind_of)


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    """The apps that tests have used, to be used again."""
    used = Apps(tmp_path_factory)
    yield used
    used.close()


@pytest.fixture
def app(database: str, apps: Apps) -> Iterator[Flask]:
    """The app on a database of its own; its data directory, `app.instance_path`, is empty."""
    yield from apps.on(database)


@pytest.fixture
def client(app: Flask) -> FoyerClient:
    """A browser nobody has used; `app.test_client()` gives another one."""
    browser = app.test_client()
    assert isinstance(browser, FoyerClient)
    return browser


@pytest.fixture
def cast(app: Flask, scenes: Scenes) -> Cast:
    """The building and the people of tests/cast.py."""
    return scenes.stand(app, "cast", gather)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Monday, 2 March 2026, 9:30 in Shanghai, and it stays so until `clock.shift(…)` or `clock.move_to(…)`."""
    with time_machine.travel(MONDAY_MORNING, tick=False) as traveller:
        yield traveller
