"""P2: a bird in every personal field is followed through a year: database, log of writes, backups, exports, our logs.

What the house prints and stores is searched byte by byte. The statistics outlive the birds, and the record stays whole.
"""

import gzip
import subprocess
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, func, inspect, select, text, type_coerce

import jobs
from domain import backup, housekeeping, photos, verification
from domain import clock as house_clock
from domain.database import Base, db, reading
from domain.encryption import keyring
from domain.exports.models import Export
from domain.keys.loan_models import Loan
from domain.meetings.service_models import Confirmation
from domain.occupants.models import Host
from domain.visits.models import Draft, Visit
from tests.cast import Cast, at_desk
from tests.conftest import close, make_app
from tests.databases import empty_beside
from tests.house.birds import BIRDS, SEALED, settle
from tests.house.test_personal_data import ELSEWHERE, OCCUPANT, STAFF, THINGS, personal
from web.pictures import photo_folder
from web.spreadsheets import export_folder

FORM = "main form[method=post]"
NO_BIRD = {
    "calendar_feeds.label": "The owner's own word; it goes when the address is taken back.",
    "loans.escort": "Nobody enters it yet.",
    "report_plans.addresses": "They stay until they are taken out.",
    "slips.about": THINGS,
    "slips.label": THINGS,
}


def look(app: Flask, cast: Cast) -> None:
    """Somebody exports one of them in full, the filter typed; somebody looks at an occupant, and says why."""
    wu, zhou = at_desk(app, cast, "wu"), at_desk(app, cast, "zhou")
    reason = BIRDS["event_details.entered"]
    wu.submit(
        "/exports/new?register=visits&text=" + BIRDS["visits.name"], {"full": "1", "reason": reason, "format": "csv"},
        form=FORM,
    )  # fmt: skip
    with app.app_context():
        with reading():
            host = db.session.get_one(Host, cast.host_id).ref
        jobs.make_exports()
    wu.submit("/exports/new?register=visits&text=" + BIRDS["exports.typed"], {"format": "csv"}, form=FORM)
    assert zhou.submit(f"/admin/hosts/{host}", {"reason": reason}, form="form[action$=looks]").status_code == 200


def traces(app: Flask, folder: Path, logged: str) -> Iterator[tuple[str, bytes]]:
    """Everything that the house has written anywhere, by the name of the place."""
    yield "our log", logged.encode()
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            path = str(db.engine.url.database)
            for end in ("", "-wal"):
                if Path(path + end).exists():
                    yield f"database{end}", Path(path + end).read_bytes()
        else:
            with reading():
                for table in inspect(db.session.connection()).get_table_names():
                    rows = db.session.execute(text(f'SELECT t::text FROM "{table}" t')).scalars()  # noqa: S608
                    yield f"table {table}", "\n".join(rows).encode()
        archive = folder / f"foyer-{house_clock.now():%Y%m%d-%H%M%S}.tar.gz"
        backup.write(archive, engine=db.engine, photos=photo_folder(), now=house_clock.now())
        yield from _packed(archive)
        for file in sorted(export_folder().glob("*")):
            raw = file.read_bytes()
            yield f"export {file.name}", gzip.decompress(raw) if file.suffix == ".gz" else _unzipped(raw)


def _packed(archive: Path) -> Iterator[tuple[str, bytes]]:
    """What an archive holds, a dump of PostgreSQL in words."""
    with tarfile.open(archive) as packed:
        for member in packed:
            content = packed.extractfile(member)
            raw = content.read() if content else b""
            if raw.startswith(b"PGDMP"):
                told = subprocess.run(["pg_restore", "-f", "-"], input=raw, capture_output=True, check=True)
                raw = told.stdout
            yield f"backup {member.name}", raw


def _unzipped(raw: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(raw)) as packed:
        return b"".join(packed.read(name) for name in packed.namelist())


def heard(app: Flask, folder: Path, logged: str = "", birds: Iterable[tuple[str, str]] = ()) -> dict[str, set[str]]:
    """Which bird is where; a database may spell 汉字 as escapes, and a dump of it double their backslashes."""
    found: dict[str, set[str]] = {}
    for place, content in traces(app, folder, logged):
        for name, bird in birds or BIRDS.items():
            escaped = bird.encode("unicode_escape")
            if any(way in content for way in (bird.encode(), escaped, escaped.replace(b"\\", b"\\\\"))):
                found.setdefault(name, set()).add(place)
    return found


def homes() -> set[str]:
    """The columns in which a bird sits, by what stands in them, opened where it is sealed."""
    found = set()
    everything = [*BIRDS.values(), *SEALED.values()]
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            for value in db.session.scalars(select(column).where(column.is_not(None))):
                if any(bird in str(value) for bird in everything) or (column.name == "photo" and value):
                    found.add(f"{table.name}.{column.name}")
    return found


