"""A PostgreSQL of one's own on loopback, gone without trace when its user has finished.

`with cluster() as url:` for Python; for a shell: `python -m scripts.postgresql COMMAND …` runs
COMMAND with FOYER_TEST_POSTGRESQL_URL set.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psycopg

from scripts import prerequisites, signals

# Nothing in a throw-away cluster is worth a wait for the disk.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_size": "128MB",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "log_min_messages": "fatal",
}
ATTEMPTS = 3
SECONDS_TO_START = 60
SECONDS_TO_STOP = 20


class DidNotStart(Exception):
    """The server ended before it answered; the text holds the end of its log."""


@contextmanager
def cluster(settings: Mapping[str, str] = FAST, *, within: Path | None = None) -> Iterator[str]:
    """Start a new cluster and give its address (`postgresql://…/postgres`); stop and remove it after.

    `settings` are server settings: pass {} for a server that keeps its promises to the disk. `within`: a folder that
    every account may write to. Raises prerequisites.Missing, DidNotStart.
    """
    programs = prerequisites.POSTGRESQL.require()
    account = _account()
    # Root's own temporary directory may be closed to the account that the server runs as.
    open_to_all = within or ("/tmp" if account.user else None)  # noqa: S108
    home = Path(tempfile.mkdtemp(prefix="foyer-postgresql-", dir=open_to_all))
    password = secrets.token_urlsafe(16)
    try:
        account.own(home)
        _initialise(programs, home, password, account)
        server, port = _start(programs, home, password, account, settings)
        try:
            yield f"postgresql://foyer:{password}@127.0.0.1:{port}/postgres"
        finally:
            _stop(server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


class Account(NamedTuple):
    """Whom the server runs as, in subprocess's words; all None: as whoever runs this."""

    user: int | None = None
    group: int | None = None
    extra_groups: list[int] | None = None

    def own(self, path: Path) -> None:
        """Give `path` to this account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


def _account() -> Account:
    """PostgreSQL refuses root: there another account stands in."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid, [])
    raise prerequisites.Missing("PostgreSQL does not run as root: run this as another user.")


def _initialise(programs: Path, home: Path, password: str, account: Account) -> None:
    """Make the files of a new cluster whose superuser is `foyer`."""
    secret = home / "password"
    secret.write_text(_verifier(password))
    account.own(secret)
    data, programme = home / "data", programs / "initdb"
    command = [str(programme), f"--pgdata={data}", "--username=foyer", f"--pwfile={secret}", "--no-sync"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
    made = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
    )
    secret.unlink()
    if made.returncode:
        raise DidNotStart(f"initdb failed: {made.stderr.strip()}")


def _verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5803), made in one round in place of 4,096.

    Those slow down who guesses a person's password and cost each connection 5 ms; 128 bits of chance need no help.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored, server = hashlib.sha256(client).digest(), hmac.digest(salted, b"Server Key", "sha256")
    in_letters = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return "SCRAM-SHA-256$1:{}${}:{}".format(*in_letters)


def _start(
    programs: Path, home: Path, password: str, account: Account, settings: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a free port; once more elsewhere when somebody else was faster on that port."""
    for attempt in range(1, ATTEMPTS + 1):
        port = _free_port()
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(home), **settings}
        command: list[str | Path] = [programs / "postgres", "-D", home / "data", "-p", str(port)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (home / "log").open("wb") as log:
            # A session of its own: Ctrl-C in the terminal is for the tests, not for their database.
            server = subprocess.Popen(
                command,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(signals.end_with_parent, signal.SIGQUIT),
                user=account.user,
                group=account.group,
                extra_groups=account.extra_groups,
            )
        try:
            _wait(server, port, password, home / "log")
        except DidNotStart:
            _stop(server)
            if attempt == ATTEMPTS:
                raise
        except BaseException:
            _stop(server)
            raise
        else:
            return server, port
    raise AssertionError("the last attempt returned or raised")


def _wait(server: subprocess.Popen[bytes], port: int, password: str, log: Path) -> None:
    """Return when the server takes connections; raises DidNotStart with what it wrote."""
    address = f"postgresql://foyer:{password}@127.0.0.1:{port}/postgres"
    until = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < until:
        try:
            psycopg.connect(address, connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise DidNotStart(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:].strip()}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server at once, connections or not; its files are removed next, so nothing is saved."""
    for signal_number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(signal_number)
            try:
                server.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                continue


def _free_port() -> int:
    """A port of loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    signals.end_tidily()
    with cluster() as own_address:
        environment = {**os.environ, "FOYER_TEST_POSTGRESQL_URL": own_address}
        sys.exit(subprocess.call(sys.argv[1:], env=environment))
