"""The history in words: what a line speaks of, and what happened. What is an entry of a register, that register tells.

Every kind that the domain writes has its words here or there (tests/house/test_history_words.py).
"""

import re
from typing import Any

from domain import registers
from domain.text import N_

Told = tuple[str, dict[str, Any]]

THINGS = {
    "cabinet": N_("Key cabinet"),
    "demo": N_("Demo building"),
    "department": N_("Department"),
    "event": N_("Line of the history"),
    "export": N_("Export"),
    "feed": N_("Calendar address"),
    "host": N_("Occupant"),
    "host_link": N_("Link of an occupant"),
    "invitation": N_("Invitation"),
    "key": N_("Key"),
    "key_approval": N_("Approval for a key"),
    "key_count": N_("Count of keys"),
    "key_reservation": N_("Reservation of a key"),
    "key_set": N_("Set of keys"),
    "kiosk": N_("Kiosk or display"),
    "loan": N_("Loan of a key"),
    "meeting": N_("Meeting"),
    "person": N_("Account"),
    "purpose": N_("Purpose of visits"),
    "reception_call": N_("Call from a kiosk"),
    "report": N_("Report"),
    "review": N_("Signature of a register"),
    "review_comment": N_("Comment on an entry"),
    "room": N_("Meeting room"),
    "room_wish": N_("Waiting for a room"),
    "seals": N_("Seals"),
    "service_item": N_("Item of the service"),
    "service_order": N_("Order of service"),
    "service_step": N_("Step of a run sheet"),
    "service_template": N_("Template of the service"),
    "site": N_("Site"),
    "slip": N_("Slip"),
    "slip_kind": N_("Kind of slips"),
    "step_template": N_("Steps of a run sheet"),
    "unit": N_("Unit"),
    "visit": N_("Visit"),
}
"""What a subject of the history is called where no entry of a register names it."""

ENTERED, CHANGED, RETIRED = N_("Entered"), N_("Changed"), N_("Taken out of use")
LOOKED_AT = N_("Looked at in full")
TO_CORRECT = N_("to correct the entry")
TO_CALL_HOST = N_("To call about visit %(number)s, badge %(badge)s")
TO_CALL_FOUND = N_("To call from the search box")
FOR_REVIEW = N_("Review: %(reason)s")
_SAID_BEFORE = {
    "更正登记": TO_CORRECT,
    "为来访 %(number)s（访客证 %(badge)s）打电话": TO_CALL_HOST,
    "从搜索框查号打电话": TO_CALL_FOUND,
    "签核：%(reason)s": FOR_REVIEW,
}
"""Once they were written in the language of who looked."""


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(sentence)), re.DOTALL)


_OURS = {one: one for one in (TO_CORRECT, TO_CALL_HOST, TO_CALL_FOUND, FOR_REVIEW)} | _SAID_BEFORE
_PATTERNS = [(_pattern(said), ours) for said, ours in _OURS.items()]
"""Reasons that nobody typed, as the history holds them: in English, and told in the reader's language."""


def reason_of_ours(written: str) -> tuple[str, dict[str, str]] | None:
    """The sentence and its values, where Foyer itself wrote the reason; None for what somebody typed."""
    for pattern, sentence in _PATTERNS:
        if found := pattern.fullmatch(written):
            return sentence, found.groupdict()
    return None


