"""Every permission with a sentence, and the one table of who has it. Denied unless granted (P1)."""

from enum import StrEnum
from functools import cache

from domain.text import N_


class Named(StrEnum):
    """Texts of a fixed list, found in a set as fast as a text: a page asks a hundred times what somebody may."""

    __hash__ = str.__hash__


class Role(Named):
    """What somebody is at a site; the words are domain.md's."""

    RECEPTIONIST = "receptionist"
    ATTENDANT = "attendant"
    LEAD = "lead"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMIN = "admin"


ROLE_NAMES = {
    Role.RECEPTIONIST: N_("Receptionist"),
    Role.ATTENDANT: N_("Attendant"),
    Role.LEAD: N_("Lead"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.MANAGER: N_("Manager"),
    Role.ADMIN: N_("Admin"),
}

SECOND_FACTOR = frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN})
"""Roles that sign in with a second factor."""


class Permission(Named):
    """What can be done; each value is also the name in the history."""

    SIGNED_IN = "signed_in"
    DESK_WORK = "desk.work"
    VISITS_READ = "visits.read"
    VISITS_WRITE = "visits.write"
    VISITS_UNMASK = "visits.unmask"
    INVITATIONS_READ = "invitations.read"
    INVITATIONS_WRITE = "invitations.write"
    INVITATIONS_UNMASK = "invitations.unmask"
    GUESTS_GREET = "guests.greet"
    KEYS_READ = "keys.read"
    KEYS_LEND = "keys.lend"
    KEYS_APPROVE = "keys.approve"
    KEYS_UNMASK = "keys.unmask"
    KEYS_MANAGE = "keys.manage"
    KEYS_RULES = "keys.rules"
    SLIPS_READ = "slips.read"
    SLIPS_WRITE = "slips.write"
    SLIPS_UNMASK = "slips.unmask"
    SLIPS_MANAGE = "slips.manage"
    MEETINGS_READ = "meetings.read"
    MEETINGS_WRITE = "meetings.write"
    MEETINGS_APPROVE = "meetings.approve"
    MEETINGS_UNMASK = "meetings.unmask"
    ROOMS_MANAGE = "rooms.manage"
    MEETINGS_SERVE = "meetings.serve"
    SERVICE_ASSIGN = "service.assign"
    SERVICE_MANAGE = "service.manage"
    REVIEW_READ = "review.read"
    REVIEW_SIGN = "review.sign"
    REVIEW_COMMENT = "review.comment"
    REVIEW_ANSWER = "review.answer"
    REVIEW_MANAGE = "review.manage"
    HISTORY_READ = "history.read"
    HISTORY_UNMASK = "history.unmask"
    ACCOUNTS_MANAGE = "accounts.manage"
    SITES_MANAGE = "sites.manage"
    KIOSKS_MANAGE = "kiosks.manage"
    OCCUPANTS_MANAGE = "occupants.manage"
    OCCUPANTS_UNMASK = "occupants.unmask"
    HOSTS_CALL = "hosts.call"
    EXPORTS_MAKE = "exports.make"
    REPORTS_READ = "reports.read"
    REPORTS_MANAGE = "reports.manage"
    PRIVACY_SERVE = "privacy.serve"
    PRIVACY_MANAGE = "privacy.manage"


P, R = Permission, Role
EVERYBODY = frozenset(Role)

