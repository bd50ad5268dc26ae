"""K7: the count is blind, may be left and taken up, says what differs and is then a record."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain import clock
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.keys import counts
from domain.keys.comparison import Seen
from domain.keys.count_models import CountedHook, KeyCount, KeyDifference
from domain.keys.count_queries import differences_of, latest_finished, places_of, under_way, unexplained
from domain.keys.losses import report_lost
from domain.keys.returns import return_keys
from domain.slips.models import Slip
from tests import cabinet as shelf
from tests.cabinet import Stock, refused
from tests.cast import Cast

AS_IT_SHOULD_BE: Mapping[int, Sequence[str]] = {
    1: ["GG-01"],
    2: ["DY-1806"],
    3: ["SK-01"],
    4: ["JF-B1-06", "JF-B1-07", "JF-B1-08"],
    5: ["HY-03"],
}


def count_all(
    cast: Cast, stock: Stock, seen: Mapping[int, Sequence[str]], *, minutes: int = 0
) -> list[tuple[str, str, int]]:
    """Count the whole cabinet and finish: (kind, tag, hook) of what differs."""
    now, lisi = clock.now() + timedelta(minutes=minutes), shelf.actor_of(cast, "lisi")
    with writing():
        count = counts.begin(site_id=cast.site_id, actor=lisi, now=now)
        cabinet = shelf.cabinet_of(stock)
        for hook in range(1, cabinet.hooks + 1):
            tags = seen.get(hook, [])
            what = Seen.TAGS if tags else Seen.EMPTY
            counts.record(count, cabinet, hook, seen=what, tags=tags, actor=lisi, now=now)
    with writing():
        found = counts.finish(count, actor=lisi, now=now)
        return [(one.kind, one.tag, one.hook) for one in found]


def test_nothing_differs_when_all_is_there_or_out(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
        assert count_all(cast, stock, {**AS_IT_SHOULD_BE, 1: []}) == []
        with reading():
            done = latest_finished(cast.site_id)
            assert done is not None
            assert (done.number, done.hooks, done.differing) == (1, 12, 0)


@pytest.mark.parametrize(
    ("seen", "differs"),
    [
        ({1: []}, [("missing", "GG-01", 1)]),
        ({1: [], 9: ["GG-01"]}, [("other_hook", "GG-01", 9)]),
        ({4: ["JF-B1-06", "JF-B1-08"]}, [("missing", "JF-B1-07", 4)]),
        ({4: ["JF-B1"]}, []),
        ({2: []}, []),
        ({2: ["DY-1806"]}, [("on_loan", "DY-1806", 2)]),
        ({5: ["HY-03"]}, [("lost", "HY-03", 5)]),
        ({12: ["XX-99"]}, [("unknown", "XX-99", 12)]),
    ],
)
def test_each_difference_is_named(
    app: Flask, cast: Cast, stock: Stock, seen: dict[int, list[str]], differs: list[tuple[str, str, int]]
) -> None:
    with app.app_context():
        with writing():
            shelf.hand_out(shelf.key(stock.unit), shelf.host_of(cast), cast)
            report_lost(shelf.key(stock.room), note="", actor=shelf.actor_of(cast, "lisi"), now=clock.now())
        assert count_all(cast, stock, {**AS_IT_SHOULD_BE, 2: [], 5: [], **seen}) == differs


def test_a_tick_says_that_something_hangs_there(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        lisi, now = shelf.actor_of(cast, "lisi"), clock.now()
        with writing():
            count = counts.begin(site_id=cast.site_id, actor=lisi, now=now)
            for hook in range(1, 13):
                seen = Seen.SOMETHING if hook in (1, 2, 3, 4, 5, 12) else Seen.EMPTY
                counts.record(count, shelf.cabinet_of(stock), hook, seen=seen, actor=lisi, now=now)
            (found,) = counts.finish(count, actor=lisi, now=now)
        assert (found.kind, found.hook) == ("surplus", 12)


def test_a_key_that_goes_out_during_the_count_is_no_difference(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        lisi, now = shelf.actor_of(cast, "lisi"), clock.now()
        with writing():
            count = counts.begin(site_id=cast.site_id, actor=lisi, now=now)
            for hook in range(1, 13):
                tags = AS_IT_SHOULD_BE.get(hook, [])
                seen = Seen.TAGS if tags else Seen.EMPTY
                counts.record(count, shelf.cabinet_of(stock), hook, seen=seen, tags=tags, actor=lisi, now=now)
        with writing():
            later = now + timedelta(minutes=1)
            shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast, now=later)
            return_keys([shelf.key(stock.roof)], actor=lisi, now=later + timedelta(minutes=1))
            shelf.hand_out(shelf.key(stock.room), shelf.host_of(cast), cast, now=later)
        with writing():
            assert counts.finish(count, actor=lisi, now=now + timedelta(minutes=5)) == []


def test_a_count_that_was_left_is_taken_up_where_it_stood(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        lisi, zhou, now = shelf.actor_of(cast, "lisi"), shelf.actor_of(cast, "zhou"), clock.now()
        with writing():
            count = counts.begin(site_id=cast.site_id, actor=lisi, now=now)
            counts.record(count, shelf.cabinet_of(stock), 1, seen=Seen.TAGS, tags=["gg-01"], actor=lisi, now=now)
        with pytest.raises(DomainError, match="11 hooks are not counted yet; the first is 2-2"), writing():
            counts.finish(count, actor=lisi, now=now)
        with writing():
            again = counts.begin(site_id=cast.site_id, actor=zhou, now=now + timedelta(minutes=30))
        assert again.id == count.id
        with reading():
            going = under_way(cast.site_id)
            assert going is not None
            places = places_of(going)
            assert [place.seen for place in places[:2]] == ["tags", None]
            assert not any("GG" in str(place) for place in places[1:])
        with pytest.raises(IntegrityError) as caught, writing():
            db.session.add(KeyCount(site_id=cast.site_id, number=9, begun_at=now))
        assert "under way" in refused(caught)


def test_a_finished_count_is_a_record(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        count_all(cast, stock, AS_IT_SHOULD_BE)
        lisi, now = shelf.actor_of(cast, "lisi"), clock.now()
        count = latest_finished(cast.site_id)
        assert count is not None
        with pytest.raises(Conflict, match="finished"), writing():
            counts.record(count, shelf.cabinet_of(stock), 1, seen=Seen.EMPTY, actor=lisi, now=now)
        for change in (
            update(CountedHook).values(seen="empty"),
            db.delete(CountedHook),
            update(KeyCount).values(differing=5),
            db.delete(KeyCount),
        ):
            with pytest.raises(IntegrityError), writing():
                db.session.execute(change)


def test_differences_are_explained_one_by_one_and_may_become_slips(app: Flask, cast: Cast, stock: Stock) -> None:
    with app.app_context():
        assert len(count_all(cast, stock, {**AS_IT_SHOULD_BE, 1: [], 12: ["XX-99"]})) == 2
        lisi, now = shelf.actor_of(cast, "lisi"), clock.now()
        with reading():
            assert unexplained(cast.site_id) == 2
            missing, unknown = db.session.scalars(select(KeyDifference).order_by(KeyDifference.id)).all()
            if missing.kind != "missing":
                missing, unknown = unknown, missing
        with pytest.raises(DomainError, match="Say what"), writing():
            counts.explain(missing, explanation=" ", actor=lisi, now=now)
        with writing():
            slip = counts.open_slip(missing, note="找", actor=lisi, now=now)
            counts.explain(missing, explanation="夜班带走，明早送回", actor=lisi, now=now)
        assert db.session.get_one(Slip, slip.id).label == "GG-01 · 2-1"
        with pytest.raises(Conflict, match="Somebody else has explained"), writing():
            counts.explain(missing, explanation="别的", actor=lisi, now=now)
        with pytest.raises(Conflict, match="a slip about this"), writing():
            counts.open_slip(missing, note="", actor=lisi, now=now)
        with reading():
            assert unexplained(cast.site_id) == 1
            rows = differences_of(db.session.get_one(KeyCount, missing.count_id))
            assert {row.kind: row.slip_number for row in rows} == {"missing": 1, "unknown": None}


def test_nothing_to_count_says_so(app: Flask, cast: Cast) -> None:
    with app.app_context(), pytest.raises(DomainError, match="no cabinet"), writing():
        counts.begin(site_id=cast.site_id, actor=shelf.actor_of(cast, "lisi"), now=clock.now())


def test_looks_at_many_hooks_are_noted_at_once_and_tags_that_were_read_stay(
    app: Flask, cast: Cast, stock: Stock
) -> None:
    now = clock.now()
    with app.app_context():
        lisi = shelf.actor_of(cast, "lisi")
        with writing():
            count = counts.begin(site_id=cast.site_id, actor=lisi, now=now)
            cabinet = shelf.cabinet_of(stock)
            counts.record(count, cabinet, 1, seen=Seen.TAGS, tags=["GG-01"], actor=lisi, now=now)
            looks = {1: Seen.SOMETHING, 2: Seen.SOMETHING, 3: Seen.EMPTY}
            counts.record_looks(count, cabinet, looks, actor=lisi, now=now)
            with pytest.raises(DomainError, match="has the hooks 1 to 12"):
                counts.record_looks(count, cabinet, {13: Seen.EMPTY}, actor=lisi, now=now)
        with reading():
            noted = {one.hook: (one.seen, one.tags) for one in db.session.scalars(select(CountedHook))}
            assert noted == {1: ("tags", ["GG-01"]), 2: ("something", []), 3: ("empty", [])}
