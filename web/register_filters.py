"""The filters of a register: a span of time and typed text for all, and the register's own choices (R4)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from flask import g, request
from flask_babel import gettext, lazy_gettext
from flask_babel import lazy_gettext as _
from wtforms import Form
from wtforms.validators import ValidationError

from domain import clock, pages
from domain.database import db
from domain.registers import Register
from domain.sites.models import Site
from domain.sites.queries import visible_to
from web.fields import DateField, SelectField, TextField
from web.frame import house_name
from web.permissions import actor

SPANS = (("today", _("Today")), ("week", _("This week")), ("month", _("This month")), ("own", _("From … to …")))
YEARS = range(2000, 2101)
EVERY_SITE = "all"
MOST_SITES = 40
"""Beyond that many a list of all of them is not offered: its parts are asked one by one."""


class FilterForm(Form):
    """What every register can be narrowed by; `filter_form` adds the register's own choices. Changes nothing."""

    span = SelectField(_("Time"), choices=SPANS, blank=_("Any time"))
    since = DateField(_("From"))
    until = DateField(_("To"))
    text = TextField(_("Text"), max_length=80, type="search", autocomplete="off")

    def validate_since(self, field: Any) -> None:
        """A day of this century."""
        if field.data and field.data.year not in YEARS:
            raise ValidationError(gettext("Choose a year from %(first)d to %(last)d.", first=YEARS[0], last=YEARS[-1]))

    def validate_until(self, field: Any) -> None:
        """A day of this century, not before the first."""
        self.validate_since(field)
        if self.since.data and field.data and field.data < self.since.data:
            raise ValidationError(
                gettext(
                    "The end lies before the beginning: choose %(date)s or later.", date=self.since.data.isoformat()
                )
            )

    def days(self, today: date) -> tuple[date | None, date | None]:
        """First and last day that are asked for, both included."""
        match self.span.data:
            case "today":
                return today, today
            case "week":
                monday = today - timedelta(days=today.weekday())
                return monday, monday + timedelta(days=6)
            case "month":
                return today.replace(day=1), (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(1)
            case _:
                return self.since.data, self.until.data


@cache
def filter_form(register: Register) -> type[FilterForm]:
    """The form of a register's filters."""
    own = {
        one.name: SelectField(
            lazy_gettext(one.label),
            choices=[(value, lazy_gettext(words)) for value, words in one.choices],
            blank=_("All"),
        )
        for one in register.filters
    }
    return type("FilterForm", (FilterForm,), own)


def form_of(register: Register, asked: Any) -> FilterForm:
    """The filters that these arguments of an address ask for.

    Most ask for nothing, and those share one form: a form binds its fields anew, which cost a twentieth of a list.
    """
    form = _unasked(register)
    return filter_form(register)(asked) if any(asked.get(field.name) for field in form) else form


@cache
def _unasked(register: Register) -> FilterForm:
    return filter_form(register)()


def holds(form: FilterForm, places: "Places") -> bool:
    """Whether what is asked for can be looked for; the form that asks for nothing is everybody's and stays as it is."""
    return places.holds and (form is _unasked(places.register) or form.validate())


def asked_of(form: FilterForm, *others: str) -> dict[str, Any]:
    """What the address of this request asks of the filters, and of these other fields, where it asks for anything."""
    return {name: value for name, value in request.args.items() if (name in form or name in others) and value}


class SiteForm(Form):
    """At which of the reader's sites; drawn only for those who may read the register at several."""

    site = SelectField(_("Site"), blank=_("This site"))


@cache
def _this_site() -> SiteForm:
    form = SiteForm()
    form.site.choices = []
    return form


class Places:
    """The sites at which the reader may read a register besides the one at hand, and which of them are asked for."""

    def __init__(self, register: Register, asked: Any) -> None:
        who = actor()
        self.register = register
        several = who.at_several_sites
        found = db.session.scalars(visible_to(who)).all() if several else ()
        self._sites: Sequence[Site] = [site for site in found if who.may(register.read, site.id)]
        if not several and not asked.get("site"):
            self.form = _this_site()
            return
        self.form = SiteForm(asked)
        self.form.site.choices = [
            *([(EVERY_SITE, gettext("All my sites"))] if 1 < len(self._sites) <= MOST_SITES else []),
            *((site.ref, house_name(site)) for site in self._sites if site.id != g.site.id),
        ]

    @property
    def holds(self) -> bool:
        """Whether the sites that are asked for are among those."""
        return self.form is _this_site() or self.form.validate()

    @property
    def offered(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.form.site.choices)

    @property
    def ids(self) -> tuple[int, ...]:
        """The sites that are asked for; empty for the one at hand alone."""
        chosen = self.form.site.data
        if not chosen:
            return ()
        return tuple(site.id for site in self._sites if chosen in (EVERY_SITE, site.ref))

    def names(self) -> dict[int, str]:
        """The names of the sites."""
        return {site.id: house_name(site) for site in self._sites}


def wanted_of(register: Register, form: FilterForm, places: Places | None, asked: Mapping[str, str]) -> pages.Wanted:
    """What the valid filters of this request ask of the register, at the site at hand where no places are offered."""
    zone = g.site.zone
    first, last = form.days(clock.local_date(clock.now(), zone))
    chosen = ((one.name, str(form[one.name].data or "")) for one in register.filters)
    return pages.Wanted(
        site_id=g.site.id,
        since=clock.day_span(first, zone)[0] if first else None,
        until=clock.day_span(last, zone)[1] if last else None,
        chosen=tuple(chosen),
        text=form.text.data or "",
        before=asked.get("before", "")[:20],
        after=asked.get("after", "")[:20],
        actor=actor(),
        site_ids=places.ids if places else (),
    )


def asked_in_words(register: Register, form: FilterForm, places: Places) -> list[tuple[str, str]]:
    """The filters that narrow a register now, as words and values."""
    fields = [form.span, form.since, form.until, form.text, *(form[one.name] for one in register.filters)]
    said = []
    for field in (places.form.site, *fields):
        value = field.data
        if value and (field.name not in ("since", "until") or form.span.data in (None, "own")):
            words = next(
                (str(one.label) for one in getattr(field, "options", ()) if one.value == str(value)), str(value)
            )
            said.append((str(field.label.text), words))
    return said
