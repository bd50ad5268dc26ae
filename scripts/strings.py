"""Collect the sentences to translate and bring every catalogue up to date.

`_` and `N_` and their kin mark a sentence. New ones stand empty in each messages.po afterwards;
nothing is guessed from a similar sentence, because a guess looks like a translation.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "build" / "messages.pot"
# Babel knows _, N_, gettext, ngettext, pgettext and npgettext by itself.
KEYWORDS = ["lazy_gettext", "_l", "lazy_ngettext:1,2", "lazy_pgettext:1c,2", "lazy_npgettext:1c,2,3"]


def pybabel(*arguments: str | Path) -> None:
    """Run one pybabel command; ends with its exit code when it fails."""
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet"]
    code = subprocess.call([*command, *(str(part) for part in arguments)], cwd=ROOT)
    if code:
        sys.exit(code)


def extract(target: Path) -> None:
    """Write every marked sentence of the source into `target`, without line numbers.

    File names alone: line numbers would change with every edit and make each merge a conflict.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    keywords = [part for keyword in KEYWORDS for part in ("-k", keyword)]
    origin = ["--project=Foyer", "--copyright-holder=the Foyer contributors"]
    notes = ["--add-comments=Translators:", "--add-location=file", "--sort-by-file"]
    pybabel("extract", "-F", "babel.cfg", *keywords, *origin, *notes, "-o", target, ".")


def update(template: Path) -> None:
    """Merge `template` into each catalogue that exists."""
    for catalogue in sorted(ROOT.glob("translations/*/LC_MESSAGES/messages.po")):
        language = catalogue.parent.parent.name
        merge = ["--no-fuzzy-matching", "--ignore-obsolete"]
        pybabel("update", *merge, "-i", template, "-o", catalogue, "-l", language)


if __name__ == "__main__":
    extract(TEMPLATE)
    update(TEMPLATE)
