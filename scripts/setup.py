"""Make .venv hold exactly what a lock file names, and compile the translations.

Runs under the system's Python with nothing installed: standard library only. A stamp in .venv
remembers the lock file that was installed, so that a second run is instant and needs no network.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def stop(sentence: str) -> None:
    """End with one sentence that says what to do."""
    sys.exit(f"setup: {sentence}")


def make_venv() -> None:
    """Create .venv, or create it anew when its Python is gone or it was left half-made."""
    if PYTHON.exists() and _quietly(PYTHON, "-c", "import pip"):
        return
    if importlib.util.find_spec("ensurepip") is None:
        stop("Python cannot make environments here; install it with: apt-get install python3-venv")
    print("setup: making .venv", flush=True)
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        stop("making .venv failed; the lines above say why (often: apt-get install python3-venv)")


def install(lock: Path) -> None:
    """Install the packages of `lock`, each checked against its hash, unless the stamp knows it."""
    stamp = VENV / f".{lock.stem}.stamp"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    make_venv()
    print(f"setup: installing {lock.name}", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*command, "--require-hashes", "--no-deps", "-r", str(lock)]):
        stop(f"pip could not install {lock.name}; the lines above say why (often: no network)")
    for other in ROOT.glob("requirements*.lock"):
        mine, its = _pins(lock), _pins(other)
        if any(its[name] != mine[name] for name in its.keys() & mine.keys()):
            (VENV / f".{other.stem}.stamp").unlink(missing_ok=True)
    stamp.write_text(wanted)


def compile_translations() -> None:
    """Compile each catalogue that is newer than its compiled form."""
    for source in sorted(ROOT.glob("translations/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        # Written beside and moved into place: a running server never reads half a catalogue.
        half = compiled.with_suffix(".mo.part")
        command = [str(PYTHON), "-m", "babel.messages.frontend", "--quiet", "compile"]
        if subprocess.call([*command, "-i", str(source), "-o", str(half)]):
            stop(f"{source.relative_to(ROOT)} does not compile; the lines above say where")
        half.replace(compiled)


def _pins(lock: Path) -> dict[str, str]:
    """The version that `lock` names for each package."""
    lines = (line.split() for line in lock.read_text().splitlines() if "==" in line[:80])
    return dict(words[0].split("==") for words in lines)


def _quietly(*command: str | Path) -> bool:
    """Whether a command runs and succeeds, without showing what it says."""
    silent = subprocess.DEVNULL
    return subprocess.call([str(part) for part in command], stdout=silent, stderr=silent) == 0


def main() -> None:
    """Bring .venv up to the lock file named on the command line."""
    if sys.version_info < OLDEST:
        stop(f"Python {OLDEST[0]}.{OLDEST[1]} or later is needed, this is {sys.version.split()[0]}")
    os.chdir(ROOT)
    # Two commands started at the same moment must not install into one directory together.
    with (ROOT / "pyproject.toml").open() as lock_handle:
        fcntl.flock(lock_handle, fcntl.LOCK_EX)
        install(ROOT / sys.argv[1])
        compile_translations()


if __name__ == "__main__":
    main()
