"""`flask worker` for real: it is woken by a sign-in, sends the mail, and ends when it is asked to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

import worker
from domain import notices
from tests.cast import Cast
from tests.conftest import SECRET
from tests.inbox import Inbox
from tests.stays import arrive
from tests.worker.conftest import set_up

ROOT = Path(__file__).resolve().parents[2]
SOON = 20


@pytest.fixture
def woken(app: Flask, database: str) -> Iterator[str]:
    """The app wakes a worker as in production; gives the address of the queue, on PostgreSQL the database itself."""
    queue_url = database if database.startswith("postgresql") else ""
    set_up(app, queue_url=queue_url)
    nudge = worker.Nudge(app)
    notices.nudges[:] = [nudge]
    yield queue_url
    notices.nudges.clear()
    nudge.close()


@pytest.fixture
def worker_process(app: Flask, database: str, woken: str, inbox: Inbox) -> Iterator[subprocess.Popen[str]]:
    """A worker that has started."""
    settings = {
        "FOYER_DATABASE_URL": database,
        "FOYER_QUEUE_URL": woken,
        "FOYER_DATA_DIR": app.instance_path,
        "FOYER_SECRET_KEY": SECRET,
        "FOYER_SMTP_HOST": "127.0.0.1",
        "FOYER_SMTP_PORT": str(inbox.port),
        "FOYER_SMTP_SECURITY": "none",
        "FOYER_MAIL_FROM": "desk@example.com",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "worker"],
        cwd=ROOT,
        env=os.environ | settings,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    for line in process.stderr:
        if "has started" in line:
            break
    yield process
    process.kill()
    process.wait()
    process.stderr.close()


def until(met: Callable[[], object]) -> bool:
    """Whether it comes true within SOON seconds."""
    ends = time.monotonic() + SOON
    while time.monotonic() < ends:
        if met():
            return True
        time.sleep(0.05)
    return False


def test_a_sign_in_wakes_the_worker_and_sigterm_ends_it(
    app: Flask, cast: Cast, inbox: Inbox, worker_process: subprocess.Popen[str]
) -> None:
    time.sleep(2)  # past the first look of the timetable: the next one is a minute away
    arrive(app, cast)
    assert until(lambda: inbox.mails), "nobody woke the worker"
    worker_process.send_signal(signal.SIGTERM)
    assert worker_process.wait(60) == 0


def test_a_queue_that_is_gone_fails_no_sign_in(app: Flask, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    set_up(app, queue_url="postgresql://nobody@127.0.0.1:1/nowhere")
    nudge = worker.Nudge(app)
    notices.nudges[:] = [nudge]
    try:
        for n in range(3):
            arrive(app, cast, phone=f"+861380013800{n}")
            nudge()
        assert until(lambda: caplog.records)
    finally:
        notices.nudges.clear()
        nudge.close()
    assert len([record for record in caplog.records if "was not woken" in record.message]) == 1


def test_a_locked_queue_file_is_passed_over(app: Flask, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    import sqlite3
    from contextlib import closing

    queue = worker.make_queue(app.config["SETTINGS"])
    nudge = worker.Nudge(app)
    with closing(sqlite3.connect(queue.storage.filename)) as other:
        other.execute("BEGIN EXCLUSIVE")
        nudge()
        assert until(lambda: caplog.records)
    nudge()
    assert until(queue.storage.queue_size)
    nudge.close()
    queue.storage.close()
