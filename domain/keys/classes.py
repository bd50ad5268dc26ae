"""What a class of keys allows (K4): the seven of the house with what is usual, and what a site says instead.

Denied unless granted: a class lends to nobody whom it does not name.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.permissions import Role
from domain.text import N_


class Borrower(StrEnum):
    """What somebody is who borrows a key (K2)."""

    OCCUPANT = "occupant"
    STAFF = "staff"
    CONTRACTOR = "contractor"
    VISITOR = "visitor"


BORROWER_NAMES = {
    Borrower.OCCUPANT: N_("Occupant"),
    Borrower.STAFF: N_("Staff"),
    Borrower.CONTRACTOR: N_("Contractor"),
    Borrower.VISITOR: N_("Visitor"),
}


class KeyClass(StrEnum):
    """The classes (K1, K4)."""

    PUBLIC = "public"
    UNIT = "unit"
    MOVE_IN = "move_in"
    MEETING_ROOM = "meeting_room"
    CABINET = "cabinet"
    PLANT_ROOM = "plant_room"
    RESTRICTED = "restricted"


CLASS_NAMES = {
    KeyClass.PUBLIC: N_("Public"),
    KeyClass.UNIT: N_("Unit in custody"),
    KeyClass.MOVE_IN: N_("Move-in"),
    KeyClass.MEETING_ROOM: N_("Meeting room"),
    KeyClass.CABINET: N_("Cabinet"),
    KeyClass.PLANT_ROOM: N_("Plant room"),
    KeyClass.RESTRICTED: N_("Restricted"),
}

READERS = frozenset({Role.RECEPTIONIST, Role.LEAD, Role.SUPERVISOR, Role.MANAGER})
APPROVERS = frozenset({Role.LEAD, Role.SUPERVISOR, Role.MANAGER})
"""Roles that a site may let approve; which of them it is, the class says."""
EVERYONE = frozenset(Borrower)
MOST_APPROVALS = 2


@dataclass(frozen=True)
class Rules:
    """What one class allows at one site.

    `listed_only`: lent to the staff on the class's list; somebody else of the staff needs `unlisted_approvals`, and
    where that is None gets none at all. `approvals` are needed each time. `escalate_minutes` after the due time the
    supervisor is told (K5). `needs_authority`: the owner's or agent's authority is noted. `needs_custodian`: nothing
    is lent until somebody is named who keeps these keys (专人保管). `seen_by`: roles that see these keys at all.
    """

    code: KeyClass
    borrowers: frozenset[Borrower]
    approvals: int = 0
    approvers: frozenset[Role] = frozenset({Role.SUPERVISOR, Role.MANAGER})
    listed_only: bool = False
    unlisted_approvals: int | None = None
    default_minutes: int = 120
    limit_minutes: int = 12 * 60
    escalate_minutes: int = 120
    needs_authority: bool = False
    needs_custodian: bool = False
    custodian_id: int | None = None
    seen_by: frozenset[Role] = READERS

    @property
    def asks_who_brings(self) -> bool:
        """Whether who brings them back is asked to confirm it (K6): where more than the desk's word lends them. Of the
        other keys, handing over and taking are both sides' word.
        """
        return self.listed_only or self.needs_custodian or self.approvals > 0


DEFAULTS: dict[KeyClass, Rules] = {
    rules.code: rules
    for rules in (
        Rules(KeyClass.PUBLIC, EVERYONE),
        Rules(
            KeyClass.UNIT,
            frozenset({Borrower.OCCUPANT, Borrower.STAFF, Borrower.CONTRACTOR}),
            needs_authority=True,
            default_minutes=240,
        ),
        Rules(KeyClass.MOVE_IN, frozenset({Borrower.OCCUPANT, Borrower.STAFF}), default_minutes=240),
        Rules(KeyClass.MEETING_ROOM, frozenset({Borrower.OCCUPANT, Borrower.STAFF})),
        Rules(KeyClass.CABINET, frozenset({Borrower.STAFF}), default_minutes=480),
        Rules(
            KeyClass.PLANT_ROOM,
            frozenset({Borrower.STAFF}),
            listed_only=True,
            needs_custodian=True,
            limit_minutes=120,
            escalate_minutes=30,
        ),
        Rules(
            KeyClass.RESTRICTED,
            frozenset({Borrower.STAFF, Borrower.CONTRACTOR}),
            approvals=1,
            limit_minutes=240,
            escalate_minutes=30,
        ),
    )
}


def strictest(several: Collection[Rules]) -> Rules:
    """The rules of keys that go out together: who may borrow all of them, with the most approvals, for the least time.

    The code is that of the class that asks for the most.
    """
    if len(several) == 1:
        return next(iter(several))
    first, *others = sorted(several, key=lambda rules: list(KeyClass).index(rules.code), reverse=True)
    for other in others:
        unlisted = [rules.unlisted_approvals for rules in (first, other) if rules.listed_only]
        first = replace(
            first,
            borrowers=first.borrowers & other.borrowers,
            approvals=max(first.approvals, other.approvals),
            approvers=first.approvers & other.approvers,
            listed_only=first.listed_only or other.listed_only,
            unlisted_approvals=None if None in unlisted else max((n for n in unlisted if n is not None), default=None),
            default_minutes=min(first.default_minutes, other.default_minutes),
            limit_minutes=min(first.limit_minutes, other.limit_minutes),
            escalate_minutes=min(first.escalate_minutes, other.escalate_minutes),
            needs_authority=first.needs_authority or other.needs_authority,
            needs_custodian=first.needs_custodian or other.needs_custodian,
            custodian_id=first.custodian_id or other.custodian_id,
            seen_by=first.seen_by & other.seen_by,
        )
    return first
