"""The badge of a visit that came with others: one for the group, or one for each, as the site says (V8, V12a)."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from domain import clock as time
from domain.database import db, writing
from domain.sites.models import Site
from domain.visits.models import Visit
from tests.blueprints.visits.test_entry import come, visit_of
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


def each_gets_one(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).badge_for_each = True


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def reads(app: Flask, ref: str, language: str) -> str:
    """The visitor reads that language."""
    with app.app_context(), writing():
        db.session.scalars(select(Visit).where(Visit.ref == ref)).one().language = language
    return ref


def labels(desk: FoyerClient, ref: str) -> list[str]:
    """What stands on each label, the first one first."""
    return [" ".join(label.get_text(" ").split()) for label in desk.get(f"/visits/{ref}/badge").page.select(".badge")]


def test_a_group_has_one_badge(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    (label,) = labels(desk, reads(app, come(app, cast, companions=2), "en"))
    assert "王小明 and 2 more" in label
    assert "1/3" not in label


def test_each_of_a_group_has_a_badge_where_the_site_says_so(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    each_gets_one(app, cast)
    ref = reads(app, come(app, cast, companions=2), "en")
    check = visit_of(app, ref).badge_check
    found = labels(desk, ref)
    for nth, label in zip(("1/3", "2/3", "3/3"), found, strict=True):
        assert f"Visitor badge {nth} A-001 Check code {check}" in label
    assert ["With 王小明" in label for label in found] == [False, True, True]
    desk.submit(f"/visits/{ref}", form=f"form[action='/visits/{ref}/departures']")
    assert visit_of(app, ref).state == "left", "they came as one visit and leave as one"


def test_who_comes_alone_is_not_counted_on_the_badge(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    each_gets_one(app, cast)
    (label,) = labels(desk, come(app, cast))
    assert "1/1" not in label


def test_who_reads_no_chinese_finds_the_host_in_letters(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = come(app, cast)
    assert "张三 1806 有效至" in labels(desk, ref)[0]
    assert "张三 1806 (Zhang San) Valid" in labels(desk, reads(app, ref, "en"))[0]
    assert "张三 1806 (Zhang San) صالح" in labels(desk, reads(app, ref, "ar"))[0]


def test_a_badge_says_the_same_at_the_desk_at_a_kiosk_and_on_the_phone(
    app: Flask, cast: Cast, desk: FoyerClient, client: FoyerClient
) -> None:
    for nth, language in enumerate(("zh_Hans", "en", "ar")):
        ref = reads(app, come(app, cast, phone=f"1380013800{nth}"), language)
        on_phone = client.get(f"/b/{ref}").page.select_one(".badge")
        assert " ".join(on_phone.get_text(" ").split()) == labels(desk, ref)[0]
        assert "1806" in labels(desk, ref)[0], "the room is on it"


@pytest.mark.parametrize("language", ["zh_Hans", "en", "ja", "ar", "ru"])
def test_a_guard_who_does_not_read_the_visitor_s_language_checks_the_digits(
    app: Flask, cast: Cast, desk: FoyerClient, language: str
) -> None:
    ref = reads(app, come(app, cast), language)
    digits = [one.get_text() for one in desk.get(f"/visits/{ref}/badge").page.select(".badge .digits[dir=ltr]")]
    assert digits == ["03-02", "11:30"]


def test_a_badge_says_the_day_that_it_is_for_wherever_it_is_drawn(
    app: Flask, cast: Cast, desk: FoyerClient, client: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = come(app, cast)
    assert "3月2日 周一" in labels(desk, ref)[0]
    clock.shift(timedelta(days=1))
    desk = at_desk(app, cast)
    for language, day in (("zh_Hans", "3月2日 周一"), ("fr", "lun. 2 mars"), ("ar", "الاثنين، 2 مارس")):
        reads(app, ref, language)
        badge = client.get(f"/b/{ref}").page.select_one(".badge")
        assert badge.select_one(".day span").get_text() == day, "of yesterday, and it shows"
        assert badge.select("dd")[-1].get_text() == "11:30", "of the day that stands above"
        assert day in labels(desk, ref)[0], "printed again it is still yesterday's"


def test_a_badge_that_is_good_on_another_day_says_which(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    ref = reads(app, come(app, cast), "en")
    with app.app_context(), writing():
        visit = db.session.scalars(select(Visit).where(Visit.ref == ref)).one()
        visit.due_at = time.now() + timedelta(days=1)
    assert "Mon 2 Mar" in labels(desk, ref)[0]
    assert "Valid until Tue 3 Mar 03-03 09:30" in labels(desk, ref)[0]
    clock.shift(timedelta(hours=20))
    assert "Valid until Tue 3 Mar 03-03 09:30" in labels(at_desk(app, cast), ref)[0], "on that day too"


def test_the_label_is_the_visitor_s_and_what_stands_around_it_the_reception_s(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    ref = reads(app, come(app, cast), "ar")
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        site.name_en = "Qingyu Centre"
        site.directions = {"zh_Hans": "上 18 层", "en": "Take the lift\nTurn left", "ar": "اصعد إلى الطابق 18"}
    page = desk.get(f"/visits/{ref}/badge").page
    label = page.select_one(".badge")
    assert (label["lang"], label["dir"], label["aria-label"]) == ("ar", "rtl", "بطاقة زائر")
    assert "Qingyu Centre" in label.get_text(), "who reads no Chinese finds the English name"
    assert page.select_one("html")["lang"] == "en"
    assert page.select_one("h1").get_text() == "Visitor badge A-001"
    first, second = page.select("ol.facts")
    assert [step.get_text() for step in first.select("li")] == ["Take the lift", "Turn left"]
    assert not first.has_attr("lang")
    assert (second["lang"], second["dir"], second.get_text()) == ("ar", "rtl", "اصعد إلى الطابق 18")
    label.drop()
    second.drop()
    assert not any("\u0600" <= sign <= "\u06ff" for sign in page.get_text()), "nothing else is in Arabic"


def test_a_way_that_is_the_same_for_both_is_told_once(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    ref = reads(app, come(app, cast), "fr")
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).directions = {"zh_Hans": "上 18 层", "en": "Take the lift"}
    assert [way.get_text() for way in desk.get(f"/visits/{ref}/badge").page.select("ol.facts")] == ["Take the lift"]
