"""P2: a bird in every personal field is followed through a year: database, log of writes, backups, exports, our logs.

What the house prints and stores is searched byte by byte. The statistics outlive the birds.
"""

import gzip
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, text

import jobs
from domain import backup
from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.exports.models import Export
from domain.identity import SYSTEM
from domain.keys import returns
from domain.keys.loans import Note
from domain.occupants.models import Unit
from domain.slips import operations as slips
from domain.slips.models import Nature, Source
from domain.visits import corrections, departures
from domain.visits.models import Visit
from tests import cabinet as shelf
from tests.cabinet import actor_of
from tests.cast import Cast, at_desk
from tests.stays import arrive
from web.pictures import photo_folder
from web.spreadsheets import export_folder

BIRDS = {
    "name": "金丝雀",
    "phone": "13912340987",
    "organisation": "Canaria Shipping",
    "plate": "京A金丝7",
    "goods": "one yellow cage",
    "linger": "was asked to sing",
    "borrower": "画眉鸟",
    "borrower phone": "13912340988",
    "purpose": "feeding the thrush",
    "caller": "百灵鸟",
    "caller phone": "13912340989",
    "matter": "the lark sings at night",
    "reason": "a look for the nightingale",
}
FORM = "main form[method=post]"


def settle(app: Flask, cast: Cast) -> None:
    """Put a bird into every field, and let each of them leave again."""
    visit = arrive(
        app, cast, name=BIRDS["name"], phone=f"+86{BIRDS['phone']}", organisation=BIRDS["organisation"],
        plate=BIRDS["plate"], goods=BIRDS["goods"], document="9876",
    )  # fmt: skip
    with app.app_context(), writing():
        now, here = house_clock.now(), db.session.get_one(Visit, visit.id)
        due = now + timedelta(hours=1)
        corrections.note_lingering(here, note=BIRDS["linger"], due_at=due, actor=SYSTEM, now=now)
        departures.sign_out(here, how="desk", actor=SYSTEM, now=now)
        stock, lisi = shelf.fill(cast), actor_of(cast, "lisi")
        who = shelf.worker(name=BIRDS["borrower"], phone=f"+86{BIRDS['borrower phone']}")
        loan = shelf.hand_out(
            key := shelf.key(stock.unit), who, cast, noted=Note(BIRDS["purpose"], authority="业主来电")
        )
        told: dict[str, Any] = {"name": BIRDS["caller"], "phone": f"+86{BIRDS['caller phone']}"}
        slip = slips.write(
            nature=Nature.ENQUIRY, source=Source.TELEPHONE, matter=BIRDS["matter"], site_id=cast.site_id, actor=lisi,
            now=now, unit_id=cast.unit_id, unit_number=db.session.get_one(Unit, cast.unit_id).number, **told,
        )  # fmt: skip
        slips.close(slip, outcome="answered", actor=lisi, now=now)
        db.session.flush()
        assert loan.ended_at is None
        returns.return_keys([key], actor=lisi, now=now)


def look(app: Flask, cast: Cast) -> None:
    """Somebody looks at one of them in full, and exports all of them in full."""
    wu = at_desk(app, cast, "wu")
    wu.submit(
        "/exports/new?register=visits&text=" + BIRDS["name"], {"full": "1", "reason": BIRDS["reason"], "format": "csv"},
        form=FORM,
    )  # fmt: skip
    with app.app_context():
        jobs.make_exports()


def traces(app: Flask, folder: Path, logged: str) -> Iterator[tuple[str, bytes]]:
    """Everything that the house has written anywhere, by the name of the place."""
    yield "our log", logged.encode()
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            path = str(db.engine.url.database)
            for end in ("", "-wal"):
                if Path(path + end).exists():
                    yield f"database{end}", Path(path + end).read_bytes()
            archive = folder / f"{house_clock.now():%Y%m%d%H}.tar.gz"
            backup.write(archive, engine=db.engine, photos=photo_folder(), now=house_clock.now())
            with tarfile.open(archive) as packed:
                for member in packed:
                    content = packed.extractfile(member)
                    yield f"backup {member.name}", content.read() if content else b""
        else:
            with reading():
                for table in inspect(db.session.connection()).get_table_names():
                    rows = db.session.execute(text(f'SELECT t::text FROM "{table}" t')).scalars()  # noqa: S608
                    yield f"table {table}", "\n".join(rows).encode()
        for file in sorted(export_folder().glob("*")):
            raw = file.read_bytes()
            yield f"export {file.name}", gzip.decompress(raw) if file.suffix == ".gz" else _unzipped(raw)


def _unzipped(raw: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(raw)) as packed:
        return b"".join(packed.read(name) for name in packed.namelist())


def heard(app: Flask, folder: Path, logged: str) -> dict[str, set[str]]:
    """Which bird is where."""
    found: dict[str, set[str]] = {}
    for place, content in traces(app, folder, logged):
        for name, bird in BIRDS.items():
            if bird.encode() in content or bird.encode("unicode_escape") in content:
                found.setdefault(name, set()).add(place)
    return found


def night(app: Flask) -> None:
    """What the worker does in a night."""
    with app.app_context():
        for erase in jobs.ERASING:
            erase()
        jobs.wipe_drafts()
        jobs.tidy()


def test_no_bird_is_heard_past_its_time(
    app: Flask, clock: Any, cast: Cast, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settle(app, cast)
    look(app, cast)
    at_first = heard(app, tmp_path, "")
    assert set(at_first) == set(BIRDS), f"The test cannot hear {set(BIRDS) - set(at_first)}."
    assert "our log" not in set().union(*heard(app, tmp_path, caplog.text).values())
    night(app)
    assert not any(place.startswith("export") for places in heard(app, tmp_path, "").values() for place in places)
    for days in (80, 12, 274):  # before its end, past it, a year
        clock.shift(timedelta(days=days))
        night(app)
        if days != 80:
            assert heard(app, tmp_path, caplog.text) == {}
    with app.app_context(), reading():
        assert db.session.scalar(db.select(db.func.count()).select_from(Visit)) == 1
        assert db.session.scalar(db.select(db.func.count()).select_from(Export)) == 1
