"""P3: whatever holds a person is found when the person asks, or it is written here why not."""

from domain import all_models, subjects  # noqa: F401
from domain.database import Base
from domain.encryption import EncryptedText

PERSONAL = {
    *("name", "phone", "email", "organisation", "plate", "goods", "document", "photo", "signature", "purpose", "notes"),
    *("comment", "brought_by", "escort", "authority", "about", "title", "linger_note", "condition", "reason", "text"),
    *("matter", "outcome", "remark", "channels", "entered", "typed", "explanation", "content", "label"),
}
"""What columns are called that hold a person, or words that may speak of one."""
THINGS = "It names a thing or a place, not a person."
STAFF = "The staff's account: an admin shows, changes and ends it."
OCCUPANT = "An occupant is found in the directory, by whoever keeps it, and leaves it there."
WITH_ENTRY = "It belongs to an entry that is found, and is erased with it."
ELSEWHERE = {
    "cabinets.name": THINGS,
    "departments.email": THINGS,
    "departments.name": THINGS,
    "job_runs.name": THINGS,
    "key_sets.photo": THINGS,
    "keys.photo": THINGS,
    "kiosks.name": THINGS,
    "rooms.name": THINGS,
    "saved_filters.name": THINGS,
    "service_items.name": THINGS,
    "service_steps.name": THINGS,
    "service_templates.name": THINGS,
    "report_plans.addresses": "Who gets the site's reports: whoever plans them takes an address out.",
    "sites.channels": THINGS,
    "sites.name": THINGS,
    "slip_kinds.name": THINGS,
    "step_templates.name": THINGS,
    "tallies.name": THINGS,
    "ticks.outcome": THINGS,
    "calendar_feeds.label": "The owner's own word for an address; it goes when the address is taken back.",
    "people.email": STAFF,
    "people.name": STAFF,
    "people.phone": STAFF,
    "people.totp_secret": STAFF,
    "hosts.channels": OCCUPANT,
    "hosts.email": OCCUPANT,
    "hosts.name": OCCUPANT,
    "hosts.phone": OCCUPANT,
    "drafts.content": "Nobody reads it; it is gone after three minutes.",
    "event_details.entered": "The history's personal part: it is erased with the entry that it speaks of.",
    "exports.typed": "Every file of the site, with what was typed for it, goes when somebody is erased.",
    "key_differences.explanation": "It speaks of keys; a loan that it names is found and erased.",
    "loan_lines.brought_by": WITH_ENTRY,
    "loan_lines.condition": WITH_ENTRY,
    "meeting_confirmations.comment": WITH_ENTRY,
    "meeting_confirmations.signature": WITH_ENTRY,
    "review_lines.text": "Words of the staff on an entry; they go after the site's days, the entry's data at once.",
    "reviews.remark": "Words of the staff on a span; they go after the site's days.",
    "room_wishes.notes": "Who waits is an occupant or of the staff; it goes after the site's days.",
    "room_wishes.title": "Who waits is an occupant or of the staff; it goes after the site's days.",
    "seal_ends.told": THINGS,
    "service_orders.notes": WITH_ENTRY,
    "service_steps.reason": WITH_ENTRY,
    "slip_steps.text": WITH_ENTRY,
}


def personal() -> set[str]:
    """Every column that may hold a person."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name in PERSONAL or isinstance(column.type, EncryptedText)
    }


def columns() -> set[str]:
    """Those of them outside of what is searched when somebody asks."""
    return {name for name in personal() if name.partition(".")[0] not in subjects.reached()}


def test_whatever_holds_a_person_is_found_or_says_why_not():
    missing = columns() - set(ELSEWHERE)
    assert not missing, (
        f"{sorted(missing)}: let the noun say `subjects.keeps(…)` and `@subjects.erases(…)` in its erasure.py, or "
        "write here why a person who asks does not meet it."
    )
    assert not set(ELSEWHERE) - columns(), f"Not there any more: {sorted(set(ELSEWHERE) - columns())}"
