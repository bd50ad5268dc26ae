"""What stands in the cells of an uploaded directory: each read by itself, and refused in words."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from domain.channels import lines_of, read_channels
from domain.emails import parse_email
from domain.errors import DomainError
from domain.names import clean_name, name_problem
from domain.occupants.models import LONGEST_COMPANY, LONGEST_FLOOR
from domain.occupants.numbers import read_number
from domain.occupants.uploads import OF_HOST, Row
from domain.phones import parse_phone
from domain.text import N_

LONGEST_CHANNELS = 500
_SIGNS = tuple("=+-@＝＋－＠'")
# What a spreadsheet makes of 3-12 before anybody looks.
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:]+)?")


def read(rows: Sequence[Row], *, own_hosts: Collection[str] = ()) -> None:
    """Read every row by itself, and write into it what it says or what is wrong, in words."""
    for row in rows:
        row.remarks, row.values, row.changes = [], {}, []
        row.unit = row.host = row.deputy = None
        row.has_left = False
        if not row.begins_anew():
            continue
        cells = {name: _as_text(text) for name, text in row.cells.items()}
        for name, taken in _READERS.items():
            _try(row, name, cells.get(name, ""), taken)
        _try(row, "channels", cells.get("channels", ""), lambda text: _channels(text, own_hosts))
        if not cells["unit"]:
            row.problems.append((N_("Enter the number on the door."), {}))
        if not cells.get("name") and any(cells.get(name) for name in (*OF_HOST, "deputy")):
            row.problems.append((N_("Write the name of the host, or leave all that belongs to a host empty."), {}))


def _as_text(text: str) -> str:
    """Without the apostrophe that says of a cell that it is text and no formula."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_SIGNS) else text


def _try(row: Row, name: str, text: str, taken: Callable[[str], Any]) -> None:
    if text:
        with row.blames():
            row.values[name] = taken(text)


def _number(text: str) -> str:
    return _no_date(read_number(text))


def _floor(text: str) -> str:
    if len(text) > LONGEST_FLOOR:
        raise DomainError(N_("A floor has at most %(most)d characters."), most=LONGEST_FLOOR)
    return _no_date(text)


def _no_date(text: str) -> str:
    if _DATE.fullmatch(text):
        raise DomainError(N_("A spreadsheet made the date %(text)s of this. Make the column text, and write it again."),
                          text=text[:10])  # fmt: skip
    return text


def _company(text: str) -> str:
    if len(text) > LONGEST_COMPANY:
        raise DomainError(N_("The name of a company has at most %(most)d characters."), most=LONGEST_COMPANY)
    return text


def _name(text: str) -> str:
    name = clean_name(text)
    if problem := name_problem(name):
        raise DomainError(problem)
    return name


def _language(text: str) -> str:
    if text not in ("zh_Hans", "en"):
        raise DomainError(N_("Foyer writes to hosts in Chinese or English, not in “%(text)s”."), text=text[:40])
    return text


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise DomainError(N_("“%(text)s” is neither yes nor no."), text=text[:40])
    return text == "yes"


def _channels(text: str, own_hosts: Collection[str]) -> str:
    if len(text) > LONGEST_CHANNELS:
        raise DomainError(N_("These chat channels are too long for a cell. Enter them by hand."))
    typed = lines_of("\n".join(text.split()))
    for number, address in enumerate(typed, 1):
        try:
            read_channels(address, kept="", own_hosts=own_hosts)
        except DomainError as error:  # which speaks of lines, and would be taken for one of the file
            raise DomainError(
                N_("Chat channel %(number)d is no address that Foyer may send to. It looks like wecombot://key."),
                number=number,
            ) from error
    return "\n".join(read_channels("\n".join(typed), kept="", own_hosts=own_hosts))


_READERS: dict[str, Callable[[str], Any]] = {
    "unit": _number,
    "company": _company,
    "floor": _floor,
    "name": _name,
    "phone": parse_phone,
    "email": parse_email,
    "language": _language,
    "contact": _yes_or_no,
    "shared": _yes_or_no,
    "deputy": clean_name,
}
