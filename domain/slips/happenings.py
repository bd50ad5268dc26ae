"""What happened to a slip, in words."""

from datetime import datetime
from typing import Any

from domain.registers import Happening
from domain.text import N_

SIMPLE = {
    "slip.written": (N_("Written down"), "pen"),
    "slip.noted": (N_("Noted"), "log"),
    "slip.offered": (N_("Offered to somebody else"), "users"),
    "slip.accepted": (N_("Accepted: a new owner"), "user"),
    "slip.dispatched": (N_("Sent to a department"), "out"),
    "slip.received": (N_("The department has it"), "in"),
    "slip.done": (N_("Done, to be checked"), "done"),
    "slip.checked": (N_("Checked"), "check"),
    "slip.closed": (N_("Closed"), "check"),
    "slip.reopened": (N_("Opened again"), "back"),
}
LEARNED = {"key_found": N_("The key is back")}


def happened(event: Any) -> Happening:
    """The event of a slip in words. Takes a row with `kind`, `facts` and, for an entry's own history, `entered`."""
    facts, entered = event.facts or {}, getattr(event, "entered", None) or {}
    note = str(entered.get("text", ""))
    if learned := LEARNED.get(str(facts.get("learned"))):
        return Happening(learned, "key", tone="ok")
    if event.kind == "slip.promise_moved":
        until = datetime.fromisoformat(facts["promise_at"])
        return Happening(N_("Promised anew for %(until)s"), "late", {"until": until}, note=note)
    if event.kind == "slip.dispatched" and facts.get("department"):
        return Happening(N_("Sent to %(department)s"), "out", {"department": facts["department"]}, note=note)
    if event.kind == "slip.unmasked":
        return Happening(N_("Looked at in full"), "eye", note=entered.get("reason", ""), quiet=True)
    sentence, icon = SIMPLE.get(event.kind, (N_("Changed"), "log"))
    return Happening(sentence, icon, note=note, tone="ok" if event.kind == "slip.closed" else "idle")
