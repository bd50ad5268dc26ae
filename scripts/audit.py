"""Ask whether a known vulnerability concerns a package that Foyer installs, where the network allows (ASVS 15.2.1).

`pip-audit` has an environment of its own in build/audit: what asks is no part of what is asked about. A network that
does not answer is said and fails nothing; a vulnerability fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "audit"
ASKED = ("requirements.lock", "requirements-dev.lock")
SECONDS = 300


def ready() -> bool:
    """Whether pip-audit is there, installed when missing."""
    program = PLACE / "bin" / "pip-audit"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True)
        install = [str(PLACE / "bin" / "python"), "-m", "pip", "install", "--quiet", "pip-audit"]
        subprocess.run(install, check=False, timeout=SECONDS, stderr=subprocess.DEVNULL)
    return program.exists()


def ask(lock: str) -> dict[str, Any] | None:
    """What pip-audit reports of a lock file; None when nobody answered."""
    asked = [
        str(PLACE / "bin" / "pip-audit"),
        "--requirement",
        lock,
        "--require-hashes",
        "--disable-pip",
        "--format",
        "json",
    ]
    done = subprocess.run(asked, cwd=ROOT, check=False, capture_output=True, text=True, timeout=SECONDS)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        return None
    return report


def told(report: dict[str, Any]) -> tuple[int, list[str]]:
    """How many packages were looked up, and a line for each vulnerability."""
    looked_up = [each for each in report.get("dependencies", ()) if "vulns" in each]
    lines = [
        f"{each['name']} {each['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'no version'}"
        for each in looked_up
        for one in each["vulns"]
    ]
    return len(looked_up), lines


def main() -> int:
    """Ask about both lock files; 1 when something is known."""
    try:
        reports = [report for lock in ASKED if ready() and (report := ask(lock)) is not None]
    except subprocess.TimeoutExpired:
        reports = []
    count, lines = 0, set[str]()
    for report in reports:
        looked_up, found = told(report)
        count, lines = count + looked_up, lines | set(found)
    for line in sorted(lines):
        print(f"audit: {line}")
    if not count:
        print("audit: the network gave no answer about known vulnerabilities; ask again where it does")
    elif not lines:
        print(f"audit: nothing is known against the {count} entries that were looked up")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
