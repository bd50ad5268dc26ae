"""`make bench`: measure Foyer against bare floors on the same server, and write docs/measurements.md.

Server (and PostgreSQL) on one core, load on the other; floors and pages take turns, so that a noisy minute hits both.
ARGS="--visits 50000" is quick; FOYER_BENCH_POSTGRESQL_URL names an empty database to use instead of one's own cluster.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, update

from benchmarks import browsers, cases, data, exports, load, report, serving, weight
from benchmarks.browsers import Browsers
from benchmarks.cases import Case
from benchmarks.load import Request, Result
from benchmarks.places import BUILD, Place, place, prepare
from benchmarks.report import Figures, Line, Search
from domain import clock
from domain.database import db, writing
from domain.events import Counter
from scripts import signals
from scripts.run import ROOT

TRIES = 100
IN_TRANSACTION = {
    "sqlite": "PRAGMA wal_checkpoint(RESTART)",  # after a write its first column says that somebody reads
    "postgresql": "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND starts_with(state, 'idle in')",
}
"""What says whether anybody is in a transaction."""


@dataclass
class Bench:
    """One run on one database."""

    at: Place
    app: Flask
    made: data.Made
    seconds: float
    rounds: int
    exports: bool = True
    lines: dict[str, list[tuple[float, Result]]] = field(default_factory=dict)

    def measure(self) -> Figures:
        """Everything, in the order of the report."""
        figures = Figures(self.at.kind, self.at.version, self.made.visits)
        figures.starts = [self._start() for _ in range(3)]
        who = browsers.open_browsers(self.app, self.made)
        with ExitStack() as stack:
            floor_port, port = serving.free_port(), serving.free_port()
            floor = stack.enter_context(serving.web("benchmarks.floors:create_app", floor_port, self.at.environment))
            web = stack.enter_context(serving.web("app:served", port, self.at.environment))
            worker = stack.enter_context(serving.worker(self.at.environment))
            load.fetch(port, who.at_kiosk("/kiosk"))
            time.sleep(3)
            figures.rest = serving.pss_bytes(web.pid), serving.pss_bytes(worker.pid)
            figures.kiosk = weight.weigh(port, who.at_kiosk("/kiosk"))
            figures.staff = {path: weight.weigh(port, who.page(path)) for path in ("/desk", "/visits")}
            bare = cases.floors()
            pages = cases.pages(who, port, writes=int(self.seconds * 700))
            watched = {**{case.name: (floor.pid, floor_port) for case in bare}}
            watched |= {case.name: (web.pid, port) for case in pages}
            # What is read first is read in a quiet house: writes fill the lobby.
            # What the worker says of a key that is late is news too: an unchanged poll needs it to be still. And what
            # it asks of PostgreSQL would be counted as the web server's: it delivers a letter for each sign-in.
            self._still(worker.pid)
            for writes in (False, True):
                for number in range(self.rounds):
                    print(
                        f"{self.at.kind}: {'writes' if writes else 'reads'} {number + 1} of {self.rounds}", flush=True
                    )
                    for case in _in_turn(bare, [case for case in pages if case.writes is writes]):
                        self._run(case, *watched[case.name])
                figures.statements |= {
                    case.name: count_statements(self.app, next(case.requests()))
                    for case in pages
                    if case.writes is writes
                }
                if not writes:
                    self._read_alone(figures, who, pages, web.pid, port)
            figures.lines = self._table(bare, pages)
            figures.saturated = self._sign_ins(who, port, clients=32)
            with self.app.app_context():
                data.give_up_letters()
            serving.pause(worker.pid, False)
            figures.beside_worker = self._sign_ins(who, port, clients=8)
            if self.exports:
                print(f"{self.at.kind}: exports", flush=True)
                figures.exports = exports.measure(self.app, self.made, worker=worker.pid)
            figures.busy = serving.pss_bytes(web.pid), serving.pss_bytes(worker.pid)
        figures.operation = self._operation(who)
        return figures

    def _still(self, worker: int) -> None:
        """Let the worker stand still, in no transaction: what it read would be kept for it as it was. SQLite's log then
        grows until it goes on, and whoever writes next brings all of it into the database: 15 sign-ins a second.
        """
        with self.app.app_context():
            for _ in range(TRIES):
                with writing() as session:
                    session.execute(update(Counter).values(value=Counter.value + 1))  # SQLite has one writer
                    serving.pause(worker, True)
                if not self._somebody_is_in_a_transaction():
                    return
                serving.pause(worker, False)
                time.sleep(0.05)
        raise RuntimeError("The worker is in a transaction whenever it is looked at.")

    def _somebody_is_in_a_transaction(self) -> bool:
        raw = db.engine.raw_connection()
        try:
            connection: Any = raw.driver_connection
            if self.at.kind == "sqlite":
                connection.may_write(True)
            return bool(connection.execute(IN_TRANSACTION[self.at.kind]).fetchone()[0])
        finally:
            raw.close()

    def _sign_ins(self, who: Browsers, port: int, *, clients: int) -> Result:
        sent = iter(browsers.kiosk_sign_ins(who, int(self.seconds * 900)))
        return load.run(port, sent, clients=clients, seconds=self.seconds)

    def only(self, part: str) -> list[Line]:
        """The cases whose names hold that, and the floors that they are held against."""
        who = browsers.open_browsers(self.app, self.made)
        with ExitStack() as stack:
            floor_port, port = serving.free_port(), serving.free_port()
            floor = stack.enter_context(serving.web("benchmarks.floors:create_app", floor_port, self.at.environment))
            web = stack.enter_context(serving.web("app:served", port, self.at.environment))
            pages = [case for case in cases.pages(who, port, writes=int(self.seconds * 700)) if part in case.name]
            bare = [case for case in cases.floors() if case.floor in {page.floor for page in pages}]
            for _ in range(self.rounds):
                for case in _in_turn(bare, pages):
                    self._run(case, *((floor.pid, floor_port) if case in bare else (web.pid, port)))
        return self._table(bare, pages)

    def _read_alone(self, figures: Figures, who: Browsers, pages: list[Case], pid: int, port: int) -> None:
        """One client at a time: every page, and the search box."""
        figures.one_client = {case.name: self._alone(case, port) for case in pages if not case.writes}
        figures.searches = [self._search(kind, found, pid, port) for kind, found in browsers.searches(who).items()]

    def _cpu(self, pid: int) -> float:
        database = serving.cpu_seconds(self.at.database_pid) if self.at.database_pid else 0.0
        return serving.cpu_seconds(pid) + database

    def _run(self, case: Case, pid: int, port: int) -> None:
        requests = case.requests()
        # The first requests fill caches; who comes later pays less.
        load.run(port, islice(requests, 12), clients=min(case.clients, 2), seconds=10, change=case.change)
        before = self._cpu(pid)
        result = load.run(port, requests, clients=case.clients, seconds=self.seconds, change=case.change)
        spent = self._cpu(pid) - before - self._cost_of_changes(case, result.count, pid)
        if result.count:
            self.lines.setdefault(case.name, []).append((spent / result.count * 1000, result))

    def _cost_of_changes(self, case: Case, count: int, pid: int) -> float:
        """What so many changes cost the database that is watched: they were made from here, and not by the server."""
        if case.change is None or self.at.database_pid is None:
            return 0.0
        before = self._cpu(pid)
        for _ in range(count):
            case.change()
        return self._cpu(pid) - before

    def _table(self, bare: list[Case], pages: list[Case]) -> list[Line]:
        floor_of = {case.floor: self._median(case) for case in bare}
        return [
            Line(
                name=case.name,
                cpu_ms=self._median(case),
                rate=statistics.median(result.count / result.seconds for _, result in self.lines[case.name]),
                p50=statistics.median(result.quantile(0.5) for _, result in self.lines[case.name]),
                p99=statistics.median(result.quantile(0.99) for _, result in self.lines[case.name]),
                floor=case.floor,
                ratio=self._median(case) / floor_of[case.floor],
                bar=case.bar,
                clients=case.clients,
                is_floor=case in bare,
            )
            for case in [*bare, *pages]
            if case.name in self.lines
        ]

    def _median(self, case: Case) -> float:
        return statistics.median(cpu for cpu, _ in self.lines[case.name])

    def _alone(self, case: Case, port: int) -> Result:
        return load.run(port, case.requests(), clients=1, seconds=max(self.seconds / 3, 0.5), change=case.change)

    def _search(self, kind: str, requests: list[Request], pid: int, port: int) -> Search:
        load.run(port, iter(requests[:5]), clients=1, seconds=5)
        before = self._cpu(pid)
        result = load.run(port, iter(requests), clients=1, seconds=max(self.seconds * 2, 3))
        spent = self._cpu(pid) - before
        return Search(kind, result.count, result.quantile(0.5), result.quantile(0.95), spent / result.count * 1000)

    def _start(self) -> float:
        """From nothing to the first page."""
        port = serving.free_port()
        begin = time.perf_counter()
        with serving.web("app:served", port, self.at.environment):
            load.fetch(port, load.make("GET", "/sign-in"))
            return time.perf_counter() - begin

    def _operation(self, who: Browsers) -> float:
        """CPU milliseconds of the operation and its commit alone, without any HTTP."""
        from random import Random

        from sqlalchemy import select

        from demo import names
        from domain.identity import Actor
        from domain.occupants.models import Host, Unit
        from domain.sites.models import Purpose, Site
        from domain.visits.arrivals import Entered, Whom, sign_in

        chance, tries = Random(5), 200
        first = 80_000_000 + int(time.time()) % 1_000_000
        spent = 0.0
        for n in range(tries):
            name = names.person_name(chance)
            with self.app.app_context(), writing():
                site = db.session.get_one(Site, self.made.site_id)
                purpose = db.session.scalars(select(Purpose).where(Purpose.site_id == site.id)).first()
                host = db.session.scalars(select(Host).where(Host.site_id == site.id).limit(1)).one()
                unit = db.session.get_one(Unit, host.unit_id)
                assert purpose
                begin = time.process_time()
                sign_in(
                    site=site,
                    purpose=purpose,
                    whom=Whom(unit, host),
                    entered=Entered(name=name, phone=names.mobile(first + n)),
                    language="zh_Hans",
                    source="desk",
                    actor=Actor("staff", self.made.people["lisi"], "", site.id),
                    now=clock.now(),
                )
                db.session.commit()
                spent += time.process_time() - begin
        return spent / tries * 1000


def _in_turn(bare: list[Case], pages: list[Case]) -> Iterator[Case]:
    """A-B-A-B: before each page the floor that it is held against."""
    by_floor = {case.floor: case for case in bare}
    for case in pages:
        yield by_floor[case.floor]
        yield case


def count_statements(app: Flask, request: Request) -> int:
    """Send the request to the app in this process and count what reaches the database."""
    head, _, body = request.content.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = [tuple(line.split(": ", 1)) for line in rest if not line.startswith(("Host", "Content-Length"))]
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        answer = app.test_client(use_cookies=False).open(path, method=method, headers=headers, data=body)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert answer.status_code == request.status, f"{path}: {answer.status_code}"
    return len(seen)


def main() -> int:
    """Measure on the databases asked for and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each case in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fresh", action="store_true", help="make the data set anew")
    parser.add_argument("--only-data", action="store_true", help="make the data set and measure nothing")
    parser.add_argument("--only", metavar="WORDS", help="measure the cases whose names hold that; writes no report")
    parser.add_argument("--no-exports", action="store_true", help="leave out the longest part, files of all rows")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "measurements.md")
    chosen = parser.parse_args()
    signals.end_tidily()
    os.sched_setaffinity(0, {serving.LOAD_CORE})
    found = []
    for kind in chosen.databases.split(","):
        if chosen.fresh:
            shutil.rmtree(BUILD / f"{kind}-{chosen.visits}", ignore_errors=True)
        with place(kind, chosen.visits) as at:
            begin = time.monotonic()
            app, made = prepare(at, chosen.visits)
            print(
                f"{kind}: {made.visits:,} visits after {timedelta(seconds=int(time.monotonic() - begin))}", flush=True
            )
            if chosen.only:
                for line in Bench(at, app, made, chosen.seconds, chosen.rounds).only(chosen.only):
                    print(
                        f"{line.name}: {line.cpu_ms:.2f} ms, {line.ratio:.2f} x {line.floor}, bar {line.bar}",
                        flush=True,
                    )
            elif not chosen.only_data:
                bench = Bench(at, app, made, chosen.seconds, chosen.rounds, exports=not chosen.no_exports)
                found.append(bench.measure())
                print(report.of_database(found[-1]), flush=True)
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
    if found:
        chosen.report.parent.mkdir(exist_ok=True)
        before = chosen.report.read_text() if chosen.report.exists() else ""
        chosen.report.write_text(report.renewed(report.whole(found, arguments=sys.argv[1:]), before))
        print(f"Written: {chosen.report}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
