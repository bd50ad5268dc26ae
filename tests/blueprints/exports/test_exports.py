"""R4: any register exports just what is shown, as CSV or workbook, masked unless there is a reason, for who asked."""

import csv
import gzip
import hashlib
import io
import os
import tracemalloc
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

import jobs
from domain import clock as house_clock
from domain import pages, registers
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.exports import making
from domain.exports.models import Export
from domain.people.models import Grant
from domain.sites.models import Site
from tests import factories as make
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.house.routes import furnish
from tests.stays import arrive
from web.spreadsheets import Xlsx, export_folder, plain, unplain

DANGEROUS = '=HYPERLINK("http://x","y")'

LARGE = 8_000_000


@pytest.fixture
def wu(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast, "wu")


def send(client: FoyerClient, path: str, values: dict[str, Any], form: str = "main form[method=post]") -> Any:
    """Fill in the form of that page and send it."""
    return client.submit(path, values, form=form)


def work(app: Flask) -> None:
    """What the worker does in the next moment."""
    with app.app_context():
        jobs.make_exports()


def order(app: Flask, client: FoyerClient, asked: str, **values: Any) -> str:
    """Ask for an export, let the worker make it; gives its address."""
    where = send(client, f"/exports/new?{asked}", values).headers["Location"]
    work(app)
    return str(where)


def cells_of(client: FoyerClient, where: str) -> list[list[str]]:
    """The CSV file, read back."""
    answer = client.get(f"{where}/file")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def shown(client: FoyerClient, address: str) -> list[list[str]]:
    """The rows of the list as a page shows them."""
    rows = client.get(address).page.select("tbody tr")
    return [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in rows]


def test_a_file_holds_just_what_is_shown(app: Flask, cast: Cast, wu: FoyerClient) -> None:
    arrive(app, cast, name="王小明", phone="+442079460958", organisation=DANGEROUS)
    arrive(app, cast, name="不要", phone="+8613800138001", waits=True)
    asked = "state=inside&span=today"
    page = wu.get(f"/exports/new?register=visits&{asked}")
    assert "1 entry" in page.words
    where = order(app, wu, f"register=visits&{asked}", format="csv")
    head, row = cells_of(wu, where)
    assert head[0] == "No."
    (listed,) = shown(wu, f"/visits?{asked}")
    for column, (cell, seen) in enumerate(zip(row, listed, strict=True)):
        if head[column] not in ("In", "Out"):
            assert unplain(cell) == seen
    assert row[1] == "2026-03-02 09:30"
    assert row[5] == f"'{DANGEROUS}"  # no formula, and nothing lost
    assert "王小明" not in str(row)
    assert row[4].startswith("'+44")  # the plus of a number abroad survives
    book = openpyxl.load_workbook(io.BytesIO(wu.get(f"{order(app, wu, f'register=visits&{asked}')}/file").get_data()))
    written = [[cell.value for cell in line] for line in book.worksheets[0].iter_rows()]
    assert written[1][5] == DANGEROUS
    assert book.worksheets[0]["F2"].data_type == "s"
    assert written[1][1].isoformat() == "2026-03-02T09:30:00"


def test_the_page_of_an_export_bears_the_name_of_the_house(app: Flask, wu: FoyerClient) -> None:
    page = wu.get(order(app, wu, "register=visits")).page
    assert page.select_one("nav.rail .logo").text.strip() == "Qingyu Centre"
    assert page.select_one("title").text.endswith("· Qingyu Centre")


def test_in_full_needs_the_right_and_a_reason_and_is_written_down(app: Flask, cast: Cast, wu: FoyerClient) -> None:
    arrive(app, cast, name="王小明", phone="+8613800138000")
    refused = send(wu, "/exports/new?register=visits", {"full": "1"})
    assert "Say why" in refused.words
    where = order(app, wu, "register=visits", format="csv", full="1", reason="Police request 7")
    assert "王小明" in str(cells_of(wu, where))
    with app.app_context(), reading():
        line = db.session.scalars(select(Event).where(Event.kind == "export.unmasked")).one()
        said = db.session.scalars(select(EventDetail).where(EventDetail.number == line.number)).one()
        assert (line.actor_id, said.entered["reason"]) == (cast.people["wu"], "Police request 7")
    he = at_desk(app, cast, "he")  # manages, and sees everything masked
    assert not he.get("/exports/new?register=visits").page.select("[name=full]")
    assert "王小明" not in str(cells_of(he, order(app, he, "register=visits", format="csv")))
    assert he.get(where).status_code == he.get(f"{where}/file").status_code == 404
    assert at_desk(app, cast, "lisi").get("/exports").status_code == 403


def test_every_register_can_be_exported(app: Flask, cast: Cast, wu: FoyerClient) -> None:
    furnish(app, cast)
    for register in registers.all_for(_supervisor(app, cast)):
        page = shown(wu, wu.get(f"/exports/new?register={register.name}").page.select_one(".phead a")["href"])
        rows = cells_of(wu, order(app, wu, f"register={register.name}", format="csv"))
        numbers, seen = [row[0] for row in rows[1:]], [row[0] for row in page]
        # The history goes on, by this very export too, and is longer than a page.
        assert [number for number in numbers if register.name != "history" or number in seen] == seen
        assert len(rows[0]) == len(register.columns)


