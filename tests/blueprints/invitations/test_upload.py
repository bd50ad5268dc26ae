"""V5: guests come as a file; the preview sends nothing, each row with a problem says which."""

import io

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading
from domain.visits.invitation_models import Invitation
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

PAGE = "/invitations/upload"
GOOD = "Name,Mobile phone,Mail,Organisation,Whom to see,Unit,Day,From,To,Entries\n王五,13800138000,wang@example.com,示例公司,张三,,2026-03-03,9:30,12:00,\n赵六,,,,1806,,2026-03-03,10:00,12:00,2\n"  # noqa: E501 -- a file


@pytest.fixture
def desk(app: Flask, cast: Cast, clock) -> FoyerClient:
    return at_desk(app, cast)


def send(desk: FoyerClient, content: bytes | str):
    raw = content.encode() if isinstance(content, str) else content
    token = desk.get(PAGE).page.select_one(f"form[action='{PAGE}'] [name=form_token]")["value"]
    return desk.post(PAGE, data={"form_token": token, "table": (io.BytesIO(raw), "guests.csv")})


def invited(app: Flask) -> list[Invitation]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Invitation).order_by(Invitation.id)))
        db.session.expunge_all()
        return found


def confirm(desk: FoyerClient, preview):
    form = preview.page.select_one(f"form[action='{PAGE}/rows']")
    return desk.post(f"{PAGE}/rows", data={one["name"]: one["value"] for one in form.select("input")})


def test_a_file_is_previewed_then_everybody_is_invited(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    preview = send(desk, GOOD)
    assert "2 guests can be invited." in preview.words
    assert invited(app) == []
    assert confirm(desk, preview).location == "/invitations"
    first, second = invited(app)
    assert (first.name, first.host_id, first.source) == ("王五", cast.host_id, "upload")
    assert (second.host_id, second.unit_id, second.entries) == (None, cast.unit_id, 2)


def test_a_workbook_is_read_too(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    book = openpyxl.Workbook()
    for line in GOOD.splitlines():
        book.worksheets[0].append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    assert confirm(desk, send(desk, out.getvalue())).status_code == 303
    assert len(invited(app)) == 2
    assert desk.get(f"{PAGE}/template").data.startswith(b"PK")


@pytest.mark.parametrize(
    "line",
    [
        "王五,１３８００１３８０００,,,张三,１８０６,２０２６－０３－０３,９：３０,１２：００,２",
        "王五,１３８００１３８０００,,,１８０６,,２０２６／０３／０３,９：３０,１２：００,２",
    ],
)
def test_wide_digits_mean_the_narrow_ones(app: Flask, cast: Cast, desk: FoyerClient, line: str) -> None:
    assert confirm(desk, send(desk, GOOD.splitlines()[0] + "\n" + line)).status_code == 303
    (found,) = invited(app)
    assert (found.phone, found.unit_id, found.entries) == ("+8613800138000", cast.unit_id, 2)


def test_a_title_above_the_heads_is_skipped_and_lines_stay_those_of_the_file(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    preview = send(desk, "2026年访客名单,,,\n\n" + GOOD)
    assert confirm(desk, preview).status_code == 303
    assert len(invited(app)) == 2
    wrong = send(desk, "2026年访客名单,,,\n\n" + GOOD.replace("13800138000", "1380013"))
    assert wrong.page.select_one("tr[data-s=late] th").get_text() == "4"


def test_in_a_list_of_guests_the_host_is_whom_they_see(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    head = "姓名,联系电话,被访人,房号,day,since,until,车牌"
    preview = send(desk, f"{head}\n王五,13800138000,张三,1806,2026-03-03,09:30,12:00,沪A")
    assert "These columns are not taken over: 车牌." in preview.words
    assert confirm(desk, preview).location == "/invitations"
    assert [(one.name, one.host_id) for one in invited(app)] == [("王五", cast.host_id)]


def test_each_row_with_a_problem_says_which(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    rows = [
        "😀,,,,张三,,2026-03-03,09:30,12:00,",
        "王五,123456,,,张三,,2026-03-03,09:30,12:00,",
        "王五,4155552671,,,张三,,2026-03-03,09:30,12:00,",
        "王五,,nomail,,张三,,2026-03-03,09:30,12:00,",
        "王五,,,,没有人,,2026-03-03,09:30,12:00,",
        "王五,,,,张三,,soon,09:30,12:00,",
        "王五,,,,张三,,2026-03-03,late,12:00,",
        "王五,,,,张三,,2026-02-01,09:30,12:00,",
        "王五,,,,张三,,2026-03-03,09:30,12:00,many",
        "=1+1,,,,张三,,2026-03-03,09:30,12:00,",
    ]
    preview = send(desk, GOOD.splitlines()[0] + "\n" + "\n".join(rows))
    assert "10 rows have problems." in preview.words
    for said in ("emoji", "Nobody here is called “没有人”", "no day such as", "no time such as", "This time is over",
                 "no number of entries", "holds a formula", "A number from abroad", "name@company.com"):  # fmt: skip
        assert said in preview.words, said
    assert not preview.page.select(f"form[action='{PAGE}/rows']")
    assert invited(app) == []


@pytest.mark.parametrize("content", ["", "Name\n王五\n", "\x00\x01", b"PK\x03\x04rubbish"])
def test_what_is_no_such_file_is_refused_in_words(app: Flask, cast: Cast, desk: FoyerClient, content) -> None:
    answer = send(desk, content)
    assert answer.status_code == 422
    assert answer.page.select("#table-e")