GRANTS: dict[Permission, tuple[frozenset[Role], str]] = {
    P.SIGNED_IN: (EVERYBODY, N_("Use the own account: password, second factor, language, site")),
    P.DESK_WORK: (frozenset({R.RECEPTIONIST, R.LEAD}), N_("Work the desk of a site")),
    P.VISITS_READ: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("Read the register of visits, personal data masked"),
    ),
    P.VISITS_WRITE: (
        frozenset({R.RECEPTIONIST, R.LEAD}),
        N_("Sign visitors in and out, correct entries, answer calls from a kiosk"),
    ),
    P.VISITS_UNMASK: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR}),
        N_("See a visitor's personal data in full; each look is logged"),
    ),
    P.INVITATIONS_READ: (
        frozenset({R.RECEPTIONIST, R.ATTENDANT, R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("See who is invited and who of them has come, personal data masked"),
    ),
    P.INVITATIONS_WRITE: (
        frozenset({R.RECEPTIONIST, R.LEAD}),
        N_("Invite visitors, take invitations back, mail hosts their own link"),
    ),
    P.INVITATIONS_UNMASK: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR}),
        N_("See a guest's personal data in full; each look is logged"),
    ),
    P.GUESTS_GREET: (
        frozenset({R.RECEPTIONIST, R.ATTENDANT, R.LEAD}),
        N_("See the guests of today and of a meeting by name, to greet them"),
    ),
    P.KEYS_READ: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("See the cabinet and who has which key, as far as the class of the key lets see; borrowers masked"),
    ),
    P.KEYS_LEND: (
        frozenset({R.RECEPTIONIST, R.LEAD}),
        N_("Lend keys, take them back, reserve them, report them lost, count the cabinet"),
    ),
    P.KEYS_APPROVE: (
        frozenset({R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("Grant or refuse a key where its class asks for it, never the own one; which of them, the class says"),
    ),
    P.KEYS_UNMASK: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR}),
        N_("See a borrower's personal data in full; each look is logged"),
    ),
    P.KEYS_MANAGE: (frozenset({R.ADMIN, R.LEAD}), N_("Enter cabinets, keys and sets, move and retire them")),
    P.KEYS_RULES: (
        frozenset({R.ADMIN, R.MANAGER}),
        N_("Say of each class of keys who may borrow, who approves, who is listed, and for how long"),
    ),
    P.SLIPS_READ: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("Read the slips, personal data masked"),
    ),
    P.SLIPS_WRITE: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR}),
        N_("Write slips, take them over, send them to departments, close them"),
    ),
    P.SLIPS_UNMASK: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR}),
        N_("See in full who told of a matter; each look is logged"),
    ),
    P.SLIPS_MANAGE: (frozenset({R.ADMIN, R.LEAD}), N_("Set up the kinds of slips and the departments")),
    P.MEETINGS_READ: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("See the meeting rooms and who has reserved them, organisers among the occupants masked"),
    ),
    P.MEETINGS_WRITE: (
        frozenset({R.RECEPTIONIST, R.LEAD}),
        N_("Reserve meeting rooms, move, extend and call off meetings"),
    ),
    P.MEETINGS_APPROVE: (
        frozenset({R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("Agree to a tentative meeting or refuse it where the room asks for it; whose word counts, the room says"),
    ),
    P.MEETINGS_UNMASK: (
        frozenset({R.RECEPTIONIST, R.LEAD, R.SUPERVISOR}),
        N_("See in full who organises a meeting; each look is logged"),
    ),
    P.ROOMS_MANAGE: (frozenset({R.ADMIN, R.LEAD}), N_("Enter meeting rooms, change their rules, retire them")),
    P.REVIEW_READ: (
        frozenset({R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("Read what waits to be signed, comments, signatures and seals, of every register that the role reads"),
    ),
    P.REVIEW_SIGN: (frozenset({R.SUPERVISOR}), N_("Sign spans of the registers with the own password")),
    P.REVIEW_COMMENT: (
        frozenset({R.SUPERVISOR}),
        N_("Comment on entries, ask for corrections, accept the answers"),
    ),
    P.REVIEW_ANSWER: (
        frozenset({R.RECEPTIONIST, R.ATTENDANT, R.LEAD}),
        N_("Answer when a correction is asked for"),
    ),
    P.REVIEW_MANAGE: (frozenset({R.MANAGER}), N_("Say how often a week the registers are checked")),
    P.HISTORY_READ: (
        frozenset({R.SUPERVISOR, R.MANAGER}),
        N_("Read the history of a site: who did what when, without what was entered about people"),
    ),
    P.HISTORY_UNMASK: (
        frozenset({R.SUPERVISOR}),
        N_("See what was entered with a line of the history; each look is logged"),
    ),
    P.MEETINGS_SERVE: (
        frozenset({R.RECEPTIONIST, R.ATTENDANT, R.LEAD}),
        N_("Serve meetings: see the run sheets of the day, tick their steps, begin and end them, note faults, close"),
    ),
    P.SERVICE_ASSIGN: (frozenset({R.LEAD}), N_("Say who serves which meeting, take ticks of others back")),
    P.SERVICE_MANAGE: (
        frozenset({R.ADMIN, R.LEAD}),
        N_("Keep the catalogue of the meetings' service, its stock, its templates and the steps of a sheet"),
    ),
    P.ACCOUNTS_MANAGE: (frozenset({R.ADMIN}), N_("Make accounts, grant roles, reset passwords")),
    P.SITES_MANAGE: (frozenset({R.ADMIN}), N_("Set up sites: hours, purposes, notices, colour, channels")),
    P.KIOSKS_MANAGE: (frozenset({R.ADMIN}), N_("Pair kiosks and cut them off")),
    P.OCCUPANTS_MANAGE: (frozenset({R.ADMIN, R.LEAD}), N_("Enter units, companies and hosts")),
    P.OCCUPANTS_UNMASK: (
        frozenset({R.ADMIN, R.LEAD}),
        N_("See an occupant's phone and mail in full; each look is logged"),
    ),
    P.HOSTS_CALL: (
        frozenset({R.RECEPTIONIST, R.LEAD}),
        N_("See a host's phone in full to call there; each look is logged"),
    ),
    P.EXPORTS_MAKE: (
        frozenset({R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("Export what a register shows; in full only with a reason and the right to see it so"),
    ),
    P.REPORTS_READ: (
        frozenset({R.LEAD, R.SUPERVISOR, R.MANAGER}),
        N_("See the figures of the site and its prepared reports"),
    ),
    P.REPORTS_MANAGE: (
        frozenset({R.SUPERVISOR, R.MANAGER}),
        N_("Say when each report is due and to whom it is sent"),
    ),
    P.PRIVACY_SERVE: (
        frozenset({R.RECEPTIONIST, R.LEAD}),
        N_("Show people what is kept of them and erase it, once their identity is checked"),
    ),
    P.PRIVACY_MANAGE: (
        frozenset({R.SUPERVISOR, R.MANAGER, R.ADMIN}),
        N_("See how long what is kept, the proof of the erasing, and who looked at what in full"),
    ),
}


@cache
def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """What these roles together may do."""
    return frozenset(permission for permission, (granted, _) in GRANTS.items() if granted & roles)
