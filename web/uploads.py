"""Files that the staff upload: the field, and the table in an XLSX or CSV file as plain rows.

A noun checks the rows. Between preview and confirmation they travel in the form, packed and signed: nothing is kept
here of what nobody confirmed.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app, request
from flask_babel import force_locale, gettext
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from domain.errors import DomainError
from domain.text import N_
from domain.widths import plain_digits
from web.fields import Component, DrawnField, clean_text
from web.i18n import STAFF_LANGUAGES, say

MOST_ROWS = 5_000
MOST_BYTES = 3_000_000
MOST_UNPACKED = 80_000_000
MOST_COLUMNS = 40
FIRST_LINES = 5
"""Among so many the head is looked for."""
DELIMITERS = ",;\t"
LONGEST_CELL = 500
KEPT_SECONDS = 12 * 3600
ENCODINGS = ("utf-8-sig", "gb18030")
UNREADABLE = N_("This file could not be read. Save it as XLSX or CSV and choose it again.")


class UploadField(DrawnField):
    """A file; its data is what was sent, None when nothing was. The form needs `enctype="multipart/form-data"`.

    accept   what the picker offers, as HTML writes it
    """

    widget = Component("field")
    type_ = "file"
    sent = None

    def __init__(self, *args: Any, accept: str, **kwargs: Any) -> None:
        """Take what a field takes, and the above."""
        super().__init__(*args, **kwargs)
        self.attrs = {"accept": accept, **self.attrs}
        self.not_taken: list[str] = []
        """The columns of the file that nobody asked for, by their heads."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Look among the files of the request; what was chosen before is never shown again."""
        super().process(None, None, extra_filters)
        sent: FileStorage | None = request.files.get(self.name) if request.method == "POST" else None
        self.data = sent if sent is not None and sent.filename else None

    def read(self, most: int) -> bytes | None:
        """The bytes of the file; None when they are more than `most`."""
        raw = self.data.stream.read(most + 1) if self.data is not None else b""
        return raw if len(raw) <= most else None


class Formula(str):
    """A cell that holds a formula: what it comes to is not written in the file for sure, so somebody pastes it."""

    __slots__ = ()


@dataclass(frozen=True)
class Table:
    """The head of a table, where each field stands in it, and its rows, each with the number of its line in the file;
    blank lines are left out, and so is what stands above the head.
    """

    head: tuple[str, ...]
    columns: dict[str, int]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(raw: bytes, labels: dict[str, str], *, required: Sequence[str], also: Mapping[str, str]) -> Table:
    """The first sheet of an XLSX file, or a CSV file in UTF-8 or GB18030, as text.

    Its head is, of the first lines, the one that names all that is required, or the most columns: above it people
    write a title. Raises DomainError (field "table") for what cannot be read, is empty, has too many rows, or no such
    head.
    """
    lines = _sheet(raw) if raw.startswith(b"PK\x03\x04") else _csv(raw)
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise DomainError(N_("This file is empty."), field="table")
    own = {_word(text): name for text, name in in_every_language(labels).items()}
    usual = {word: name for name, words in also.items() if name in labels for word in words.split()}
    found = [_columns(cells, own, usual) for _, cells in filled[:FIRST_LINES]]
    at = max(range(len(found)), key=lambda at: (found[at].keys() >= set(required), len(found[at])))
    head = filled[at][1]
    _must_name(head, found[at], own, {name: labels[name] for name in required})
    if len(filled) - at - 1 > MOST_ROWS:
        raise DomainError(N_("A file has at most %(most)d rows. Divide it."), field="table", most=MOST_ROWS)
    return Table(head, found[at], tuple(filled[at + 1 :]))


def _csv(raw: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    text = _decoded(raw)
    first = text.split("\n", FIRST_LINES)[:FIRST_LINES]
    delimiter = next((max(DELIMITERS, key=line.count) for line in first if any(map(line.count, DELIMITERS))), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, tuple(_cell(cell) for cell in cells[:MOST_COLUMNS])
    except csv.Error as error:
        raise DomainError(UNREADABLE, field="table") from error


def _decoded(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Sequence[str] = ("utf-16",)
    else:
        encodings = ENCODINGS
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise DomainError(UNREADABLE, field="table")


def _sheet(raw: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise DomainError(UNREADABLE, field="table")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
            try:
                sheet = book.worksheets[0]
                sheet.reset_dimensions()
                limits = {"max_row": 4 * MOST_ROWS, "max_col": MOST_COLUMNS}
                rows = [
                    (number, tuple(_of_cell(cell) for cell in row))
                    for number, row in enumerate(sheet.iter_rows(**limits), start=1)
                ]
            finally:
                book.close()
    except DomainError:
        raise
    except Exception as error:  # whatever a stranger's file makes the reader stumble over
        raise DomainError(UNREADABLE, field="table") from error
    yield from rows


def _of_cell(cell: Any) -> str:
    """What stands in a cell of a sheet, as people read it."""
    value = cell.value
    if value is None:
        return ""
    if getattr(cell, "data_type", "") == "f":
        return Formula("=")
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _cell(str(value))


def _cell(text: str) -> str:
    """A cell's text, clean; one that begins like a formula is taken for one."""
    text = clean_text(text[: LONGEST_CELL + 1])
    return Formula("=") if text.startswith("=") else text


def in_every_language(sentences: dict[str, str]) -> dict[str, str]:
    """What each sentence is called in the languages of the staff, in small letters, to the name that it stands for."""
    words: dict[str, str] = {}
    for language in STAFF_LANGUAGES:
        with force_locale(language):
            words |= {gettext(sentence).casefold(): name for name, sentence in sentences.items()}
    return words | {name: name for name in sentences}


def _word(text: str) -> str:
    """By what a head is the same, however it was typed."""
    return "".join(plain_digits(text).casefold().split()).rstrip(".:*")


def _columns(head: Sequence[str], own: Mapping[str, str], usual: Mapping[str, str]) -> dict[str, int]:
    """Where each field stands; where none is called as we call it, the first that is called as people do."""
    found: dict[str, int] = {}
    for words in (own, usual):
        for at, text in enumerate(head):
            if at not in found.values() and (name := words.get(_word(text))):
                found.setdefault(name, at)
    return found


def _must_name(head: Sequence[str], found: Mapping[str, int], own: Mapping[str, str], required: dict[str, str]) -> None:
    """Raise DomainError (field "table") for a head that lacks a column, or has one of ours twice."""
    for at, text in enumerate(head):
        if found.get(own.get(_word(text), ""), at) != at:
            raise DomainError(N_("The column “%(name)s” is there twice."), field="table", name=text)
    if missing := [say(label) for name, label in required.items() if name not in found]:
        raise DomainError(
            N_("These columns are missing: %(names)s. One of the first lines names the columns, as in the template."),
            field="table",
            names=", ".join(missing),
        )


def _packer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt=f"upload {purpose}")  # type: ignore[arg-type]


def pack(rows: Any, *, purpose: str) -> str:
    """Checked rows as one signed and compressed text for the form that confirms them."""
    return str(_packer(purpose).dumps(rows))


def unpack(packed: str, *, purpose: str) -> Any:
    """The rows again; raises DomainError for what was not packed here, or long ago."""
    try:
        return _packer(purpose).loads(packed, max_age=KEPT_SECONDS)
    except BadSignature as error:
        raise DomainError(N_("This preview is too old. Choose the file again.")) from error
