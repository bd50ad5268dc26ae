"""The timetable: (name, when, function). It reads like a duty roster.

`when` has the five fields of crontab (minute, hour, day, month, weekday), in UTC: 18:30 is half past two at night in
Shanghai. Each function may run twice, or late, or in two places at once, and does no harm.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from config import Settings
from domain import clock, housekeeping, job_runs, search
from domain.database import writing
from domain.delivery.chat import Chat
from domain.delivery.letter import Carrier, NoCarrier
from domain.delivery.mail import MailServer, Post
from domain.delivery.rounds import OneAtATime, deliver_due
from domain.exports import clearing
from domain.exports.making import make_due
from domain.identity import SYSTEM
from domain.keys import chase as key_chase
from domain.keys import erasure as key_erasure
from domain.meetings import erasure as meeting_erasure
from domain.meetings import waiting
from domain.notices import Channel
from domain.occupants import erasure as occupant_erasure
from domain.reports import counting, plans
from domain.review import checks, lookout, sealing
from domain.review import erasure as review_erasure
from domain.slips import erasure as slip_erasure
from domain.text import N_
from domain.visits import answers, drafts, erasure, invitation_erasure
from web import messages
from web.pictures import photo_folder
from web.spreadsheets import export_folder, in_words_of, open_sheet

PAUSE = 0.05
"""Seconds between two pieces of work that write much."""


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
            sender=messages.sender_of(settings),
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
    _chat_round.run(lambda: deliver_due(Channel.CHAT, write=messages.write, carrier=Chat(_settings().chat_hosts)))


def stand_in() -> None:
    """Tell the deputies of hosts who are silent (V4)."""
    with writing():
        answers.stand_in(now=clock.now(), actor=SYSTEM)


def look_after_rooms() -> None:
    """Tell of rooms that nobody came to (M7) or agreed to; offer what is free to those who wait for it."""
    with writing():
        waiting.look_after(now=clock.now())


def settle_search() -> None:
    """Put what came today into the index of the search, a few at a time, with a pause in which others come to write."""
    settled = search.SETTLED_AT_ONCE
    while settled == search.SETTLED_AT_ONCE:
        with writing():
            settled = search.settle()
        time.sleep(PAUSE)


def wipe_drafts() -> None:
    """Remove what was typed, and the pictures that were taken, at kiosks and not sent (V13)."""
    with writing():
        drafts.wipe_expired(clock.now())
    erasure.wipe_left_photos(photos=photo_folder(), now=clock.now())


def erase_brief() -> None:
    """Erase documents and photos 72 hours after the departure (P2)."""
    count = erasure.erase_brief(photos=photo_folder(), actor=SYSTEM, now=clock.now())
    if count:
        housekeeping.leave_no_trace()
    job_runs.note("erase documents and photos", count=count, now=clock.now())


def free_codes() -> None:
    """Let go of the digits of invitations that are over (V5)."""
    with writing():
        invitation_erasure.free_codes(now=clock.now())


def erase_visits() -> None:
    """Make visits and invitations anonymous after the site's days (P2)."""
    count = erasure.erase_visits(photos=photo_folder(), actor=SYSTEM, now=clock.now())
    count += invitation_erasure.erase_invitations(actor=SYSTEM, now=clock.now())
    job_runs.note("erase visits", count=count, now=clock.now())


def chase_keys() -> None:
    """Remind borrowers, the desk and the supervisor of keys that are overdue (K5)."""
    with writing():
        key_chase.chase(now=clock.now(), actor=SYSTEM)


def erase_signatures() -> None:
    """Erase signatures 72 hours after the keys are back, or the service was confirmed (P2)."""
    count = key_erasure.erase_signatures(actor=SYSTEM, now=clock.now())
    count += meeting_erasure.erase_signatures(actor=SYSTEM, now=clock.now())
    if count:
        housekeeping.leave_no_trace()
    job_runs.note("erase signatures", count=count, now=clock.now())


def erase_borrowers() -> None:
    """Make loans, slips and meetings anonymous after the site's days (P2, P4)."""
    count = key_erasure.erase_borrowers(actor=SYSTEM, now=clock.now())
    count += slip_erasure.erase_slips(pictures=photo_folder(), actor=SYSTEM, now=clock.now())
    count += meeting_erasure.erase_meetings(actor=SYSTEM, now=clock.now())
    job_runs.note("erase borrowers", count=count, now=clock.now())


