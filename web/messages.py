"""Notices as letters, in the language of whoever reads them. Outside of requests: the worker asks.

Links need an address at which the reader reaches Foyer: the `public_url` that was set, else the first trusted host that
is a name of its own. Where neither is known the letter goes without links and says to tell the reception.
"""

from dataclasses import dataclass
from email.utils import parseaddr

from flask import current_app, g, render_template
from flask_babel import gettext as _
from flask_babel import pgettext

from config import Settings
from domain.delivery.letter import Letter, NotTaken
from domain.keys.telling import SUBJECTS as ABOUT_KEYS
from domain.meetings.service_notices import SUBJECT as SERVICE
from domain.meetings.telling import SUBJECTS as ABOUT_MEETINGS
from domain.notices import Channel, Notice
from domain.review.notices import SUBJECT as CORRECTION
from domain.text import N_
from domain.visits.models import HostAnswer
from domain.visits.telling import Telling, telling
from web.cookies import LOOPBACK
from web.i18n import moment, speak
from web.invitation_messages import SUBJECTS as ABOUT_INVITATIONS
from web.invitation_messages import write_about_invitations
from web.key_messages import write_about_keys
from web.meeting_messages import write_about_meetings
from web.report_messages import write_report
from web.review_messages import write_about_review
from web.service_messages import write_about_service


@dataclass(frozen=True)
class Choice:
    """One of the answers a host may give: the words of its button, and its link."""

    value: str
    words: str
    url: str = ""


def answer_choices(base: str = "") -> list[Choice]:
    """The three answers (V4); with links when the address of the answering page is given."""
    words = (
        (HostAnswer.SEND_UP, _("Send up")),
        (HostAnswer.MEET, _("I come to the lobby")),
        (HostAnswer.REFUSE, pgettext("a visitor", "Decline")),
    )
    return [Choice(value, said, f"{base}?say={value}" if base else "") for value, said in words]


def house_address(settings: Settings) -> str:
    """Where readers reach Foyer, without a slash at the end; "" when unknown."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    names = [host for host in settings.trusted_hosts if not host.startswith(".") and host not in LOOPBACK]
    return f"https://{names[0]}" if names else ""


def sender_of(settings: Settings) -> str:
    """In whose name mails are sent; "" when no mail server is set up."""
    return settings.mail_from or settings.smtp_user or (f"foyer@{settings.smtp_host}" if settings.smtp_host else "")


def working_channels() -> tuple[Channel, ...]:
    """The channels over which something can arrive here: mail needs a server."""
    has_mail = bool(current_app.config["SETTINGS"].smtp_host)
    return tuple(channel for channel in Channel if has_mail or channel is not Channel.MAIL)


def write(notice: Notice) -> Letter | None:
    """The notice as a letter; None when telling makes no sense any more."""
    settings = current_app.config["SETTINGS"]
    if notice.subject in ABOUT_KEYS:
        return write_about_keys(notice, address=house_address(settings))
    if notice.subject in ABOUT_MEETINGS:
        return write_about_meetings(notice, address=house_address(settings), sender=parseaddr(sender_of(settings))[1])
    if notice.subject == SERVICE:
        return write_about_service(notice, address=house_address(settings))
    if notice.subject == CORRECTION:
        return write_about_review(notice, address=house_address(settings))
    if notice.subject == "report":
        return write_report(notice, address=house_address(current_app.config["SETTINGS"]))
    if notice.subject in ABOUT_INVITATIONS:
        return write_about_invitations(
            notice, address=house_address(settings), sender=parseaddr(sender_of(settings))[1]
        )
    if notice.subject != "visit":
        raise NotTaken(N_("The message could not be made."), final=True)
    told = telling(notice)
    if told is None:
        return None
    with current_app.app_context():  # its own `g`: language and zone are the reader's
        g.site = told.about.site
        speak(told.language)
        address = house_address(current_app.config["SETTINGS"])
        link = f"{address}/a/{told.token}" if address and told.token else ""
        context = {
            "told": told,
            "about": told.about,
            "subject": _subject(told),
            "pairs": about_pairs(told),
            "choices": answer_choices(link) if link else [],
            "link": link,
        }
        return Letter(
            language=told.language,
            subject=_subject(told),
            text=render_template("notices/visit.txt", **context).strip() + "\n",
            html=render_template("notices/visit.html", **context),
            addresses=told.addresses,
        )


def _subject(told: Telling) -> str:
    about = told.about
    if told.to_site:
        return _("%(name)s has come to see %(whom)s", name=about.name, whom=about.whom)
    if told.kind == "visit.deputy":
        return _("%(name)s waits for %(whom)s: please answer instead", name=about.name, whom=about.whom)
    if told.kind == "visit.reminder":
        return _("%(name)s is still in the lobby for you", name=about.name)
    if about.waits:
        return _("%(name)s waits in the lobby for your answer", name=about.name)
    return _("%(name)s has come to see you", name=about.name)


def about_pairs(told: Telling) -> list[tuple[str, str]]:
    """What is told of the visit, as words and values; what is empty is left out."""
    about = told.about
    pairs = [
        (_("Visitor"), about.name),
        (_("Organisation"), about.organisation),
        (_("Companions"), str(about.companions or "")),
        (_("Whom to see"), about.whom if told.to_site or told.kind == "visit.deputy" else ""),
        (_("Purpose"), about.purpose),
        (_("Where"), about.where or _("Reception")),
        (_("Here since"), moment(about.since)),
        (_("Left"), moment(about.left)),
    ]
    return [(word, value) for word, value in pairs if value]
