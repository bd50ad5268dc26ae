"""Keyset pages: nothing twice, nothing missing, and the far end costs what the near one costs."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from domain import clock as time
from domain import pages
from domain.database import db, reading, writing
from domain.errors import NotFound
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.register import VISITS
from tests import factories as make
from tests.cast import Cast

COUNT = 60


@pytest.fixture
def refs(app: Flask, cast: Cast) -> list[str]:
    """Sixty visits, many of them in the same instant; oldest first."""
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        purpose, host = db.session.get_one(Purpose, cast.purpose_id), db.session.get_one(Host, cast.host_id)
        begin = time.now() - timedelta(days=1)
        minutes = [min(max(number, 20), 30) for number in range(COUNT)]
        return [
            make.make_visit(
                site,
                purpose,
                unit,
                host,
                phone=f"+861380013{n:04d}",
                now=begin + timedelta(minutes=minutes[n]),
            ).ref
            for n in range(COUNT)
        ]


def read(cast: Cast, **wanted: Any) -> pages.Page:
    return pages.read(VISITS, pages.Wanted(site_id=cast.site_id, **wanted), now=time.now())


def refs_of(page: pages.Page) -> list[str]:
    return [row.ref for row in page.rows]


def test_pages_hold_everything_once_there_and_back(app: Flask, cast: Cast, refs: list[str]) -> None:
    with app.app_context(), reading():
        page, seen, visited = read(cast), [], []
        while True:
            seen += refs_of(page)
            visited.append(refs_of(page))
            if page.older is None:
                break
            page = read(cast, before=page.older)
        assert seen == refs[::-1]
        for before in reversed(visited[:-1]):
            assert page.newer is not None
            page = read(cast, after=page.newer)
            assert refs_of(page) == before
        assert page.newer is None


def test_an_edge_that_is_not_known_leads_to_the_first_page(app: Flask, cast: Cast, refs: list[str]) -> None:
    with app.app_context(), reading():
        assert refs_of(read(cast, before="0" * 12)) == refs_of(read(cast, after="nothing")) == refs_of(read(cast))
        other = pages.Wanted(site_id=cast.other_site_id, before=refs[30])
        assert pages.read(VISITS, other, now=time.now()).rows == []


def test_every_page_takes_the_same_few_statements(app: Flask, cast: Cast, refs: list[str]) -> None:
    with app.app_context(), reading():
        sent: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda c, cur, sql, *rest: sent.append(sql))
        for wanted in ({}, {"before": refs[40]}, {"after": refs[10]}):
            sent.clear()
            read(cast, **wanted)
            assert len(sent) <= 3


def test_counting_stops(app: Flask, cast: Cast, refs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "COUNTED", 10)
    monkeypatch.setattr(pages, "_BUILT", {})
    with app.app_context(), reading():
        page = read(cast)
        assert page.count == 11
        assert page.more_than_counted


def test_an_entry_of_another_site_is_not_there(app: Flask, cast: Cast, refs: list[str]) -> None:
    with app.app_context(), reading():
        assert pages.entry(VISITS, refs[0], site_id=cast.site_id).ref == refs[0]
        for site_id in (cast.other_site_id, None):
            with pytest.raises(NotFound):
                pages.entry(VISITS, refs[0], site_id=site_id)
