"""The forms of inviting: a pasted list of guests, and when they come; the same for the desk, for hosts behind their own
link, and for the guests of a meeting (V5, M6).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from domain import clock
from domain.errors import DomainError
from domain.gatherings import Gathering
from domain.identity import Actor
from domain.sites.models import Purpose
from domain.text import N_
from domain.visits.arrivals import Whom
from domain.visits.guest_lists import Line, read_guests
from domain.visits.invitation_models import MOST_ENTRIES, Invitation
from domain.visits.invitations import Guest, Plan, invite, plan_of
from web.desk_form import purpose_names
from web.edits import EditForm, filled
from web.fields import DateField, NumberField, SelectField, TextArea, TimeField
from web.forms import FoyerForm
from web.i18n import languages_of_visitors, tell
from web.whom_part import WhomPart

GO_ON = "good"
"""The button that leaves the lines with problems out."""


class GuestsForm(FoyerForm):
    """Who is invited. `wrong` are the lines that could not be read, `right` how many could."""

    guests = TextArea(
        _("Guests"),
        rows=6,
        max_length=70_000,
        autocomplete="off",
        description=_("One a line: name, phone, mail, company. Only the name is needed."),
        attrs={"spellcheck": "false"},
    )
    group = NumberField(
        _("Further guests without a name"),
        min=0,
        max=MOST_ENTRIES,
        blank=0,
        default=0,
        description=_("They share one code and say their names when they come."),
    )
    purpose = SelectField(_("Purpose"), [DataRequired(_("Choose a purpose."))])
    language = SelectField(_("Language of the letter"))

    class Meta:
        autocomplete = "off"

    wrong: Sequence[dict[str, Any]] = ()
    right = 0

    def offer(self, purposes: Sequence[Purpose]) -> "GuestsForm":
        """Offer purposes, and the languages that the site's visitors are spoken to in; returns the form."""
        self.purposes = {purpose.ref: purpose for purpose in purposes}
        named = zip(purposes, purpose_names(purposes), strict=True)
        self.purpose.choices = [(purpose.ref, name) for purpose, name in named]
        if self.purpose.data is None and purposes:
            self.purpose.data = purposes[0].ref
        self.language.choices = list(languages_of_visitors(g.site).items())
        self.language.data = self.language.data or g.site.language
        return self

    @property
    def chosen_purpose(self) -> Purpose:
        """The purpose; raises DomainError when it is gone."""
        found = self.purposes.get(self.purpose.data or "")
        if found is None:
            raise DomainError(N_("Choose a purpose."), field="purpose")
        return found

    def named(self, known: Iterable[str] = ()) -> list[Guest]:
        """The guests that were named. Raises DomainError (field "guests") and notes the lines that cannot be read,
        unless the others are to go on without them: those stay in the field.
        """
        lines = read_guests(self.guests.data or "", known=known) if self.guests.data or not self.group.data else []
        wrong = [line for line in lines if line.problems]
        guests = [line.guest for line in lines if line.guest]
        self.wrong, self.right = [_said(line) for line in wrong], len(guests)
        if wrong and (GO_ON not in request.form or not guests):
            raise DomainError(
                N_("%(n)d lines cannot be read. Put them right, or go on without them: nothing is sent yet.")
                if len(wrong) > 1
                else N_("A line cannot be read. Put it right, or go on without it: nothing is sent yet."),
                field="guests",
                n=len(wrong),
            )
        return guests

    def leave_the_wrong(self) -> None:
        """What could not be read stays in the field; what was invited leaves it."""
        self.guests.data = "\n".join(line["text"] for line in self.wrong)
        self.group.data, self.group.typed = 0, None

    def invite(
        self, plan: Plan, *, source: str, actor: Actor, now: datetime, known: Iterable[str] = ()
    ) -> list[Invitation]:
        """Invite who was named, and the group; raises DomainError for what cannot be."""
        guests = self.named(known)
        said: dict[str, Any] = {"site": g.site, "source": source, "actor": actor, "now": now}
        made = invite(guests, plan, **said) if guests else []
        if self.group.data:
            made += invite([Guest("")], replace(plan, entries=self.group.data), **said)
        return made


def _said(line: Line) -> dict[str, Any]:
    said = [tell(problem.sentence, problem.values) for problem in line.problems]
    return {"number": line.number, "text": line.text, "said": said}