def opened() -> dict[str, bool]:
    """What is kept for 72 hours, and whether it is there; sealed where it lies."""
    columns = {"document": Visit.document, "loan": Loan.signature, "meeting": Confirmation.signature}
    found = {}
    for name, column in columns.items():
        sealed = db.session.scalars(select(type_coerce(column, LargeBinary)).where(column.is_not(None))).all()
        found[name] = any(keyring().open(bytes(one), column.type.purpose) for one in sealed)
    return found


def night(app: Flask) -> None:
    """What the worker does in a night."""
    with app.app_context():
        for erase in jobs.ERASING:
            erase()
        jobs.tidy()
        jobs.seal()


@pytest.fixture
def aviary(app: Flask, cast: Cast, clock: Any) -> Any:
    """The birds are in their fields."""
    found = settle(app, cast, clock)
    look(app, cast)
    return found


def test_every_personal_field_has_its_bird(app: Flask, aviary: Any) -> None:
    with app.app_context(), reading():
        without = personal() - homes() - set(NO_BIRD)
    without -= {name for name, why in ELSEWHERE.items() if why in (THINGS, STAFF, OCCUPANT)}
    assert not without, f"Let a bird into {sorted(without)} in tests/house/birds.py, or write here why there is none."


def test_what_was_erased_leaves_the_files_of_postgresql_too(app: Flask, aviary: Any) -> None:
    """Dead rows lie there until they are vacuumed: every table in which a bird sits is."""
    with app.app_context(), reading():
        left = {name.partition(".")[0] for name in homes()} - set(housekeeping.EMPTIED)
    assert not left, f"Put {sorted(left)} into EMPTIED of domain/housekeeping.py."


def test_no_bird_is_heard_past_its_time(
    app: Flask, clock: Any, cast: Cast, aviary: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    at_first = heard(app, tmp_path, caplog.text)
    assert set(at_first) == set(BIRDS), f"The test cannot hear {set(BIRDS) - set(at_first)}."
    assert "our log" not in set().union(*at_first.values())
    night(app)
    assert not any(place.startswith("export") for places in heard(app, tmp_path).values() for place in places)
    for days in (80, 12, 274):  # before its end, past it, a year
        clock.shift(timedelta(days=days))
        night(app)
        if days != 80:
            assert heard(app, tmp_path, caplog.text) == {}
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(Visit)) == 1
        assert db.session.scalar(select(func.count()).select_from(Export)) == 2
        assert list(verification.problems(db.engine)) == []


def test_what_is_kept_for_72_hours_is_sealed_and_gone_after(
    app: Flask, clock: Any, aviary: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sealed = list(SEALED.items())
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(Draft)) == 1
    assert heard(app, tmp_path, caplog.text, sealed) == {}
    clock.shift(timedelta(minutes=4))
    with app.app_context():
        jobs.wipe_drafts()
        with reading():
            assert db.session.scalar(select(func.count()).select_from(Draft)) == 0
    for hours, kept in ((71, True), (2, False)):
        clock.shift(timedelta(hours=hours))
        with app.app_context():
            jobs.erase_brief()
            jobs.erase_signatures()
            with reading():
                assert opened() == dict.fromkeys(("document", "loan", "meeting"), kept)
            assert (photos.read(photo_folder(), aviary.pictures[0]) is not None) is kept
            assert photos.read(photo_folder(), aviary.pictures[1]) is not None, (
                "The slip's picture has the site's days."
            )
        assert heard(app, tmp_path, caplog.text, sealed) == {}
    clock.shift(timedelta(days=91))
    night(app)
    with app.app_context():
        assert photos.read(photo_folder(), aviary.pictures[1]) is None


def test_an_old_archive_is_removed_and_a_restored_one_is_silent(
    app: Flask, clock: Any, aviary: Any, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.tar.gz"
    with app.app_context():
        backup.write(saved, engine=db.engine, photos=photo_folder(), now=house_clock.now())
        named = tmp_path / "archives" / f"foyer-{house_clock.now():%Y%m%d-%H%M%S}.tar.gz"
        named.parent.mkdir()
        named.write_bytes(saved.read_bytes())
        empty = empty_beside(db.engine)
    clock.shift(timedelta(days=365))
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["backup", str(named.parent / "now.tar.gz"), "--keep-days", "90"])
    assert "1 older archives removed." in done.output
    restored = make_app(empty, tmp_path / "second")
    try:
        with restored.app_context():
            said = restored.test_cli_runner().invoke(args=["restore", str(saved)])
            assert said.exit_code == 0, said.output
        (tmp_path / "after").mkdir()
        assert heard(restored, tmp_path / "after") == {}
        with restored.app_context():
            assert photos.read(photo_folder(), aviary.pictures[0]) is None
    finally:
        close(restored)
