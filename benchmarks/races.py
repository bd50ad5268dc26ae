"""10,000 tries by 32 clients in several processes, on each database: to lend keys and sets (K3), to come in (V11), to
reserve rooms (M2), to use the last entry of an invitation (V5).

`python -m benchmarks.races` exits with 0 when no key was ever with two borrowers, no telephone inside twice, no room
with two meetings, no invitation used once too often, nothing broke, and every loser was told why. On SQLite the
processes meet at the file's lock, inside
a process the threads at the house's own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Flask

from domain.database import reading, writing
from domain.identity import Actor
from domain.permissions import Role
from scripts import postgresql
from tests.cast import gather
from tests.conftest import close, make_app, migrate
from tests.races import invitations, keys, rooms, slots, visits
from tests.races.race import Outcome, race

PROCESSES = 4
DATABASES = ("sqlite", "postgresql")
RACES: dict[str, Any] = {"keys": keys, "visits": visits, "rooms": rooms, "slots": slots, "invitations": invitations}
"""What is fought for; each has a Pool, `fill`, `client` and `violations`."""


@contextmanager
def fresh(kind: str, folder: Path, *, empty: bool = False) -> Iterator[str]:
    """The URL of a database without rows that keeps its promises to the disk; `empty`: without tables too."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'foyer.db'}"
        if not empty:
            migrate(url, folder)
        yield url
        return
    with postgresql.cluster({}) as server:
        url = server.replace("postgresql://", "postgresql+psycopg://", 1)
        if not empty:
            migrate(url, folder)
        yield url


def run(url: str, folder: Path, what: str, *, clients: int, tries: int) -> tuple[Outcome, list[str], float]:
    """Race on that database: the outcome, what must never be, and the seconds it took."""
    app = make_app(url, folder)
    with app.app_context(), writing():
        cast = gather()
        pool = RACES[what].fill(cast.site_id)
        actor_id = cast.people["lisi"]
    began, share = time.monotonic(), max(1, clients // PROCESSES)
    started = [
        _start(url, folder, what, asdict(pool), actor_id, clients=share, tries=tries // PROCESSES, seed=number)
        for number in range(PROCESSES)
    ]
    together = Outcome()
    for process in started:
        said, _ = process.communicate()
        if process.returncode:
            together.broken.append(f"a client process ended with {process.returncode}")
        else:
            part = json.loads(said)
            together.add(Outcome(part["won"], Counter(part["refused"]), part["busy"], part["broken"]))
    took = time.monotonic() - began
    with app.app_context(), reading():
        found = RACES[what].violations(pool)
    close(app)
    return together, found, took


def _start(
    url: str, folder: Path, what: str, pool: dict[str, object], actor_id: int, *, clients: int, tries: int, seed: int
) -> subprocess.Popen[str]:
    told = json.dumps({"what": what, "pool": pool, "actor": actor_id, "clients": clients, "tries": tries, "seed": seed})
    command = [sys.executable, "-m", "benchmarks.races", "--client", url, "--folder", str(folder), "--told", told]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def be_client(url: str, folder: Path, told: str) -> None:
    """One process's share of the clients; says on stdout how it went."""
    asked = json.loads(told)
    of = RACES[asked["what"]]
    pool = of.Pool(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in asked["pool"].items()}
    )
    app: Flask = make_app(url, folder)
    actor = Actor("staff", asked["actor"], "Li Si", pool.site_id, ((Role.RECEPTIONIST, pool.site_id),))
    outcome = race(app, of.client(pool, actor), clients=asked["clients"], tries=asked["tries"], seed=asked["seed"])
    close(app)
    print(
        json.dumps(
            {"won": outcome.won, "refused": dict(outcome.refused), "busy": outcome.busy, "broken": outcome.broken}
        )
    )


def main() -> int:
    """Race on the databases that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--race", choices=("all", *RACES), default="all")
    parser.add_argument("--database", choices=("both", *DATABASES), default="both")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--told", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        be_client(given.client, given.folder, given.told)
        return 0
    kinds = DATABASES if given.database == "both" else (given.database,)
    asked = RACES if given.race == "all" else (given.race,)
    lost = [at(kind, what, clients=given.clients, tries=given.tries, say=print) for kind in kinds for what in asked]
    return int(any(lost))


def at(kind: str, what: str, *, clients: int, tries: int, say: Callable[[str], object]) -> list[str]:
    """One race on a fresh database of that kind, told line by line; gives what was violated."""
    with tempfile.TemporaryDirectory(prefix="foyer-races-") as folder, fresh(kind, Path(folder)) as url:
        outcome, found, took = run(url, Path(folder), what, clients=clients, tries=tries)
    say(f"{what} on {kind}: {outcome.tries} tries by {clients} clients in {took:.0f} s")
    say(
        f"  {outcome.won} won, {outcome.refused.total()} told why not, {outcome.busy} told to come again, "
        f"{len(outcome.broken)} broken, {len(found)} times what must never be"
    )
    for words, count in outcome.refused.most_common():
        say(f"  {count:>6} × {words}")
    violated = [*outcome.broken, *found]
    if outcome.tries < tries // PROCESSES * PROCESSES:
        violated.append(f"only {outcome.tries} tries were counted")
    for line in violated[:8]:
        say(f"  ! {line}")
    return violated


if __name__ == "__main__":
    raise SystemExit(main())
