"""Letters to guests with QR, digits, way and calendar entry, in the guest's language; the same words on a slip for who
has no mail; and the letter that brings a host the own link (V5, M6).
"""

from collections.abc import Callable
from typing import Any

from flask import current_app, g, render_template, url_for
from flask_babel import gettext as _

from domain import clock
from domain.calendars import Appointment, CalendarFile, Method, Party, calendar_for_mail, uid_of
from domain.database import db
from domain.delivery.letter import Letter, Picture
from domain.notices import Notice
from domain.occupants.links import HostLink, token_of
from domain.occupants.models import Host
from domain.sites.models import Site
from domain.visits.invitation_codes import qr_of, show_digits
from domain.visits.invitation_codes import token_of as guest_token
from domain.visits.invitation_models import Invitation
from domain.visits.invitation_telling import GuestLetter, letter_about, letter_of
from web.codes import public_url, qr_png, qr_svg
from web.frame import house_name
from web.i18n import clock_time, day_name, speak
from web.speaking import speaking

SUBJECTS = ("invitation", "host_link")
QR = "invitation"
TITLES: dict[str, Callable[[GuestLetter], str]] = {
    "invitation.made": lambda told: _(
        "Your invitation to %(site)s, %(when)s", site=house_name(told.site), when=when(told)
    ),
    "invitation.moved": lambda told: _(
        "Changed: your visit to %(site)s, %(when)s", site=house_name(told.site), when=when(told)
    ),
    "invitation.withdrawn": lambda told: _(
        "Cancelled: your visit to %(site)s, %(when)s", site=house_name(told.site), when=when(told)
    ),
}


def when(told: GuestLetter) -> str:
    """Fri 21 Nov, 14:00 to 16:00; over several days both of them."""
    begins, ends = told.begins_at, told.ends_at
    if clock.local_date(begins, told.site.zone) == clock.local_date(ends, told.site.zone):
        return _(
            "%(day)s, %(begins)s to %(ends)s", day=day_name(begins), begins=clock_time(begins), ends=clock_time(ends)
        )
    first, last = f"{day_name(begins)} {clock_time(begins)}", f"{day_name(ends)} {clock_time(ends)}"
    return _("%(begins)s to %(ends)s", begins=first, ends=last)


def pairs_of(told: GuestLetter) -> list[tuple[str, str]]:
    """What is told, as words and values; what is empty is left out."""
    pairs = [
        (_("Guest"), told.guest),
        (_("When"), when(told)),
        (_("Where"), " · ".join(filter(None, (house_name(told.site), told.place)))),
        (_("Meeting"), told.title),
        (_("To see"), " · ".join(filter(None, (told.whom, told.company)))),
    ]
    return [(word, value) for word, value in pairs if value]


def _context(told: GuestLetter, link: str) -> dict[str, Any]:
    invitation = told.invitation
    return {
        "told": told,
        "pairs": pairs_of(told),
        "digits": show_digits(invitation.digits) if invitation.digits and not told.withdrawn else "",
        "link": "" if told.withdrawn else link,
        "several": invitation.entries if invitation.entries > 1 else 0,
    }


def write_about_invitations(notice: Notice, *, address: str, sender: str) -> Letter | None:
    """The notice as a letter; None when telling makes no sense any more. `address` is where readers reach Foyer,
    `sender` whom a calendar shows as the one who invites: the host's own address is nobody's (P4).
    """
    if notice.subject == "host_link":
        return _host_letter(notice, address=address)
    told = letter_of(notice)
    if told is None:
        return None
    with current_app.app_context():  # its own `g`: language and zone are the reader's
        g.site = told.site
        speak(told.language)
        subject = TITLES[told.kind](told)
        link = f"{address}/i/{guest_token(told.invitation.ref)}" if address else ""
        context = _context(told, link) | {"subject": subject, "qr": "" if told.withdrawn else QR}
        return Letter(
            language=told.language,
            subject=subject,
            text=render_template("notices/invitation.txt", **context).strip() + "\n",
            html=render_template("notices/invitation.html", **context),
            addresses=(told.address,),
            calendar=_calendar(told, sender=sender, link=link),
            pictures=() if told.withdrawn else (Picture(QR, qr_png(qr_of(told.invitation.ref))),),
        )


def _calendar(told: GuestLetter, *, sender: str, link: str) -> CalendarFile:
    invitation = told.invitation
    digits = show_digits(invitation.digits) if invitation.digits else ""
    about = [_("Code at the kiosk: %(digits)s", digits=digits) if digits and not told.withdrawn else "", *told.way]
    title = told.title or _("Visit to %(whom)s", whom=told.whom)
    appointment = Appointment(
        uid=uid_of("invitation", invitation.ref),
        sequence=invitation.sequence,
        begins=told.begins_at,
        ends=told.ends_at,
        zone=told.site.zone,
        title=title,
        place=" · ".join(filter(None, (house_name(told.site), told.place))),
        about="\n".join(filter(None, about)),
        url="" if told.withdrawn else link,
        sender=Party(sender, house_name(told.site)) if sender else None,
        invited=[Party(told.address, told.guest)],
        changed_at=invitation.withdrawn_at or invitation.made_at,
    )
    method = Method.CANCEL if told.withdrawn else Method.REQUEST
    return calendar_for_mail(appointment, method=method, now=clock.now())


def _host_letter(notice: Notice, *, address: str) -> Letter | None:
    """The host's own link; none for a link that was cut off since, and none where Foyer's address is not known."""
    link = db.session.get(HostLink, notice.subject_id)
    host = db.session.get(Host, link.host_id) if link else None
    if link is None or host is None or link.revoked_at or host.left_at or not host.email or not address:
        return None
    site = db.session.get_one(Site, link.site_id)
    with current_app.app_context():
        g.site = site
        speak(host.language)
        context = {
            "subject": _("Your own page at %(site)s", site=house_name(site)),
            "link": f"{address}/hosts/{token_of(link)}",
            "language": host.language,
        }
        return Letter(
            language=host.language,
            subject=context["subject"],
            text=render_template("notices/host_link.txt", **context).strip() + "\n",
            html=render_template("notices/host_link.html", **context),
            addresses=(host.email,),
        )


def slip_of(invitation: Invitation, *, site: Site) -> dict[str, Any]:
    """What a slip shows: codes, and the words of the letter in the guest's language, to be copied into a message."""
    told = letter_about(invitation, "invitation.made")
    link = public_url(url_for("phone.invitation", token=guest_token(invitation.ref)))
    with speaking(told.language):
        context = _context(told, link) | {"subject": TITLES["invitation.made"](told)}
        words = render_template("notices/invitation.txt", **context).strip()
        guest_pairs = pairs_of(told)
        site_name = house_name(site)
    return {
        "invitation": invitation,
        "words": words,
        "guest_language": told.language,
        "guest_pairs": guest_pairs,
        "digits": context["digits"],
        "code": qr_svg(qr_of(invitation.ref)),
        "site_name": site_name,
    }
