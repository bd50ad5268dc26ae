"""People of one name in one place are told apart for staff, and never guessed at a kiosk (V3, P4)."""

from flask import Flask

from domain.database import db, reading, writing
from domain.occupants.models import Unit
from domain.occupants.namesakes import told_apart
from domain.occupants.queries import look_up, look_up_at_kiosk
from domain.sites.models import Site
from tests import factories as make
from tests.cast import Cast


def test_only_who_reads_as_another_gets_a_mark_and_both_where_one_is_not_enough() -> None:
    shared = "+8613900139000"
    assert told_apart([("张三 1806", shared, "a@example.com"), ("李四 1806", shared, "")]) == ["", ""]
    assert told_apart([("张三", shared, ""), ("张 三", "", "b@example.com")]) == ["139****9000", "b***@example.com"]
    assert told_apart([("张三", shared, "a@example.com"), ("张三", shared, "b@example.com")]) == [
        "139****9000 a***@example.com",
        "139****9000 b***@example.com",
    ]


def test_staff_tell_two_of_one_name_by_the_end_of_the_phone(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            make.make_host(db.session.get_one(Unit, cast.unit_id), phone="+8613900131111")
        with reading():
            found = look_up("张三", site_id=cast.site_id)
            assert [match.apart for match in found] == ["139****1111", "139****9000"]
            assert [match.apart for match in look_up("冯小样", site_id=cast.site_id)] == [""]


def test_who_is_shown_is_told_from_whoever_found_no_place(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            make.make_host(db.session.get_one(Unit, cast.unit_id), phone="+8613900131111")
        with reading():
            assert [match.apart for match in look_up("张三", site_id=cast.site_id, most=1)] == ["139****1111"]


def test_a_kiosk_offers_two_of_one_name_as_one_line_and_shows_the_room_where_it_differs(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            unit = db.session.get_one(Unit, cast.unit_id)
            make.make_host(unit, phone="+8613900131111")
        with reading():
            (line,) = look_up_at_kiosk("张三", site_id=cast.site_id)
            assert (line.kind, line.place) == ("several", "示例科技有限公司")
        with writing():
            make.make_host(make.make_unit(db.session.get_one(Site, cast.site_id), "1901"))
        with reading():
            lines = look_up_at_kiosk("张三", site_id=cast.site_id)
            assert [(line.kind, line.place) for line in lines] == [
                ("host", "示例科技有限公司 1901"),
                ("several", "示例科技有限公司 1806"),
            ]
