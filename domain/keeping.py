"""What is kept of whom, how long, and why (P2): the table that the privacy page shows and the erasing keeps to."""

from dataclasses import dataclass

from domain.text import N_


@dataclass(frozen=True)
class Kept:
    """One line: the data, the purpose, the period; `days` says that it is the site's own; `job` erases it."""

    data: str
    why: str
    period: str
    job: str = ""
    sealed: bool = False


EVERYTHING = (
    Kept(
        N_("A visitor's name, phone, organisation, plate, what is brought in"),
        N_("To tell the host, and for the roll call in an emergency"),
        N_("%(days)d days after the departure; then the visit stays without the person"),
        "erase visits",
    ),
    Kept(
        N_("Digits of a visitor's document, photo"),
        N_("To compare at the turnstile; to know somebody by sight"),
        N_("72 hours after the departure"),
        "erase documents and photos",
        sealed=True,
    ),
    Kept(
        N_("An invited guest's name, phone, mail, organisation"),
        N_("To write to the guest, and to ask nothing twice"),
        N_("%(days)d days after the invitation, whether the guest came or not"),
        "erase visits",
    ),
    Kept(
        N_("A borrower's name and phone, what the key was needed for"),
        N_("Who has a key, and whom to call"),
        N_("%(days)d days after the keys are back"),
        "erase borrowers",
    ),
    Kept(
        N_("A borrower's signature"),
        N_("That the key was handed out"),
        N_("72 hours after the keys are back"),
        "erase signatures",
        sealed=True,
    ),
    Kept(
        N_("Who told of a matter, in which words"),
        N_("To help and to call back"),
        N_("%(days)d days after the slip is closed"),
        "erase borrowers",
    ),
    Kept(
        N_("Who organised a meeting, and its title"),
        N_("To serve the meeting"),
        N_("%(days)d days after the meeting"),
        "erase borrowers",
    ),
    Kept(
        N_("Notes and reasons of a meeting's service, what the organiser said of it"),
        N_("To serve, and to serve better"),
        N_("%(days)d days after the meeting"),
        "erase borrowers",
    ),
    Kept(
        N_("An organiser's signature"),
        N_("That the service was confirmed"),
        N_("72 hours after it was signed"),
        "erase signatures",
        sealed=True,
    ),
    Kept(
        N_("An occupant's phone, mail and chat channels"),
        N_("To tell of visitors"),
        N_("%(days)d days after the occupant left"),
        "erase occupants",
    ),
    Kept(
        N_("Comments and remarks of review"),
        N_("To correct what was entered wrong"),
        N_("%(days)d days after they were written"),
        "erase review",
    ),
    Kept(
        N_("Why somebody looked in full, or exported in full"),
        N_("To prove who saw what"),
        N_("As long as the entry that was looked at; of exports and occupants %(days)d days"),
    ),
    Kept(
        N_("What is typed at a kiosk and not sent"),
        N_("To go on after a question"),
        N_("3 minutes after the last page"),
        sealed=True,
    ),
    Kept(
        N_("Files of exports"),
        N_("For the one who asked"),
        N_("Until the coming night, 24 hours at most"),
        "erase exports",
    ),
    Kept(
        N_("Figures counted by the day"),
        N_("Reports; they name nobody"),
        N_("For good"),
    ),
)
