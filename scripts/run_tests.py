"""What `make test` does once .venv is there: style, types and imports, then every test on both databases.

Exit code 0 means that all of it passed; every other outcome, no test at all included, is non-zero.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from scripts import postgresql, prerequisites, signals

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WORKERS = 3  # on two cores: pages, pauses and disks are waited for in nearly half of the time
SECONDS_TO_END = 15
NO_TEST_RAN = 5
IN_MEMORY = Path("/dev/shm")  # noqa: S108
ROOM_TO_TEST = 3 << 30
"""Bytes: the tests leave some 0.5 GB, browsers and servers need theirs beside it."""

LINTS: tuple[tuple[str, list[str | Path]], ...] = (
    ("style", [BIN / "ruff", "check", "--quiet", "."]),
    ("layout", [BIN / "ruff", "format", "--check", "--quiet", "."]),
    ("types", [BIN / "mypy"]),
    ("imports", [BIN / "lint-imports", "--no-logo"]),
    ("templates", [BIN / "djlint", "templates", "--lint", "--quiet"]),
)


def lint() -> list[str]:
    """Run the checks of the source side by side; gives the names of those that failed, after showing what they said."""
    failed = []
    running = {
        name: subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name, command in LINTS
    }
    try:
        for name, check in running.items():
            said, _nothing = check.communicate()
            print(f"{name:<10} {'ok' if check.returncode == 0 else 'FAILED'}", flush=True)
            if check.returncode:
                failed.append(name)
                print(said, flush=True)
    finally:
        for check in running.values():
            check.kill()
    return failed


def pytest(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run pytest and give its exit code; however this ends, nothing that it started stays behind."""
    command = [sys.executable, "-m", "pytest", "-n", str(WORKERS), *arguments]
    # A group of its own, so that servers and browsers left by a test that died can be ended with it.
    tests = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=partial(signals.end_with_parent, signal.SIGINT),
    )
    try:
        return tests.wait()
    finally:
        _end_group(tests)


def _end_group(leader: subprocess.Popen[bytes]) -> None:
    """Interrupt the leader, let it clean up, and end whatever of its group is still there."""
    if leader.poll() is None:
        leader.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            leader.wait(SECONDS_TO_END)
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
    leader.wait()


def memory() -> Path | None:
    """A folder in memory, where nothing waits for a disk; None where the machine has none or little room in it."""
    try:
        room = shutil.disk_usage(IN_MEMORY).free
        left = int(re.findall(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())[0]) * 1024
    except (OSError, IndexError):
        return None
    return IN_MEMORY if min(room, left) > ROOM_TO_TEST and os.access(IN_MEMORY, os.W_OK) else None


def test(arguments: list[str]) -> int:
    """Run the tests with a PostgreSQL and a Chromium; gives pytest's exit code."""
    with ExitStack() as stack:
        environment, within = dict(os.environ), memory()
        # Where it is set, each worker and each program that a test starts compiles the house anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["FOYER_TEST_CHROMIUM"] = str(prerequisites.CHROMIUM.require())
        if within:
            own = tempfile.TemporaryDirectory(prefix="foyer-tests-", dir=within, ignore_cleanup_errors=True)
            environment["TMPDIR"] = stack.enter_context(own)
        if "FOYER_TEST_POSTGRESQL_URL" not in environment:
            environment["FOYER_TEST_POSTGRESQL_URL"] = stack.enter_context(postgresql.cluster(within=within))
        return pytest(arguments, environment)


def main() -> int:
    """Do what the command line asks for; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lint-only", action="store_true", help="leave the tests out")
    parser.add_argument("pytest", nargs="*", help="what pytest is given, after --")
    options = parser.parse_args()
    signals.end_tidily()
    if not options.lint_only:
        # Before anything that takes its time: a machine that lacks one of them should say so at once.
        prerequisites.POSTGRESQL.require()
        prerequisites.CHROMIUM.require()
    failed = lint()
    code = 0 if options.lint_only else test(options.pytest)
    if code == NO_TEST_RAN:
        print("No test ran: that is a failure too.", flush=True)
    if failed:
        print(f"Not clean: {', '.join(failed)}; the lines of each stand above the tests.", flush=True)
    return code or (1 if failed else 0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (prerequisites.Missing, postgresql.DidNotStart) as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
