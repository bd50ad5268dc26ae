"""What happened to an invitation, in words."""

from datetime import datetime
from typing import Any

from domain.registers import Happening
from domain.text import N_

SIMPLE = {
    "invitation.made": Happening(N_("Invited"), "invite"),
    "invitation.sent_again": Happening(N_("Sent the letter again"), "swap", quiet=True),
    "invitation.reopened": Happening(N_("Holds after all"), "back"),
    "invitation.extended": Happening(N_("Good for longer, with the meeting"), "late", quiet=True),
    "invitation.came": Happening(N_("Has come"), "check", tone="ok"),
    "invitation.shown": Happening(N_("Codes were looked at"), "eye", quiet=True),
    "notice.failed": Happening(N_("The guest could not be written to: please call"), "warn", tone="late"),
}


def happened(event: Any) -> Happening:
    """The event in words. Takes a row with `kind`, `facts` and, for an entry's own history, `entered`."""
    facts, entered = event.facts or {}, getattr(event, "entered", None) or {}
    if simple := SIMPLE.get(event.kind):
        return simple
    match event.kind:
        case "invitation.moved":
            begins = datetime.fromisoformat(facts["begins_at"])
            return Happening(N_("Moved to %(begins)s with its meeting"), "swap", {"begins": begins}, tone="info")
        case "invitation.withdrawn" if facts.get("reason"):
            return Happening(N_("Taken back: the meeting does not take place"), "x", tone="wait")
        case "invitation.withdrawn":
            return Happening(N_("Taken back"), "x")
        case "invitation.unmasked":
            return Happening(N_("Looked at in full"), "eye", note=str(entered.get("reason", "")), quiet=True)
        case _:
            return Happening(N_("Changed"), "log", quiet=True)
