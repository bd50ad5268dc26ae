"""Sites, purposes and kiosks, read."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, Dialect, Select, Text, bindparam, cast, exists, select
from sqlalchemy.orm import aliased
from sqlalchemy.types import TypeDecorator

from domain.identity import Actor
from domain.records import row_of
from domain.sites.models import Kiosk, Purpose, Site
from domain.statements import Answer, Ready


def visible_to(actor: Actor) -> Select[Site]:
    """Open sites that the actor has a role at."""
    statement = select(Site).where(Site.closed_at.is_(None)).order_by(Site.id)
    return statement if actor.everywhere else statement.where(Site.id.in_(actor.site_ids))


@lru_cache(maxsize=256)
def purposes_of(site_id: int) -> Select[Purpose]:
    """The purposes a visitor may choose, in the site's order: what to ask, built once for each site."""
    return (
        select(Purpose)
        .where(Purpose.site_id == site_id, Purpose.retired_at.is_(None))
        .order_by(Purpose.position, Purpose.id)
    )


_AS_STORED = [cast(one, Text).label(one.key) if isinstance(one.type, JSON) else one for one in Purpose.__table__.c]
_HERE = Purpose.site_id == bindparam("site_id"), Purpose.retired_at.is_(None)
_OFFERED = Ready(select(*_AS_STORED).where(*_HERE).order_by(Purpose.position, Purpose.id))
_OTHER = aliased(Purpose)
_MEANT = Ready(
    select(*_AS_STORED).where(
        *_HERE,
        (Purpose.ref == bindparam("ref"))
        | ~exists().where(_OTHER.site_id == Purpose.site_id, _OTHER.retired_at.is_(None), _OTHER.id != Purpose.id),
    )
)


@lru_cache(maxsize=1024)
def _purpose(stored: Any) -> Any:
    """A purpose by its row, remembered under all that the row holds: there are few, and every visit has one."""
    read = {one.key: _texts(getattr(stored, one.key)) for one in Purpose.__table__.c if isinstance(one.type, JSON)}
    return row_of(Purpose)(*stored)._replace(**read)


def purposes_offered(site_id: int) -> list[Purpose]:
    """As `purposes_of`, to be read alone."""
    return [_purpose(row) for row in _OFFERED.rows(site_id=site_id)]


def purpose_meant(ref: str | None, *, site_id: int) -> Answer[Purpose | None]:
    """The purpose of that ref, or the only one there is; to be read alone."""
    return _MEANT.ask(ref=ref, site_id=site_id).then(lambda rows: _purpose(rows[0]) if rows else None)


def doors_of(room_id: int) -> Select[Kiosk]:
    """The displays at the door of a meeting room."""
    return select(Kiosk).where(Kiosk.room_id == room_id).order_by(Kiosk.id)


def kiosks_of(site_id: int) -> Select[Kiosk]:
    """Kiosks of the site, also those that were cut off, newest last."""
    return select(Kiosk).where(Kiosk.site_id == site_id, Kiosk.room_id.is_(None)).order_by(Kiosk.id)


class Texts(TypeDecorator[Mapping[str, str]]):
    """Texts by language, as the rows of a list bring them: the same few come again and again, and are read once."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, str] | None:
        return None if value is None else _texts(value)


@lru_cache(maxsize=512)
def _texts(stored: str) -> Mapping[str, str]:
    return MappingProxyType(json.loads(stored))


PURPOSE_NAMES = cast(Purpose.names, Texts).label("purpose_names")


def language_read(texts: Mapping[str, Any], language: str) -> str | None:
    """The language in which who reads that one gets these texts: the own one, else simplified Chinese for who reads
    Chinese and English for everybody else, else any that is there; None when there is none.
    """
    wanted = (language, "zh_Hans" if language.startswith("zh") else "en", *texts)
    return next((name for name in wanted if texts.get(name)), None)


def read_otherwise(texts: Mapping[str, Any], languages: Iterable[str]) -> dict[str, list[str]]:
    """Those of the languages in which these texts are not written, by the language that their readers get instead."""
    found: dict[str, list[str]] = {}
    for language in languages:
        read = language_read(texts, language)
        if read and read != language:
            found.setdefault(read, []).append(language)
    return found


def notice_lines(notice: Mapping[str, list[str]], language: str) -> list[str]:
    """The lines of a site's notice as who reads that language gets them."""
    return notice.get(language_read(notice, language) or "", [])


def site_name(site: Site, language: str) -> str:
    """What who reads that language calls the site: its English name outside Chinese, where it has one."""
    return site.name if language.startswith("zh") else site.name_en or site.name


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text as who reads that language gets it; "" when there is none."""
    return texts.get(language_read(texts, language) or "", "")
