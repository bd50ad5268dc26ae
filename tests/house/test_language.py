"""No English on a Chinese page of the staff, and no Chinese on an English one; what people entered may be anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import JSON, Text

from domain.database import Base, db, reading, writing
from domain.people.models import Person
from domain.permissions import GRANTS, Role
from tests.cast import Cast, at_desk, at_kiosk
from tests.document import Node, read
from tests.house.routes import furnish, routes
from web.i18n import VISITOR_LANGUAGES

LATIN = re.compile(r"[A-Za-zÀ-ÿ]{3,}")
CHINESE = re.compile(r"[\u3400-\u9fff]+")
NARROW = re.compile(r"[\u3400-\u9fff*][,.;:!?](?=\s|$)")
"""A narrow mark after a Chinese character, or a masked one: in Chinese it is wide."""
NAMES = {
    # What is called so in every language.
    *("Foyer", "CSV", "XLSX", "PDF", "QR", "WeCom", "Slack", "Teams", "Apprise", "English", "Webhook", "https", "http"),
    *("SMTP", "IANA", "Asia", "Shanghai", "Authenticator", "Google", "Microsoft", "FreeOTP", "TOTP", "Aegis"),
}
NAMES |= set(VISITOR_LANGUAGES.values()) | {"webhook", "Español", "Français", "JPEG", "PNG", "WebP", "UTF", "Outlook"}
EXAMPLES = re.compile(r"\S*\*\S*|\b[A-Z]{4}-[A-Z]{4}\b|/kiosk/pair|\S+@example\.com|https://signs\.example\.com")
"""Masked names and addresses, a pairing code, where a kiosk is paired: the same in every language."""
SKIPPED = "script, style, template, code, kbd, samp, [translate=no], svg"
ATTRIBUTES = ("aria-label", "placeholder", "title", "alt")


def entered(app: Flask) -> set[str]:
    """Every text that stands in the database: names, addresses, notices."""
    found: set[str] = set()

    def add(value: object) -> None:
        if isinstance(value, str):
            found.update(line.strip() for line in value.splitlines())
        elif isinstance(value, dict):
            for each in value.values():
                add(each)
        elif isinstance(value, list):
            for each in value:
                add(each)

    with app.app_context(), reading():
        for table in Base.metadata.tables.values():
            texts = [column for column in table.columns if isinstance(column.type, Text | JSON)]
            if texts:
                for row in db.session.execute(db.select(*texts)).all():
                    for value in row:
                        add(value)
    return {text for text in found if len(text) > 1}


def words(page: Node, language: str) -> Iterator[str]:
    """What is read on the page, parts in another language left out."""
    while element := page.select_one(f"{SKIPPED}, [lang]:not(html, [lang^='{language}'])"):
        element.drop()
    yield from page.texts()
    for element in page.select("*"):
        yield from (element[name] for name in ATTRIBUTES if element.get(name))


def foreign(page: Node, language: str, known: re.Pattern[str]) -> set[str]:
    """The words of the other language on this page."""
    search = LATIN if language == "zh" else CHINESE
    found: set[str] = set()
    for text in words(page, language):
        if search.search(text):
            found |= {word for word in search.findall(known.sub(" ", EXAMPLES.sub(" ", text))) if word not in NAMES}
    return found


def pattern(texts: set[str]) -> re.Pattern[str]:
    """Any of the texts, as a whole word where it is written in letters."""
    longest_first = sorted(texts, key=len, reverse=True)
    return re.compile(r"(?<![A-Za-z])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![A-Za-z])")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_speaks_one_language(app: Flask, cast: Cast, language: str) -> None:
    building = furnish(app, cast)
    with app.app_context(), writing():
        for person in db.session.scalars(db.select(Person)):
            person.language = {"zh": "zh_Hans"}.get(language, language)
    clients = {"zhou": at_desk(app, cast, "zhou"), "xu": at_desk(app, cast, "xu"), "kiosk": at_kiosk(app, cast)}
    clients["kiosk"].get(f"/kiosk?language={'zh_Hans' if language == 'zh' else 'en'}")
    known, found = pattern(entered(app)), {}
    for route in routes(app):
        if route.method != "GET" or route.rule.rule.startswith("/static/"):
            continue
        who = "kiosk" if route.access.kind == "kiosk" else "xu"
        if route.access.permission is not None and Role.LEAD in GRANTS[route.access.permission][0]:
            who = "zhou"
        if route.rule.rule == "/kiosk" or route.access.kind == "public":
            continue  # the first greets in the site's language, the others in the reader's
        answer = FlaskClient.open(clients[who], building.address(app, route.rule))
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = read(answer.text)
            strange = foreign(page, language, known)
            if language == "zh":
                strange |= {mark for text in words(page, language) for mark in NARROW.findall(known.sub(" ", text))}
            if strange:
                found[route.rule.rule] = sorted(strange)
    assert not found, "\n".join(f"{path}: {strange}" for path, strange in found.items())
