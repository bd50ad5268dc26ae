"""What `make test` does once .venv is there: style, types and imports, then every test on both databases.

Exit code 0 means that all of it passed; every other outcome, no test at all included, is non-zero.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from scripts import postgresql, prerequisites, signals

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WORKERS = 2
SECONDS_TO_END = 15
NO_TEST_RAN = 5

LINTS: tuple[tuple[str, list[str | Path]], ...] = (
    ("style", [BIN / "ruff", "check", "--quiet", "."]),
    ("layout", [BIN / "ruff", "format", "--check", "--quiet", "."]),
    ("types", [BIN / "mypy"]),
    ("imports", [BIN / "lint-imports", "--no-logo"]),
    ("templates", [BIN / "djlint", "templates", "--lint", "--quiet"]),
)


def lint() -> list[str]:
    """Run each check of the source; gives the names of those that failed, after showing what they said."""
    failed = []
    for name, command in LINTS:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        print(f"{name:<10} {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
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


def test(arguments: list[str]) -> int:
    """Run the tests with a PostgreSQL and a Chromium; gives pytest's exit code."""
    with ExitStack() as stack:
        environment = dict(os.environ)
        environment["FOYER_TEST_CHROMIUM"] = str(prerequisites.CHROMIUM.require())
        if "FOYER_TEST_POSTGRESQL_URL" not in environment:
            environment["FOYER_TEST_POSTGRESQL_URL"] = stack.enter_context(postgresql.cluster())
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
