"""Mail by smtplib. Each letter has its own Message-ID, so that a mailbox recognises one that comes twice."""

import smtplib
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from domain import clock
from domain.calendars import CalendarFile, Method
from domain.delivery.letter import Letter, NotTaken
from domain.notices import UNREACHABLE
from domain.text import N_

INVALID = N_("The mail address is not valid.")
SECONDS = 10
"""For each answer of the server; a whole letter stays below the two minutes that a claim lasts."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. `security` is `starttls`, `tls` or `none`."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str = ""
    password: str = ""

    @property
    def domain(self) -> str:
        """The domain of the sender, by which Foyer also introduces itself."""
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"


def compose(letter: Letter, server: MailServer, *, to: str, message_id: str) -> EmailMessage:
    """The letter as a mail; raises ValueError for an address that no header can hold."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = server.sender
    mail["To"] = to
    mail["Subject"] = " ".join(letter.subject.split())
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message_id}@{server.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    for picture in letter.pictures:
        html: Any = mail.get_body(("html",))
        html.add_related(
            picture.content, maintype="image", subtype="png", cid=f"<{picture.name}>", disposition="inline"
        )
    if letter.calendar:
        _add_calendar(mail, letter.calendar)
    mail["Content-Language"] = letter.language.replace("_", "-")
    return mail


def _add_calendar(mail: EmailMessage, calendar: CalendarFile) -> None:
    """Once beside text and HTML, as Outlook and Gmail look for it, and once as a file, as Apple and Feishu do. What is
    no invitation is the file alone.
    """
    said = {"method": calendar.method.value, "charset": "UTF-8"}
    if calendar.method is not Method.PUBLISH:
        mail.add_alternative(calendar.content, maintype="text", subtype="calendar", params=said)
    mail.add_attachment(calendar.content, maintype="text", subtype="calendar", params=said, filename="invite.ics")


class Post:
    """The way to the mail server: opened for the first letter, kept for the round."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def send(self, letter: Letter, *, message_id: str, told: Collection[str]) -> None:
        """Hand the letter in for its one address; raises NotTaken."""
        try:
            mail = compose(letter, self._server, to=letter.addresses[0], message_id=message_id)
        except ValueError as error:
            raise NotTaken(INVALID, final=True) from error
        try:
            smtp = self._open()
        except (OSError, smtplib.SMTPException) as error:
            # What the server holds against Foyer itself (no TLS, a wrong password) it holds against every letter.
            self.close()
            raise NotTaken(UNREACHABLE, everywhere=True) from error
        try:
            smtp.send_message(mail)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            raise _refused(error) from error
        except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
            raise NotTaken(INVALID, final=True) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotTaken(UNREACHABLE, everywhere=True) from error

    def close(self) -> None:
        """Say goodbye, however the server takes it."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    def _open(self) -> smtplib.SMTP:
        if self._smtp is not None and self._alive():
            return self._smtp
        server = self._server
        context = ssl.create_default_context()
        smtp: smtplib.SMTP
        if server.security == "tls":
            smtp = smtplib.SMTP_SSL(server.host, server.port, server.domain, timeout=SECONDS, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, server.domain, timeout=SECONDS)
        self._smtp = smtp
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        return smtp

    def _alive(self) -> bool:
        try:
            return self._smtp is not None and self._smtp.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False


def _refused(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> NotTaken:
    """A code from 500 on means never, one below not now (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(code for code, _ in error.recipients.values())
        return NotTaken(N_("The mail server refused the recipient."), final=code >= 500)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return NotTaken(UNREACHABLE, everywhere=True)
    return NotTaken(N_("The mail server refused the message."), final=error.smtp_code >= 500)