ERASED = N_("Personal data past their time erased")
HAPPENED = {
    "cabinet.added": ENTERED,
    "cabinet.changed": CHANGED,
    "call.answered": N_("Answered: somebody goes there"),
    "call.rang": N_("Rang at the desk"),
    "call.settled": N_("Closed: nobody was needed there any more"),
    "demo.made": N_("Demo building filled"),
    "department.added": ENTERED,
    "department.changed": CHANGED,
    "department.retired": RETIRED,
    "event.unmasked": LOOKED_AT,
    "export.asked": N_("File asked for, masked"),
    "export.cancelled": N_("File called off"),
    "export.done": N_("File made"),
    "export.failed": N_("File could not be made"),
    "export.removed": N_("File removed"),
    "export.unmasked": N_("File asked for in full"),
    "feed.made": N_("Calendar address made"),
    "feed.revoked": N_("Calendar address taken back"),
    "host.changed": CHANGED,
    "host.deputy_left": N_("Deputy left: takes no more calls in place of this host"),
    "host.entered": ENTERED,
    "host.left": N_("Left the building"),
    "host.link_cut": N_("Own link cut off"),
    "host.link_made": N_("Own link made"),
    "host.link_sent": N_("Own link mailed"),
    "host.returned": N_("Back in the building"),
    "host.unmasked": LOOKED_AT,
    "invitations.erased": ERASED,
    "key.added": ENTERED,
    "key.changed": CHANGED,
    "key.copied": N_("Copies made"),
    "key.found": N_("Found again"),
    "key.handed_in": N_("Handed in"),
    "key.lost": N_("Reported lost"),
    "key.moved": N_("Moved to another hook"),
    "key.reservation_cancelled": N_("Reservation cancelled"),
    "key.reserved": N_("Reserved"),
    "key.retired": RETIRED,
    "key.set_changed": N_("Joined or left a set"),
    "key.tag_changed": N_("Tag changed"),
    "key_approval.asked": N_("Asked for approval"),
    "key_approval.denied": N_("Approval refused"),
    "key_approval.granted": N_("Approved"),
    "key_approval.unmasked": LOOKED_AT,
    "key_approval.withdrawn": N_("No longer asked"),
    "key_class.changed": N_("Rules of a class of keys changed"),
    "key_class.listed": N_("Somebody was put on the list of a class of keys"),
    "key_class.unlisted": N_("Somebody was taken off the list of a class of keys"),
    "key_count.begun": N_("Count begun"),
    "key_count.explained": N_("Difference explained"),
    "key_count.finished": N_("Count finished"),
    "key_count.slip_opened": N_("Slip written about a difference"),
    "key_reservation.unmasked": LOOKED_AT,
    "key_set.added": N_("Made a set"),
    "keys.erased": ERASED,
    "kiosk.approved": N_("Device approved"),
    "kiosk.changed": CHANGED,
    "kiosk.cut_off": N_("Cut off"),
    "kiosk.entered": ENTERED,
    "kiosk.paired": N_("Device paired"),
    "meetings.erased": ERASED,
    "notice.failed": N_("A message could not be delivered"),
    "person.erased": N_("Data of a person erased on request"),
    "purpose.added": ENTERED,
    "purpose.changed": CHANGED,
    "purpose.moved": N_("Moved in the order"),
    "purpose.retired": RETIRED,
    "report.planned": N_("Said when a report is due, and for whom"),
    "report.prepared": N_("Report prepared"),
    "review.begun": N_("Review of a register begun"),
    "review.duty_set": N_("Said how often a week the registers are checked"),
    "review.signed": N_("Span signed and sealed"),
    "room.added": ENTERED,
    "room.changed": CHANGED,
    "room.picture_added": N_("Picture added"),
    "room.picture_removed": N_("Picture removed"),
    "room.retired": RETIRED,
    "room.rules_set": N_("Rules changed"),
    "room_wish.unmasked": LOOKED_AT,
    "room_wish.waits": N_("Waits for a room"),
    "room_wish.withdrawn": N_("Waits no longer"),
    "seals.checked": N_("History held against its seals"),
    "seals.noted": N_("End of the seals noted anew"),
    "service_item.added": ENTERED,
    "service_item.changed": CHANGED,
    "service_item.counted": N_("Stock counted"),
    "service_item.retired": RETIRED,
    "service_template.added": ENTERED,
    "service_template.changed": CHANGED,
    "service_template.retired": RETIRED,
    "site.added": ENTERED,
    "site.brand_set": N_("Colour and sign changed"),
    "site.changed": CHANGED,
    "site.channels_set": N_("Ways to send messages changed"),
    "site.fields_set": N_("Fields of the kiosk changed"),
    "site.hours_set": N_("Opening hours changed"),
    "site.sealed_given_up": N_("Given up what a lost secret key had sealed"),
    "site.notice_set": N_("Privacy notice or directions changed"),
    "slip_kind.added": ENTERED,
    "slip_kind.changed": CHANGED,
    "slip_kind.retired": RETIRED,
    "slips.erased": ERASED,
    "step_template.added": ENTERED,
    "step_template.changed": CHANGED,
    "step_template.retired": RETIRED,
    "unit.changed": CHANGED,
    "unit.entered": ENTERED,
    "unit.left": N_("Company moved out"),
    "unit.returned": N_("In use again"),
    "visits.erased": ERASED,
}
"""What happened, by kind; of an entry of a register it says so alone what no register has words for."""
ACTORS = {
    "staff": N_("Staff"),
    "kiosk": N_("Kiosk"),
    "visitor": N_("Visitor"),
    "host": N_("Host"),
    "system": N_("Foyer by itself"),
}


def thing_of(row: Any) -> Told:
    """What a line speaks of: the entry by its number, else the kind of thing."""
    register = registers.of_subject(row.subject)
    number = row.thing_number or (row.facts or {}).get("number")
    if register is not None and number:
        return register.one, {"number": f"{number:04d}"}
    return THINGS.get(row.subject, N_("Something else")), {}


def happening_of(row: Any) -> Told:
    """What happened, as the thing's own page says it."""
    if row.kind in HAPPENED:
        return HAPPENED[row.kind], {}
    register = registers.of_subject(row.subject)
    if register is None:
        return CHANGED, {}
    what = registers.happening(register, row)
    return what.sentence, what.values


def who_of(row: Any) -> Told:
    """Who did it: one of the staff and a kiosk by name."""
    name = row.person_name if row.actor_kind == "staff" else row.kiosk_name if row.actor_kind == "kiosk" else None
    return ("%(name)s", {"name": name}) if name else (ACTORS[row.actor_kind], {})
