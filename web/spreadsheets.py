"""Rows of a register as files: CSV and XLSX, in the reader's words, masked as on the screen unless in full.

Nothing in a file is ever a formula. XLSX says of each cell that it is text. CSV cannot, so a value that a spreadsheet
would take for a formula is preceded by an apostrophe, and nothing of it is lost: `'+44 20 …` is `+44 20 …`.
"""

import csv
import gzip
import io
import re
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app, g
from flask_babel import gettext

from domain import clock
from domain.database import db
from domain.exports.making import Sheet
from domain.exports.models import Export
from domain.registers import Column, Register
from domain.sites.models import Site
from web.frame import house_name
from web.i18n import say, speak, zone_name
from web.register_words import writer

SHEET_ROWS = 1_048_576
"""As many rows as a sheet of XLSX takes, the heading included."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBER = re.compile(r"\d{1,3}(,\d{3})*|\d{1,12}")
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
WIDEST = 32_767
"""As many characters as a cell of XLSX takes."""


def export_folder() -> Path:
    """Where exports lie: outside of the web root, for Foyer's user alone."""
    return Path(current_app.config["SETTINGS"].data_dir) / "exports"


def plain(value: str) -> str:
    """The value as CSV carries it: never a formula, never less than it was."""
    return f"'{value}" if value.startswith(FORMULA) else value


def unplain(cell: str) -> str:
    """The value that `plain` wrote."""
    return cell[1:] if cell.startswith("'") else cell


class Csv:
    """A compressed CSV file with the mark by which spreadsheets know its letters; lines end as RFC 4180 has it."""

    def __init__(self, path: Path, heads: Sequence[str]) -> None:
        self._file = gzip.open(path, "wb", compresslevel=4)  # noqa: SIM115 -- closed by close()
        self._text = io.TextIOWrapper(self._file, encoding="utf-8-sig", newline="", write_through=False)
        self._csv = csv.writer(self._text)
        self._csv.writerow([plain(head) for head in heads])

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add these rows of texts and local times."""
        self._csv.writerows(
            [plain(cell) if isinstance(cell, str) else f"{cell:%Y-%m-%d %H:%M}" for cell in row] for row in rows
        )

    def close(self) -> None:
        """Write the end."""
        self._text.close()


class Xlsx:
    """A workbook that is written row by row, with a further sheet where one is full."""

    def __init__(self, path: Path, heads: Sequence[str], *, title: str, sheet_rows: int = SHEET_ROWS) -> None:
        # Imported here: a web process needs it for small reports alone.
        from xlsxwriter import Workbook

        self._book = Workbook(
            str(path), {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False}
        )
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._heads, self._title, self._most = heads, title[:24], sheet_rows
        self._sheets = 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(self._title if self._sheets == 1 else f"{self._title} {self._sheets}")
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._heads) - 1, 18)
        for column, head in enumerate(self._heads):
            self._sheet.write_string(0, column, head, self._bold)
        self._row = 1

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add these rows of texts and local times."""
        for row in rows:
            if self._row >= self._most:
                self._begin()
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    self._sheet.write_string(self._row, column, cell[:WIDEST])
                else:
                    self._sheet.write_datetime(self._row, column, cell, self._time)
            self._row += 1

    def close(self) -> None:
        """Write the end: from here on it is a workbook."""
        self._book.close()


class InWords:
    """Rows of a register as cells, written on into a file."""

    def __init__(self, cells: Sequence[Callable[[Any], Any]], file: Csv | Xlsx) -> None:
        self._cells, self._file = cells, file

    def add(self, rows: Sequence[Any]) -> None:
        """Write these rows."""
        self._file.write([[cell(row) for cell in self._cells] for row in rows])

    def close(self) -> None:
        """Write the end."""
        self._file.close()


def open_sheet(export: Export, register: Register, folder: Path) -> Sheet:
    """The file of an export, in the words of who asked for it. Call inside `in_words_of`."""
    heads = [say(column.label) for column in register.columns]
    cells = [_cell(register, column, export) for column in register.columns]
    if len(export.site_ids) > 1:
        heads.insert(0, gettext("Site"))
        cells.insert(0, _site_of(export))
    path = folder / export.file_name
    file = Csv(path, heads) if export.format == "csv" else Xlsx(path, heads, title=say(register.title))
    return InWords(cells, file)


@contextmanager
def in_words_of(export: Export) -> Any:
    """Language and clock of who asked, for a worker that has no request."""
    with current_app.app_context():
        g.site = db.session.get(Site, export.site_id)
        db.session.rollback()
        speak(export.language)
        yield


def _cell(register: Register, column: Column, export: Export) -> Callable[[Any], Any]:
    """What writes the cell of that column in any row."""
    if column.kind == "moment":
        zone, value = clock.zone(zone_name()), column.value

        def local(row: Any) -> datetime | str:
            at = value(row)
            return "" if at is None else at.astimezone(zone).replace(tzinfo=None)

        return local
    if column.kind == "state":
        words: dict[str, str] = {}

        def state(row: Any) -> str:
            word = register.state(row, export.asked_at).word
            if word not in words:
                words[word] = say(word)
            return words[word]

        return state
    return writer(column, full=export.full)


def _site_of(export: Export) -> Callable[[Any], str]:
    names = {
        site.id: house_name(site) for site in db.session.scalars(db.select(Site).where(Site.id.in_(export.site_ids)))
    }
    db.session.rollback()
    return lambda row: names[row.site_id]


def workbook(file: Any, sheets: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> None:
    """Write a small workbook into the file: sheets of texts, numbers among them as numbers."""
    from xlsxwriter import Workbook

    with Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        for number, (title, rows) in enumerate(sheets, 1):
            sheet = book.add_worksheet(f"{number} {FORBIDDEN.sub(' ', title)}"[:31])
            sheet.set_column(0, 0, 32)
            sheet.set_column(1, 12, 16)
            for down, row in enumerate(rows):
                for across, cell in enumerate(row):
                    if NUMBER.fullmatch(cell):
                        sheet.write_number(down, across, float(cell.replace(",", "")))
                    else:
                        sheet.write_string(down, across, cell[:WIDEST], bold if down == 0 else None)
