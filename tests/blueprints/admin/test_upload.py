"""The directory as a file: previewed with what would happen and what is wrong, saved as it was seen or not at all."""

import csv
import io
import re
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from domain import clock
from domain.database import db, reading, writing
from domain.events import Event
from domain.identity import SYSTEM
from domain.occupants import operations
from domain.occupants.models import Host, Unit
from domain.sites.models import Site
from tests import factories as make
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

PAGE = "/admin/hosts/upload"
HEAD = ("Unit", "Company", "Floor", "Name", "Mobile phone", "Mail address", "Language of the notices",
        "Contact of the unit", "Deputy", "Chat channels", "Another company in the same unit")  # fmt: skip
CHINESE = ("单元", "公司", "楼层", "姓名", "手机号", "邮箱")
EDGE = "an-edge"
FINE = ("2203", "演示医疗", "22", "周九", "138 1234 5678", "zhou@example.com", "English", "Yes", "", "", "")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise itself imports


def comma(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD, encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue().encode(encoding)


def xlsx(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (head, *rows):
        book.active.append(list(row))
    book.save(out)
    return out.getvalue()


def like(**change: Any) -> tuple[Any, ...]:
    """A fine row with other cells, named by the beginning of their head."""
    cells: dict[str, Any] = dict(zip(HEAD, FINE, strict=True))
    for name, value in change.items():
        cells[next(head for head in HEAD if head.startswith(name.replace("_", " ")))] = value
    return tuple(cells.values())


def preview(admin: FoyerClient, raw: bytes, name: str = "directory.csv") -> Any:
    """Choose a file; gives the page that shows what is in it."""
    token = admin.get(PAGE).page.select_one(f"form[action='{PAGE}'] [name=form_token]")["value"]
    head = 'Content-Disposition: form-data; name="{}"'
    parts = [
        f"--{EDGE}\r\n{head.format('form_token')}\r\n\r\n{token}\r\n".encode(),
        f'--{EDGE}\r\n{head.format("table")}; filename="{name}"\r\n\r\n'.encode() + raw + b"\r\n",
        f"--{EDGE}--\r\n".encode(),
    ]
    return admin.post(PAGE, data=b"".join(parts), content_type=f"multipart/form-data; boundary={EDGE}")


def confirm(admin: FoyerClient, shown: Any, **values: str) -> Any:
    form = shown.page.select_one(f"form[action='{PAGE}/rows']")
    return admin.post(f"{PAGE}/rows", data={field["name"]: field["value"] for field in form.select("input")} | values)


def counts(app: Flask) -> tuple[int, int, int]:
    """How many units, hosts and lines of history there are."""
    with app.app_context(), reading():
        unit, host, event = (
            db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Unit, Host, Event)
        )
        return unit, host, event


def one(app: Flask, name: str) -> Host:
    with app.app_context(), reading():
        host = db.session.scalars(select(Host).where(Host.name == name)).one()
        db.session.expunge(host)
        return host


@pytest.mark.parametrize(
    "raw",
    [
        comma(FINE),
        comma(FINE, encoding="gb18030"),
        comma(("２２０３", "演示医疗", "２２", "周九", "１３８－１２３４－５６７８", *FINE[5:7], "Ｙｅｓ", *FINE[8:])),
        xlsx((), HEAD, FINE, head=("2026年企业名录",)),
        xlsx(like(Floor=22, Mobile_phone=13812345678, Contact=True)),
        comma((*FINE[:6],), head=CHINESE, encoding="gb18030"),
        comma((*FINE[:6],), head=("房号", "公司名称", "所在楼层", "联系人", "联系电话", "电子邮箱")),
        comma((*FINE[:6],), head=("Room  No.", "Tenant", "Level", "Contact name", "ＴＥＬ", "E-Mail *")),
        xlsx((*FINE[:6],), head=("房号\n(Room)", "公司名称*", "楼层", "姓名（必填）", "电话：", "*邮箱 [选填]")),
        comma((*FINE[:6],), head=("门牌", "租户", "楼层", "被访人姓名", "手机", "邮箱")),
        comma((*FINE[:6],), head=("Suite", "Tenant", "Floor", "Host name", "Phone number", "Mail")),
        comma(FINE, ("合计", "", "", "1 人")),
        xlsx(FINE, ("", "总计：1人", "", "=SUM(A1)")),
        comma(("Zhou@Example.com".lower(), "周九", "13812345678", "演示医疗", "2203"),
              head=("Mail address", "name", "phone", "company", "unit")),
    ],
)  # fmt: skip
def test_a_file_in_any_usual_shape_is_previewed_then_saved_and_found(
    app: Flask, admin: FoyerClient, raw: bytes
) -> None:
    before = counts(app)
    shown = preview(admin, raw)
    assert "What comes of it: 1 new unit, 1 new host. Nothing is saved yet." in shown.words
    assert "New unit and host" in shown.words
    assert counts(app) == before
    done = confirm(admin, shown)
    assert done.status_code == 303, done.words
    assert "Saved: 1 new unit, 1 new host." in admin.get(done.location).words
    assert counts(app) == (before[0] + 1, before[1] + 1, before[2] + 2)
    host = one(app, "周九")
    assert (host.phone, host.email) == ("+8613812345678", "zhou@example.com")
    for query in ("周九", "zj", "演示", "2203"):
        assert "演示医疗" in admin.get("/admin/units", query_string={"q": query}).words, query


def test_columns_that_are_not_known_are_named(admin: FoyerClient) -> None:
    head = ("单元", "房号", "姓名", "部门", "工号", "", "<b>", "x" * 500)
    shown = preview(admin, comma(("2203", "1 栋", "周九", "财务", "7", "a", "b", "c"), head=head))
    said = f"These columns are not taken over: 房号, 部门, 工号, <b>, {'x' * 40}."
    assert said in shown.words
    assert shown.page.select_one(f"form[action='{PAGE}/rows']")
    assert "These columns are not taken over" not in preview(admin, comma(FINE)).words


def test_a_total_at_the_end_is_left_out_and_named(admin: FoyerClient) -> None:
    said = "Line 3 adds up the others and is left out: 合计："
    assert said in preview(admin, comma(FINE, ("合计：", "", "", "1"))).words
    for last in (("2204", "合计"), ("Totally", "x"), ("合计大厦", "x")):
        shown = preview(admin, comma(FINE, last)).words
        assert "is left out" not in shown, "a company or a unit may be called so"
        assert last[0] in shown
    assert "is left out" not in preview(admin, comma(("Total", "x"))).words, "the only row is a unit"


def test_what_is_added_in_brackets_tells_two_columns_apart(admin: FoyerClient) -> None:
    head = ("房号", "姓名", "手机", "手机（备用）")
    shown = preview(admin, comma(("2203", "周九", "138 1234 5678", "138 1234 5679"), head=head))
    assert "These columns are not taken over: 手机（备用）." in shown.words
    assert "138 1234 5678" in shown.words


def test_a_missing_column_says_what_was_seen_and_what_is_understood(admin: FoyerClient) -> None:
    said = preview(admin, comma(("名录",), FINE, head=("", "<b>", "Chamber", "公司\u202e"))).words
    assert "These columns are missing: Unit." in said
    assert "line 1 has: <b>, Chamber, 公司." in said
    assert "may be called: Unit, unit no, unit number, room, room no" in said


def test_who_has_left_is_left_out_and_does_not_stop_the_rest(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), writing():
        operations.host_left(db.session.get_one(Host, cast.host_id), actor=SYSTEM, now=clock.now())
    shown = preview(admin, comma(FINE, ("1806", "", "", "张三", "", *[""] * 6)))
    assert "1 new unit, 1 new host, 1 row left out. Nothing is saved yet." in re.sub(r" · ", ", ", shown.words)
    assert "Has left, is left out" in shown.words
    before = counts(app)
    done = confirm(admin, shown)
    assert done.status_code == 303
    assert "left out" not in admin.get(done.location).words
    assert counts(app) == (before[0] + 1, before[1] + 1, before[2] + 2)
    assert one(app, "张三").left_at


def test_all_that_a_host_has_is_taken(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    channels = "wecombot://0123456789abcdef0123 ntfys://example.com/topic"
    rows = like(Chat=channels, Deputy="郑十"), like(Name="郑十", Mobile="", Mail="", Contact="no", Language="")
    shown = preview(admin, comma(*rows))
    assert "0123456789abcdef" not in shown.page.select_one("table").get_text()
    assert confirm(admin, shown).status_code == 303
    host, deputy = one(app, "周九"), one(app, "郑十")
    assert host.channels.split() == channels.split()
    assert (host.contact, host.language, host.deputy_id) == (True, "en", deputy.id)
    assert (deputy.contact, deputy.language, deputy.deputy_id) == (False, "zh_Hans", None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Unit": ""}, "Enter the number on the door."),
        ({"Unit": "\x07 \u202e\x1b"}, "Enter the number on the door."),
        ({"Unit": "9" * 21}, "A number on the door has at most 20 characters."),
        ({"Unit": "2026-03-12"}, "A spreadsheet made the date 2026-03-12 of this."),
        ({"Company": "长" * 81}, "The name of a company has at most 80 characters."),
        ({"Company": "长" * 10_000}, "The name of a company has at most 80 characters."),
        ({"Floor": "x" * 21}, "A floor has at most 20 characters."),
        ({"Name": ""}, "Write the name of the host, or leave all that belongs to a host empty."),
        ({"Name": "😀"}, "Leave out emoji and pictures."),
        ({"Name": "长" * 81}, "A name has at most 80 characters."),
        ({"Name": "'=1+1"}, "A name needs at least one letter."),
        ({"Mobile": "1381234567"}, "11 digits are needed, now 10."),
        (
            {"Mobile": "4155552671"},
            "There is no such number here. A number from abroad begins with +, for example +44 7700 900123.",
        ),
        ({"Mobile": "138****5678"}, "A telephone number has only digits"),
        ({"Mail": "zhou"}, "A mail address looks like name@company.com."),
        ({"Language": "Français"}, "not in “Français”"),
        ({"Contact": "perhaps"}, "“perhaps” is neither yes nor no."),
        ({"Deputy": "没有人"}, "Nobody here is called “没有人”."),
        ({"Deputy": "周九"}, "A deputy is somebody else."),
        ({"Chat": "gibberish"}, "Chat channel 1 is no address that Foyer may send to."),
        ({"Chat": "dbus://"}, "Chat channel 1 is no address that Foyer may send to."),
        ({"Company": "=HYPERLINK(1)"}, "A cell of this line holds a formula."),
        ({"Unit": "1806"}, "There is a unit 1806 示例科技有限公司 already. Write yes under"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_at_its_line(
    app: Flask, admin: FoyerClient, change: dict[str, str], words: str
) -> None:
    before = counts(app)
    fine = like(Unit="2204", Name="吴一", Mobile="", Mail="")
    shown = preview(admin, comma(fine, like(**change)))
    assert shown.status_code == 200
    assert words in shown.words
    assert shown.page.select_one("tr[data-s=late] th").get_text() == "3"
    assert "1 row has a problem. Nothing is saved" in shown.words
    assert shown.page.select_one(f"form[action='{PAGE}/rows']") is None
    assert counts(app) == before


def test_everything_that_is_wrong_with_a_row_is_said_at_once(admin: FoyerClient) -> None:
    wrong = ("", "长" * 81, "x" * 21, "😀", "138", "zhou", "x", "x", "", "x", "x")
    said = preview(admin, comma(wrong)).page.select_one("tr[data-s=late] td").get_text()
    assert said.count(".") >= 10, said


def test_text_that_looks_like_a_formula_stays_text(app: Flask, admin: FoyerClient) -> None:
    rows = like(Company="'=HYPERLINK(1)", Mobile="'+44 20 7946 0958"), like(Unit="2204", Company="@home", Name="")
    rows = rows[0], (*rows[1][:3], *[""] * 8)
    assert confirm(admin, preview(admin, comma(*rows))).status_code == 303
    assert one(app, "周九").phone == "+442079460958"
    page = admin.get("/admin/units").words
    assert "=HYPERLINK(1)" in page
    assert "@home" in page


def test_the_same_file_twice_makes_nothing_twice(app: Flask, admin: FoyerClient) -> None:
    raw = comma(FINE, like(Name="郑十", Mobile="", Mail="", Deputy="周九"), ("2301", "空置", "23", *[""] * 8))
    assert confirm(admin, preview(admin, raw)).status_code == 303
    before = counts(app)
    shown = preview(admin, raw)
    assert "All of this stands already. There is nothing to save." in shown.words
    assert shown.page.select_one(f"form[action='{PAGE}/rows']") is None
    assert counts(app) == before


def test_what_changes_is_shown_masked_and_nothing_else_is_touched(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    row = ("1806", "", "18A", "张三", "13811112222", *[""] * 6)
    shown = preview(admin, comma(row))
    assert "What comes of it: 1 row with changes." in shown.words
    assert "Mobile phone: 139****9000 → 138****2222" in shown.words
    assert "Floor: 18 → 18A" in shown.words
    assert "13900139000" not in shown.text
    before = counts(app)
    assert confirm(admin, shown).status_code == 303
    host = one(app, "张三")
    assert (host.phone, host.email, host.contact) == ("+8613811112222", "zhangsan@example.com", True)
    assert host.deputy_id
    assert counts(app) == (before[0], before[1], before[2] + 2)


def test_a_change_made_meanwhile_is_told_and_shown_before_anything_is_saved(
    app: Flask, cast: Cast, admin: FoyerClient
) -> None:
    shown = preview(admin, comma(("1806", "", "", "张三", "13811112222", *[""] * 6), FINE))
    with app.app_context(), writing():
        operations.change_host(
            db.session.get_one(Host, cast.host_id), phone="+8613833334444", actor=SYSTEM, now=clock.now()
        )
    before = counts(app)
    answer = confirm(admin, shown)
    assert answer.status_code == 409
    assert "Units or hosts were changed since this was shown." in answer.words
    assert "138****4444 → 138****2222" in answer.words
    assert counts(app) == before
    assert confirm(admin, answer).status_code == 303
    assert one(app, "张三").phone == "+8613811112222"


def test_two_who_confirm_the_same_file_make_it_once(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    lead = at_desk(app, cast, "zhou")
    first, second = preview(admin, comma(FINE)), preview(lead, comma(FINE))
    assert confirm(admin, first).status_code == 303
    before = counts(app)
    answer = confirm(lead, second)
    assert answer.status_code == 409
    assert "All of this stands already." in answer.words
    assert counts(app) == before


def test_confirming_twice_saves_once(app: Flask, admin: FoyerClient) -> None:
    shown = preview(admin, comma(FINE))
    assert confirm(admin, shown).status_code == 303
    before = counts(app)
    assert confirm(admin, shown).status_code == 303
    assert counts(app) == before


def test_a_preview_of_somebody_s_own_making_is_refused(app: Flask, admin: FoyerClient) -> None:
    before = counts(app)
    answer = confirm(admin, preview(admin, comma(FINE)), rows="made up")
    assert answer.status_code == 422
    assert "This preview is too old. Choose the file again." in answer.words
    assert counts(app) == before


def test_a_unit_of_another_building_is_remarked_to_whom_works_there(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    row = ("0101", "别处公司", *[""] * 9)
    assert "0101 别处公司 stands at 别处大厦. Is this file meant for this building?" in preview(admin, comma(row)).words
    assert "别处大厦" not in preview(at_desk(app, cast, "zhou"), comma(row)).words


def test_whom_no_message_reaches_is_said(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    shown = preview(admin, comma(like(Mobile="", Mail="")))
    assert "Neither phone nor mail nor chat channel: the desk can only go and tell." in shown.words
    said = admin.get(confirm(admin, shown).location).words
    assert "1 new host has neither phone nor mail nor chat channel: the desk can only go and tell." in said


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "This file is empty."),
        (comma(), "This file has a head and no rows."),
        (b"PK\x03\x04 and nothing of a sheet", "This file could not be read."),
        (xlsx(FINE)[:-200], "This file could not be read."),
        (b"\xd0\xcf\x11\xe0 of before 2007", "This file could not be read."),
        (comma(("2203", "周九", "周十"), head=("房号", "姓名", "姓名 *")), "“姓名 *” is there twice."),
        (comma(("2203", "1", "2"), head=("单元", "手机", "手机")), "“手机” is there twice. Leave one of them"),
        (comma(FINE, head=("Chamber", *HEAD[1:])), "These columns are missing: Unit"),
        (comma(FINE, head=("Unit", "Unit", *HEAD[2:])), "“Unit” is there twice."),
        (comma(*[FINE] * 5_001), "A file has at most 5000 rows. Divide it."),
        (b"x" * 3_000_001, "This file is too large. Divide it."),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(admin: FoyerClient, raw: bytes, words: str) -> None:
    answer = preview(admin, raw)
    assert answer.status_code == 422
    assert words in answer.words


def test_a_sheet_whose_beginning_is_damaged_is_no_list(admin: FoyerClient) -> None:
    for raw in (b"XX" + xlsx(FINE)[2:], b"This is no sheet\n"):
        answer = preview(admin, raw, name="Directory.XLSX")
        assert answer.status_code == 422
        assert "This file could not be read. Save it as XLSX or CSV" in answer.words
    assert "1 new unit" in preview(admin, comma(FINE), name="directory.xlsx").words, "a CSV file by another name"


def test_five_thousand_hosts_are_previewed_and_saved_at_once(app: Flask, admin: FoyerClient) -> None:
    before = counts(app)
    rows = [
        (f"{n // 10:04}", f"第{n // 10}公司", str(n // 100), f"某{chr(0x4E00 + n)}", f"138{n * 7919 % 10**8:08}",
         f"person{n * 104729 % 10**6}@company{n // 10}.example.com")
        for n in range(5_000)
    ]  # fmt: skip
    shown = preview(admin, comma(*rows, head=HEAD[:6]))
    assert "What comes of it: 500 new units, 5000 new hosts." in shown.words
    assert "The first 100 are shown." in shown.words
    assert len(shown.data) < 500_000
    done = confirm(admin, shown)
    assert done.status_code == 303, done.words
    assert counts(app) == (before[0] + 500, before[1] + 5_000, before[2] + 5_500)


def test_the_template_is_a_file_that_can_be_filled_in_and_uploaded(admin: FoyerClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(admin.get(f"{PAGE}/template").data))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(HEAD)
    assert sheet.column_dimensions["A"].number_format == "@"
    sheet.append(list(FINE))
    out = io.BytesIO()
    book.save(out)
    assert "1 new unit, 1 new host" in preview(admin, out.getvalue()).words


def test_both_lists_lead_there_and_the_receptionist_uploads_nothing(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    for page in ("/admin/units", "/admin/hosts"):
        assert admin.get(page).page.select(f"a[href='{PAGE}']"), page
    desk = at_desk(app, cast)
    assert desk.get(PAGE).status_code == 403
    assert desk.post(f"{PAGE}/rows", data={}).status_code == 403


def test_a_unit_of_the_other_site_is_not_touched(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), writing():
        far = make.make_unit(db.session.get_one(Site, cast.other_site_id), "3301", "远方").id
    assert confirm(admin, preview(admin, comma(("3301", "远方", "33", *[""] * 8)))).status_code == 303
    with app.app_context(), reading():
        assert db.session.get_one(Unit, far).floor == "18"
