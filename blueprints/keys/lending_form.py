"""The form of a loan (K2, K4): who, what for, until when, and the borrower's word for it."""

from datetime import datetime, timedelta
from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import ValidationError

from blueprints.keys.borrower_form import KINDS, BorrowerForm, named
from domain import clock
from domain.errors import DomainError
from domain.keys import approvals
from domain.keys.acknowledgements import LONGEST_SIGNATURE, Acknowledged, clean_strokes
from domain.keys.borrowers import Who
from domain.keys.borrowers import of as borrower_of
from domain.keys.classes import Borrower, Rules
from domain.keys.loan_models import KeyApproval
from domain.keys.loans import WHAT_FOR, WHOSE_WORD, Note
from domain.notices import Channel
from domain.text import N_
from web.fields import ChoiceField, DateField, HiddenField, TextField, TimeField
from web.i18n import moment
from web.messages import working_channels

QUICK_MINUTES = (30, 60, 120, 240, 480)
MOST_CHOICES = 4
STEP = 5
OUTSIDERS = (Borrower.CONTRACTOR, Borrower.VISITOR)
CODE = (Acknowledged.CODE.value, _("Send a code"), "phone", _("by mail; the borrower tells it"))
PAPER = (Acknowledged.PAPER.value, _("Signed on paper"), "file", _("the desk keeps the form"))
TOLD = "%Y-%m-%dT%H:%M"


def quick_times(rules: Rules, now: datetime, latest: datetime) -> list[datetime]:
    """A few times to choose from, on whole five minutes, none past the latest; the usual one is among them."""
    minutes = sorted({*QUICK_MINUTES, rules.default_minutes})
    minutes = [one for one in minutes if now + timedelta(minutes=one) <= latest]
    while len(minutes) >= MOST_CHOICES:
        minutes.remove(next(one for one in reversed(minutes) if one != rules.default_minutes))
    times = [_whole(now + timedelta(minutes=one)) for one in minutes]
    return sorted({*(one for one in times if one <= latest), latest})


def codes_go_to(kind: Borrower | None) -> bool:
    """Whether a code can reach borrowers of that kind: outsiders have no address here, and mail needs a server."""
    mails = g.site.mail_enabled and Channel.MAIL in working_channels()
    return mails and kind not in OUTSIDERS


def _past(instant: datetime) -> datetime:
    """The last full five minutes."""
    return instant - timedelta(minutes=instant.minute % STEP, seconds=instant.second, microseconds=instant.microsecond)


def _whole(instant: datetime) -> datetime:
    """The next full five minutes."""
    return instant if _past(instant) == instant else _past(instant) + timedelta(minutes=STEP)


class DueField(ChoiceField):
    """A time among those offered; one offered a while ago is still taken, and the domain says whether it is over."""

    def told(self, instant: datetime) -> str:
        """The value of a choice: the time on the site's clock."""
        return clock.local(instant, g.site.zone).strftime(TOLD)

    def instant(self) -> datetime | None:
        """The chosen time."""
        try:
            at = datetime.fromisoformat(str(self.data or "")).replace(tzinfo=None)
            return clock.at_local(at.date(), at.time(), g.site.zone)
        except (ValueError, OverflowError):
            return None

    def pre_validate(self, form: Any) -> None:
        """Take any time that can be read."""
        if self.data is not None and self.instant() is None:
            super().pre_validate(form)


class SignatureField(HiddenField):
    """The strokes that were drawn; what of them is a signature, the domain says."""

    max_length = LONGEST_SIGNATURE + 1
    anchor = "signature-pad"


