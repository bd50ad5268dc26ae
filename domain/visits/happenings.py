"""What happened to a visit, in words: one sentence for each kind of event, and what it changed or noted."""

from datetime import datetime
from typing import Any

from domain.masking import mask_name, mask_phone, mask_plate
from domain.registers import Change, Happening, State
from domain.text import N_
from domain.visits.models import HostAnswer
from domain.visits.notice_shown import AT_DESK

SIGNED_IN = {
    "kiosk": N_("Signed in at the kiosk"),
    "own": N_("Signed in on the own phone"),
    "desk": N_("Signed in at the desk"),
}
SIGNED_OUT = {
    "badge": N_("Signed out by badge"),
    "desk": N_("Signed out at the desk"),
    "closing": N_("Signed out at closing, seen leaving"),
}
LEFT_WITH_A_KEY = State(N_("Left with a key"), "key", "late")
GONE_WITH_A_KEY = State(N_("Probably left with a key"), "key", "late")
ANSWERED: dict[str, str] = {
    HostAnswer.SEND_UP: N_("Answered: send up"),
    HostAnswer.MEET: N_("Answered: comes to the lobby"),
    HostAnswer.REFUSE: N_("Answered: cannot receive"),
}
SIMPLE = {
    "visit.sign_out_undone": Happening(N_("Sign-out taken back"), "back"),
    "visit.cancelled": Happening(N_("Gave up waiting"), "minus"),
    "visit.answer_told": Happening(N_("Told the visitor"), "check", quiet=True),
    "visit.deputy_told": Happening(N_("No answer: told the deputy"), "users", tone="wait"),
    "visit.host_called": Happening(N_("Told the host by telephone"), "phone"),
    "visit.host_not_reached": Happening(N_("Called the host, reached nobody"), "phone", tone="late"),
    "visit.answer_taken_back": Happening(N_("Answer taken back: waits again"), "back"),
    "visit.reminded": Happening(N_("Reminded the host"), "bell"),
    "notice.failed": Happening(N_("The host could not be told: please call"), "warn", tone="late"),
    "visit.language_chosen": Happening(N_("Chose another language"), "globe", quiet=True),
    "visit.badge_printed": Happening(N_("Printed the badge again"), "print", quiet=True),
}
FIELDS = {
    "name": (N_("Name"), mask_name),
    "phone": (N_("Mobile phone"), mask_phone),
    "organisation": (N_("Organisation"), None),
    "companions": (N_("Companions"), None),
    "plate": (N_("Vehicle plate"), mask_plate),
    "goods": (N_("What you bring in"), None),
    "unit_id": (N_("Whom to see"), None),
    "host_id": (N_("Whom to see"), None),
    "purpose_id": (N_("Purpose"), None),
    "arrived_at": (N_("In"), None),
    "left_at": (N_("Out"), None),
}
TIMES = ("arrived_at", "left_at")


def _changes(facts: dict[str, Any], entered: dict[str, Any]) -> tuple[Change, ...]:
    """What a correction changed: times stand in the facts, what names people in what was entered. Of the purpose, and
    of whom in older lines, the field alone: ids tell nobody anything.
    """
    changes: dict[str, Change] = {}
    for name in facts.get("fields", []):
        label, mask = FIELDS[name]
        if name in TIMES:
            changes[label] = Change(label, _instant(facts.get(f"{name}_before")), _instant(facts.get(name)))
            continue
        before, after = str(entered.get(f"{name}_before", "")), str(entered.get(name, ""))
        changes[label] = Change(label, before, after, mask)
    return tuple(changes.values())


def _instant(written: str | None) -> datetime | str:
    return datetime.fromisoformat(written) if written else ""


def happened(event: Any) -> Happening:
    """The event of a visit in words. Takes a row with `kind`, `facts` and, for an entry's own history, `entered`."""
    facts, entered = event.facts or {}, getattr(event, "entered", None) or {}
    if simple := SIMPLE.get(event.kind):
        return simple
    match event.kind:
        case "visit.signed_in" if facts.get("source") == "desk" and "notice" in facts:
            return Happening(AT_DESK[bool(facts["notice"])], "in")
        case "visit.signed_in":
            return Happening(SIGNED_IN.get(str(facts.get("source")), SIGNED_IN["kiosk"]), "in")
        case "visit.signed_out" if facts.get("holds"):
            return Happening(N_("Signed out although a key is not back"), "key", tone="late", mark=LEFT_WITH_A_KEY)
        case "visit.presumed_left" if facts.get("holds"):
            words = N_("Not seen leaving, marked as probably left although a key is not back")
            return Happening(words, "key", tone="late", mark=GONE_WITH_A_KEY)
        case "visit.presumed_left":
            return Happening(N_("Not seen leaving, marked as probably left"), "hide", tone="late")
        case "visit.signed_out":
            return Happening(SIGNED_OUT.get(str(facts.get("how")), SIGNED_OUT["desk"]), "out")
        case "visit.answered":
            return Happening(ANSWERED.get(str(facts.get("answer")), N_("Answered")), "done", tone="ok")
        case "visit.corrected":
            return Happening(N_("Corrected"), "pen", note=entered.get("why", ""), changes=_changes(facts, entered))
        case "visit.lingering_noted":
            until = datetime.fromisoformat(facts["due_at"])
            return Happening(N_("Stays until %(until)s"), "late", {"until": until}, note=entered.get("note", ""))
        case "visit.unmasked":
            return Happening(N_("Looked at in full"), "eye", note=entered.get("reason", ""), quiet=True)
        case _:
            return Happening(N_("Changed"), "log", quiet=True)