def _supervisor(app: Flask, cast: Cast) -> Any:
    from domain.identity import Actor
    from domain.permissions import Role

    return Actor("staff", cast.people["wu"], "", cast.site_id, ((Role.SUPERVISOR, cast.site_id),))


def test_several_sites_are_read_and_exported_together(app: Flask, cast: Cast, wu: FoyerClient) -> None:
    arrive(app, cast, name="王小明")
    with app.app_context(), writing():
        other = db.session.get_one(Site, cast.other_site_id)
        elsewhere = make.make_purpose(other), make.make_unit(other, "0202")
        for number in range(3):
            make.make_visit(other, *elsewhere, name="远客", phone=f"+861380013811{number}", now=house_clock.now())
        db.session.add(Grant(person_id=cast.people["wu"], role="supervisor", site_id=other.id))
        far = other.ref
    assert len(shown(wu, "/visits")) == 1
    both = wu.get("/visits?site=all")
    assert len(both.page.select("tbody tr")) == 4
    assert len(both.page.select("tbody th a")) == 1  # an entry opens at its own site
    assert "Other Place" in both.words
    assert len(shown(wu, f"/visits?site={far}&text=远客")) == 3
    rows = cells_of(wu, order(app, wu, "register=visits&site=all", format="csv"))
    assert [row[0] for row in rows] == ["Site", "Other Place", "Other Place", "Other Place", "Qingyu Centre"]
    assert at_desk(app, cast, "zhou").get(f"/visits?site={far}").status_code == 422
    assert "Site" not in at_desk(app, cast, "zhou").get("/visits").words


