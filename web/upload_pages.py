"""What the pages of an uploaded table share: its rows by column, what of them is drawn, the empty file to fill in."""

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import Response, make_response
from flask_babel import gettext

from domain.errors import DomainError
from domain.text import N_
from domain.uploads import UploadedRow
from web.edits import TURNING
from web.i18n import say, tell
from web.uploads import MOST_BYTES, UploadField, pack, read_table

LONGEST_HEAD = 40
SHOWN = 100
"""So many rows with problems, and so many without, are drawn; all are counted."""
ALSO = {
    "unit": "房号 房间号 房间 室号 门牌 门牌号 单元号 unit_no unit_number room room_no room_number suite suite_no",
    "company": "公司名称 企业 企业名称 单位名称 租户 租户名称 company_name tenant tenant_name",
    "organisation": "公司 公司名称 单位名称 来访单位 company company_name organization",
    "floor": "楼层号 所在楼层 层 floor_no level storey",
    "name": "名字 员工姓名 联系人 联系人姓名 被访人 被访人姓名 full_name host host_name contact_name contact_person",
    "whom": "联系人 联系人姓名 被访人 被访人姓名 host host_name contact_name contact_person",
    "phone": "手机 手机号码 电话 电话号码 联系电话 mobile phone_number telephone tel",
    "email": "邮件 邮箱地址 电子邮箱 电子邮件 mail e-mail email_address e-mail_address",
    "language": "语言 通知语言",
}
"""How lists that people have already call our columns, _ for a blank. What may be two of a table is the later one."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def rows_of(
    field: UploadField, labels: dict[str, str], *, required: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The line and the cells by column of each row; raises DomainError (field "table") where there are none."""
    if field.data is None:
        raise DomainError(N_("Choose a file."), field="table")
    raw = field.read(MOST_BYTES)
    if raw is None:
        raise DomainError(N_("This file is too large. Divide it."), field="table")
    table = read_table(raw, labels, required=required, also=ALSO, filename=field.data.filename or "")
    others = (text for at, text in enumerate(table.head) if at not in table.columns.values())
    field.not_taken = [TURNING.sub("", text)[:LONGEST_HEAD] for text in others if text]
    field.total = table.total and (table.total[0], TURNING.sub("", table.total[1])[:LONGEST_HEAD])
    if not table.rows:
        raise DomainError(N_("This file has a head and no rows."), field="table")
    for line, cells in table.rows:
        yield line, {name: cells[at] if at < len(cells) else "" for name, at in table.columns.items()}


def previewed(rows: Sequence[UploadedRow] | None) -> dict[str, Any]:
    """What a template draws of the rows: the first with problems and what is said of them, the first without."""
    wrong = [row for row in rows or () if row.problems]
    right = [row for row in rows or () if not row.problems]
    return {
        "rows": rows,
        "wrong": [{"row": row, "said": [tell(*problem) for problem in row.problems]} for row in wrong[:SHOWN]],
        "right": right[:SHOWN],
        "wrong_count": len(wrong),
        "right_count": len(right),
    }


def packed(rows: Sequence[UploadedRow], *, purpose: str) -> str:
    """The rows for the form that confirms them; "" where one has a problem."""
    in_order = not any(row.problems for row in rows)
    return pack([[row.line, row.cells] for row in rows], purpose=purpose) if in_order else ""


def empty_file(
    labels: Mapping[str, str],
    notes: Iterable[tuple[str, str]],
    *,
    title: str,
    filename: str,
    texts: Collection[str] = (),
) -> Response:
    """An XLSX file with the columns, and a sheet that says what goes into those that `notes` name. Columns of `texts`
    are text: 0905 keeps its nought, and 3-12 becomes no day.
    """
    import openpyxl
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    sheet, second = book.worksheets[0], book.create_sheet(gettext("Notes"))
    sheet.title = title
    sheet.append([say(words) for words in labels.values()])
    for at, name in enumerate(labels, 1):
        if name in texts:
            sheet.column_dimensions[get_column_letter(at)].number_format = "@"
    for name, said in notes:
        second.append([say(labels[name]), said])
    out = io.BytesIO()
    book.save(out)
    answer = make_response(out.getvalue())
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = f"attachment; filename={filename}"
    return answer
