"""The worker: Huey takes nudges and keeps the timetable of jobs.py.

What must be done stands in the database (the outbox, the visits), never in the queue: the queue only says "look now".
So its file may be lost, a nudge may fail, and a killed worker loses nothing: the timetable looks every minute.

The queue is a SQLite file in `data_dir`. With several machines FOYER_QUEUE_URL names a PostgreSQL (connections of its
own; four tables `huey_…` that the first worker makes when they are missing) or a Redis that all of them reach.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

from flask import Flask

from config import Settings
from domain import notices
from jobs import TIMETABLE, Job

log = logging.getLogger("foyer.worker")
NAME = "foyer"
THREADS = 3
LONGEST_NAP = 0.5
SECONDS_TO_END = 3
AT_MOST_EVERY = 0.25
"""Seconds between two nudges: under load one serves for many commits. Half of what a worker naps, so that nobody sees
the difference; at 0.02 a tenth of what a busy web process did was putting tasks into the queue.
"""
TABLES_LOCK = 0x666F79657271  # any number that nobody else takes


def make_queue(settings: Settings, *, patience: float = 5) -> Any:
    """The Huey of these settings, without tasks; `patience` is how many seconds a locked queue file is waited for.

    Huey is imported here, because a web process needs it only once it has something to say.
    """
    from huey import PostgresHuey, RedisHuey, SqliteHuey
    from huey.serializer import SignedSerializer

    # Signed, because what comes out of a queue is unpickled.
    common: dict[str, Any] = {"results": False, "serializer": SignedSerializer(settings.secret(), salt=NAME)}
    url = settings.queue_url.replace("postgresql+psycopg://", "postgresql://", 1)
    if url.startswith("redis"):
        return RedisHuey(NAME, url=url, **common)
    if url.startswith("postgresql://"):
        return PostgresHuey(NAME, dsn=url, create_tables=False, connect_timeout=5, **common)
    path = str(settings.kept("queue.db"))
    return SqliteHuey(NAME, filename=path, journal_mode="delete", fsync=False, timeout=patience, cache_mb=1, **common)


def make_tables(queue: Any, settings: Settings) -> None:
    """Make the queue's tables on PostgreSQL when they are missing; workers that start together wait for each other."""
    if not settings.queue_url.startswith("postgresql"):
        return
    import psycopg

    with closing(psycopg.connect(queue.storage.dsn, autocommit=True)) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (TABLES_LOCK,))
        if connection.execute("SELECT to_regclass(%s)", (queue.storage.table_counter,)).fetchone() == (None,):
            queue.storage.initialize_schema()


def add_tasks(queue: Any, app: Flask) -> list[Callable[[], object]]:
    """Make each line of the timetable a task; gives those that a nudge enqueues."""
    from huey import crontab

    nudged = []
    for job in TIMETABLE:
        task = queue.periodic_task(crontab(*job.when.split()), name=job.name.replace(" ", "_"))(_task(job, app))
        if job.nudged:
            nudged.append(task)
    return nudged


def _task(job: Job, app: Flask) -> Callable[[], None]:
    def run() -> None:
        with app.app_context():
            job.do()

    return run


class Nudge:
    """Wakes the worker after a commit, from a thread of its own: no request is slowed or fails because of the queue."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._complained = False

    def __call__(self) -> None:
        """Say that there is something to deliver; several in a moment are one."""
        self._wanted.set()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="nudge", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the thread, and with it the connection to the queue."""
        self._ended.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        queue, tasks = None, []
        while not self._ended.is_set():
            self._wanted.wait()
            self._wanted.clear()
            try:
                if queue is None:
                    queue = make_queue(self._app.config["SETTINGS"], patience=1)
                    tasks = add_tasks(queue, self._app)
                for task in tasks:
                    task()
                self._complained = False
            except Exception as error:
                if not self._complained:
                    log.warning("The worker was not woken (%s); it looks by itself every minute.", type(error).__name__)
                self._complained = True
            self._ended.wait(AT_MOST_EVERY)
        if queue is not None:
            queue.storage.close()


def run(app: Flask, *, timetable: bool = True) -> None:
    """Work in the foreground until SIGTERM or Ctrl-C; what is being sent then has three seconds to end.

    `timetable` is True on one worker of an installation; further ones only take nudges.
    """
    settings: Settings = app.config["SETTINGS"]
    queue = make_queue(settings)
    make_tables(queue, settings)
    add_tasks(queue, app)
    log.info("The worker has started%s.", "" if timetable else ", without the timetable")
    queue.create_consumer(
        workers=THREADS,
        periodic=timetable,
        max_delay=LONGEST_NAP,
        scheduler_interval=5,
        shutdown_timeout=SECONDS_TO_END,
        graceful_signal="TERM",
    ).run()


def init_app(app: Flask) -> None:
    """Wake the worker after each commit that wrote a notice; tests, which have no worker, wake nobody."""
    notices.nudges[:] = [] if app.config["SETTINGS"].testing else [Nudge(app)]
