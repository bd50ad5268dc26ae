"""The table of registers: each is described once, and everything that shows, filters, exports, signs or counts entries
reads it here. A noun adds its row in its `register.py`; what one noun must know of another is asked through this table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select

from domain.identity import Actor
from domain.permissions import Permission

Kind = Literal["number", "moment", "name", "phone", "text", "tag", "state", "sentence", "told", "by_language", "noted"]
Tone = Literal["ok", "wait", "late", "info", "idle", "accent"]


@dataclass(frozen=True)
class State:
    """How a state shows: the word, the glyph and then the colour (visual-language.md, section 4)."""

    word: str
    glyph: str
    tone: Tone


@dataclass(frozen=True)
class Column:
    """One column of a register: how it is called, where its value comes from, and how it is masked.

    `value` takes a row of the register's statement; `mask` is None for what is no personal data. A "sentence" is a
    msgid, "told" a msgid with its values, "by_language" a dict of texts; `show` writes the full value as people read
    it.
    """

    name: str
    label: str
    kind: Kind
    value: Callable[[Any], Any]
    mask: Callable[[Any], str] | None = None
    show: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Change:
    """What a correction changed: the words of the field, what stood there and what stands now, and how it is masked.
    An instant is written as the site's clock shows it.
    """

    label: str
    before: str | datetime
    after: str | datetime
    mask: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Happening:
    """One event in words: a msgid with its values, what was noted with it, what it changed.

    `quiet` ones stand in the entry's own history alone and not in the log of a shift (S3). `mark` is what whoever signs
    the entry stops at, as long as nothing that the register `marks` happened after it.
    """

    sentence: str
    icon: str
    values: dict[str, Any] = field(default_factory=dict)
    tone: Tone = "idle"
    note: str = ""
    changes: tuple[Change, ...] = ()
    quiet: bool = False
    mark: State | None = None


@dataclass(frozen=True)
class Filter:
    """A choice that narrows a register. `clause` takes the chosen value and now; `choices` gives (value, msgid).

    `by_reader` takes the place of `clause` where it depends on who reads: what is mine.
    """

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    clause: Callable[[str, datetime], ColumnElement[bool]]
    by_reader: Callable[[str, Actor], ColumnElement[bool]] | None = None


@dataclass(frozen=True, eq=False)
class Register:
    """One register (登记表).

    `one` names one entry by its %(number)s. `statement` selects the columns that rows need, `full` also those that
    one entry's page needs; `site`, `at` and `id` are the keyset, `by_ref` the column of the random name; `details`
    are the columns of the entry's page alone. `search` gives a clause for typed text at a site; `still_open` what
    waits for somebody at an instant; `state` how a row stands; `line` describes a row in one sentence (msgid, values),
    `happened` an event of it; `find` gives the best few entries for the desk's search box; `limit`
    narrows the entries to those that an actor may see, where not everybody who reads the register sees all of it,
    `unlimited` says whether this actor does, and `find` then takes the actor after text, site and how many. `lasting`
    and `erasable` are the fields of the entry's record that a signature binds (R2): what stays for good, and what
    retention takes away once `erased_at` is set. A field that changes without an event is in neither; a record of which
    nothing is erased needs no `erased_at`.
    `entered` is the column of when an entry was made, where `at` is the time that it is about.
    `marks` is a clause for the events that set the mark of an entry or take it away.
    `work` is False where entries are no work that is done or left: no duty asks for them, no day counts them.
    """

    name: str
    title: str
    short: str
    one: str
    icon: str
    subject: str
    read: Permission
    unmask: Permission
    endpoint: str
    statement: Callable[[], Select[Any]]
    full: Callable[[], Select[Any]]
    site: Any
    at: Any
    id: Any
    by_ref: Any
    columns: tuple[Column, ...]
    details: tuple[Column, ...]
    filters: tuple[Filter, ...]
    search: Callable[[str, int], ColumnElement[bool]]
    still_open: Callable[[datetime], ColumnElement[bool]]
    state: Callable[[Any, datetime], State]
    ref: Callable[[Any], str]
    line: Callable[[Any], tuple[str, dict[str, Any]]]
    happened: Callable[[Any], Happening]
    find: Callable[..., Sequence[Any]]
    limit: Callable[[Actor], ColumnElement[bool]] | None = None
    unlimited: Callable[[Actor], ColumnElement[bool]] | None = None
    lasting: tuple[str, ...] = ()
    erasable: tuple[str, ...] = ()
    work: bool = True
    entered: Any = None
    marks: Callable[[], ColumnElement[bool]] | None = None

    @property
    def made(self) -> Any:
        """The column of when an entry was made, never later than now."""
        return self.at if self.entered is None else self.entered

    @property
    def model(self) -> Any:
        """The class of the entries' records; each has a `number` that counts the entries of a site without gaps."""
        return self.id.class_

    @property
    def number(self) -> Any:
        """The column of the number."""
        return self.model.number


