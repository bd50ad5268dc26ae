"""Rows of a directory: each is read in words, and means what stands already wherever that is sure."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain import clock
from domain.database import db, reading, refusal, writing
from domain.errors import Conflict, DomainError
from domain.identity import SYSTEM, Actor
from domain.occupants import operations
from domain.occupants.matching import check
from domain.occupants.models import Host, Unit
from domain.occupants.queries import look_up
from domain.occupants.uploads import Row, enter, tally
from domain.permissions import Role
from domain.sites.models import Site
from tests import factories as make
from tests.cast import Cast


def zhou(cast: Cast) -> Actor:
    """The lead, who enters occupants."""
    return Actor("staff", cast.people["zhou"], "Zhou", cast.site_id, ((Role.LEAD, cast.site_id),))


def rows_of(*cells: dict[str, str]) -> list[Row]:
    return [Row(line, {"unit": "1806", **one}) for line, one in enumerate(cells, 2)]


def checked(cast: Cast, *cells: dict[str, str]) -> list[Row]:
    rows = rows_of(*cells)
    with reading():
        check(rows, site_id=cast.site_id, actor=zhou(cast))
        db.session.expunge_all()
    return rows


def entered(cast: Cast, *cells: dict[str, str]) -> list[Row]:
    """Check and enter the rows in one transaction."""
    rows = rows_of(*cells)
    with writing():
        check(rows, site_id=cast.site_id, actor=zhou(cast), held=True)
        enter(rows, site_id=cast.site_id, actor=zhou(cast), now=clock.now())
    return rows


def said(row: Row) -> list[str]:
    return [sentence % values for sentence, values in row.problems]


def remarked(row: Row) -> list[str]:
    return [sentence % values for sentence, values in row.remarks]


def host(name: str) -> Host:
    with reading():
        found = db.session.scalars(select(Host).where(Host.name == name)).one()
        db.session.expunge(found)
        return found


def test_a_door_that_stands_is_entered_by_its_own_number_alone(app: Flask, cast: Cast) -> None:
    with app.app_context():
        same, other, new, again = checked(
            cast, {"unit": "１８０６ 室"}, {"unit": "1806号", "company": "Other"}, {"unit": "2203室"}, {"unit": "2203"}
        )
        assert said(same) == ["This unit is entered already as 1806. Write its number like that."]
        assert "There is a unit 1806" in said(other)[0]
        assert (said(new), new.unit and new.unit.number) == ([], "2203室")
        assert said(again) == ["This unit is entered already as 2203室. Write its number like that."]
        (odd,) = checked(cast, {"unit": "<b>1</b>"})
        assert said(odd) == ["“<” stands on no door. Leave it out."]


def test_a_row_without_a_host_is_a_unit(app: Flask, cast: Cast) -> None:
    with app.app_context():
        (row,) = entered(cast, {"unit": "2203", "company": "演示医疗", "floor": "22"})
        assert (row.makes, row.is_host) == (["unit"], False)
        with reading():
            assert [match.name for match in look_up("ysyl", site_id=cast.site_id)] == ["演示医疗"]
            unit = db.session.scalars(select(Unit).where(Unit.number == "2203")).one()
            assert unit.floor == "22"
        assert checked(cast, {"unit": "2203", "company": "演示医疗", "floor": "22"})[0].makes == []


def test_a_host_is_known_by_phone_or_mail_before_the_name(app: Flask, cast: Cast) -> None:
    with app.app_context():
        rows = checked(
            cast,
            {"name": "张三丰", "email": "zhangsan@example.com"},
            {"name": "冯小样", "phone": "13811112222"},
        )
        assert [row.host.id for row in rows] == [cast.host_id, host("冯小样").id]
        assert rows[0].alters == [("name", "张三", "张三丰")]
        assert rows[1].alters == [("phone", "+8613900139000", "+8613811112222")]


def test_a_new_name_is_found_and_the_old_one_no_more(app: Flask, cast: Cast) -> None:
    with app.app_context():
        entered(cast, {"name": "欧阳样本", "email": "zhangsan@example.com"})
        with reading():
            assert [match.name for match in look_up("欧阳", site_id=cast.site_id)] == ["欧阳样本"]
            assert look_up("张三", site_id=cast.site_id) == []


def test_what_was_done_is_counted_as_it_was_shown(app: Flask, cast: Cast) -> None:
    rows = rows_of({"floor": "18A"}, {"name": "周甲"}, {"name": "张三", "phone": "13811112222"}, {"unit": "2203"})
    with app.app_context(), writing():
        check(rows, site_id=cast.site_id, actor=zhou(cast), held=True)
        shown = tally(rows)
        assert enter(rows, site_id=cast.site_id, actor=zhou(cast), now=clock.now()) == shown
        assert (shown.units, shown.hosts, shown.changed, shown.same, shown.silent) == (1, 1, 2, 0, 1)


def test_two_with_one_number_stay_two_however_often_they_come(app: Flask, cast: Cast) -> None:
    front = "021 6288 0000"
    with app.app_context():
        cells = {"unit": "2203", "name": "周甲", "phone": front}, {"unit": "2203", "name": "周乙", "phone": front}
        rows = entered(cast, *cells)
        assert [row.makes for row in rows] == [["unit", "host"], ["host"]]
        assert remarked(rows[1]) == ["周甲 has this number too."]
        again = checked(cast, *cells)
        assert [(row.makes, row.alters) for row in again] == [([], []), ([], [])]


def test_a_number_of_somebody_who_stands_below_is_remarked_too(app: Flask, cast: Cast) -> None:
    with app.app_context():
        new, there = checked(cast, {"name": "周甲", "phone": "13900139000"}, {"name": "冯小样"})
        assert remarked(new) == ["张三 has this number too."]
        assert remarked(there) == []
        new, *_ = checked(cast, {"name": "周甲", "phone": "13811112222"}, {"name": "冯小样", "phone": "13811112222"})
        assert remarked(new) == ["冯小样 has this number too."]


def test_namesakes_are_told_apart_by_phone(app: Flask, cast: Cast) -> None:
    with app.app_context():
        one, two = {"name": "王伟", "phone": "13811112222"}, {"name": "王伟", "phone": "13811113333"}
        rows = entered(cast, one, two)
        assert [row.makes for row in rows] == [["host"], ["host"]]
        assert remarked(rows[1]) == ["Line 2 has this name in this unit too."]
        assert tally(checked(cast, two, one)).same == 2
        (row,) = checked(cast, {"name": "王伟"})
        assert said(row) == ["Several in this unit are called “王伟”. Write the phone or the mail too."]


def test_the_same_host_twice_in_a_file_is_told_with_the_other_line(app: Flask, cast: Cast) -> None:
    with app.app_context():
        rows = checked(cast, {"name": "周甲"}, {"name": "周 甲"}, {"name": "张三", "phone": "13900139000"},
                       {"name": "张三", "phone": "139 0013 9000"})  # fmt: skip
        assert [said(row) for row in rows] == [[], ["Line 2 has this host too."], [], ["Line 4 has this host too."]]


def test_who_left_is_left_out_and_the_rest_goes_on(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            operations.host_left(db.session.get_one(Host, cast.host_id), actor=SYSTEM, now=clock.now())
        words = ["张三 has left this unit. Is this host back, note it there first."]
        gone = {"name": "张三", "email": "ZhangSan@example.com", "phone": "13811112222", "floor": "9"}
        rows = entered(cast, {**gone, "deputy": "周甲"}, {"name": "周甲", "floor": "18A"})
        assert [(row.has_left, row.makes, said(row)) for row in rows] == [(True, [], []), (False, ["host"], [])]
        assert remarked(rows[0]) == words
        assert (tally(checked(cast, gone)).left, tally(checked(cast, gone)).is_empty) == (1, True)
        left = host("张三")
        assert left.left_at
        assert left.phone != "+8613811112222"
        with reading():
            assert db.session.get_one(Unit, cast.unit_id).floor == "18A"
        # Whoever stands in is somebody who is here.
        row = checked(cast, gone, {"name": "周甲", "deputy": "张三"})[1]
        assert said(row) == ["Nobody here is called “张三”."]
        # Another one of that name is somebody else.
        assert checked(cast, {"name": "张三", "email": "other@example.com"})[0].makes == ["host"]


def test_a_unit_that_nobody_is_in_is_not_occupied_by_a_file(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            operations.unit_left(db.session.get_one(Unit, cast.unit_id), actor=SYSTEM, now=clock.now())
        (row,) = checked(cast, {"company": "示例科技有限公司"})
        assert said(row) == ["Nobody is in this unit any more. Note first that it is occupied again."]


def test_a_second_company_is_entered_where_that_is_said(app: Flask, cast: Cast) -> None:
    with app.app_context():
        asked, meant = checked(cast, {"company": "样本设计"}, {"unit": "2203", "company": "演示"})
        assert "There is a unit 1806 示例科技有限公司 already." in said(asked)[0]
        assert said(meant) == []
        rows = entered(cast, {"company": "样本设计", "name": "周甲"}, {"company": "样本设计", "shared": "yes"})
        assert [row.makes for row in rows] == [["unit", "host"], []]
        (row,) = checked(cast, {"name": "周乙"})
        assert said(row) == ["Several companies are in 1806. Write the company too."]
        (row,) = checked(cast, {"name": "周乙", "company": "示例 科技有限公司"})
        assert row.unit is not None
        assert row.unit.found is not None
        assert row.unit.found.id == cast.unit_id


def test_two_companies_of_one_new_unit_are_asked_about_too(app: Flask, cast: Cast) -> None:
    with app.app_context():
        rows = checked(cast, {"unit": "2203", "company": "甲"}, {"unit": "2203", "company": "乙"}, {"unit": "2203"})
        assert [bool(said(row)) for row in rows] == [False, True, False]


def test_a_unit_with_two_floors_is_told(app: Flask, cast: Cast) -> None:
    with app.app_context():
        rows = checked(cast, {"floor": "18"}, {"floor": "19", "name": "周甲"})
        assert said(rows[1]) == ["Line 2 has another floor for this unit."]


def test_a_deputy_is_found_in_the_unit_then_in_the_building(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            far = make.make_unit(db.session.get_one(Site, cast.site_id), "0905", "样本律所")
            make.make_host(far, "李小例")
            make.make_host(far, "冯小样")
        rows = entered(
            cast,
            {"name": "周甲", "deputy": "冯小样"},
            {"name": "周乙", "deputy": "李小例"},
            {"name": "周丙", "deputy": "冯小样，0905"},
            {"name": "周丁", "deputy": "周戊"},
            {"name": "周戊", "deputy": "周甲"},
        )
        assert [said(row) for row in rows] == [[]] * 5
        near, law = host("周甲").deputy_id, host("周丙").deputy_id
        assert near != law
        assert host("周乙").deputy_id == host("李小例").id
        assert host("周丁").deputy_id == host("周戊").id
        assert host("周戊").deputy_id == host("周甲").id
        (row,) = entered(cast, {"name": "周戊", "deputy": "周乙"})
        assert row.alters == [("deputy", "周甲", "周乙")]
        assert host("周戊").deputy_id == host("周乙").id
        assert tally(checked(cast, {"name": "周戊", "deputy": "周乙"})).same == 1
        (row,) = checked(cast, {"unit": "2203", "name": "周己", "deputy": "冯小样"})
        assert "Several people are called “冯小样”." in said(row)[0]


def test_one_bad_row_keeps_all_of_them_out(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with pytest.raises(DomainError, match="Rows with problems are not entered"):
            entered(cast, {"unit": "2203"}, {"name": "😀"})
        with reading():
            assert db.session.scalars(select(Unit).where(Unit.number == "2203")).first() is None


def test_what_was_not_seen_is_not_done(app: Flask, cast: Cast) -> None:
    with app.app_context():
        rows = rows_of({"name": "周甲"})
        with writing():
            check(rows, site_id=cast.site_id, actor=zhou(cast), held=True)
            with pytest.raises(Conflict):
                enter(rows, site_id=cast.site_id, actor=zhou(cast), now=clock.now(), is_as_seen=lambda: False)


def in_two_threads(app: Flask, deed: Callable[[], Any]) -> list[Any]:
    """Do it twice at once; gives what came of each."""
    ready, came = threading.Barrier(2), []

    def run() -> None:
        with app.app_context():
            ready.wait(10)
            try:
                came.append(deed())
            except Exception as error:
                came.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return came


@pytest.mark.parametrize("number", ["1806", "2203"], ids=["of a unit that stands", "of a new unit"])
def test_two_files_at_once_enter_nobody_twice(app: Flask, cast: Cast, number: str) -> None:
    came = in_two_threads(app, lambda: entered(cast, *({"unit": number, "name": f"周{n}甲"} for n in range(40))))
    failed = [one for one in came if isinstance(one, Exception)]
    assert [refusal(one) is not None for one in failed if isinstance(one, IntegrityError)] == [True] * len(failed)
    with app.app_context(), reading():
        found = db.session.scalars(select(Host.name).where(Host.name.like("周%甲"))).all()
        assert len(found) == len(set(found)) == 40
        assert len(db.session.scalars(select(Unit).where(Unit.number == number)).all()) == 1
