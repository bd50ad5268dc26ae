"""Setting up a site: what is refused, what is written into the history, what stays."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain import clock, events
from domain.alphabets import is_written_in
from domain.database import db, reading, refusal, writing
from domain.errors import DomainError
from domain.identity import SYSTEM
from domain.sites import operations, queries
from domain.sites.models import Purpose, Site
from tests import factories as make
from tests.cast import Cast
from web.i18n import VISITOR_LANGUAGES

VALUES: dict[str, Any] = {"zone": "Asia/Shanghai", "language": "zh_Hans", "languages": ["zh_Hans", "en"]}


def kinds(site_id: int) -> list[str]:
    statement = select(events.Event.kind).where(events.Event.site_id == site_id).order_by(events.Event.number)
    return list(db.session.scalars(statement))


def names(site_id: int) -> list[str]:
    return [purpose.names["en"] for purpose in db.session.scalars(queries.purposes_of(site_id))]


def test_a_new_site_can_be_used_at_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            site = operations.add_site(name="新楼", **VALUES, actor=SYSTEM, now=clock.now())
        with reading():
            assert kinds(site.id) == ["site.added"]
            assert names(site.id)[0] == "Meeting"
            assert len(names(site.id)) == 5
            assert events.version(site.id) == 1


def test_the_first_purposes_are_named_in_every_language_of_a_kiosk(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            site = operations.add_site(name="新楼", **VALUES, actor=SYSTEM, now=clock.now())
        with reading():
            for purpose in db.session.scalars(queries.purposes_of(site.id)):
                assert set(purpose.names) == set(VISITOR_LANGUAGES)
                assert all(is_written_in(name, language) for language, name in purpose.names.items()), purpose.names
                assert max(len(name) for name in purpose.names.values()) <= 40, "as long as an admin may write it"


def test_who_has_no_text_of_their_own_reads_the_nearest(app: Flask) -> None:
    texts = {"zh_Hans": "会面", "en": "Meeting", "ja": ""}
    read = {language: queries.in_language(texts, language) for language in ("zh_Hant", "ja", "en", "ar")}
    assert read == {"zh_Hant": "会面", "ja": "Meeting", "en": "Meeting", "ar": "Meeting"}
    assert queries.read_otherwise(texts, ["zh_Hans", "zh_Hant", "ja"]) == {"zh_Hans": ["zh_Hant"], "en": ["ja"]}
    assert queries.read_otherwise({"fr": ["Bonjour"]}, ["en", "fr"]) == {"fr": ["en"]}, "rather that than nothing"
    assert queries.read_otherwise({}, ["en"]) == {}, "of what nobody has, nobody reads another one"
    assert queries.notice_lines({}, "en") == []


def test_a_name_belongs_to_one_site(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with pytest.raises(IntegrityError) as broken, writing():
            operations.add_site(name="青屿中心", **VALUES, actor=SYSTEM, now=clock.now())
        words = refusal(broken.value)
        assert words is not None
        assert words.field == "name"
        assert words.status == 409


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "../../etc/passwd", "", "Asia", "=1", "x" * 10_000])
def test_a_zone_that_does_not_exist_is_refused_at_its_field(app: Flask, cast: Cast, zone: str) -> None:
    with app.app_context(), pytest.raises(DomainError) as refused, writing():
        operations.add_site(name="新楼", **(VALUES | {"zone": zone}), actor=SYSTEM, now=clock.now())
    assert refused.value.field == "zone"


def test_the_default_language_is_one_of_those_offered(app: Flask, cast: Cast) -> None:
    with app.app_context(), pytest.raises(DomainError) as refused, writing():
        operations.add_site(name="新楼", **(VALUES | {"languages": ["en"]}), actor=SYSTEM, now=clock.now())
    assert refused.value.field == "languages"


def test_a_change_is_an_event_and_nothing_changed_is_none(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            site = db.session.get_one(Site, cast.site_id)
            operations.set_brand(site, brand="#aa0000", actor=SYSTEM, now=clock.now())
            operations.set_brand(site, brand="#aa0000", actor=SYSTEM, now=clock.now())
        with reading():
            assert kinds(cast.site_id).count("site.brand_set") == 1


def test_the_history_does_not_know_the_secrets_of_channels(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            site = db.session.get_one(Site, cast.site_id)
            operations.set_channels(site, channels=["json://secret"], mail_enabled=True, actor=SYSTEM, now=clock.now())
        with reading():
            event = db.session.scalars(select(events.Event).where(events.Event.kind == "site.channels_set")).one()
            assert event.facts == {"changed": ["channels"]}


def test_photo_and_document_are_never_demanded(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        with pytest.raises(DomainError) as refused:
            operations.set_fields(site, fields={"photo": "must"}, actor=SYSTEM, now=clock.now())
    assert refused.value.field == "photo"


def test_purposes_are_moved_one_place_and_stay_at_the_ends(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            interview = db.session.get_one(Purpose, cast.waiting_purpose_id)
            operations.move_purpose(interview, up=True, actor=SYSTEM, now=clock.now())
            assert names(cast.site_id) == ["Interview", "Meeting"]
            operations.move_purpose(interview, up=True, actor=SYSTEM, now=clock.now())
        with reading():
            assert names(cast.site_id) == ["Interview", "Meeting"]
            assert kinds(cast.site_id).count("purpose.moved") == 1


def test_a_name_is_given_to_one_purpose_of_a_site_and_there_are_at_most_seven(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        with pytest.raises(DomainError) as twice:
            make_named(site, "会面洽谈", "Another")
        assert twice.value.field == "name_zh_Hans"
        with pytest.raises(DomainError) as missing:
            make_named(site, "参观", "")
        assert missing.value.field == "name_en"
        for number in range(5):
            make_named(site, f"事由{number}", f"Purpose {number}")
        with pytest.raises(DomainError, match="at most 7"):
            make_named(site, "太多", "Too many")


def make_named(site: Site, zh: str, en: str) -> Purpose:
    both = {"zh_Hans": zh, "en": en}
    return operations.add_purpose(site, names=both, icon="more", actor=SYSTEM, now=clock.now())


@pytest.mark.parametrize(
    ("language", "name_en", "called"),
    [
        ("zh_Hans", "Qingyu Centre", "青屿中心"),
        ("zh_Hant", "Qingyu Centre", "青屿中心"),
        ("en", "Qingyu Centre", "Qingyu Centre"),
        ("ar", "Qingyu Centre", "Qingyu Centre"),
        ("ja", "", "青屿中心"),
    ],
)
def test_who_reads_no_chinese_reads_the_english_name_where_there_is_one(language, name_en, called) -> None:
    assert queries.site_name(Site(name="青屿中心", name_en=name_en), language) == called


def test_the_last_purpose_stays(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        first, second = db.session.scalars(queries.purposes_of(cast.site_id)).all()
        operations.retire_purpose(first, actor=SYSTEM, now=clock.now())
        db.session.flush()
        with pytest.raises(DomainError, match="last purpose"):
            operations.retire_purpose(second, actor=SYSTEM, now=clock.now())
        assert names(cast.site_id) == ["Interview"]


def test_two_kiosks_of_a_site_have_two_names(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with pytest.raises(IntegrityError) as broken, writing():
            make.make_kiosk(db.session.get_one(Site, cast.site_id))
        words = refusal(broken.value)
        assert words is not None
        assert words.field == "name"
        with writing():
            make.make_kiosk(db.session.get_one(Site, cast.other_site_id))
