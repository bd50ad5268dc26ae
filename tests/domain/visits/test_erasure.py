"""P2: what is known of a visitor is erased in time, and the statistics stay."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from domain import clock as house_clock
from domain import housekeeping, registers
from domain.database import Base, db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import SYSTEM
from domain.notices import Notice, NoticeState
from domain.sites.models import Site
from domain.visits import corrections, departures, drafts, erasure
from domain.visits.models import Visit
from tests.cast import Cast
from tests.stays import arrive

CANARY: dict[str, Any] = {
    "name": "金丝雀飞远",
    "phone": "+8613912340987",
    "organisation": "Canaria Shipping",
    "plate": "京A金丝7",
    "goods": "one yellow cage",
    "document": "9876",
    "companions": 2,
}
PERSONAL = ("金丝雀", "13912340987", "Canaria", "京A金丝7", "yellow cage", "jinsique", "jsqfy", "was asked to sing")
KEPT = ("number", "arrived_at", "left_at", "purpose_id", "unit_id", "companions", "state", "source")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def came_and_went(app: Flask, cast: Cast, *, photo: Path | None = None, leave: bool = True, **entered: Any) -> Visit:
    visit = arrive(app, cast, **(CANARY | entered))
    with app.app_context(), writing():
        here = db.session.get_one(Visit, visit.id)
        if photo:
            photo.write_bytes(b"a face")
            here.photo = photo.name
            db.session.flush()
        now = house_clock.now()
        later = now + timedelta(hours=1)
        corrections.note_lingering(here, note="was asked to sing", due_at=later, actor=SYSTEM, now=now)
        if leave:
            departures.sign_out(here, how="desk", actor=SYSTEM, now=now)
    return visit


def erase(app: Flask, photos: Path) -> tuple[int, int]:
    with app.app_context():
        now = house_clock.now()
        done = (
            erasure.erase_brief(photos=photos, actor=SYSTEM, now=now),
            erasure.erase_visits(photos=photos, actor=SYSTEM, now=now),
        )
        housekeeping.leave_no_trace()
        return done


def now_of(app: Flask, visit: Visit) -> Visit:
    with app.app_context(), reading():
        found = db.session.get_one(Visit, visit.id)
        db.session.expunge(found)
        return found


def everything(app: Flask) -> str:
    """Every row of every table, as text."""
    with app.app_context(), reading():
        rows = [row for table in Base.metadata.sorted_tables for row in db.session.execute(select(table))]
        return str(list(map(tuple, rows)))  # a row itself shows the beginnings of long texts alone


def test_document_and_photo_go_after_72_hours_and_the_name_stays(app: Flask, cast: Cast, photos: Path, clock) -> None:
    photo = photos / "face.jpg"
    visit = came_and_went(app, cast, photo=photo)
    clock.shift(timedelta(hours=72))
    assert erase(app, photos) == (0, 0)
    assert photo.exists()
    clock.shift(timedelta(seconds=1))
    assert erase(app, photos) == (1, 0)
    now = now_of(app, visit)
    assert (now.document, now.photo, now.name) == (None, None, CANARY["name"])
    assert not photo.exists()
    assert erase(app, photos) == (0, 0)


def test_the_visit_is_anonymous_after_the_days_of_the_site(app: Flask, cast: Cast, photos: Path, clock) -> None:
    visit = came_and_went(app, cast)
    before = now_of(app, visit)
    assert all(said in everything(app) for said in PERSONAL)
    clock.shift(timedelta(days=90, seconds=1))
    assert erase(app, photos) == (1, 1)
    now, left = now_of(app, visit), everything(app)
    assert [said for said in PERSONAL if said in left] == []
    assert now.erased_at
    assert now.presence_key is None
    assert [getattr(now, name) for name in KEPT] == [getattr(before, name) for name in KEPT]
    with app.app_context(), reading():
        assert registers.get("visits").find("金丝雀", cast.site_id, 5) == []
        notice = db.session.scalars(select(Notice)).one()
        assert (notice.state, notice.facts) == (NoticeState.DROPPED, {}), "nobody is told of it any more"


def test_the_history_keeps_its_lines_and_loses_what_was_entered(app: Flask, cast: Cast, photos: Path, clock) -> None:
    visit = came_and_went(app, cast)
    with app.app_context(), reading():
        lines = db.session.scalars(select(Event.digest).where(Event.subject == "visit")).all()
        others = db.session.scalar(select(func.count()).select_from(EventDetail).join(Event, about_others(visit)))
    clock.shift(timedelta(days=91))
    erase(app, photos)
    with app.app_context(), reading():
        assert db.session.scalars(select(Event.digest).where(Event.subject == "visit")).all() == lines
        assert db.session.scalar(select(func.count()).select_from(EventDetail)) == others
        counted = db.session.scalars(select(Event.facts).where(Event.kind == "visits.erased")).all()
        assert [(fact["what"], fact["count"]) for fact in counted] == [("brief", 1), ("personal", 1)]


def about_others(visit: Visit) -> Any:
    same = (EventDetail.site_id == Event.site_id) & (EventDetail.number == Event.number)
    return same & ~((Event.subject == "visit") & (Event.subject_id == visit.id))


def test_who_is_still_inside_is_never_erased(app: Flask, cast: Cast, photos: Path, clock) -> None:
    inside = came_and_went(app, cast, leave=False)
    waiting = arrive(app, cast, waits=True, name="赵六", phone="+8613800138001", document="1111")
    clock.shift(timedelta(days=400))
    assert erase(app, photos) == (0, 0)
    assert now_of(app, inside).document == "9876"
    assert now_of(app, waiting).name == "赵六"


def test_each_site_has_days_of_its_own(app: Flask, cast: Cast, photos: Path, clock) -> None:
    came_and_went(app, cast, photo=photos / "x.jpg")
    with app.app_context(), writing():
        db.session.execute(update(Site).where(Site.id == cast.site_id).values(retention_days=1))
    clock.shift(timedelta(days=1, seconds=1))
    assert erase(app, photos) == (0, 1)
    assert list(photos.iterdir()) == [], "the photo is not kept longer than the rest"


def test_who_never_came_in_is_erased_too(app: Flask, cast: Cast, photos: Path, clock) -> None:
    visit = arrive(app, cast, waits=True, **CANARY)
    with app.app_context(), writing():
        departures.cancel(db.session.get_one(Visit, visit.id), actor=SYSTEM, now=house_clock.now())
    clock.shift(timedelta(days=91))
    assert erase(app, photos) == (1, 1)


def test_many_are_erased_in_batches(
    app: Flask, cast: Cast, photos: Path, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "BATCH", 2)
    for n in range(5):
        came_and_went(app, cast, phone=f"+861380013800{n}")
    clock.shift(timedelta(days=91))
    assert erase(app, photos) == (5, 5)
    assert erase(app, photos) == (0, 0)


def test_a_photo_that_is_gone_already_stops_nothing(app: Flask, cast: Cast, photos: Path, clock) -> None:
    photo = photos / "face.jpg"
    came_and_went(app, cast, photo=photo)
    photo.unlink()
    clock.shift(timedelta(days=4))
    assert erase(app, photos) == (1, 0)


def test_the_picture_of_who_walked_away_is_wiped_with_the_draft(app: Flask, cast: Cast, photos: Path, clock) -> None:
    now = house_clock.now()
    signed_in, in_draft, left = photos / "a.jpg", photos / "b.jpg", photos / "c.jpg"
    came_and_went(app, cast, photo=signed_in)
    with app.app_context():
        with writing():
            content = {"photo": in_draft.name}
            drafts.save(None, content, site_id=cast.site_id, kiosk_id=cast.kiosk_id, now=now + timedelta(minutes=2))
        for path in (signed_in, in_draft, left):
            path.write_bytes(b"a face")
            os.utime(path, (now.timestamp(), now.timestamp()))
        for minutes, there in ((3, {signed_in, in_draft, left}), (4, {signed_in, in_draft}), (6, {signed_in})):
            erasure.wipe_left_photos(photos=photos, now=now + timedelta(minutes=minutes))
            assert set(photos.iterdir()) == there


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # PostgreSQL's files are the server's
def test_erased_data_leaves_the_files_of_sqlite(app: Flask, cast: Cast, photos: Path, clock) -> None:
    with app.app_context():
        path = Path(str(db.engine.url.database))
    came_and_went(app, cast)
    clock.shift(timedelta(days=91))
    erase(app, photos)
    kept = b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
    assert [said for said in PERSONAL if said.encode() in kept] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # an empty PostgreSQL table is read whole, rightly
def test_the_nightly_search_reads_only_what_is_still_named(app: Flask, cast: Cast) -> None:
    with app.app_context(), reading():
        asked = erasure.still_named(cast.site_id, house_clock.now()).order_by(Visit.arrived_at, Visit.id)
        sql = str(asked.compile(db.engine, compile_kwargs={"render_postcompile": True}))
        explained = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("",) * sql.count("?"))
        plan = str(explained.all())
        assert "ix_visits_kept" in plan
        assert "TEMP B-TREE" not in plan