def test_what_is_called_off_or_fails_leaves_nothing(
    app: Flask, cast: Cast, wu: FoyerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(app, cast)
    where = send(wu, "/exports/new?register=visits", {}).headers["Location"]
    assert "Waiting" in wu.get(where).words
    assert wu.get(f"{where}/file").status_code == 404
    assert send(wu, where, {}).status_code == 303
    work(app)
    assert "called off" in wu.get(where).words
    monkeypatch.setattr(pages, "walk", _half_way)
    failed = order(app, wu, "register=visits", format="csv")
    assert "Nothing was kept" in wu.get(failed).words
    with app.app_context():
        assert list(export_folder().iterdir()) == []
    for _ in range(3):
        send(wu, "/exports/new?register=visits", {})
    assert "Three of your exports" in send(wu, "/exports/new?register=visits", {}).words


def _half_way(*_: Any, **__: Any) -> Any:
    raise RuntimeError("in the middle")


def test_who_lost_the_right_gets_no_file(app: Flask, cast: Cast, wu: FoyerClient) -> None:
    where = send(wu, "/exports/new?register=visits", {}).headers["Location"]
    with app.app_context(), writing():
        db.session.execute(update(Grant).where(Grant.person_id == cast.people["wu"]).values(role="attendant"))
    work(app)
    with app.app_context(), reading():
        export = db.session.scalars(select(Export)).one()
        assert (export.state, export.problem) == ("failed", "The right to this export was taken back.")
    assert wu.get(where).status_code == 403


def test_a_killed_worker_is_followed_by_another(app: Flask, cast: Cast, wu: FoyerClient, clock: Any) -> None:
    where = send(wu, "/exports/new?register=visits", {"format": "csv"}).headers["Location"]
    with app.app_context(), writing():
        db.session.execute(update(Export).values(state="running", claimed_until=house_clock.now() + making.CLAIM))
        (export_folder() / f"{where.rpartition('/')[2]}.part").mkdir(parents=True)
    work(app)
    assert wu.get(f"{where}/file").status_code == 404
    clock.shift(making.CLAIM + timedelta(seconds=1))
    work(app)
    assert wu.get(f"{where}/file").status_code == 200
    with app.app_context():
        assert [path.suffix for path in export_folder().iterdir()] == [".gz"]


def test_files_and_reasons_do_not_outlive_what_they_hold(app: Flask, cast: Cast, wu: FoyerClient, clock: Any) -> None:
    arrive(app, cast, name="王小明", phone="+8613800138000")
    where = order(app, wu, "register=visits&text=王小明", full="1", reason="Canary reason", format="csv")
    with app.app_context():
        assert export_folder().stat().st_mode & 0o077 == 0
        assert b"\xe7\x8e\x8b" in gzip.decompress(next(export_folder().iterdir()).read_bytes())
        jobs.clear_exports()
        assert list(export_folder().iterdir())
        clock.shift(timedelta(hours=25))
        jobs.clear_exports()
        assert list(export_folder().iterdir()) == []
    wu = at_desk(app, cast, "wu")
    assert "The file was removed" in wu.get(where).words
    again = order(app, wu, "register=visits", format="xlsx")
    with app.app_context():
        jobs.erase_exports()
        assert list(export_folder().iterdir()) == []
    assert wu.get(f"{again}/file").status_code == 404
    clock.shift(timedelta(days=91))
    with app.app_context():
        jobs.erase_exports()
        with reading():
            about = (
                select(func.count())
                .select_from(EventDetail)
                .join(Event, (Event.site_id == EventDetail.site_id) & (Event.number == EventDetail.number))
            )
            assert db.session.scalar(about.where(Event.subject == "export")) == 0
            assert set(db.session.scalars(select(Export.typed))) == {None}


def test_a_filter_is_kept_under_a_name_without_what_was_typed(app: Flask, cast: Cast, wu: FoyerClient) -> None:
    address = "/exports/filters?register=visits&state=inside&span=week&text=王"
    assert "Give the filter a name." in send(wu, address, {"name": ""}).words
    assert send(wu, address, {"name": "周内"}).status_code == 303
    assert "of this name already" in send(wu, address, {"name": "周内"}).words
    page = wu.get("/visits")
    (kept,) = page.page.select("nav.chips a:not(:has(svg))")
    assert kept["href"] == "/visits?state=inside&span=week" or "span=week" in kept["href"]
    assert "text" not in kept["href"]
    assert wu.get(kept["href"]).page.select("nav.chips [aria-current]")
    assert "Choose something first" in send(wu, "/exports/filters?register=visits", {"name": "x"}).words
    assert not at_desk(app, cast, "he").get("/visits").page.select("nav.chips")
    ref = wu.get(address).page.select_one("form[action$=removal]")["action"]
    assert send(wu, address, {}, f"[action='{ref}']").status_code == 303
    assert not wu.get("/visits").page.select("nav.chips")
    for asked in ("register=nothing", "register=visits&span=own&since=2026-03-04&until=2026-03-01"):
        assert wu.get(f"/exports/new?{asked}").status_code == 404


def test_a_full_sheet_is_followed_by_another(tmp_path: Any) -> None:
    book = Xlsx(tmp_path / "x.xlsx", ["a"], title="来访", sheet_rows=3)
    book.write([[str(number)] for number in range(5)])
    book.close()
    sheets = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets
    assert [sheet.title for sheet in sheets] == ["来访", "来访 2", "来访 3"]
    assert [sheet.max_row for sheet in sheets] == [3, 3, 2]


@pytest.mark.parametrize("typed", ["=1+1", "+86 138", "-2", "@x", "'=1", "'", "plain", "", "\tx", "＝1"])
def test_what_looks_like_a_formula_is_text_without_loss(typed: str) -> None:
    assert plain(typed)[:1] not in ("=", "+", "-", "@", "\t", "＝")
    assert unplain(plain(typed)) == typed


def large(app: Flask, client: FoyerClient, kind: str) -> tuple[str, bytes]:
    """The address of a large file, and what it holds; compressed where its kind is."""
    where = order(app, client, "register=visits", format=kind)
    content = os.urandom(LARGE)
    with app.app_context():
        (path,) = export_folder().iterdir()
    path.write_bytes(gzip.compress(content, 1) if kind == "csv" else content)
    return f"{where}/file", content


def plainly(app: Flask, client: FoyerClient, address: str, **asked: str) -> Any:
    """Ask as that person, and read the answer piece by piece as a server does: nothing of it is kept or looked at."""
    asker = FlaskClient(app)
    with client.session_transaction() as theirs, asker.session_transaction() as session:
        session.update(theirs)
    return asker.get(address, headers=asked)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_large_file_is_read_in_pieces_and_one_at_a_time(app: Flask, cast: Cast, wu: FoyerClient, kind: str) -> None:
    address, content = large(app, wu, kind)
    tracemalloc.start()
    answer = plainly(app, wu, address)
    found = hashlib.sha256()
    for piece in answer.response:
        found.update(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 200
    assert found.digest() == hashlib.sha256(content).digest()
    assert peak < LARGE / 2, f"{peak:,} bytes were held for a file of {LARGE:,}."
    busy = plainly(app, wu, address)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "10"), "The first one is not closed yet."
    assert "Another large file is being fetched just now." in busy.get_data(as_text=True)
    answer.close()
    again = plainly(app, wu, address)
    assert again.status_code == 200
    again.close()


def test_a_download_that_broke_off_goes_on_where_it_was(app: Flask, cast: Cast, wu: FoyerClient) -> None:
    address, content = large(app, wu, "xlsx")
    whole = plainly(app, wu, address)
    assert whole.headers["Accept-Ranges"] == "bytes"
    whole.close()  # the reader went away half-way
    tag = whole.headers["ETag"]
    rest = plainly(app, wu, address, **{"Range": f"bytes={LARGE - 500}-", "If-Range": tag})
    assert (rest.status_code, rest.get_data()) == (206, content[-500:])
    rest.close()
    beyond = plainly(app, wu, address, Range=f"bytes={LARGE}-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{LARGE}")
    last = plainly(app, wu, address)
    assert last.status_code == 200, "Its turn was given back."
    last.close()
