"""The two programs that the tests need beside Python: PostgreSQL and Chromium.

What is there is used; what is missing is installed by apt as root or with `sudo -n`; where that is
not possible either, one sentence says what to install.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

OLDEST_POSTGRESQL = 15
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Missing(Exception):
    """Something is not here and could not be installed; the text says what to do."""


@dataclass(frozen=True)
class Prerequisite:
    """A program, how to find it, and the Debian packages that bring it."""

    name: str
    find: Callable[[], Path | None]
    packages: tuple[str, ...]

    def require(self) -> Path:
        """Where the program is, installing it when it is missing; raises Missing."""
        if found := self.find():
            return found
        wanted = " ".join(self.packages)
        sentence = f"{self.name} is missing: install it with `apt-get install {wanted}`, then run this again."
        apt = _apt()
        if apt is None:
            raise Missing(sentence)
        print(f"{self.name} is missing: installing {wanted}", flush=True)
        install = ["install", "--yes", "--quiet", "--no-install-recommends", *self.packages]
        for arguments in (["update", "--quiet"], install):
            # Standard input is closed and debconf told so: a question would wait for ever.
            subprocess.run([*apt, *arguments], stdin=subprocess.DEVNULL, check=False)
        if found := self.find():
            return found
        raise Missing(f"{sentence} (apt was tried just now and did not bring it; its lines above say why.)")


def _apt() -> list[str] | None:
    """The command that installs packages without asking anybody, or None where there is none."""
    if not shutil.which("apt-get"):
        return None
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if os.geteuid() == 0:
        return quiet
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n", *quiet]
    return None


def find_postgresql() -> Path | None:
    """The directory of the newest PostgreSQL's server programs: Debian keeps them out of PATH."""
    places = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path).resolve().parent)
    usable = [(_version(place), place) for place in places if (place / "initdb").exists()]
    newest = max(usable, default=None)
    return newest[1] if newest and newest[0] >= OLDEST_POSTGRESQL else None


def _version(place: Path) -> int:
    """The major version of the PostgreSQL in `place`; 0 when it does not say."""
    said = subprocess.run([place / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0


def find_chromium() -> Path | None:
    """The first Chromium or Chrome on the PATH."""
    found = (shutil.which(name) for name in BROWSERS)
    return next((Path(path) for path in found if path), None)


POSTGRESQL = Prerequisite(f"PostgreSQL {OLDEST_POSTGRESQL} or newer", find_postgresql, ("postgresql",))
# Chinese pages measured without Chinese letters would be measured wrongly.
CHROMIUM = Prerequisite("Chromium", find_chromium, ("chromium", "fonts-noto-cjk"))