@dataclass(frozen=True)
class Holding:
    """Something that a visitor still has (V14): the register and the entry that say so, and a sentence with its values:
    `sentence` while the visitor is there to hear it, `after` once the visitor is gone.
    """

    register: Register
    ref: str
    sentence: str
    after: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HandedOut:
    """When something was handed out to a visitor, and how it is called."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Asked:
    """Something that is asked of one of the staff, whoever asks it: a sentence with its values, and where it stands."""

    sentence: str
    values: dict[str, Any]
    endpoint: str


@dataclass(frozen=True)
class Question:
    """What may be asked of one of the staff: who answers it, how often it is asked, and the words for that often.

    `count` is asked with `me` (the person) and `here` (the site where the person works now).
    """

    permission: Permission
    count: Callable[[], Select[Any]]
    words: Callable[[int], Asked]


_TABLE: dict[str, Register] = {}
_TOLD: dict[str, Callable[[Any], Happening]] = {}
_ASKED: list[Question] = []
Ask = Callable[[Sequence[int]], dict[int, list[Holding]]]
_HOLDINGS: list[Ask] = []
AskHandedOut = Callable[[int, int], list[HandedOut]]
_HANDED_OUT: list[AskHandedOut] = []


def add(register: Register) -> Register:
    """Put a register into the table."""
    _TABLE[register.name] = register
    return register


def get(name: str) -> Register:
    """The register of that name; raises KeyError."""
    return _TABLE[name]


def everyone() -> list[Register]:
    """Every register that stands, in the order in which they were put into the table."""
    return list(_TABLE.values())


def tells(noun: str, words: Callable[[Any], Happening]) -> None:
    """Give the words of what another noun writes into the history of an entry: events of the kind `<noun>.…`."""
    _TOLD[noun] = words


def happening(register: Register, line: Any) -> Happening:
    """An event in the history of an entry in words, whichever noun wrote it."""
    return _TOLD.get(line.kind.partition(".")[0], register.happened)(line)


def asks(question: Question) -> None:
    """Register what may be asked of one of the staff at the site where the person works now."""
    _ASKED.append(question)


def questions() -> Sequence[Question]:
    """What may be asked, in an order that stays."""
    return _ASKED


def asked_of(actor: Actor, counts: Sequence[int]) -> list[Asked]:
    """What is asked of that person, the counts of `questions()` given."""
    found = zip(_ASKED, counts, strict=True)
    return [one.words(count) for one, count in found if count and actor.may(one.permission)]


def of_subject(subject: str) -> Register | None:
    """The register whose entries the history calls so, or None."""
    return next((register for register in _TABLE.values() if register.subject == subject), None)


def holds(ask: Ask) -> Ask:
    """Register what is asked when visitors leave; it takes the ids of visits and gives what each of them still has."""
    _HOLDINGS.append(ask)
    return ask


def holdings_among(visit_ids: Sequence[int]) -> dict[int, list[Holding]]:
    """What the visitors of these visits have to hand back, whichever noun lent it; who has nothing is left out."""
    found: dict[int, list[Holding]] = {}
    for ask in _HOLDINGS if visit_ids else ():
        for visit_id, holdings in ask(visit_ids).items():
            found.setdefault(visit_id, []).extend(holdings)
    return found


def holdings_of(visit_id: int) -> list[Holding]:
    """What the visitor of that visit still has to hand back (V14)."""
    return holdings_among([visit_id]).get(visit_id, [])


def hands_out(ask: AskHandedOut) -> AskHandedOut:
    """Register what is asked when the times of a visit are corrected; it takes site and visit, and gives what was
    handed out to the visitor, the first first.
    """
    _HANDED_OUT.append(ask)
    return ask


def handed_out(*, site_id: int, visit_id: int) -> list[HandedOut]:
    """What the visitor of that visit was handed, whoever handed it out, the first first."""
    return sorted((one for ask in _HANDED_OUT for one in ask(site_id, visit_id)), key=lambda one: one.at)


def all_for(actor: Actor) -> list[Register]:
    """The registers that the actor may read where it works now."""
    return [register for register in _TABLE.values() if actor.may(register.read)]
