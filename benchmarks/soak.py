"""Kill, race and starve a house for a long while (quality.md, Reliability), and look whether it kept its word.

`make soak ARGS="--kills 100 --tries 10000"`. Exits with 1 when something was violated: an acknowledged write lost or
there twice, a letter lost or repeated more than once a kill, a record that is not whole, an answer without words.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy import select

from benchmarks import outages, races
from benchmarks.guests import Guests
from benchmarks.household import House, household
from domain.database import db, reading
from domain.notices import Notice, NoticeState
from domain.visits.models import Visit

BETWEEN = (0.6, 2.2)
"""Seconds of load between two kills."""
CLAIM_ENDS = 240
"""Seconds until a letter that a killed worker had in its hands is sent by the next one, with room."""


@dataclass
class Trial:
    """One line of the table: what was done, what came of it, what was violated."""

    name: str
    said: str = ""
    violated: list[str] = field(default_factory=list)


def kept_word(house: House, guests: Guests, *, kills: int) -> tuple[str, list[str]]:
    """Compare what was acknowledged with what is there, and the letters with those that came."""
    told, taken = guests.told, house.mailbox.taken()
    violated = list(told.wrong)
    with house.app.app_context(), reading():
        rows = db.session.execute(select(Visit.phone, Visit.ref)).all()
        letters = db.session.execute(select(Notice.message_id, Notice.state)).all()
    by_phone: dict[str, list[str]] = {}
    for phone, ref in rows:
        by_phone.setdefault(phone, []).append(ref)
    lost = [phone for phone, ref in told.acknowledged.items() if ref not in by_phone.get(phone, [])]
    twice = [phone for phone, refs in by_phone.items() if len(refs) > 1]
    violated += [f"{phone} was acknowledged and is not there" for phone in lost]
    violated += [f"{phone} is there {len(by_phone[phone])} times" for phone in twice]
    not_sent = sum(state != NoticeState.SENT for _, state in letters)
    never_came = sum(message_id not in taken for message_id, _ in letters)
    repeats = taken.total() - len(taken)
    if not_sent or never_came or len(letters) < len(rows):
        violated.append(f"letters: {len(letters)} for {len(rows)} visits, {not_sent} not sent, {never_came} never came")
    if repeats > kills:
        violated.append(f"{repeats} letters came again after {kills} kills")
    if told.silent:
        violated.append(f"{told.silent} answers asked to come again without words")
    if whole := house.verify():
        violated.append(whole)
    again = sum(told.come_again.values())
    said = (
        f"{len(told.acknowledged)} acknowledged, {len(lost)} lost, {len(twice)} twice, "
        f"{told.lost_answers} answers cut off, {again} told to come again, longest wait {told.longest:.0f} s; "
        f"{len(letters)} letters, {never_came} lost, {repeats} repeated"
    )
    return said, violated


def kill(url: str, folder: Path, *, kills: int, seed: int) -> tuple[str, list[str]]:
    """Kill -9 web, worker or both in mid-load, so many times."""
    chance = Random(seed)
    with household(url, folder) as house:
        with Guests(house, desks=3) as guests:
            for _ in range(kills):
                time.sleep(chance.uniform(*BETWEEN))
                names = chance.choice((("web",), ("worker",), ("web", "worker")))
                house.kill(*names)
                house.start(*names)
                if "web" in names:
                    house.wait()
        delivered = house.until_delivered(CLAIM_ENDS)
        said, violated = kept_word(house, guests, kills=kills)
    return said, violated if delivered else ["letters are still waiting", *violated]


@contextmanager
def a_folder(name: str) -> Iterator[Path]:
    """A data directory that is gone after."""
    with tempfile.TemporaryDirectory(prefix=f"foyer-soak-{name}-") as folder:
        yield Path(folder)


def trials(given: argparse.Namespace) -> Iterator[Trial]:
    """What was asked for, one after the other."""
    kinds = races.DATABASES if given.database == "both" else (given.database,)
    wanted = given.only or ("kill", "race", "outage")
    if "kill" in wanted:
        for kind in kinds:
            trial = Trial(f"{given.kills} kills on {kind}")
            with a_folder("kill") as folder, races.fresh(kind, folder, empty=True) as url:
                trial.said, trial.violated = kill(url, folder, kills=given.kills, seed=given.seed)
            yield trial
    if "race" in wanted:
        for kind in kinds:
            for what in races.RACES:
                lines: list[str] = []
                violated = races.at(kind, what, clients=given.clients, tries=given.tries, say=lines.append)
                yield Trial(f"race for {what} on {kind}", "; ".join(line.strip() for line in lines[:2]), violated)
    if "outage" in wanted:
        for kind in kinds:
            yield from _outages(kind, given)


def _outages(kind: str, given: argparse.Namespace) -> Iterator[Trial]:
    seen: Callable[..., tuple[str, list[str]]] = kept_word
    for name, starve in outages.OUTAGES[kind].items():
        trial = Trial(f"{name} ({kind})")
        if reason := outages.impossible(name):
            trial.said = f"skipped: {reason}"
        else:
            with a_folder("outage") as folder, starve(folder, seconds=given.seconds) as (house, guests, found):
                said, violated = seen(house, guests, kills=int(name in outages.CUTS_OFF))
                trial.said, trial.violated = said, [*found, *violated]
        yield trial


def main() -> int:
    """Try what was asked for; print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--tries", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=8, help="how long something is gone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("both", *races.DATABASES), default="both")
    parser.add_argument("--only", choices=("kill", "race", "outage"), action="append")
    given = parser.parse_args()
    bad = 0
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"Soak of {commit.stdout.strip() or 'this tree'} on {os.cpu_count()} cores, seed {given.seed}", flush=True)
    for trial in trials(given):
        bad += bool(trial.violated)
        print(f"{'VIOLATED' if trial.violated else 'ok':<9} {trial.name:<34} {trial.said}", flush=True)
        for line in trial.violated[:8]:
            print(f"          ! {line}", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