class LoanForm(BorrowerForm):
    """Everything of a loan on one page; `prepare` leaves what this key and this borrower need."""

    purpose = TextField(_("Used for"), max_length=200)
    authority = TextField(_("By whose word"), max_length=200, hint=_("the owner's or the agent's"))
    escort = TextField(_("Escort"), max_length=120, hint=_("who of the staff goes along"))
    due_at = DueField(_("Due back"))
    day = DateField(_("On another day"))
    time = TimeField(_("At another time"))
    signature = SignatureField(_("Signature of the borrower"))
    how = ChoiceField(_("Instead of a signature"), choices=(CODE, PAPER))
    approval = HiddenField()

    def prepare(self, rules: Rules, approval: KeyApproval | None = None, *, brief: bool = False) -> "LoanForm":
        """Offer borrowers and times; with an approval borrower and purpose are those that were approved. `brief`: of a
        form that is sent to be saved only what it says already; `offer_all` before it is drawn again.
        """
        self.given, self.allowed = approval, rules
        if approval:
            for name in ("borrower", "who_text", "who", "name", "phone", "purpose"):
                del self[name]
            self.approval.data = approval.ref
        else:
            self.approval.data = ""
            self.offer(rules, brief=brief)
        kind = Borrower(approval.borrower) if approval else self.kind
        if not rules.needs_authority:
            del self["authority"]
        if kind not in OUTSIDERS:
            del self["escort"]
        if not codes_go_to(kind):
            self.how.choices = [PAPER]
        if not (brief and self.due_at.data):
            self._offer_times(rules)
        return self

    def offer_all(self) -> "LoanForm":
        """Offer everybody who matches, the kinds by name, and the times; returns the form."""
        if "borrower" in self:
            self.borrower.choices = named(KINDS[value] for value, *_ in self.borrower.choices)
        if "who" in self:
            self.list_found()
        self._offer_times(self.allowed)
        return self

    def _offer_times(self, rules: Rules) -> None:
        now = clock.now()
        latest = _past(now + timedelta(minutes=rules.limit_minutes))
        if self.given and self.given.due_at:
            latest = min(latest, self.given.due_at)
        times = quick_times(rules, now, latest)
        self.due_at.hint = gettext("%(until)s at the latest", until=moment(latest))
        self.due_at.choices = [(self.due_at.told(one), moment(one)) for one in times]
        if self.due_at.data is None and times:
            usual = latest if self.given else now + timedelta(minutes=rules.default_minutes)
            self.due_at.data = self.due_at.told(min(times, key=lambda one: abs(one - usual)))
        elif (asked := self.due_at.instant()) and self.due_at.data not in [value for value, _ in self.due_at.choices]:
            self.due_at.choices = [(self.due_at.data, moment(asked)), *self.due_at.choices]

    def who_borrows(self) -> Who:
        """Who gets the key; raises DomainError."""
        return borrower_of(self.given) if self.given else self.chosen()

    def resolved(self) -> Who | None:
        """Who gets the key, as far as that can be said of a form that is not checked."""
        try:
            return self.who_borrows()
        except DomainError:
            return None

    def until(self) -> datetime:
        """When the key is due; another day or time goes before the choices. Raises DomainError (field "due_at")."""
        zone = g.site.zone
        if self.day.data or self.time.data:
            if not self.time.data:
                raise DomainError(N_("Enter the time too."), field="time")
            try:
                return clock.at_local(self.day.data or clock.local_date(clock.now(), zone), self.time.data, zone)
            except OverflowError:
                raise DomainError(N_("Choose one of those shown."), field="day") from None
        chosen = self.due_at.instant()
        if chosen is None:
            raise DomainError(N_("Choose when the key comes back."), field="due_at")
        return chosen

    def noted(self) -> Note:
        """Purpose, authority and escort."""
        given = {name: self[name].data or "" for name in ("purpose", "authority", "escort") if name in self}
        return Note(given.pop("purpose", ""), **given)

    def acknowledged(self) -> Acknowledged | None:
        """How the borrower acknowledges now: by what was drawn, unless something else was chosen; None for a code."""
        if self.how.data == Acknowledged.PAPER:
            return Acknowledged.PAPER
        return None if self.how.data == Acknowledged.CODE else Acknowledged.SIGNATURE

    @property
    def asks(self) -> bool:
        """Whether the approval is asked for, and nothing handed out yet."""
        return "ask" in request.form

    def validate_purpose(self, field: Any) -> None:
        """What for, as whoever is asked wants to know it. This and what follows the domain makes sure of as well, one
        after the other; here all that is missing is said at once.
        """
        if not (field.data or "").strip():
            raise ValidationError(gettext(approvals.WHAT_FOR if self.asks else WHAT_FOR))

    def validate_authority(self, field: Any) -> None:
        """Whose word lets the borrower in, where the class asks for it."""
        if not self.asks and not (field.data or "").strip():
            raise ValidationError(gettext(WHOSE_WORD))

    def validate_signature(self, field: Any) -> None:
        """Something that is a signature, unless another way was chosen."""
        if not self.asks and self.acknowledged() is Acknowledged.SIGNATURE:
            try:
                clean_strokes(field.data or "")
            except DomainError as error:
                raise ValidationError(gettext(error.sentence)) from None

    def validate_due_at(self, field: Any) -> None:
        """Something is chosen, unless another time was entered."""
        if field.data is None and not (self.day.data or self.time.data):
            raise ValidationError(gettext("Choose when the key comes back."))
