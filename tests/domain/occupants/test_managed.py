"""The lists of those who enter occupants: every row once, forwards and backwards, and only the own site's."""

from flask import Flask

from domain import clock
from domain.database import db, reading, writing
from domain.identity import SYSTEM, Actor
from domain.occupants import managed, operations
from domain.occupants.directory import unit_meant, units_found
from domain.occupants.models import Unit
from domain.occupants.queries import look_up
from domain.permissions import Role
from domain.sites.models import Site
from tests import factories as make
from tests.cast import Cast


def test_pages_hold_every_unit_once_in_order_both_ways(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            site = db.session.get_one(Site, cast.site_id)
            for number in range(60):
                make.make_unit(site, f"{number // 2:04d}", f"公司{number % 2}")
        with reading():
            pages = [managed.units_page(cast.site_id)]
            while pages[-1].after:
                pages.append(managed.units_page(cast.site_id, after=pages[-1].after))
            numbers = [row.number for page in pages for row in page.rows]
            assert numbers == sorted(numbers)
            assert len(numbers) == 61
            assert [len(page.rows) for page in pages] == [25, 25, 11]
            assert pages[0].before is None
            back = managed.units_page(cast.site_id, before=pages[1].before or "")
            assert [row.ref for row in back.rows] == [row.ref for row in pages[0].rows]
            assert back.before is None


def test_units_are_listed_as_people_count_them(app: Flask, cast: Cast) -> None:
    numbers = ["1001", "201", "10F", "2F", "A-10", "A-9", "1806A", "地下2", "地下10", "3-12", "3-2"]
    in_order = ["2F", "3-2", "3-12", "10F", "201", "1001", "1806", "1806A", "A-9", "A-10", "地下2", "地下10"]
    with app.app_context():
        with writing():
            site = db.session.get_one(Site, cast.site_id)
            for number in numbers:
                make.make_unit(site, number, "同名公司")
        with reading():
            assert [row.number for row in managed.units_page(cast.site_id).rows] == in_order
            ours = [number for number in in_order if number != "1806"]
            assert [row.number for row in managed.find_units("同名", site_id=cast.site_id).rows] == ours
            assert [found["unit"] for found in units_found("同名", site_id=cast.site_id, most=4)] == ours[:4]
            assert [match.unit for match in look_up("同名", site_id=cast.site_id)] == ours[:5]
            assert [unit.number for unit in unit_meant("同名", site_id=cast.site_id)] == ours[:5]


def test_an_unknown_edge_shows_the_first_page(app: Flask, cast: Cast) -> None:
    with app.app_context(), reading():
        first = [row.ref for row in managed.hosts_page(cast.site_id).rows]
        assert [row.ref for row in managed.hosts_page(cast.site_id, after="' OR 1=1").rows] == first


def test_search_finds_by_number_company_and_pinyin_at_the_own_site(app: Flask, cast: Cast) -> None:
    with app.app_context(), reading():
        for query in ("1806", "示例", "slkj"):
            assert [row.ref for row in managed.find_units(query, site_id=cast.site_id).rows] == [cast.unit_ref], query
        assert [row.ref for row in managed.find_hosts("zs", site_id=cast.site_id).rows] == [cast.host_ref]
        assert managed.find_hosts("zs", site_id=cast.other_site_id).rows == []


def test_those_who_left_are_in_a_list_of_their_own(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            operations.unit_left(db.session.get_one(Unit, cast.unit_id), actor=SYSTEM, now=clock.now())
        with reading():
            assert managed.units_page(cast.site_id).rows == [] == managed.hosts_page(cast.site_id).rows
            assert [row.ref for row in managed.units_page(cast.site_id, gone=True).rows] == [cast.unit_ref]
            assert len(managed.hosts_page(cast.site_id, gone=True).rows) == 2


def test_a_unit_is_seen_where_its_occupants_are_managed(app: Flask, cast: Cast) -> None:
    with app.app_context(), reading():
        for role, site_id, seen in (
            (Role.LEAD, cast.site_id, True),
            (Role.RECEPTIONIST, cast.site_id, False),
            (Role.LEAD, cast.other_site_id, False),
        ):
            actor = Actor("staff", 1, "", site_id, ((role, site_id),))
            assert bool(db.session.scalar(managed.unit_visible_to(actor, cast.unit_ref))) is seen
            assert bool(db.session.scalar(managed.host_visible_to(actor, cast.host_ref))) is seen
