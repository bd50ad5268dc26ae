"""A server pinned to one core, and what /proc knows of it: CPU time and memory, children included."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from scripts import signals
from scripts.run import FLASK, ROOT, WEB

TICKS = os.sysconf("SC_CLK_TCK")
SERVER_CORE = 0
LOAD_CORE = max(os.sched_getaffinity(0))


def tree(pid: int) -> list[int]:
    """The process and everything below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                found += tree(int(child))
        except OSError:
            continue
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of the tree, with that of children that have ended."""
    total = 0
    for each in tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def pss_bytes(pid: int) -> int:
    """Memory of the tree, shared pages shared out."""
    total = 0
    for each in tree(pid):
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
    return total


def _child(core: int) -> None:
    signals.end_with_parent(signal.SIGTERM)
    os.sched_setaffinity(0, {core})


@contextmanager
def process(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process on the server's core while it is needed."""
    log = Path(environment["FOYER_DATA_DIR"]) / f"{Path(command[0]).name}.log"
    around = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    part = subprocess.Popen(
        command,
        cwd=ROOT,
        env=around | dict(environment),  # an installation does not compile itself at each start
        stdin=subprocess.DEVNULL,
        stdout=log.open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=partial(_child, SERVER_CORE),  # noqa: PLW1509 -- no thread of ours runs yet
    )
    try:
        yield part
    finally:
        part.terminate()
        try:
            part.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(part.pid, signal.SIGKILL)
            part.wait()


@contextmanager
def web(target: str, port: int, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The web server of `make run` with that application, answering."""
    with process([*WEB, "--port", str(port), target], environment) as server:
        wait(port, server)
        yield server


@contextmanager
def worker(environment: Mapping[str, str], *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The worker of `make run`."""
    with process([*FLASK, "worker", *options], environment) as part:
        yield part


def pause(pid: int, still: bool) -> None:
    """Let the process and everything below it stand still, or go on."""
    for each in tree(pid):
        os.kill(each, signal.SIGSTOP if still else signal.SIGCONT)


def wait(port: int, server: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Return when the port takes connections."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"The server on port {port} ended with code {server.returncode}.")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError(f"Nothing answers on port {port}.")


def free_port() -> int:
    """A port of loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
