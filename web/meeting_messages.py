"""Notices about meetings as letters: to the organiser with the calendar entry, to those who decide with a link."""

from collections.abc import Callable
from dataclasses import replace

from flask import current_app, g, render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from domain import clock
from domain.calendars import Appointment, CalendarFile, Method, Party, calendar_feed, calendar_for_mail
from domain.delivery.letter import Letter
from domain.meetings.telling import MeetingTelling, telling
from domain.notices import Channel, Notice
from web.frame import house_name
from web.i18n import clock_time, moment, speak

SUBJECTS: dict[str, Callable[[MeetingTelling], str]] = {
    "meeting.reserved": lambda told: _("%(room)s is reserved: %(title)s, %(begins)s", **_said(told)),
    "meeting.changed": lambda told: _("Changed: %(title)s, %(room)s, %(begins)s", **_said(told)),
    "meeting.cancelled": lambda told: _("Called off: %(title)s, %(room)s, %(begins)s", **_said(told)),
    "meeting.released": lambda told: _("%(room)s was released, nobody had come: %(title)s, %(begins)s", **_said(told)),
    "meeting.ended": lambda told: _("Ended early: %(title)s, %(room)s, %(begins)s", **_said(told)),
    "meeting.revived": lambda told: _("Takes place after all: %(title)s, %(room)s, %(begins)s", **_said(told)),
    "meeting.granted": lambda told: _("Agreed to: %(title)s, %(room)s, %(begins)s", **_said(told)),
    "meeting.refused": lambda told: _("Refused: %(title)s, %(room)s, %(begins)s", **_said(told)),
    "meeting.expired": lambda told: _(
        "Not confirmed in time, the room is free again: %(title)s, %(room)s, %(begins)s", **_said(told)
    ),
    "meeting.offered": lambda told: _(
        "%(room)s has become free and is held for you: %(title)s, %(begins)s", **_said(told)
    ),
    "meeting.handed_over": lambda told: _("Somebody else organises it now: %(title)s, %(begins)s", **_said(told)),
    "meeting.asked": lambda told: _("Please decide: %(title)s in %(room)s, %(begins)s", **_said(told)),
}


def _said(told: MeetingTelling) -> dict[str, str]:
    first = told.meetings[0]
    return {"title": told.title, "room": first.place, "begins": moment(first.begins)}


def write_about_meetings(notice: Notice, *, address: str, sender: str) -> Letter | None:
    """The notice as a letter; None when telling makes no sense any more. `address` is where readers reach Foyer,
    `sender` the mail address that calendars show as the one who invites.
    """
    now = clock.now()
    told = telling(notice, now=now)
    if told is None:
        return None
    with current_app.app_context():  # its own `g`: language and zone are the reader's
        g.site = told.site
        speak(told.language)
        subject = SUBJECTS[told.kind](told)
        asked = told.kind == "meeting.asked" and notice.recipient == "person"
        context = {
            "told": told,
            "subject": subject,
            "pairs": _pairs(told),
            "advice": _advice(told),
            "dates": [_when(each) for each in told.meetings] if len(told.meetings) > 1 else [],
            "link": f"{address}/reservations/{told.ref}" if address and asked else "",
        }
        mailed = notice.channel == Channel.MAIL
        return Letter(
            language=told.language,
            subject=subject,
            text=render_template("notices/meeting.txt", **context).strip() + "\n",
            html=render_template("notices/meeting.html", **context),
            addresses=told.addresses,
            calendar=_calendar(told, sender) if mailed else None,
        )


def _when(meeting: Appointment) -> str:
    return _("%(begins)s to %(ends)s", begins=moment(meeting.begins), ends=clock_time(meeting.ends))


def _pairs(told: MeetingTelling) -> list[tuple[str, str]]:
    """What is told of the meeting, as words and values; what is empty is left out."""
    first, many = told.meetings[0], len(told.meetings)
    pairs = [
        (_("Meeting"), told.title),
        (_("Room"), first.place),
        (_("When"), _when(first) if many == 1 else ngettext("%(num)d date", "%(num)d dates", many)),
        (_("How many people"), str(told.people)),
        (_("Organiser"), told.organiser if told.kind == "meeting.asked" else ""),
        (_("Why"), told.reason),
    ]
    return [(word, value) for word, value in pairs if value]


def _advice(told: MeetingTelling) -> str:
    """What the reader can do, in a sentence."""
    until = moment(told.answer_by) if told.answer_by else ""
    tentative = told.meetings[0].standing == "TENTATIVE"
    if told.kind == "meeting.offered":
        return _("It is held until %(until)s. Tell the reception by then whether you take it.", until=until)
    if told.kind == "meeting.asked":
        return _("Without an answer until %(until)s the room is free again.", until=until)
    if told.kind in ("meeting.reserved", "meeting.changed", "meeting.revived") and tentative:
        return _("It is tentative: somebody has to agree to it until %(until)s. You will be told.", until=until)
    if told.kind in ("meeting.released", "meeting.expired", "meeting.refused"):
        return _("If you need the room still, ask the reception.")
    return ""


def _calendar(told: MeetingTelling, sender: str) -> CalendarFile | None:
    now, method = clock.now(), told.method
    if method is None:
        return None
    if method is Method.PUBLISH:
        return CalendarFile(method, calendar_feed(told.title, told.meetings, zone=told.site.zone, now=now))
    parties = {"sender": Party(sender, house_name(told.site))} if sender else {}
    invited = replace(told.meetings[0], invited=[Party(told.addresses[0], told.to)], **parties)  # type: ignore[arg-type]
    return calendar_for_mail(invited, method=method, now=now)
