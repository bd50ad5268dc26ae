"""V3: a subject is found from its commit on, in its one row as in the index that the worker puts it into."""

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import func, literal, select

from domain import search
from domain.database import db, reading, writing
from tests.cast import Cast


def known(site_id: int, subject_id: int, *grams: str, is_new: bool = True) -> None:
    with writing():
        search.index(site_id=site_id, kind=search.SLIP, subject_id=subject_id, found_by=grams, is_new=is_new)


def settled() -> int:
    with writing():
        return search.settle()


def under(site_id: int, *grams: str) -> Sequence[int]:
    with reading():
        return db.session.scalars(search.under(grams, site_id=site_id, kind=search.SLIP)).all()


def is_under(site_id: int, subject_id: int, *grams: str) -> bool:
    condition = search.is_under(grams, site_id=site_id, kind=search.SLIP, subject=literal(subject_id))
    with reading():
        return bool(db.session.scalar(select(condition)))


def test_what_is_new_stands_before_what_is_settled_in_one_list(app: Flask, cast: Cast) -> None:
    with app.app_context():
        settled()  # the people of the cast
        known(cast.site_id, 1, "小明", "wang")
        known(cast.site_id, 2, "小明", "li")
        assert settled() == 2
        assert settled() == 0
        known(cast.site_id, 3, "小明", "wang")
        assert under(cast.site_id, "小明") == [3, 2, 1]
        assert under(cast.site_id, "小明", "wang") == [3, 1]
        assert [is_under(cast.site_id, n, "wang", "小明") for n in (1, 2, 3)] == [True, False, True]


@pytest.mark.parametrize("gram", ["小", "ang", '明", "wa', "%", "wan_", "WANG2"])
def test_a_gram_is_found_whole_or_not_at_all(app: Flask, cast: Cast, gram: str) -> None:
    with app.app_context():
        known(cast.site_id, 1, "小明", "wang")
        assert under(cast.site_id, gram) == []
        settled()
        assert under(cast.site_id, gram) == []


def test_another_site_and_another_kind_find_nothing(app: Flask, cast: Cast) -> None:
    with app.app_context():
        known(cast.site_id, 1, "小明")
        with reading():
            others = search.under(["小明"], site_id=cast.site_id, kind=search.KEY)
            assert db.session.scalars(others).all() == []
        assert under(cast.other_site_id, "小明") == []


@pytest.mark.parametrize("was_settled", [False, True])
def test_what_is_indexed_again_or_forgotten_is_found_by_the_old_words_no_more(
    app: Flask, cast: Cast, was_settled: bool
) -> None:
    with app.app_context():
        known(cast.site_id, 1, "小明")
        known(cast.site_id, 2, "小明")
        if was_settled:
            settled()
        known(cast.site_id, 1, "大明", is_new=False)
        with writing():
            search.forget(site_id=cast.site_id, kind=search.SLIP, subject_id=2, known=["小明"])
        assert (under(cast.site_id, "小明"), under(cast.site_id, "大明")) == ([], [1])
        settled()
        assert (under(cast.site_id, "小明"), under(cast.site_id, "大明")) == ([], [1])


def test_the_index_takes_in_a_bounded_number_at_once_and_nothing_is_in_both(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        settled()
        monkeypatch.setattr(search, "SETTLED_AT_ONCE", 2)
        for one in range(1, 6):
            known(cast.site_id, one, "小明")
        waiting = select(func.count()).select_from(search.NewGrams).where(search.NewGrams.kind == search.SLIP)
        for left in (3, 1, 0):
            settled()
            with reading():
                assert db.session.scalar(waiting) == left
            assert under(cast.site_id, "小明") == [5, 4, 3, 2, 1]