_export_round = OneAtATime()


def make_exports() -> None:
    """Make the files that were asked for (R4)."""
    _export_round.run(lambda: make_due(folder=export_folder(), open_sheet=open_sheet, speaking=in_words_of))


def clear_exports() -> None:
    """Remove files of exports of a day ago, and what a killed worker left."""
    clearing.clear_old(folder=export_folder(), now=clock.now())


def erase_exports() -> None:
    """Remove every file that may hold what this night erases, and the reasons of exports after the site's days (P2)."""
    count = clearing.clear_all(folder=export_folder(), now=clock.now())
    clearing.forget_reasons(now=clock.now())
    job_runs.note("erase exports", count=count, now=clock.now())


_count_round = OneAtATime()


def count_figures() -> None:
    """Count the days whose figures may have changed, and those that nobody has counted yet (R3)."""
    _count_round.run(lambda: counting.count_due(now=clock.now()))


def prepare_reports() -> None:
    """Prepare the reports that have fallen due, and mail them to those who get them (R3)."""
    plans.prepare_due(now=clock.now())


def count_again() -> None:
    """Count the last weeks anew: visitors have left since, keys came back (R3)."""
    counting.count_again(now=clock.now())


def seal() -> None:
    """Note which signed entries changed, and seal the history that nobody signed (R2)."""
    lookout.note_changes(now=clock.now())
    sealing.catch_up_everywhere(now=clock.now())


def check_seals() -> None:
    """Hold the history of every site against its seals."""
    checks.check_everywhere(now=clock.now())


def erase_review() -> None:
    """Erase what review knows of people when the entries are anonymous (P2)."""
    count = review_erasure.erase_review(now=clock.now())
    job_runs.note("erase review", count=count, now=clock.now())


def erase_occupants() -> None:
    """Erase how occupants were reached who left the site's days ago (P4)."""
    count = occupant_erasure.erase_left(now=clock.now())
    job_runs.note("erase occupants", count=count, now=clock.now())


def tidy() -> None:
    """Remove tokens, limits, pairings and sessions that served their time."""
    housekeeping.tidy(clock.now())


def close_the_day() -> None:
    """Cut off what erasing left in the files, and let the database look at its indexes."""
    housekeeping.leave_no_trace()
    housekeeping.optimise()


ERASING = (
    *(wipe_drafts, free_codes, erase_brief, erase_signatures, erase_visits, erase_borrowers, erase_occupants),
    *(erase_exports, erase_review, close_the_day),
)
"""What a restored archive goes through before anybody sees it."""

TIMETABLE = (
    Job("deliver mail", "* * * * *", deliver_mail, nudged=True),
    Job("deliver chat", "* * * * *", deliver_chat, nudged=True),
    Job("make exports", "* * * * *", make_exports, nudged=True),
    Job("stand in", "* * * * *", stand_in),
    Job("chase keys", "* * * * *", chase_keys),
    Job("look after rooms", "* * * * *", look_after_rooms),
    Job("settle search", "* * * * *", settle_search),
    Job("wipe drafts", "* * * * *", wipe_drafts),
    Job("erase documents and photos", "7 * * * *", erase_brief),
    Job("erase signatures", "17 * * * *", erase_signatures),
    Job("tidy", "10 18 * * *", tidy),
    Job("free codes", "37 * * * *", free_codes),
    Job("erase visits", "30 18 * * *", erase_visits),
    Job("erase borrowers", "45 18 * * *", erase_borrowers),
    Job("count figures", "* * * * *", count_figures),
    Job("prepare reports", "* * * * *", prepare_reports),
    Job("count again", "20 19 * * *", count_again),
    Job("clear exports", "27 * * * *", clear_exports),
    Job("erase occupants", "47 18 * * *", erase_occupants),
    Job("erase exports", "50 18 * * *", erase_exports),
    Job("erase review", "55 18 * * *", erase_review),
    Job("seal", "30 19 * * *", seal),
    Job("check seals", "40 19 * * 6", check_seals),
    Job("close the day", "0 20 * * *", close_the_day),
)
