"""Dates of a repeat that cannot be: each is named in the form, to be left out or moved (M2)."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.form import BaseForm

from domain import clock
from domain.meetings.reservations import Clash
from web.fields import SelectField
from web.i18n import day_name, tell

OUT = "out"
INSTEAD = "on_"


class DatesPart:
    """Mother of forms that change or make several meetings at once."""

    def instead(self) -> dict[date, time | None]:
        """What was chosen for dates that could not be: another beginning, or None where a date is left out."""
        found: dict[date, time | None] = {}
        for name, value in list(request.form.items())[:1000]:
            if not name.startswith(INSTEAD) or not value:
                continue
            try:
                found[date.fromisoformat(name.removeprefix(INSTEAD))] = (
                    None if value == OUT else time.fromisoformat(value)
                )
            except ValueError:
                continue
        return found

    def name_clashes(self: Any, clashes: Sequence[Clash], *, leave: str) -> None:
        """A list for each date that cannot be, and for those about which was decided before."""
        chosen = self.instead()
        by_day: dict[date, Clash | None] = dict.fromkeys(chosen)
        by_day |= {clash.day: clash for clash in clashes}
        for day, clash in sorted(by_day.items()):
            begins = clash.others if clash else (chosen[day],) if chosen[day] else ()
            choices = [(OUT, leave)]
            choices += [
                (f"{each:%H:%M}", gettext("Begin at %(time)s", time=f"{each:%H:%M}")) for each in begins if each
            ]
            name = f"{INSTEAD}{day.isoformat()}"
            noon = clock.at_local(day, time(12), g.site.zone)
            # A field of this one answer: WTForms itself adds none to a form that is made.
            BaseForm.__setitem__(self, name, SelectField(day_name(noon), choices=choices, blank=_("Choose")))
            self[name].data = None if clash else f"{chosen[day]:%H:%M}" if chosen[day] else OUT
            self[name].errors = [tell(clash.refusal.sentence, clash.refusal.values)] if clash else []

    @property
    def dates(self: Any) -> list[Any]:
        """The lists of dates that cannot be."""
        return [field for field in self if field.name.startswith(INSTEAD)]
