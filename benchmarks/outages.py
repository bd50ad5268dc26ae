"""What the house lives on goes away for a while and comes back: mail server, database, room on the disk."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import load, races
from benchmarks.guests import Guests
from benchmarks.household import House, household
from scripts import signals

FIRST_RETRY = 200
"""Seconds within which letters go out once the mail server is back: the worker tries again by itself, with room."""
SMALL_DISK = 24 * 1024 * 1024
Starved = tuple[House, Guests, list[str]]
MAIL, DATABASE, FROZEN, DISK = "mail server gone", "database gone", "database frozen", "disk full"
CUTS_OFF = frozenset({DATABASE, FROZEN, DISK})
"""What can take a letter that has just been sent from the worker's hands before it is noted: it goes once more."""


@contextmanager
def without_mail(kind: str, folder: Path, *, seconds: float) -> Iterator[Starved]:
    """Nobody takes mail for a while; visitors come in all the same, and the letters go out afterwards."""
    found: list[str] = []
    with races.fresh(kind, folder, empty=True) as url, household(url, folder) as house:
        with Guests(house, desks=2) as guests:
            time.sleep(1)
            house.mailbox.shut()
            before = len(guests.told.acknowledged)
            time.sleep(seconds)
            if len(guests.told.acknowledged) == before:
                found.append("without a mail server nobody came in")
            house.mailbox.open()
            time.sleep(1)
        if not house.until_delivered(FIRST_RETRY):
            found.append("letters are still waiting although the mail server is back")
        yield house, guests, found


class Postmaster:
    """The server behind an address, which can be stopped, started and frozen."""

    def __init__(self, url: str) -> None:
        address = url.replace("+psycopg", "", 1)
        with psycopg.connect(address, autocommit=True) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row
        self._pid = int((Path(row[0]) / "postmaster.pid").read_text().split()[0])
        self._command = Path(f"/proc/{self._pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        self._folder, owner = Path(row[0]).parent, Path(row[0]).stat()
        self._as = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        self._server: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """Stop at once, connections or not; the files stay."""
        os.kill(self._pid, signal.SIGINT)
        until = time.monotonic() + 20
        while time.monotonic() < until and not self._is_gone():
            time.sleep(0.05)

    def _is_gone(self) -> bool:
        if self._server is not None:
            return self._server.poll() is not None
        with suppress(OSError):
            return Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        return True

    def start(self) -> None:
        """Start again over the same files, on the same port."""
        with (self._folder / "log").open("ab") as log:
            options: dict[str, Any] = self._as
            self._server = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(signals.end_with_parent, signal.SIGQUIT),  # noqa: PLW1509 -- sets a signal alone
                **options,
            )
        self._pid = self._server.pid

    def signal(self, number: int) -> None:
        """Send a signal to the server and everything that it started."""
        for each in [self._pid, *_children(self._pid)]:
            with suppress(ProcessLookupError):
                os.kill(each, number)

    def end(self) -> None:
        """End what was started here."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(20)


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@contextmanager
def without_database(kind: str, folder: Path, *, seconds: float) -> Iterator[Starved]:
    """The database stops in mid-load and is started again: words meanwhile, and everything goes on by itself."""
    found: list[str] = []
    with races.fresh(kind, folder, empty=True) as url:
        server = Postmaster(url)
        try:
            with household(url, folder) as house:
                with Guests(house, desks=2) as guests:
                    time.sleep(1.5)
                    server.stop()
                    time.sleep(seconds)
                    answer = load.fetch(house.port, load.make("GET", "/sign-in"))
                    if answer.status >= 500 and answer.status != 503:
                        found.append(f"without a database the first page says {answer.status}")
                    server.start()
                    time.sleep(3)
                _see_who_lives(house, found)
                yield house, guests, found
        finally:
            server.end()


@contextmanager
def frozen_database(kind: str, folder: Path, *, seconds: float) -> Iterator[Starved]:
    """The database answers nothing for a while, and then goes on as if nothing had been."""
    found: list[str] = []
    with races.fresh(kind, folder, empty=True) as url:
        server = Postmaster(url)
        with household(url, folder) as house:
            with Guests(house, desks=2) as guests:
                time.sleep(1.5)
                server.signal(signal.SIGSTOP)
                try:
                    time.sleep(seconds)
                finally:
                    server.signal(signal.SIGCONT)
                time.sleep(3)
            _see_who_lives(house, found)
            yield house, guests, found


def _see_who_lives(house: House, found: list[str]) -> None:
    """Web and worker go on by themselves, and the letters go out."""
    found += [f"the {name} ended" for name, part in house.parts.items() if part.poll() is not None]
    if not house.until_delivered(FIRST_RETRY):
        found.append("letters are still waiting although the database is back")


@contextmanager
def full_disk(kind: str, folder: Path, *, seconds: float) -> Iterator[Starved]:
    """No room is left for a while: whoever asks is told to come again, and nothing is half written."""
    found: list[str] = []
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, f"size={SMALL_DISK}".encode()):
        raise OSError(ctypes.get_errno(), "mount")
    try:
        with races.fresh(kind, folder, empty=True) as url, household(url, folder) as house:
            with Guests(house, desks=2) as guests:
                time.sleep(1.5)
                ballast = folder / "ballast"
                with suppress(OSError), ballast.open("wb", buffering=0) as file:
                    while file.write(bytes(4096)):
                        pass
                time.sleep(seconds)
                answer = load.fetch(house.port, load.make("GET", "/sign-in"))
                if answer.status != 200:
                    found.append(f"with a full disk the first page says {answer.status}")
                ballast.unlink()
                time.sleep(2)
            if not guests.told.come_again:
                found.append("the disk was never full for anybody: the trial shows nothing")
            _see_who_lives(house, found)
            yield house, guests, found
    finally:
        libc.umount2(os.fsencode(folder), 2)


def impossible(name: str) -> str:
    """Why this cannot be tried here; nothing when it can."""
    return "a disk of one's own needs root" if name == DISK and os.geteuid() != 0 else ""


def _at(kind: str, starve: Callable[..., AbstractContextManager[Starved]]) -> Callable[..., Any]:
    return lambda folder, *, seconds: starve(kind, folder, seconds=seconds)


OUTAGES: dict[str, dict[str, Callable[..., Any]]] = {
    "sqlite": {MAIL: _at("sqlite", without_mail), DISK: _at("sqlite", full_disk)},
    "postgresql": {
        MAIL: _at("postgresql", without_mail),
        DATABASE: _at("postgresql", without_database),
        FROZEN: _at("postgresql", frozen_database),
    },
}
