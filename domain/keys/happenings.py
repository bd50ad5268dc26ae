"""What happened to a loan, a key, a set or an approval, in words."""

from datetime import datetime
from typing import Any

from domain.keys.acknowledgements import Acknowledged
from domain.registers import Happening
from domain.text import N_

SIMPLE = {
    "loan.lent": Happening(N_("Handed out"), "key"),
    "loan.return_confirmed": Happening(N_("Who brought it confirmed the return"), "check", quiet=True),
    "notice.failed": Happening(N_("A message could not be delivered"), "warn", tone="late"),
    "loan.code_sent": Happening(N_("Sent the borrower a code"), "phone", quiet=True),
    "key.added": Happening(N_("Entered"), "plus"),
    "key.changed": Happening(N_("Changed"), "pen"),
    "key.lost": Happening(N_("Reported lost: frozen, the supervisor told, a slip opened"), "warn", tone="late"),
    "key.found": Happening(N_("Found again"), "check", tone="ok"),
    "key.retired": Happening(N_("Retired"), "minus"),
    "key.reservation_cancelled": Happening(N_("Reservation cancelled"), "minus"),
    "key_set.added": Happening(N_("Made a set"), "plus"),
    "key_approval.asked": Happening(N_("Asked for approval"), "stamp", tone="wait"),
    "key_approval.granted": Happening(N_("Approved"), "stamp", tone="ok"),
    "key_approval.denied": Happening(N_("Approval refused"), "x", tone="late"),
    "key_approval.withdrawn": Happening(N_("No longer asked"), "minus"),
}
ACKNOWLEDGED: dict[str, str] = {
    Acknowledged.SIGNATURE: N_("The borrower signed"),
    Acknowledged.CODE: N_("The borrower gave the code that was sent"),
    Acknowledged.PAPER: N_("The borrower signed on paper"),
}
CHASED = {
    1: N_("Due: the borrower was reminded"),
    2: N_("Overdue: the desk was told"),
    3: N_("Long overdue: the supervisor was told"),
}
NOT_REACHED = N_("Due: there is no address to remind the borrower at, call")
HANDED_IN = {
    "on_hook": N_("Handed in although it was not out"),
    "retired": N_("Handed in although it is retired"),
}


def _returned(facts: dict[str, Any], entered: dict[str, Any]) -> Happening:
    note = " · ".join(str(entered[name]) for name in ("brought_by", "condition") if entered.get(name))
    if facts.get("left"):
        return Happening(N_("Partly back, %(left)d still out"), "in", {"left": facts["left"]}, tone="wait", note=note)
    if facts.get("by_other"):
        return Happening(N_("Brought back by somebody else"), "in", tone="ok", note=note)
    return Happening(N_("Returned late") if facts.get("late") else N_("Returned"), "in", tone="ok", note=note)


def happened(event: Any) -> Happening:
    """The event in words. Takes a row with `kind`, `facts` and, for an entry's own history, `entered`."""
    facts, entered = event.facts or {}, getattr(event, "entered", None) or {}
    note = str(entered.get("note") or entered.get("reason") or "")
    if simple := SIMPLE.get(event.kind):
        return Happening(simple.sentence, simple.icon, tone=simple.tone, note=note, quiet=simple.quiet)
    match event.kind:
        case "loan.returned":
            return _returned(facts, entered)
        case "loan.key_lost":
            return Happening(N_("Reported lost"), "warn", tone="late")
        case "loan.acknowledged":
            return Happening(ACKNOWLEDGED.get(str(facts.get("how")), N_("Acknowledged")), "pen", quiet=True)
        case "loan.chased":
            step = int(facts.get("step", 1))
            words = CHASED.get(step, CHASED[1]) if facts.get("told", True) else NOT_REACHED
            return Happening(words, "bell", tone="late" if step > 1 else "wait")
        case "loan.called":
            return Happening(N_("Called the borrower"), "phone", note=note)
        case "key.moved":
            values = {"before": facts.get("hook_before"), "hook": facts.get("hook")}
            return Happening(N_("Moved from hook %(before)s to hook %(hook)s"), "swap", values)
        case "key.tag_changed":
            values = {"before": facts.get("before"), "tag": facts.get("tag")}
            return Happening(N_("Tag %(before)s became %(tag)s"), "swap", values)
        case "key.copied":
            return Happening(N_("Copies made: now %(copies)d"), "key", {"copies": facts.get("copies", 0)})
        case "key.set_changed" if facts.get("set_id"):
            return Happening(N_("Joined the set %(set)s"), "plus", {"set": facts.get("set")})
        case "key.set_changed":
            return Happening(N_("Left the set %(set)s"), "minus", {"set": facts.get("set")})
        case "key.handed_in":
            return Happening(HANDED_IN.get(str(facts.get("was")), N_("Handed in")), "in")
        case "key.reserved":
            since = datetime.fromisoformat(facts["starts_at"])
            return Happening(N_("Reserved from %(since)s"), "calendar", {"since": since})
        case "loan.unmasked":
            return Happening(N_("Looked at in full"), "eye", note=note, quiet=True)
        case _:
            return Happening(N_("Changed"), "log", quiet=True)
