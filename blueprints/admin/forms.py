"""What forms of admins share: a text in each language of the house, such as the way; hosts that channels may name."""

import json
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext
from flask_babel import lazy_gettext as _l

from domain.sites.models import Site
from domain.sites.queries import read_otherwise
from domain.text import N_
from web.edits import EditForm, PlainArea, facts
from web.i18n import VISITOR_LANGUAGES, html_lang, languages_of_visitors, say


class WayField(PlainArea):
    """The way to a unit or to the lifts (V8): each line is a step of its own wherever it is shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what a PlainArea takes."""
        super().__init__(*args, rows=4, max_length=300, wide=False, hint=_l("one step a line"), **kwargs)


NOT_NAMED = N_("Not named in %(languages)s: these visitors read %(read)s.")
NO_NOTICE = N_("The notice is not written in %(languages)s: these visitors read %(read)s.")
NO_WAY = N_("The way is not written in %(languages)s: these visitors read %(read)s.")
DIRECTIONS: tuple[Any, Any, dict[str, Any]] = (WayField, N_("The way in %(language)s"), {})


def language_choices() -> list[tuple[str, str]]:
    """The languages that a kiosk can speak, each in its own words."""
    return list(VISITOR_LANGUAGES.items())


def own_hosts() -> list[str]:
    """Hosts of the own network that the operator lets chat channels name."""
    hosts: list[str] = current_app.config["SETTINGS"].chat_hosts
    return hosts


def in_languages(
    base: type[EditForm], languages: list[str], **fields: tuple[Any, Any, dict[str, Any]]
) -> type[EditForm]:
    """The form with one field for each language: `prefix=(class, label, options)` gives prefix_en and so on.

    The label is a sentence with a place for the language: N_("Notice in %(language)s").
    """
    named = tuple((prefix, kind, label, json.dumps(options)) for prefix, (kind, label, options) in fields.items())
    return _in_languages(base, tuple(languages), named)  # type: ignore[arg-type]


@lru_cache(maxsize=64)
def _in_languages(base: type[EditForm], languages: tuple[str, ...], fields: tuple[Any, ...]) -> type[EditForm]:
    made = {
        f"{prefix}_{language}": kind(
            lazy_gettext(label, language=VISITOR_LANGUAGES[language]),
            attrs={"lang": html_lang(language), "dir": "rtl" if language == "ar" else "ltr"},
            **json.loads(options),
        )
        for prefix, kind, label, options in fields
        for language in languages
    }
    return type(base.__name__, (base,), made)


def of_language(values: dict[str, Any], prefix: str) -> dict[str, Any]:
    """What was typed for each language, empty ones left out."""
    start = f"{prefix}_"
    return {name.removeprefix(start): value for name, value in values.items() if name.startswith(start) and value}


def by_language(texts: dict[str, str], prefix: str, languages: list[str]) -> dict[str, str]:
    """The texts as the fields of `in_languages` hold them."""
    return {f"{prefix}_{language}": texts.get(language, "") for language in languages}


def spoken(languages: list[str], *texts: dict[str, Any]) -> list[str]:
    """The languages to ask for: those that the site offers, and any that a text is there in already."""
    wanted = {*languages, *(language for each in texts for language in each)}
    return [language for language in VISITOR_LANGUAGES if language in wanted]


def said_otherwise(site: Site, sentence: str, *texts: dict[str, Any]) -> list[str]:
    """A sentence for each language that visitors of the site read where a text is not there in their own."""
    found: dict[str, set[str]] = {}
    for each in texts:
        for read, languages in read_otherwise(each, languages_of_visitors(site)).items():
            found.setdefault(read, set()).update(languages)
    return [
        say(
            sentence, read=VISITOR_LANGUAGES[read], languages=facts(VISITOR_LANGUAGES[name] for name in spoken([*here]))
        )
        for read, here in found.items()
    ]
