"""Where it is measured: a database with the data set in it, and who has to be watched while it is used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import psycopg
from flask import Flask
from sqlalchemy import make_url

import jobs
from benchmarks import data, floors, keyroom, serving
from domain import clock
from domain.reports import counting
from scripts import postgresql
from scripts.run import ROOT

BUILD = ROOT / "build" / "bench"
SECRET = "the secret of a benchmark, long enough to be one"
# A server that keeps its promises to the disk, with room for the data that it works on.
DURABLE = {"shared_buffers": "256MB", "max_connections": "60", "log_min_messages": "fatal"}


@dataclass
class Place:
    """A database with the data set in it, and who has to be watched while it is used."""

    kind: str
    url: str
    floor_url: str
    folder: Path
    version: str
    database_pid: int | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What the processes of this run are told."""
        return {
            "FOYER_DATA_DIR": str(self.folder),
            "FOYER_DATABASE_URL": self.url,
            "FOYER_SECRET_KEY": SECRET,
            "FOYER_FLOOR_URL": self.floor_url,
            "FOYER_SMTP_HOST": "",
        }


@contextmanager
def place(kind: str, visits: int) -> Iterator[Place]:
    """The database of that kind: SQLite's file is kept below build/, PostgreSQL's cluster lives for this run."""
    folder = BUILD / f"{kind}-{visits}"
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        import pysqlite3

        path = folder / "foyer.db"
        yield Place(kind, f"sqlite:///{path}", f"sqlite:///{folder / 'floors.db'}", folder, pysqlite3.sqlite_version)
        return
    with ExitStack() as stack:
        given = os.environ.get("FOYER_BENCH_POSTGRESQL_URL")
        server = given or stack.enter_context(postgresql.cluster(DURABLE))
        with psycopg.connect(server, autocommit=True) as connection:
            version = connection.info.parameter_status("server_version") or ""
            pid = _server_of(connection)
            if not given:
                connection.execute("CREATE DATABASE foyer")
                connection.execute("CREATE DATABASE floors")
                for each in serving.tree(pid) if pid else ():
                    os.sched_setaffinity(each, {serving.SERVER_CORE})
            (socket,) = connection.execute("SHOW unix_socket_directories").fetchone() or ("",)
        address = make_url(server).set(drivername="postgresql+psycopg")
        if not given:  # as docs/operating.md puts it into service on one machine
            address = address.set(host=None).update_query_dict({"host": socket})
        names = (address.database, address.database) if given else ("foyer", "floors")
        urls = [address.set(database=name).render_as_string(hide_password=False) for name in names]
        yield Place(kind, urls[0], urls[1], folder, version, pid)


def _server_of(connection: psycopg.Connection) -> int | None:
    """The process of the server behind a connection; None where it runs on another machine."""
    own = Path(f"/proc/{connection.info.backend_pid}")
    if not own.exists() or "postgres" not in (own / "cmdline").read_text():
        return None
    return int((own / "stat").read_text().rpartition(")")[2].split()[1])


def prepare(at: Place, visits: int) -> tuple[Flask, data.Made]:
    """Migrate, and make the data set unless it is there."""
    os.environ.update(at.environment)
    from app import create_app

    app = create_app()
    with app.app_context():
        flask_migrate.upgrade()
        made = data.known(at.url)
        if made is None:
            print(f"{at.kind}: making {visits:,} visits …", flush=True)
            made = data.make(at.url, visits)
        data.tidy()
        keyroom.tidy(made.site_id, made.people["lisi"])
        counting.count_due(now=clock.now(), at_most=60)
        jobs.settle_search()
        if at.kind == "postgresql":
            _vacuum(at.url)
    floors.fill(at.floor_url)
    return app, made


def _vacuum(url: str) -> None:
    """Clean up and count after what was tidied, as autovacuum has done by the time that a desk opens."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
