"""A house that can be killed: web and worker as `make run` starts them, a mail server of its own, a building inside."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.controller import Controller
from flask import Flask

from benchmarks import load, serving
from domain.database import db, reading, writing
from scripts import signals
from scripts.run import FLASK, ROOT, WEB
from tests.cast import Cast, gather
from tests.conftest import SECRET, close, make_app, migrate
from tests.inbox import Inbox

MAIL_FROM = "desk@example.com"


@dataclass
class Mailbox:
    """A real mail server that can go away and come back; counts each Message-ID that it took."""

    port: int = field(default_factory=serving.free_port)
    inbox: Inbox = field(default_factory=Inbox)
    server: Controller | None = None

    def open(self) -> None:
        """Take mail."""
        self.server = Controller(self.inbox, hostname="127.0.0.1", port=self.port)
        self.server.start()

    def shut(self) -> None:
        """Nobody answers any more."""
        if self.server is not None:
            self.server.stop()
            self.server = None

    def taken(self) -> Counter[str]:
        """How often each letter came, by the random part of its Message-ID."""
        return Counter(str(mail["Message-ID"]).strip("<> ").partition("@")[0] for mail in list(self.inbox.mails))


@dataclass
class House:
    """Web and worker over one database; `app` is this process's own look into it."""

    url: str
    folder: Path
    mailbox: Mailbox
    app: Flask
    cast: Cast
    port: int = field(default_factory=serving.free_port)
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What the parts are told."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("FOYER_")},
            "FOYER_DATABASE_URL": self.url,
            "FOYER_DATA_DIR": str(self.folder),
            "FOYER_SECRET_KEY": SECRET,
            "FOYER_PUBLIC_URL": f"http://localhost:{self.port}",
            "FOYER_SMTP_HOST": "127.0.0.1",
            "FOYER_SMTP_PORT": str(self.mailbox.port),
            "FOYER_SMTP_SECURITY": "none",
            "FOYER_MAIL_FROM": MAIL_FROM,
        }

    def start(self, *names: str) -> None:
        """Start those parts: `web`, `worker`."""
        commands = {"web": [*WEB, "--port", str(self.port), "app:served"], "worker": [*FLASK, "worker"]}
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.parts[name] = subprocess.Popen(
                    commands[name],
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=_child,  # noqa: PLW1509 -- sets a signal and nothing else
                )

    def kill(self, *names: str) -> None:
        """Kill -9 those parts with everything that they started."""
        for name in names:
            part = self.parts.pop(name)
            with suppress(ProcessLookupError):
                os.killpg(part.pid, signal.SIGKILL)
            part.wait()

    def wait(self, seconds: float = 60) -> None:
        """Return when the web server answers; raises RuntimeError when it ended or never does."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            serving.wait(self.port, self.parts["web"], seconds)
            with suppress(OSError, IndexError):  # the port is open a moment before anybody listens to it
                load.fetch(self.port, load.make("GET", "/sign-in"))
                return
            time.sleep(0.05)
        raise RuntimeError(f"The web server did not answer within {seconds:.0f} s.")

    def verify(self) -> str:
        """What `flask verify` finds wrong; nothing when all is whole."""
        command = [*FLASK, "verify"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else f"flask verify: {(done.stdout + done.stderr).strip()[-400:]}"

    def until_delivered(self, seconds: float) -> bool:
        """Wait until no letter is waiting; False when some still are."""
        from sqlalchemy import select

        from domain.notices import Notice, NoticeState

        waiting = select(Notice.id).where(Notice.state == NoticeState.PENDING).limit(1)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with self.app.app_context(), reading():
                if db.session.scalar(waiting) is None:
                    return True
            time.sleep(0.5)
        return False


def _child() -> None:
    signals.end_with_parent(signal.SIGKILL)


@contextmanager
def household(url: str, folder: Path) -> Iterator[House]:
    """The house with the tests' building in it, running, its mail server open; gone without trace after."""
    migrate(url, folder)
    app = make_app(url, folder)
    with app.app_context(), writing():
        cast = gather()
    house = House(url, folder, Mailbox(), app, cast)
    house.mailbox.open()
    house.start("web", "worker")
    try:
        house.wait()
        yield house
    except BaseException:
        for log in folder.glob("*.log"):
            print(f"{log.name}: {log.read_text(errors='replace')[-1500:]}", file=sys.stderr)
        raise
    finally:
        house.kill(*list(house.parts))
        house.mailbox.shut()
        close(app)
