"""Every line that the domain can write into the history has words, and what it speaks of has a name."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from domain import all_models, registers  # noqa: F401
from domain.exports.models import ExportState
from domain.history_register import GROUPS
from domain.history_words import (
    CHANGED,
    FOR_REVIEW,
    HAPPENED,
    THINGS,
    TO_CALL_FOUND,
    TO_CALL_HOST,
    TO_CORRECT,
    happening_of,
    reason_of_ours,
)
from domain.meetings.catalogue import SUBJECTS
from domain.permissions import GRANTS, Permission

DOMAIN = Path(__file__).parents[2] / "domain"
NOT_READ = {
    "exports/making.py": {f"export.{state}" for state in (ExportState.DONE, ExportState.FAILED)},
    "history.py": {f"{one.subject}.unmasked" for one in registers.everyone()},
    "meetings/approvals.py": {"meeting.granted", "meeting.refused"},
    "meetings/attendants.py": {"meeting.agreed", "meeting.declined"},
    "meetings/catalogue.py": {
        f"{noun}.{what}" for noun in SUBJECTS.values() for what in ("added", "changed", "retired", "counted")
    }
    - {"service_template.counted", "step_template.counted"},
    "people/accounts.py": set(),
    "review/comments.py": {f"review.{one}" for one in ("said", "asked", "answered", "accepted")},
    "slips/operations.py": {
        f"{noun}.{what}" for noun in ("department", "slip_kind") for what in ("changed", "retired")
    },
    "subjects.py": {"key_approval.unmasked", "key_reservation.unmasked", "room_wish.unmasked"},
    "visits/calls.py": {"call.answered", "call.settled"},
    "visits/departures.py": {"visit.signed_out", "visit.presumed_left"},
}
"""What is put together of more than a reader of the source sees, by module."""


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _first(call: ast.Call) -> list[ast.expr]:
    """What may stand as the argument that says the kind: the first, after the slip where a slip goes on."""
    place = 1 if _name(call) == "_step" else 0
    if len(call.args) <= place:
        return []
    found = call.args[place]
    return [found.body, found.orelse] if isinstance(found, ast.IfExp) else [found]


def _calls() -> Iterator[tuple[str, str, str, ast.Call]]:
    """Module, package, function around it, and call: every call of the domain."""
    for path in sorted(DOMAIN.rglob("*.py")):
        where = path.relative_to(DOMAIN).as_posix()
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call):
                        yield where, where.rpartition("/")[0], function.name, call


def written() -> tuple[set[str], set[str]]:
    """The kinds that are written, and the modules in which some of them cannot be read."""
    calls = [(*around, argument) for around in _calls() for argument in _first(around[3])]
    prefixes: dict[tuple[str, str], str] = {}
    kinds: set[str] = set()
    dark: set[str] = set()
    for _ in range(3):  # a helper of a helper of `events.record`
        for where, package, function, call, argument in calls:
            called = _name(call)
            is_record = called == "record" and ast.unparse(call.func) == "events.record"
            prefix = "" if is_record else prefixes.get((where, called), prefixes.get((package, called)))
            if prefix is None:
                continue
            match argument:
                case ast.Constant(value=str(value)):
                    kinds.add(prefix + value)
                case ast.Name(id="kind"):
                    place = where if function.startswith("_") else package
                    prefixes[place, function] = prefix
                case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue(ast.Name(id="kind"))]):
                    prefixes[where if function.startswith("_") else package, function] = prefix + start
                case _:
                    dark.add(where)
    return kinds, dark


def line(kind: str) -> SimpleNamespace:
    """A line of that kind with whatever its words ask for."""
    moments = dict.fromkeys(("due_at", "promise_at", "begins_at", "ends_at", "starts_at"), "2026-11-30T09:00:00+00:00")
    subject = {one.subject: one.subject for one in registers.everyone()}.get(kind.partition(".")[0], "visit")
    facts = moments | {"room": "松厅", "fields": []}
    return SimpleNamespace(kind=kind, subject=subject, facts=facts, thing_number=1)


def test_every_kind_that_the_domain_writes_has_words():
    kinds, dark = written()
    unread = dark - set(NOT_READ)
    assert not unread, f"{unread}: say in NOT_READ which kinds of events are written there."
    kinds = kinds.union(*NOT_READ.values())
    assert {"visit.signed_in", "slip.promise_moved", "meeting.ticked", "host.link_cut"} <= kinds
    ours = {kind for kind in kinds if not kind.startswith("person.")} | {"person.erased"}
    silent = sorted(kind for kind in ours if happening_of(line(kind))[0] == CHANGED and not kind.endswith(".changed"))
    assert not silent, f"{silent}: give them words, in domain/history_words.py or where their register tells of them."


def test_accounts_belong_to_no_site_and_stand_in_no_site_s_history():
    source = (DOMAIN / "people/history.py").read_text()
    assert "site_id=events.HOUSE" in source, "Accounts have events of a site now: give their kinds words."


def test_what_a_line_speaks_of_has_a_name_and_a_place_among_the_filters():
    grouped = {subject for _words, subjects in GROUPS.values() for subject in subjects}
    assert grouped | {"person", "demo"} == set(THINGS)
    assert {one.subject for one in registers.everyone()} <= set(THINGS)
    nouns = {kind.partition(".")[0] for kind in HAPPENED}
    beside = {"call", "notice", "key_class", *(f"{one.name}" for one in registers.everyone())}
    assert nouns - beside <= set(THINGS)


def test_who_sees_what_was_entered_with_a_line_may_see_the_entry_in_full():
    readers = GRANTS[Permission.HISTORY_UNMASK][0]
    for register in registers.everyone():
        assert readers <= GRANTS[register.unmask][0], f"{register.name}: the history would show more than its page."


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("to correct the entry", (TO_CORRECT, {})),
        ("更正登记", (TO_CORRECT, {})),
        ("To call about visit 0012, badge A-001", (TO_CALL_HOST, {"number": "0012", "badge": "A-001"})),
        ("为来访 0012（访客证 A-001）打电话", (TO_CALL_HOST, {"number": "0012", "badge": "A-001"})),
        ("从搜索框查号打电话", (TO_CALL_FOUND, {})),
        ("Review: 核对\n电话", (FOR_REVIEW, {"reason": "核对\n电话"})),
        ("the visitor called", None),
        ("", None),
    ],
)
def test_a_reason_of_ours_is_known_in_whatever_language_it_was_written(written: str, told: object) -> None:
    assert reason_of_ours(written) == told
