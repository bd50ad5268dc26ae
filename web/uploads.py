"""Files that the staff upload: the field, and the table in an XLSX or CSV file as plain rows.

A noun checks the rows. Between preview and confirmation they travel in the form, packed and signed: nothing is kept
here of what nobody confirmed.
"""

import csv
import io
import re
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
from web.edits import TURNING
from web.fields import Component, DrawnField, clean_text
from web.i18n import STAFF_LANGUAGES, language, say

MOST_ROWS = 5_000
MOST_BYTES = 3_000_000
MOST_UNPACKED = 80_000_000
MOST_COLUMNS = 40
FIRST_LINES = 5
"""Among so many the head is looked for."""
DELIMITERS = ",;\t"
LONGEST_CELL = 500
LONGEST_SEEN, MOST_SEEN = 40, 12
"""So much of a heading, and of so many, is repeated."""
KEPT_SECONDS = 12 * 3600
ENCODINGS = ("utf-8-sig", "gb18030")
TOTAL = re.compile(r"(?:合计|总计|共计|总数|(?:grand)?totals?)\W*\d*\w?")
"""How a row begins that adds up those above it: 合计, 总计：12人, Total."""
ADDITION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
MARKS = ".:*#;,、。•※★"
OLD_SHEET = b"\xd0\xcf\x11\xe0"
"""How a sheet begins that a spreadsheet of before 2007 wrote."""
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
        self.total: tuple[int, str] | None = None
        """Line and words of the row at the end that adds the others up, which is left out."""

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
    blank lines are left out, and so is what stands above the head, and a `total` at the end: its line and words.
    """

    head: tuple[str, ...]
    columns: dict[str, int]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    total: tuple[int, str] | None = None


def read_table(
    raw: bytes, labels: dict[str, str], *, required: Sequence[str], also: Mapping[str, str], filename: str = ""
) -> Table:
    """The first sheet of an XLSX file, or a CSV file in UTF-8 or GB18030, as text.

    Its head is, of the first lines, the one that names all that is required, or the most columns: above it people
    write a title. `also` is how people call columns, with _ for a blank. Raises DomainError (field "table") for what
    cannot be read, is empty, has too many rows, or no such head.
    """
    if raw.startswith(OLD_SHEET):
        raise DomainError(UNREADABLE, field="table")
    lines = _sheet(raw) if raw.startswith(b"PK\x03\x04") else _csv(raw)
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise DomainError(N_("This file is empty."), field="table")
    own = {_word(text): name for text, name in in_every_language(labels).items()}
    usual = {_word(word.replace("_", "")): name for name in also if name in labels for word in also[name].split()}
    found = [_columns(cells, own, usual) for _, cells in filled[:FIRST_LINES]]
    at = max(range(len(found)), key=lambda at: (found[at].keys() >= set(required), len(found[at])))
    line, head = filled[at]
    _must_be_once(head, found[at], own)
    if missing := [name for name in required if name not in found[at]]:
        if filename.lower().endswith(".xlsx") and not raw.startswith(b"PK") and len(head) < 2:  # no sheet, no table
            raise DomainError(UNREADABLE, field="table")
        raise _missing(missing, line, head, labels, also)
    if len(filled) - at - 1 > MOST_ROWS:
        raise DomainError(N_("A file has at most %(most)d rows. Divide it."), field="table", most=MOST_ROWS)
    rows = filled[at + 1 :]
    total = (rows[-1][0], next(filter(None, rows[-1][1]))) if len(rows) > 1 else None
    if total is None or not TOTAL.fullmatch(_word(total[1])):
        return Table(head, found[at], tuple(rows))
    return Table(head, found[at], tuple(rows[:-1]), total)


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
    for spoken in STAFF_LANGUAGES:
        with force_locale(spoken):
            words |= {gettext(sentence).casefold(): name for name, sentence in sentences.items()}
    return words | {name: name for name in sentences}


def _word(text: str) -> str:
    """By what a head is the same, however it was typed."""
    return "".join(plain_digits(text).casefold().split()).strip(MARKS)


def _bare(text: str) -> str:
    """The same without what stands in brackets: 房号 (Room), 姓名（必填）."""
    return _word(ADDITION.sub("", plain_digits(text)))


def _columns(head: Sequence[str], own: Mapping[str, str], usual: Mapping[str, str]) -> dict[str, int]:
    """Where each field stands; where none is called as we call it, the first that is called as people do, and where
    none is, one to which they added something.
    """
    found: dict[str, int] = {}
    for words, read in ((own, _word), (usual, _word), (own, _bare), (usual, _bare)):
        for at, text in enumerate(head):
            if at not in found.values() and (name := words.get(read(text))):
                found.setdefault(name, at)
    return found


def _must_be_once(head: Sequence[str], found: Mapping[str, int], own: Mapping[str, str]) -> None:
    """Raise DomainError (field "table") for two columns of one head, where one of them would be taken over."""
    taken = {_word(head[at]): at for at in found.values()}
    for at, text in enumerate(head):
        word = _word(text)
        if taken.get(word, at) != at or found.get(own.get(word, ""), at) != at:
            raise DomainError(
                N_("The column “%(name)s” is there twice. Leave one of them, or give it another heading."),
                field="table",
                name=text[:LONGEST_SEEN],
            )


def _missing(
    missing: Sequence[str], line: int, head: Sequence[str], labels: Mapping[str, str], also: Mapping[str, str]
) -> DomainError:
    """The refusal of a head without these columns: what was seen in it, and how they may be called."""
    han = language().startswith("zh")
    words = [word.replace("_", " ") for name in missing for word in also.get(name, "").split() if word.isascii() != han]
    own = [say(labels[name]) for name in missing]
    seen = [TURNING.sub("", text)[:LONGEST_SEEN] for text in head if text][:MOST_SEEN]
    return DomainError(
        N_(
            "These columns are missing: %(names)s. One of the first lines names the columns, as in the template; line "
            "%(line)d has: %(seen)s. What is missing may be called: %(usual)s."
        ),
        field="table",
        names=", ".join(own),
        line=line,
        seen=", ".join(seen),
        usual=", ".join([*own, *words]),
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
