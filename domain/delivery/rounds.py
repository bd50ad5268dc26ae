"""A round of one channel: claim a notice, write it, send it, note how it went.

Claiming and noting are short transactions of their own, and nothing is open while a server is spoken to. A worker that
is killed in between leaves a claim that runs out; the letter then goes once more, under the same Message-ID.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from enum import Enum

from domain import clock, events, notices
from domain.database import db, reading, writing
from domain.delivery.letter import Carrier, NotTaken, Writer
from domain.identity import SYSTEM
from domain.notices import RETRIES, UNREACHABLE, Channel, Notice, NoticeState
from domain.text import N_

log = logging.getLogger("foyer.delivery")
TOLD = "told"


class Outcome(Enum):
    """How it went with one notice."""

    SENT = "sent"
    NOT_SENT = "not sent"
    ROUND_ENDS = "round ends"


def deliver_due(channel: Channel, *, write: Writer, carrier: Carrier) -> int:
    """Deliver what is due; returns how many were sent. Ends early when the server is not there."""
    sent = 0
    try:
        while ids := _due(channel):
            for notice_id in ids:
                outcome = _deliver(notice_id, write, carrier)
                if outcome is Outcome.ROUND_ENDS:
                    return sent
                if outcome is Outcome.SENT:
                    sent += 1
                    if sent == 1:
                        _hasten(channel)
    finally:
        carrier.close()
    return sent


def _due(channel: Channel) -> list[int]:
    with reading():
        return notices.due(clock.now(), channel=channel)


def _hasten(channel: Channel) -> None:
    with writing():
        notices.hasten(channel, now=clock.now())


def _deliver(notice_id: int, write: Writer, carrier: Carrier) -> Outcome:
    with writing():
        if not notices.claim(notice_id, now=clock.now()):
            return Outcome.NOT_SENT
    try:
        with reading():
            notice = db.session.get_one(Notice, notice_id)
            if notice.tries > len(RETRIES) + 1:  # a worker that dies of a notice never settles it
                raise NotTaken(N_("The message could not be made."), final=True)
            letter = write(notice)
            message_id, told = notice.message_id, notice.facts.get(TOLD, "").split()
        if letter is None:
            with writing():
                notices.drop(notice_id)
            return Outcome.NOT_SENT
        carrier.send(letter, message_id=message_id, told=told)
    except NotTaken as refused:
        _settle_refused(notice_id, refused, now=clock.now())
        return Outcome.ROUND_ENDS if refused.everywhere else Outcome.NOT_SENT
    except Exception:
        log.exception("Notice %d could not be delivered", notice_id)
        _settle_refused(notice_id, NotTaken(N_("The message could not be made.")), now=clock.now())
        return Outcome.NOT_SENT
    with writing():
        notices.settle(notice_id, now=clock.now())
    return Outcome.SENT


def _settle_refused(notice_id: int, refused: NotTaken, *, now: datetime) -> None:
    """Note the failure; one that is final becomes a line in the history of its subject, so that the desk sees it."""
    with writing():
        notice = notices.settle(
            notice_id,
            now=now,
            problem=UNREACHABLE if refused.everywhere else refused.problem,
            final=refused.final,
            facts={TOLD: " ".join(sorted(refused.told))} if refused.told else None,
        )
        if notice.state == NoticeState.FAILED:
            events.record(
                "notice.failed",
                site_id=notice.site_id,
                subject=notice.subject,
                subject_id=notice.subject_id,
                actor=SYSTEM,
                now=now,
                facts={
                    "notice": notice.kind,
                    "channel": notice.channel,
                    "recipient": notice.recipient,
                    "recipient_id": notice.recipient_id,
                    "problem": notice.problem,
                },
            )


class OneAtATime:
    """Runs one round at a time in this process: who comes meanwhile makes the running one go round again.

    A mail server that hangs thus holds one thread of the worker, and chat goes on.
    """

    def __init__(self) -> None:
        self._running = threading.Lock()
        self._wanted = threading.Event()

    def run(self, round_: Callable[[], object]) -> None:
        """Go round until nobody asked for another one."""
        self._wanted.set()
        while self._wanted.is_set() and self._running.acquire(blocking=False):
            try:
                while self._wanted.is_set():
                    self._wanted.clear()
                    round_()
            finally:
                self._running.release()
