"""What `make run` does once .venv is there: a demo building, served on this machine until Ctrl-C.

The demo lives in instance/ and nowhere else; a real installation is set up as docs/operating.md says.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from scripts import signals

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
HOST = "127.0.0.1"
SECONDS_TO_START = 60
SECONDS_TO_END = 15

FLASK = [str(BIN / "flask"), "--app", "app"]
# One process and two threads: a demo has one core to spare, and few threads cost less than many (quality.md).
WEB = [str(BIN / "granian"), "--interface", "wsgi", "--factory", "--workers", "1", "--blocking-threads", "2"]
WEB += ["--no-ws", "--workers-kill-timeout", "5", "--log-level", "warning", "--host", HOST]


class Stopped(Exception):
    """The demo cannot go on; the text says why."""


def prepare(environment: Mapping[str, str]) -> None:
    """Bring the database to the newest migration and the demo building into an empty one.

    Raises Stopped, also when the database holds anything but the demo.
    """
    print("Preparing the database …", flush=True)
    upgrade = [*FLASK, "db", "upgrade"]
    done = subprocess.run(upgrade, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stopped(f"The database could not be prepared:\n{done.stdout}{done.stderr}".rstrip())
    flask_demo(environment)


def flask_demo(environment: Mapping[str, str], *arguments: str) -> None:
    """Run `flask demo`, which speaks for itself; raises Stopped when it fails."""
    code = subprocess.call([*FLASK, "demo", *arguments], cwd=ROOT, env=environment)
    if code:
        raise Stopped(f"`flask {' '.join(['demo', *arguments])}` failed with code {code}; its lines above say why.")


@contextmanager
def running(name: str, command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A part of the house while it is needed; asked to end after, and made to if it does not."""
    # A session of its own: Ctrl-C reaches this program alone, which then ends the parts in their order.
    part = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(signals.end_with_parent, signal.SIGTERM),
    )
    try:
        yield part
    finally:
        if part.poll() is None:
            part.terminate()
            try:
                part.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                print(f"The {name} did not end in {SECONDS_TO_END} s and was killed.", flush=True)
        with suppress(ProcessLookupError):
            os.killpg(part.pid, signal.SIGKILL)
        part.wait()


def serve(port: int, environment: Mapping[str, str]) -> None:
    """Run web and worker until one of them ends; raises Stopped then."""
    with (
        running("worker", [*FLASK, "worker"], environment) as worker,
        running("web server", [*WEB, "--port", str(port), "app:served"], environment) as web,
    ):
        parts = {"worker": worker, "web server": web}
        _wait_until_answering(port, parts)
        flask_demo(environment, "--links")
        while True:
            _check(parts)
            time.sleep(0.5)


def _check(parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Raise Stopped when one of the parts has ended by itself."""
    for name, part in parts.items():
        if part.poll() is not None:
            raise Stopped(f"The {name} ended with code {part.returncode}; its lines above say why.")


def _wait_until_answering(port: int, parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Return when the port takes connections; raises Stopped when a part ends first or nothing happens."""
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        _check(parts)
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise Stopped(f"The web server did not answer on port {port} within {SECONDS_TO_START} s.")


def refuse_taken_port(port: int) -> None:
    """Raise Stopped when somebody else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            other = port + 1 if port < 65535 else 8000
            raise Stopped(f"Port {port} is not free ({error.strerror}): try `make run PORT={other}`.") from error


def main() -> int:
    """Prepare, serve and clean up; 0 when it was asked to end, 1 when it could not go on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, choices=range(1, 65536), metavar="1-65535", default=8000)
    port: int = parser.parse_args().port
    signals.end_tidily()
    environment = {**os.environ, "FOYER_DEMO": "1"}
    # Links in mails and codes are made by the worker too, which sees no request to take the address from.
    environment.setdefault("FOYER_PUBLIC_URL", f"http://localhost:{port}")
    try:
        refuse_taken_port(port)
        prepare(environment)
        serve(port, environment)
    except Stopped as reason:
        print(reason, file=sys.stderr, flush=True)
        return 1
    except (KeyboardInterrupt, SystemExit):
        print("\nFoyer has ended.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
