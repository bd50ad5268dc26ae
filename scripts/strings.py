"""Collect the sentences to translate and bring every catalogue up to date.

`_` and `N_` and their kin mark a sentence. New ones stand empty in each messages.po afterwards;
nothing is guessed from a similar sentence, because a guess looks like a translation. The staff's
languages hold every sentence; the visitors' other languages only what a visitor can meet.
"""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from web.i18n import STAFF_LANGUAGES, VISITOR_LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "build" / "messages.pot"
# The msgid is the sentence in this language: it needs no catalogue.
SOURCE = "en"
# Where the sentences stand that a visitor can meet; folders end with a stroke.
FOR_VISITORS = (
    "templates/kiosk/",
    "templates/components/",
    "templates/errors/",
    "templates/notices/invitation.",
    "templates/layouts/base.html",
    "templates/layouts/kiosk.html",
    "templates/layouts/enter.html",
    "blueprints/kiosk/",
    "web/errors.py",
    "web/fields.py",
    "web/forms.py",
    "web/i18n.py",
    "web/invitation_messages.py",
    "web/visit_form.py",
    "domain/errors.py",
    "domain/keys/holdings.py",
    "domain/limits.py",
    "domain/names.py",
    "domain/phones.py",
    "domain/sites/fields.py",
    "domain/sites/pairing.py",
    "domain/visits/",
)
# Among those, what the staff and hosts alone read.
FOR_STAFF = (
    "templates/components/copier.html",
    "templates/components/omnibox.html",
    "templates/components/rail.html",
    "domain/visits/figures.py",
    "domain/visits/guest_lists.py",
    "domain/visits/invitation_erasure.py",
    "domain/visits/invitation_happenings.py",
    "domain/visits/invitation_register.py",
    "domain/visits/invitation_uploads.py",
    "domain/visits/invitations.py",
    "domain/visits/notice_shown.py",
    "domain/visits/stay_times.py",
    "domain/visits/untold.py",
)
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
    origin = ["--project=Foyer", "--version=1", "--copyright-holder=the Foyer contributors"]
    notes = ["--add-comments=Translators:", "--add-location=file", "--sort-by-file"]
    pybabel("extract", "-F", "babel.cfg", *keywords, *origin, *notes, "-o", target, ".")


def for_visitors(whole: Catalog) -> Catalog:
    """The sentences of `whole` of which at least one place is a visitor's."""
    part = Catalog(project=whole.project, version=whole.version, copyright_holder=whole.copyright_holder)
    for message in whole:
        files = [file for file, _line in message.locations if file not in FOR_STAFF]
        if message.id and any(file.startswith(FOR_VISITORS) for file in files):
            part[message.id] = message
    return part


def update(language: str, template: Catalog) -> int:
    """Merge `template` into the catalogue of `language`, made when missing; how many sentences are open in it.

    What is no longer in the source goes; a file whose sentences stay the same is left as it is.
    """
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    else:
        catalogue = Catalog(locale=language, fuzzy=False)
    catalogue.project, catalogue.version = template.project, template.version
    name = catalogue.locale.english_name if catalogue.locale else language
    catalogue.header_comment = f"# The words of Foyer in {name}."
    catalogue.last_translator = catalogue.language_team = "the Foyer contributors"
    catalogue.msgid_bugs_address = "see CONTRIBUTING.md"
    catalogue.revision_date = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=100, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
    if not path.exists() or path.read_bytes() != written.getvalue():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written.getvalue())
    return sum(not message.string or not all(message.string) for message in catalogue)


def main() -> None:
    """Extract, update every catalogue, and say what is open in each."""
    extract(TEMPLATE)
    with TEMPLATE.open("rb") as file:
        whole = read_po(file)
    for language in dict.fromkeys([*STAFF_LANGUAGES, *VISITOR_LANGUAGES]):
        if language != SOURCE:
            part = whole if language in STAFF_LANGUAGES else for_visitors(whole)
            print(f"{language}: {len(part)} sentences, {update(language, part)} to translate")


if __name__ == "__main__":
    main()
