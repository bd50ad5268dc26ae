"""The forms of a key, a set and a cabinet."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import Field

from domain.database import db
from domain.identity import Actor
from domain.keys.classes import CLASS_NAMES
from domain.keys.models import Cabinet, Key, KeySet
from domain.keys.queries import cabinets_of, get_cabinet
from domain.keys.tags import LONGEST_TAG
from web.edits import AmountField, EditForm, PlainField, filled
from web.fields import MultiChoice, SelectField

MOST_HOOKS = 2000
NO_FILL = {"autocomplete": "off", "spellcheck": "false"}


class TagField(PlainField):
    """A tag as it is scanned or typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what a text field takes."""
        kwargs.setdefault("attrs", {**NO_FILL, "autocapitalize": "characters", "data-scan-target": ""})
        super().__init__(*args, max_length=4 * LONGEST_TAG, icon="scan", **kwargs)


class ClassField(SelectField):
    """The class of a key, in the reader's words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what a list takes, and offer the seven classes."""
        super().__init__(*args, choices=[(code, _(words)) for code, words in CLASS_NAMES.items()], **kwargs)


class SetForm(EditForm):
    """What is entered of a set."""

    tag = TagField(_("Tag"), [filled(_("Scan or enter the tag."))])
    opens = PlainField(_("Opens"), [filled(_("Say what it opens."))], max_length=120, attrs=NO_FILL)


class KeyForm(SetForm):
    """What is entered of a key; hook, copies and set have pages of their own."""

    unit = PlainField(
        _("Unit"),
        max_length=120,
        hint=_("optional"),
        attrs=NO_FILL,
        description=_("Its number, where this is a key of a unit; with the company where several are in it."),
    )
    class_code = ClassField(_("Class"), [filled(_("Choose a class."))])


class PlaceForm(EditForm):
    """Where a key belongs."""

    cabinet = SelectField(_("Cabinet"), [filled(_("Choose a cabinet."))])
    hook = AmountField(_("Hook"), [filled(_("Enter the number of the hook."))], min=1, max=MOST_HOOKS)

    def offer(self, site_id: int) -> None:
        """Offer the cabinets of the site."""
        offer_cabinets(self.cabinet, db.session.scalars(cabinets_of(site_id)))


class NewKeyForm(KeyForm, PlaceForm):
    """A key that is entered: everything at once."""

    copies = AmountField(_("Copies kept"), [filled(_("There are 1 to 99 copies."))], min=1, max=99, default=1)


class NewSetForm(SetForm):
    """A set that is made of keys of one cabinet; it hangs on the hook of the first."""

    keys = MultiChoice(_("Keys of the set"))

    def offer(self, keys: Sequence[Key]) -> None:
        """Offer the keys that were ticked; without any there is nothing to choose from."""
        self.keys.choices = [(key.ref, f"{key.tag} {key.opens}", "key") for key in keys]
        if request.method == "GET":
            self.keys.data = [key.ref for key in keys]
        self.chosen = [key for key in keys if key.ref in (self.keys.data or ())]
        if not keys:
            del self["keys"]


class SetChoiceForm(EditForm):
    """The set to which a key hangs."""

    key_set = SelectField(_("Set"), blank=_("By itself"))


class CabinetForm(EditForm):
    """A cabinet and how many hooks it has."""

    name = PlainField(_("Name of the cabinet"), [filled(_("Enter a name."))], max_length=20, attrs=NO_FILL)
    hooks = AmountField(
        _("Hooks"), [filled(_("Enter how many hooks it has."))], min=1, max=MOST_HOOKS, description=_("Counted from 1.")
    )


def offer_cabinets(field: Field, cabinets: Iterable[Cabinet]) -> None:
    """Offer these cabinets in a list."""
    field.choices = [(cabinet.ref, cabinet.name) for cabinet in cabinets]


def chosen_cabinet(form: PlaceForm, *, actor: Actor) -> Cabinet:
    """The cabinet that is chosen; raises NotFound for one that went meanwhile."""
    return get_cabinet(form.cabinet.data, actor=actor)


def with_sets(form: SetChoiceForm, offered: Sequence[KeySet]) -> SetChoiceForm:
    """Offer these sets; returns the form."""
    form.key_set.choices = [(one.ref, f"{one.tag} {one.opens}") for one in offered]
    return form
