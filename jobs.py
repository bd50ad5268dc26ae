"""The timetable: (name, when, function). It reads like a duty roster.

`when` has the five fields of crontab (minute, hour, day, month, weekday), in UTC: 18:30 is half past two at night in
Shanghai. Each function may run twice, or late, or in two places at once, and does no harm.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from config import Settings
from domain import clock, housekeeping
from domain.database import writing
from domain.delivery.chat import Chat
from domain.delivery.letter import Carrier, NoCarrier
from domain.delivery.mail import MailServer, Post
from domain.delivery.rounds import OneAtATime, deliver_due
from domain.identity import SYSTEM
from domain.keys import chase as key_chase
from domain.keys import erasure as key_erasure
from domain.meetings import erasure as meeting_erasure
from domain.notices import Channel
from domain.slips import erasure as slip_erasure
from domain.text import N_
from domain.visits import answers, drafts, erasure
from web import messages
from web.pictures import photo_folder


@dataclass(frozen=True)
class Job:
    """One line of the timetable; `nudged`: also done at once when a commit wrote a notice."""

    name: str
    when: str
    do: Callable[[], object]
    nudged: bool = False


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def post() -> Carrier:
    """The way to the mail server that is set up, or one that says that there is none."""
    settings = _settings()
    if not settings.smtp_host:
        return NoCarrier(N_("No mail server is set up."))
    return Post(
        MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.mail_from or settings.smtp_user or f"foyer@{settings.smtp_host}",
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
        )
    )


_mail_round, _chat_round = OneAtATime(), OneAtATime()


def deliver_mail() -> None:
    """Send the mails that are due."""
    _mail_round.run(lambda: deliver_due(Channel.MAIL, write=messages.write, carrier=post()))


def deliver_chat() -> None:
    """Post to the chat channels what is due."""
    _chat_round.run(lambda: deliver_due(Channel.CHAT, write=messages.write, carrier=Chat()))


def stand_in() -> None:
    """Tell the deputies of hosts who are silent (V4)."""
    with writing():
        answers.stand_in(now=clock.now(), actor=SYSTEM)


def wipe_drafts() -> None:
    """Remove what was typed, and the pictures that were taken, at kiosks and not sent (V13)."""
    with writing():
        drafts.wipe_expired(clock.now())
    erasure.wipe_left_photos(photos=photo_folder(), now=clock.now())


def erase_brief() -> None:
    """Erase documents and photos 72 hours after the departure (P2)."""
    if erasure.erase_brief(photos=photo_folder(), actor=SYSTEM, now=clock.now()):
        housekeeping.leave_no_trace()


def erase_visits() -> None:
    """Make visits anonymous after the site's days (P2)."""
    erasure.erase_visits(photos=photo_folder(), actor=SYSTEM, now=clock.now())


def chase_keys() -> None:
    """Remind borrowers, the desk and the supervisor of keys that are overdue (K5)."""
    with writing():
        key_chase.chase(now=clock.now(), actor=SYSTEM)


def erase_signatures() -> None:
    """Erase signatures 72 hours after the keys are back (P2)."""
    if key_erasure.erase_signatures(actor=SYSTEM, now=clock.now()):
        housekeeping.leave_no_trace()


def erase_borrowers() -> None:
    """Make loans, slips and meetings anonymous after the site's days (P2, P4)."""
    key_erasure.erase_borrowers(actor=SYSTEM, now=clock.now())
    slip_erasure.erase_slips(actor=SYSTEM, now=clock.now())
    meeting_erasure.erase_meetings(actor=SYSTEM, now=clock.now())


def tidy() -> None:
    """Remove tokens, limits, pairings and sessions that served their time."""
    housekeeping.tidy(clock.now())


def close_the_day() -> None:
    """Cut off what erasing left in the files, and let the database look at its indexes."""
    housekeeping.leave_no_trace()
    housekeeping.optimise()


TIMETABLE = (
    Job("deliver mail", "* * * * *", deliver_mail, nudged=True),
    Job("deliver chat", "* * * * *", deliver_chat, nudged=True),
    Job("stand in", "* * * * *", stand_in),
    Job("chase keys", "* * * * *", chase_keys),
    Job("wipe drafts", "* * * * *", wipe_drafts),
    Job("erase documents and photos", "7 * * * *", erase_brief),
    Job("erase signatures", "17 * * * *", erase_signatures),
    Job("tidy", "10 18 * * *", tidy),
    Job("erase visits", "30 18 * * *", erase_visits),
    Job("erase borrowers", "45 18 * * *", erase_borrowers),
    Job("close the day", "0 20 * * *", close_the_day),
)
