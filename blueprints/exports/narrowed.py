"""A register as it is narrowed by the address of this request: what an export and a kept filter are of."""

from dataclasses import dataclass

from flask import request, url_for

from domain import registers
from domain.errors import NotFound
from domain.pages import Wanted
from domain.registers import Register
from domain.text import N_
from web.at_site import at_a_site
from web.permissions import actor
from web.register_filters import FilterForm, Places, asked_in_words, asked_of, form_of, holds, wanted_of


@dataclass(frozen=True)
class Narrowed:
    """The register, the filters of the address, and the address itself."""

    register: Register
    form: FilterForm
    places: Places
    asked: dict[str, str]

    @property
    def back(self) -> str:
        """The list that shows just this."""
        return url_for(f"{self.register.endpoint.partition('.')[0]}.register", **self.asked)  # type: ignore[arg-type]

    @property
    def wanted(self) -> Wanted:
        """What is asked for."""
        return wanted_of(self.register, self.form, self.places, {})

    @property
    def in_words(self) -> list[tuple[str, str]]:
        """The filters as words and values."""
        return asked_in_words(self.register, self.form, self.places)

    @property
    def choices(self) -> dict[str, str]:
        """The filters that may be kept: what was typed may name somebody and is left out."""
        return {name: value for name, value in self.asked.items() if name != "text"}


def narrowed() -> Narrowed:
    """What the address asks for; raises NotFound for no register, no right to it, or filters that do not hold."""
    at_a_site()
    named = request.args.get("register")
    register = next((one for one in registers.all_for(actor()) if named in (None, one.name)), None)
    if register is None:
        raise NotFound
    form, places = form_of(register, request.args), Places(register, request.args)
    if not holds(form, places):
        raise NotFound(N_("These filters do not hold. Go back to the list and put them right."))
    return Narrowed(register, form, places, asked_of(form, "site"))