class MeetingGuestsForm(WhomPart, GuestsForm):
    """The guests of a meeting. Whom to see is asked only where its organiser is nobody of the occupants."""

    endpoint = "invitations.invite_guests"

    def prepare(self, gathering: Gathering, purposes: Sequence[Purpose]) -> "MeetingGuestsForm":
        """Ask what this meeting needs; returns the form."""
        self.offer(purposes)
        self.gathering = gathering
        if gathering.unit_id is not None:
            del self.whom_text
            del self.whom_sought
            del self.whom
        else:
            self.list_found()
        return self

    def plan(self) -> Plan:
        """What is planned; raises DomainError."""
        whom = self.chosen_whom() if "whom" in self else None
        return plan_of(
            self.gathering, whom=whom, purpose=self.chosen_purpose, language=self.language.data or g.site.language
        )

    def only_redraws(self) -> bool:
        """Likewise, where nobody is looked for."""
        return WhomPart.only_redraws(self)


class WindowPart:
    """From when to when somebody may come; the last day is asked for where it is another one."""

    day = DateField(_("Day"), [filled(_("Enter the day."))])
    since = TimeField(_("From"), [filled(_("Enter when they may come."))])
    until = TimeField(_("To"), [filled(_("Enter until when they may come."))])
    last_day = DateField(_("Last day"), hint=_("optional"), description=_("For whoever comes on several days."))

    def window(self) -> tuple[datetime, datetime]:
        """The first and the last instant; raises DomainError for days that are too far away."""
        first, last = self.day.data, self.last_day.data or self.day.data
        if last < first:
            raise DomainError(N_("The last day lies before the first."), field="last_day")
        try:
            begins_at = clock.at_local(first, self.since.data, g.site.zone)
            return begins_at, clock.at_local(last, self.until.data, g.site.zone)
        except (ValueError, OverflowError):
            raise DomainError(N_("This day is too far away."), field="day") from None


class TimeForm(WindowPart, EditForm):
    """Another time for an invitation that was sent."""

    class Meta:
        autocomplete = "off"

    @classmethod
    def of(cls, invitation: Invitation, *, endpoint: str) -> "TimeForm":
        """The form as the invitation stands, on the site's clock."""
        begins, ends = (clock.local(at, g.site.zone) for at in (invitation.begins_at, invitation.ends_at))
        several = ends.date() > begins.date()
        current = {"day": begins.date(), "since": begins.time(), "until": ends.time()}
        return cls(current | {"last_day": ends.date() if several else None}, endpoint=endpoint)


class TimesForm(WindowPart, GuestsForm):
    """Guests who come at a time of their own."""

    entries = NumberField(
        _("Entries"), min=1, max=MOST_ENTRIES, blank=1, default=1, description=_("How often each of them may come in.")
    )

    def fill_in(self) -> None:
        """From the next half hour on, today, unless something was entered."""
        now = clock.local(clock.now(), g.site.zone)
        if request.method == "GET":
            begin = now + timedelta(minutes=30 - now.minute % 30)
            self.day.data = self.day.data or begin.date()
            self.since.data = self.since.data or begin.time().replace(second=0, microsecond=0)
            end = begin + timedelta(hours=2)
            late = end.date() > begin.date()
            self.until.data = self.until.data or end.time().replace(
                hour=23 if late else end.hour, minute=59 if late else end.minute, second=0, microsecond=0
            )

    def plan_for(self, whom: Whom) -> Plan:
        """What is planned; raises DomainError for days that are too far away."""
        begins_at, ends_at = self.window()
        language = self.language.data or g.site.language
        return Plan(whom, self.chosen_purpose, begins_at, ends_at, self.entries.data or 1, language)

    def only_redraws(self) -> bool:
        """Whether a stepper was pressed, or somebody is being looked for."""
        return WhomPart.only_redraws(self)


class InviteForm(WhomPart, TimesForm):
    """As the desk invites: whom to see is asked too."""

    endpoint = "invitations.invite_visitors"


def time_said(invitation: Invitation) -> str:
    """What is said after the time was changed: whether the guest knows it."""
    if invitation.email and g.site.mail_enabled:
        return gettext("The time is changed. The guest is told.")
    return gettext("The time is changed. No mail address is known: tell the guest.")
