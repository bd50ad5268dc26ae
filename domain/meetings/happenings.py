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
    "meeting.revived": Happening(N_("Takes place after all"), "back"),
}


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
        case "meeting.unmasked":
            return Happening(N_("Looked at in full"), "eye", note=note, quiet=True)
        case _:
            return Happening(N_("Changed"), "pen", quiet=True)
