"""Keys as a file: read in any usual shape, previewed with each row's problems, entered as a whole or not at all."""

import csv
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from domain import clock
from domain.database import db, reading, writing
from domain.events import Event
from domain.identity import SYSTEM
from domain.keys import cabinet as deeds
from domain.keys.classes import KeyClass
from domain.keys.models import Key
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

HEAD = ("Tag", "Opens", "Cabinet", "Hook", "Class", "Unit", "Copies kept")
FINE = ("NB-01", "北门", "2", "9", "Public", "", "2")
EDGE = "an-edge"


@pytest.fixture
def lead(app: Flask, cast: Cast, stock: Stock) -> FoyerClient:
    """Zhou, who keeps the cabinet."""
    return at_desk(app, cast, "zhou")


def xlsx(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (head, *rows):
        book.active.append(list(row))
    book.save(out)
    return out.getvalue()


def comma(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([head, *rows])
    return out.getvalue().encode(encoding)


def preview(lead: FoyerClient, raw: bytes, name: str = "keys.xlsx") -> Any:
    """Choose a file; gives the page that shows what is in it."""
    token = lead.get("/keys/upload").page.select_one("main [name=form_token]")["value"]
    head = 'Content-Disposition: form-data; name="{}"'
    parts = [
        f"--{EDGE}\r\n{head.format('form_token')}\r\n\r\n{token}\r\n".encode(),
        f'--{EDGE}\r\n{head.format("table")}; filename="{name}"\r\n\r\n'.encode() + raw + b"\r\n",
        f"--{EDGE}--\r\n".encode(),
    ]
    return lead.post("/keys/upload", data=b"".join(parts), content_type=f"multipart/form-data; boundary={EDGE}")


def confirm(lead: FoyerClient, shown: Any, **values: str) -> Any:
    form = shown.page.select_one("form[action='/keys/upload/rows']")
    sent = {field["name"]: field["value"] for field in form.select("input")}
    return lead.post("/keys/upload/rows", data=sent | values)


def count(app: Flask) -> int:
    with app.app_context(), reading():
        return db.session.scalar(select(func.count()).select_from(Key)) or 0


@pytest.mark.parametrize(
    "raw",
    [
        xlsx(("NB-01", "北门", "2", 9, "Public", None, 2)),
        xlsx(("NB-01", "北门", 2, 9.0, "公共", None, None)),
        comma(FINE),
        comma(FINE, encoding="utf-8-sig"),
        comma(FINE, encoding="gb18030"),
        comma(FINE, encoding="utf-16"),
        comma(FINE, delimiter=";"),
        comma(FINE, head=("标签号", "打开", "柜", "钩位", "类别", "单元", "把数"), encoding="gb18030"),
        comma(("ＮＢ－０１", "北门", "２", "９", "Ｐｕｂｌｉｃ", "", "２")),
        xlsx(HEAD, FINE, head=("2026年钥匙清单",)),
        xlsx((), ("Keeper: Zhou", "", "2026-03-02"), (), HEAD, FINE, head=("Keys and tags",)),
        comma(HEAD, FINE, head=("钥匙清单",), delimiter=";"),
        comma(("public", "北门", "2", "9", "nb-01"), head=("class", "opens", "cabinet", "hook", "tag")),
    ],
)
def test_a_file_in_any_usual_shape_is_previewed_and_then_entered(app: Flask, lead: FoyerClient, raw: bytes) -> None:
    before = count(app)
    shown = preview(lead, raw)
    assert shown.status_code == 200
    assert "1 key can be entered. Nothing is saved yet." in shown.words
    assert count(app) == before
    done = confirm(lead, shown)
    assert done.status_code == 303
    with app.app_context(), reading():
        key = db.session.scalars(select(Key).where(Key.tag == "NB-01")).one()
        assert (key.opens, key.hook, key.class_code) == ("北门", 9, "public")
        assert db.session.scalars(select(Event.kind).where(Event.subject_id == key.id, Event.subject == "key")).all()
    assert "NB-01" in at_once_found(lead, "NB-01")


def at_once_found(lead: FoyerClient, text: str) -> str:
    """What the desk's search for keys says."""
    return str(lead.get("/keys", query_string={"q": text}, follow_redirects=True).words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Tag": "gg-01"}, "The tag GG-01 is on another key or set of this site already."),
        ({"Tag": ""}, "Scan or enter the tag of the key."),
        ({"Tag": "X" * 41}, "A tag has at most 40 characters."),
        ({"Tag": "FOYER:K:0123456789AB"}, "This is a label of Foyer. Write the tag of the key."),
        ({"Opens": ""}, "Say what this key opens."),
        ({"Opens": "长" * 121}, "What it opens has at most 120 characters."),
        ({"Cabinet": "7"}, "No cabinet is called “7”. Enter it first."),
        ({"Hook": "13"}, "Cabinet 2 has the hooks 1 to 12."),
        ({"Hook": "neun"}, "Cabinet 2 has the hooks 1 to 12."),
        ({"Hook": "-1"}, "Cabinet 2 has the hooks 1 to 12."),
        ({"Class": "golden"}, "There is no class “golden”."),
        ({"Unit": "9999"}, "No unit has the number 9999."),
        ({"Copies kept": "0"}, "There are 1 to 99 copies."),
        ({"Opens": "=HYPERLINK(1)"}, "A cell of this line holds a formula."),
    ],
)
def test_a_row_that_is_no_key_is_named_at_its_line(
    app: Flask, lead: FoyerClient, change: dict[str, str], words: str
) -> None:
    before = count(app)
    wrong = tuple(change.get(name, value) for name, value in zip(HEAD, FINE, strict=True))
    shown = preview(lead, comma(("NB-02", *FINE[1:]), wrong))
    assert words in shown.words
    assert shown.page.select_one("tr[data-s=late] th").get_text() == "3"
    assert "1 row has a problem. Nothing is saved" in shown.words
    assert shown.page.select_one("form[action='/keys/upload/rows']") is None
    assert count(app) == before


def test_under_a_title_the_lines_are_those_of_the_file(lead: FoyerClient) -> None:
    shown = preview(lead, xlsx((), HEAD, ("NB-02", *FINE[1:]), ("NB-03", "", *FINE[2:]), head=("2026年钥匙清单",)))
    assert [one.get_text() for one in shown.page.select("tr[data-s=late] th")] == ["5"]
    assert "not taken over" not in shown.words


def test_of_a_table_under_a_title_the_missing_column_is_named(lead: FoyerClient) -> None:
    answer = preview(lead, xlsx((), HEAD[:3] + HEAD[4:], FINE, head=("2026年钥匙清单",)))
    assert "These columns are missing: Hook. One of the first lines names the columns" in answer.words
    assert "These columns are missing" in preview(lead, xlsx(*[()] * 2, *[("x",)] * 5, HEAD, FINE, head=("x",))).words


def test_a_formula_in_a_sheet_is_named_and_never_trusted(lead: FoyerClient) -> None:
    shown = preview(lead, xlsx(("NB-01", "北门", "2", "=4+5", "Public", None, None)))
    assert "A cell of this line holds a formula. Paste what it comes to in its place." in shown.words


def test_a_tag_that_stands_twice_is_told_with_the_other_line(lead: FoyerClient) -> None:
    shown = preview(lead, comma(FINE, ("ＮＢ－０１", *FINE[1:])))
    assert "Line 2 has the tag NB-01 too." in shown.words


def test_a_tag_of_another_site_is_told_to_whom_works_there(app: Flask, cast: Cast, lead: FoyerClient) -> None:
    with app.app_context(), writing():
        make_far_key(cast)
    admin = at_desk(app, cast, "xu")
    assert "The tag FAR-1 belongs to 别处大厦." in preview(admin, comma(("FAR-1", *FINE[1:]))).words
    assert "1 key can be entered." in preview(lead, comma(("FAR-1", *FINE[1:]))).words


def make_far_key(cast: Cast) -> None:
    """A key at the other site."""
    now = clock.now()
    far = deeds.add_cabinet(site_id=cast.other_site_id, name="9", hooks=3, actor=SYSTEM, now=now)
    deeds.add_key(cabinet=far, hook=1, tag="FAR-1", opens="x", class_code=KeyClass.PUBLIC, actor=SYSTEM, now=now)


def bomb() -> bytes:
    """A small file that unpacks to a very large one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 90_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "This file is empty."),
        (b"\n\n,,\n", "This file is empty."),
        (comma(), "This file has a head and no rows."),
        (b"PK\x03\x04 and nothing of a sheet", "This file could not be read."),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "This file could not be read."),
        (b"%PDF-1.7 \xff\xff\xff", "This file could not be read."),
        (comma(FINE, head=("Name", "Phone", "Mail", "Floor", "Room", "Unit", "x")), "These columns are missing: Tag"),
        (comma(FINE, head=("Tag", "Tag", "Cabinet", "Hook", "Class", "Opens", "x")), "“Tag” is there twice."),
        (comma(*[FINE] * 5_001), "A file has at most 5000 rows. Divide it."),
        (b"x" * 3_000_001, "This file is too large. Divide it."),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(lead: FoyerClient, raw: bytes, words: str) -> None:
    answer = preview(lead, raw)
    assert answer.status_code == 422
    assert words in answer.words


def test_a_file_that_unpacks_to_something_huge_is_refused(lead: FoyerClient) -> None:
    assert "This file could not be read." in preview(lead, bomb()).words


def test_no_file_is_asked_for_in_words(lead: FoyerClient) -> None:
    answer = lead.submit("/keys/upload", form="main form[method=post]")
    assert answer.status_code == 422
    assert "Choose a file." in answer.words


def test_a_body_without_end_is_cut_off(lead: FoyerClient) -> None:
    assert preview(lead, b"x" * 3_300_000).status_code == 413


def test_five_thousand_keys_are_previewed_and_entered_at_once(app: Flask, lead: FoyerClient) -> None:
    before = count(app)
    rows = [(f"N-{n:05}", f"{n} 号房", "2", n % 12 + 1, "Unit in custody", None, 1) for n in range(5_000)]
    shown = preview(lead, xlsx(*rows))
    assert "5000 keys can be entered. Nothing is saved yet." in shown.words
    assert "The first 100 are shown." in shown.words
    assert len(shown.data) < 500_000
    done = confirm(lead, shown)
    assert done.status_code == 303, done.words
    assert count(app) == before + 5_000
    assert "N-04999" in at_once_found(lead, "N-04999")


def test_a_tag_taken_between_preview_and_confirmation_stops_everything(
    app: Flask, cast: Cast, stock: Stock, lead: FoyerClient
) -> None:
    shown = preview(lead, comma(FINE, ("NB-02", *FINE[1:])))
    with app.app_context(), writing():
        deeds.change_tag(shelf.key(stock.roof), "NB-02", actor=shelf.actor_of(cast, "zhou"), now=clock.now())
    before = count(app)
    answer = confirm(lead, shown)
    assert answer.status_code == 422
    assert "The tag NB-02 is on another key or set of this site already." in answer.words
    assert count(app) == before


def test_a_preview_of_somebody_s_own_making_is_refused(app: Flask, lead: FoyerClient) -> None:
    before = count(app)
    answer = confirm(lead, preview(lead, comma(FINE)), rows="made up")
    assert answer.status_code == 422
    assert "This preview is too old. Choose the file again." in answer.words
    assert count(app) == before


def test_confirming_twice_enters_once(app: Flask, lead: FoyerClient) -> None:
    shown, before = preview(lead, comma(FINE)), count(app)
    assert confirm(lead, shown).status_code == 303
    assert confirm(lead, shown).status_code == 303
    assert count(app) == before + 1


def test_the_template_is_a_file_that_can_be_filled_in_and_uploaded(lead: FoyerClient) -> None:
    answer = lead.get("/keys/upload/template")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert [cell.value for cell in book.worksheets[0][1]] == list(HEAD)
    book.worksheets[0].append(list(FINE))
    out = io.BytesIO()
    book.save(out)
    assert "1 key can be entered." in preview(lead, out.getvalue()).words


def test_the_receptionist_uploads_nothing(desk: FoyerClient) -> None:
    assert desk.get("/keys/upload").status_code == 403
    assert desk.post("/keys/upload/rows", data={}).status_code == 403
