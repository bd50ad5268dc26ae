"""What happened to a reservation, in words."""

from datetime import datetime
from typing import Any

from domain.registers import Happening
from domain.text import N_

SIMPLE = {
    "meeting.reserved": Happening(N_("Reserved"), "calendar"),
    "meeting.started": Happening(N_("Begun"), "play", tone="accent"),
    "meeting.ended": Happening(N_("Ended early: the room is free"), "check", tone="ok"),
    "meeting.cancelled": Happening(N_("Called off"), "minus"),
    "meeting.ordered": Happening(N_("Service ordered"), "list", quiet=True),
    "meeting.assigned": Happening(N_("Attendant assigned"), "user", quiet=True),
    "meeting.taken": Happening(N_("Attendant took it on"), "user", quiet=True),
    "meeting.offered": Happening(N_("Colleague asked to serve instead"), "swap", quiet=True),
    "meeting.agreed": Happening(N_("Colleague serves instead"), "swap"),
    "meeting.declined": Happening(N_("Colleague cannot serve"), "swap", quiet=True),
    "meeting.tick_back": Happening(N_("A tick was taken back"), "back", quiet=True),
    "meeting.prepared_anew": Happening(N_("Moved: to be prepared anew"), "back", quiet=True),
    "meeting.closed": Happening(N_("Closed: equipment checked, power off, key back"), "lock", tone="ok"),
    "meeting.confirmation_asked": Happening(N_("Organiser asked to confirm the service"), "out", quiet=True),
    "meeting.granted": Happening(N_("Agreed to"), "check", tone="ok"),
    "meeting.refused": Happening(N_("Refused"), "x", tone="wait"),
    "meeting.expired": Happening(N_("Nobody decided in time: the room is free"), "x", tone="wait"),
    "meeting.kept_for": Happening(N_("The room is held for who was waiting"), "wait", tone="wait"),
    "meeting.accepted": Happening(N_("Taken by who was waiting"), "check", tone="ok"),
    "meeting.revived": Happening(N_("Takes place after all"), "back"),
}


def of_service(kind: str, facts: dict[str, Any], entered: dict[str, Any]) -> Happening:
    """A line of the service: a step, a fault, what the organiser said."""
    note = str(entered.get("reason", "") or entered.get("comment", ""))
    match kind:
        case "meeting.ticked":
            return Happening(N_("A step of the service is done"), "check", tone="ok", note=_step(facts), quiet=True)
        case "meeting.skipped":
            said = ": ".join(filter(None, (_step(facts), note)))
            return Happening(N_("A step of the service was skipped"), "minus", tone="wait", note=said)
        case "meeting.tick_late":
            return Happening(N_("A tick came too late"), "late", note=note, quiet=True)
        case "meeting.fault":
            values = {"number": f"{facts.get('slip_number', 0):04d}"}
            return Happening(N_("Fault found: slip %(number)s"), "repair", values, tone="wait")
        case _:
            poor = facts.get("answer") == "poor"
            words = N_("The organiser was not satisfied") if poor else N_("The organiser confirmed the service")
            return Happening(words, "stamp", tone="wait" if poor else "ok", note=note)


def _step(facts: dict[str, Any]) -> str:
    """The site's own words of a step; the house's have none here."""
    return str(facts.get("step", ""))


def happened(event: Any) -> Happening:
    """The event in words. Takes a row with `kind`, `facts` and, for an entry's own history, `entered`."""
    facts, entered = event.facts or {}, getattr(event, "entered", None) or {}
    note = str(entered.get("reason", ""))
    if simple := SIMPLE.get(event.kind):
        return Happening(simple.sentence, simple.icon, tone=simple.tone, note=note)
    match event.kind:
        case "meeting.moved" if facts.get("other_room"):
            begins = datetime.fromisoformat(facts["begins_at"])
            return Happening(
                N_("Moved to %(room)s, %(begins)s"), "swap", {"room": facts["room"], "begins": begins}, tone="info"
            )
        case "meeting.moved":
            begins = datetime.fromisoformat(facts["begins_at"])
            return Happening(N_("Moved to %(begins)s"), "swap", {"begins": begins}, tone="info")
        case "meeting.extended":
            ends = datetime.fromisoformat(facts["ends_at"])
            return Happening(N_("Extended until %(ends)s"), "late", {"ends": ends})
        case "meeting.released":
            by_itself = facts.get("by_itself")
            words = (
                N_("Nobody had begun in time: the room is free") if by_itself else N_("Nobody came: the room is free")
            )
            return Happening(words, "x", tone="wait")
        case "meeting.ticked" | "meeting.skipped" | "meeting.tick_late" | "meeting.confirmed" | "meeting.fault":
            return of_service(event.kind, facts, entered)
        case "meeting.lost_property":
            values = {"number": f"{facts.get('slip_number', 0):04d}"}
            return Happening(N_("Lost property found: slip %(number)s"), "search", values, tone="info")
        case "notice.failed":
            return Happening(N_("The message could not be delivered: please call"), "warn", tone="late", quiet=True)
        case "meeting.unmasked":
            return Happening(N_("Looked at in full"), "eye", note=note, quiet=True)
        case _:
            return Happening(N_("Changed"), "pen", quiet=True)
