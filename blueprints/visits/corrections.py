"""Correcting a slip of the pen: the form shows the full data, so opening it is a look that is logged (P2)."""

from datetime import date, datetime, time
from typing import Any

from flask import g, redirect, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from blueprints.visits import blueprint
from blueprints.visits.deeds import DeedForm, after, find, refused
from domain import clock, history, pages
from domain.database import db
from domain.errors import DomainError
from domain.history_words import TO_CORRECT
from domain.occupants.models import Host, Unit
from domain.permissions import Permission
from domain.phones import display_phone
from domain.sites.models import Purpose
from domain.sites.queries import purposes_of
from domain.text import N_
from domain.visits.corrections import CORRECTABLE, correct
from domain.visits.models import Visit, VisitState
from domain.visits.queries import hold
from domain.visits.register import VISITS
from domain.visits.stay_times import StayTimes
from web.desk_form import DeskVisitForm
from web.edits import EditForm, filled
from web.fields import DateField, TextField, TimeField
from web.forms import refusals
from web.htmx import refuse, render, wants_fragment
from web.permissions import actor, allow
from web.transactions import read_only, writes


class CorrectionForm(DeskVisitForm, DeedForm, EditForm):
    """The same form as at the sign-in, and when the visitor came and left, to the minute on the site's clock. It is
    refused when somebody else corrected the entry since it was opened, and tells what stands there now only to who
    opened it: that was a look (P2).
    """

    arrived_on = DateField(_("Day of arrival"), [filled(_("Enter the day."))])
    arrived_at = TimeField(_("Time of arrival"), [filled(_("Enter the time."))])
    left_on = DateField(_("Day of departure"), [filled(_("Enter the day."))])
    left_at = TimeField(_("Time of departure"), [filled(_("Enter the time."))])
    times_why = TextField(
        _("Why the times are corrected"), hint=_("only if they are"), max_length=300, autocomplete="off"
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """As every form over a record; `of_entry` is the mark that this very entry was shown."""
        if not self.was_shown("of_entry"):
            self.problems.append(
                gettext("This page was open for too long, or in another window. Check it and send it again.")
            )
            self.status = 422
            return False
        return super().validate(extra_validators)

    def _called(self, field: Any) -> str:
        return super()._called(self.whom_text if field.name == "whom" else field)

    def _tell(self, name: str, *, left_alone: bool) -> None:
        if name == "whom":  # whoever stands there now is offered too
            offered, typed = {choice.value: choice for choice in self.whom.options}, self.whom.data
            self.whom.data = self.current["whom"]
            self.list_found()
            self.whom.choices = list(({choice.value: choice for choice in self.whom.options} | offered).values())
            self.whom.data = typed
        super()._tell(name, left_alone=left_alone)

    def of(self, visit: Visit) -> "CorrectionForm":
        """Ask when the visitor left only of who was seen leaving, and not where the page did not; returns the form."""
        late = request.method == "POST" and request.endpoint == self.endpoint and "left_at" not in request.form
        if visit.state != VisitState.LEFT or late:
            del self.left_on
            del self.left_at
        return self

    def times(self, visit: Visit) -> StayTimes:
        """When the visitor came and left; what was not touched stays to the second. Raises DomainError."""
        left_at = self._instant("left", visit.left_at) if "left_at" in self else None
        return StayTimes(self._instant("arrived", visit.arrived_at), left_at, self.times_why.data or "")

    def _instant(self, name: str, stands: datetime | None) -> datetime:
        day, at = self[f"{name}_on"].data, self[f"{name}_at"].data
        if stands and (day, at) == _wall_clock(stands):
            return stands
        try:
            return clock.at_local(day, at, g.site.zone)
        except (ValueError, OverflowError):
            raise DomainError(N_("This day is too far away."), field=f"{name}_on") from None


def _wall_clock(instant: datetime) -> tuple[date, time]:
    """Day and time of an instant at the site, as the fields hold them."""
    at = clock.local(instant, g.site.zone)
    return at.date(), time(at.hour, at.minute)


def _purposes(visit: Visit) -> list[Purpose]:
    """The purposes of the site, and the visit's own even where it is retired by now."""
    offered = list(db.session.scalars(purposes_of(g.site.id)))
    own = db.session.get_one(Purpose, visit.purpose_id)
    return offered if own in offered else [own, *offered]


def _form(visit: Visit, *, fresh: bool = False) -> CorrectionForm:
    form = CorrectionForm(_written(visit), truth={"of_entry": visit.ref}, endpoint="visits.correct_entry", fresh=fresh)
    form.prepare(_purposes(visit), without=("document",))
    return form.of(visit)


def _written(visit: Visit) -> dict[str, Any]:
    """What stands in the entry, as the form's fields hold it."""
    unit = db.session.get_one(Unit, visit.unit_id)
    host = db.session.get(Host, visit.host_id) if visit.host_id else None
    arrived_on, arrived_at = _wall_clock(visit.arrived_at)
    left_on, left_at = _wall_clock(visit.left_at) if visit.left_at else (None, None)
    return {
        **{name: getattr(visit, name) for name in CORRECTABLE},
        "arrived_on": arrived_on,
        "arrived_at": arrived_at,
        "left_on": left_on,
        "left_at": left_at,
        "phone": display_phone(visit.phone) if visit.phone else "",
        "purpose": db.session.get_one(Purpose, visit.purpose_id).ref,
        "whom": f"host:{host.ref}" if host else f"unit:{unit.ref}",
    }


def _context(visit: Visit) -> dict[str, Any]:
    return {
        "visit": visit,
        "redraw_url": url_for("visits.correct_entry", ref=visit.ref),
        "whom_url": url_for("visits.find_whom", ref=visit.ref),
    }


@blueprint.get("/<ref>/corrections/whom")
@allow(Permission.VISITS_WRITE)
def find_whom(ref: str) -> Any:
    """Who matches what is being typed; a region without a page of its own."""
    purposes = _purposes(find(ref))
    if not wants_fragment():
        return redirect(url_for(VISITS.endpoint, ref=ref), 303)
    form = DeskVisitForm(request.args, endpoint="visits.correct_entry").prepare(purposes)
    return render("visits/_found.html", fragment="visits/_found.html", form=form)


@blueprint.post("/<ref>/corrections/looks")
@allow(Permission.VISITS_UNMASK)
@writes
def open_correction(ref: str) -> Any:
    """Draw the form with what stands in the entry."""
    visit, form, row = find(ref), DeedForm(), pages.entry(VISITS, ref, site_id=g.site.id)
    g.subject_url = url_for(VISITS.endpoint, ref=ref)
    if form.validate():
        history.looked_at(VISITS, row, reason=TO_CORRECT, actor=actor(), now=clock.now())
        return render("visits/correct.html", form=_form(visit, fresh=True), **_context(visit))
    return refused(ref, form)


@blueprint.post("/<ref>/corrections")
@allow(Permission.VISITS_WRITE)
@writes
def correct_entry(ref: str) -> Any:
    """Write the entry anew; steppers and the search draw the form again and save nothing."""
    visit = hold(find(ref))
    form = _form(visit)
    if not form.only_redraws() and form.validate():
        with refusals(form):
            if _save(visit, form):
                said = gettext("The entry is corrected. What stood there is kept in the history.")
            else:
                said = gettext("Nothing was changed, so nothing was written.")
            return after(ref, form, said)
    read_only()
    return refuse("visits/correct.html", form=form, **_context(find(ref)))


def _save(visit: Visit, form: CorrectionForm) -> list[str]:
    """What changed; what was not asked stays as it stands."""
    entered, asked = form.entered(), set(form._fields)
    kept = {name: getattr(visit, name) for name in CORRECTABLE if name not in asked}
    purpose, whom = form.chosen()
    return correct(
        visit,
        entered=type(entered)(**(entered.__dict__ | kept | {"document": "", "photo": ""})),
        whom=whom,
        purpose_id=purpose.id,
        times=form.times(visit),
        actor=actor(),
        now=clock.now(),
    )
