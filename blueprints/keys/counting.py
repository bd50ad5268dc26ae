"""What the tablet shows while the cabinet is counted: the hook that is next, never what should hang there (K7)."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from domain.keys.comparison import Seen
from domain.keys.count_models import KeyCount
from domain.keys.count_queries import Place
from web.fields import HiddenField, MultiChoice, TextField
from web.forms import FoyerForm

LOOKS = {"empty": Seen.EMPTY, "something": Seen.SOMETHING}


class HookForm(FoyerForm):
    """What hangs on one hook: a tag that is scanned, tags that were noted before, or one of two buttons."""

    cabinet = HiddenField()
    hook = HiddenField()
    noted = MultiChoice(_("Noted on this hook"))
    tag = TextField(
        _("Tag"),
        max_length=160,
        autocomplete="off",
        autofocus=True,
        icon="scan",
        attrs={"spellcheck": "false", "autocapitalize": "characters", "data-scan-target": ""},
    )

    def at(self, place: Place) -> "HookForm":
        """Fill in whose hook it is and what was noted on it; returns the form."""
        self.noted.choices = [(tag, tag) for tag in place.tags]
        self.cabinet.data, self.hook.data = place.cabinet_ref, str(place.hook)
        if request.method == "GET":
            self.noted.data = list(place.tags)
        return self

    @property
    def tags(self) -> list[str]:
        """The tags that hang there: those noted, and the one just scanned."""
        return [*(self.noted.data or []), *([self.tag.data] if self.tag.data else [])]


def place_at(places: list[Place], cabinet: str, hook: str) -> Place | None:
    """The hook of that cabinet; None when there is none."""
    return next((place for place in places if (place.cabinet_ref, str(place.hook)) == (cabinet, hook)), None)


def chosen_place(places: list[Place], cabinet: str, hook: str) -> Place | None:
    """The hook that was asked for, else the first that nobody has looked at; None when all are counted."""
    return place_at(places, cabinet, hook) or next((place for place in places if place.seen is None), None)


def place_after(places: list[Place], place: Place) -> Place | None:
    """The next hook that nobody has looked at, round the whole cabinet; None when all are counted."""
    at = places.index(place)
    return next((one for one in places[at + 1 :] + places[:at] if one.seen is None), None)


def address(count: KeyCount, place: Place | None) -> str:
    """Where that hook is counted."""
    if place is None:
        return url_for("keys.count", ref=count.ref)
    return url_for("keys.count", ref=count.ref, cabinet=place.cabinet_ref, hook=place.hook)


def noted_words(place: Place) -> str:
    """What was seen on a hook so far; nothing of what should hang there."""
    match place.seen:
        case Seen.EMPTY:
            return gettext("Noted: nothing hangs here.")
        case Seen.SOMETHING:
            return gettext("Noted: something hangs here.")
    return ""


def context(count: KeyCount, place: Place | None, places: list[Place]) -> dict[str, Any]:
    """What the page of a count under way shows."""
    cabinets: dict[str, dict[str, Any]] = {}
    for one in places:
        cabinet = cabinets.setdefault(
            one.cabinet_ref,
            {
                "ref": one.cabinet_ref,
                "name": one.cabinet_name,
                "counted": 0,
                "hooks": 0,
                "url": address(count, one),
                "ticks_url": url_for("keys.count_ticks", ref=count.ref, cabinet=one.cabinet_ref),
            },
        )
        cabinet["hooks"] += 1
        cabinet["counted"] += one.seen is not None
    here = place.cabinet_ref if place else next(iter(cabinets), "")
    return {
        "count": count,
        "place": place,
        "noted": noted_words(place) if place else "",
        "cabinets": list(cabinets.values()),
        "here": here,
        "hooks": [
            {"hook": one.hook, "url": address(count, one), "counted": one.seen is not None, "current": one == place}
            for one in places
            if one.cabinet_ref == here
        ],
        "counted": sum(one.seen is not None for one in places),
        "all": len(places),
    }
