"""10,000 tries to lend by 32 clients in several processes, sets and keys mixed, on each database (K3).

`python -m benchmarks.races_keys` exits with 0 when no key was ever with two borrowers, nothing broke, and every loser
was told why. On SQLite the processes meet at the file's lock, inside a process the threads at the house's own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from flask import Flask

from domain.database import reading, writing
from domain.identity import Actor
from domain.permissions import Role
from scripts import postgresql
from tests.cast import gather
from tests.conftest import close, make_app, migrate
from tests.races import keys
from tests.races.race import Outcome, race

PROCESSES = 4


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty, migrated database that keeps its promises to the disk."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'races.db'}"
        migrate(url, folder)
        yield url
        return
    with postgresql.cluster({}) as server:
        url = server.replace("postgresql://", "postgresql+psycopg://", 1)
        migrate(url, folder)
        yield url


def run(url: str, folder: Path, *, clients: int, tries: int) -> tuple[Outcome, list[str], float]:
    """Race on that database: the outcome, what must never be, and the seconds it took."""
    app = make_app(url, folder)
    with app.app_context(), writing():
        cast = gather()
        pool = keys.fill(cast.site_id)
        actor_id = cast.people["lisi"]
    began, share = time.monotonic(), max(1, clients // PROCESSES)
    started = [
        _start(url, folder, asdict(pool), actor_id, clients=share, tries=tries // PROCESSES, seed=number)
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
        found = keys.violations(pool)
    close(app)
    return together, found, took


def _start(
    url: str, folder: Path, pool: dict[str, object], actor_id: int, *, clients: int, tries: int, seed: int
) -> subprocess.Popen[str]:
    told = json.dumps({"pool": pool, "actor": actor_id, "clients": clients, "tries": tries, "seed": seed})
    command = [sys.executable, "-m", "benchmarks.races_keys", "--client", url, "--folder", str(folder), "--told", told]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def be_client(url: str, folder: Path, told: str) -> None:
    """One process's share of the clients; says on stdout how it went."""
    asked = json.loads(told)
    pool = keys.Pool(asked["pool"]["site_id"], tuple(asked["pool"]["keys"]), tuple(asked["pool"]["sets"]))
    app: Flask = make_app(url, folder)
    actor = Actor("staff", asked["actor"], "Li Si", pool.site_id, ((Role.RECEPTIONIST, pool.site_id),))
    outcome = race(app, keys.client(pool, actor), clients=asked["clients"], tries=asked["tries"], seed=asked["seed"])
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
    parser.add_argument("--database", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--told", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        be_client(given.client, given.folder, given.told)
        return 0
    failed = False
    for kind in ("sqlite", "postgresql") if given.database == "both" else (given.database,):
        with tempfile.TemporaryDirectory(prefix="foyer-races-") as folder, fresh(kind, Path(folder)) as url:
            outcome, found, took = run(url, Path(folder), clients=given.clients, tries=given.tries)
        print(f"{kind}: {outcome.tries} tries by {given.clients} clients in {took:.0f} s")
        print(
            f"  {outcome.won} lent, {outcome.refused.total()} told why not, {outcome.busy} told to come again, "
            f"{len(outcome.broken)} broken"
        )
        for words, count in outcome.refused.most_common():
            print(f"  {count:>6} × {words}")
        print(f"  {len(found)} times what must never be")
        for line in (*outcome.broken[:5], *found[:5]):
            print(f"  ! {line}")
        failed = failed or bool(found or outcome.broken) or outcome.tries < given.tries // PROCESSES * PROCESSES
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
