"""Making the demo: everything in one transaction, so that it is there as a whole or not at all."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from demo import (
    expected,
    keyroom,
    keys_today,
    links,
    loans,
    matters,
    meeting_rooms,
    past,
    reviewed,
    scene,
    services,
    slips_today,
    staff,
)
from demo.building import Building, raise_qingyu, raise_wangchao
from demo.mark import is_demo, is_empty, mark
from demo.past import in_order_of_time, live_through
from domain import clock
from domain.database import reading, writing
from domain.people.models import Person
from domain.permissions import Role
from domain.reports import counting, plans

SEED = 20_26
WORKING = (("lisi", Role.RECEPTIONIST), ("zhouli", Role.LEAD))


class NotYours(Exception):
    """The database is somebody's: the demo leaves it alone."""


def make(folder: Path, *, now: datetime) -> str | None:
    """Make the demo building in an empty database, or what is missing in the demo's own; what was done, or None.

    Raises NotYours for any other database.
    """
    with reading():
        ours, empty = is_demo(), is_empty()
    if ours:
        return _mend(folder, now=now)
    if not empty:
        raise NotYours("This database is not empty and not the demo's. Nothing was changed.")
    with writing():
        here, elsewhere = _raise(folder, now=now)
    _review(now)
    counting.count_due(now=now, at_most=1.0)  # the latest days; the worker goes on with the rest of the year
    plans.prepare_due(now=now)
    return (
        f"Made a year of visits: {here:,} at 青屿中心 (Qingyu Centre), {elsewhere:,} at 望潮里 (Wangchao Lane); "
        f"accounts are in {folder / staff.FILE}"
    )


def _mend(folder: Path, *, now: datetime) -> str | None:
    """The passwords cannot be read back: when their file is gone, there are new ones."""
    _review(now)
    if (folder / staff.FILE).exists():
        return None
    with writing():
        path = staff.give_passwords(folder, now=now)
    return f"The accounts have new passwords: {path}"


def _review(now: datetime) -> None:
    """Signatures, once; a demo that was stopped before them gets them at its next start."""
    with writing():
        if reviewed.is_missing():
            reviewed.play(now=now)


def _raise(folder: Path, *, now: datetime) -> tuple[int, int]:
    """Both sites with their people; how many visits each has."""
    chance = Random(SEED)
    begin = now - timedelta(days=365)
    mark(now=begin)
    qingyu = raise_qingyu(now=begin, chance=chance)
    wangchao = raise_wangchao(now=begin, chance=chance)
    people = staff.hire(qingyu, wangchao, now=begin)
    for building in (qingyu, wangchao):
        links.pair_kiosks(building, now=begin)
    desk = staff.actor_of(people["lisi"], qingyu)
    here = live_through(
        qingyu,
        visitors=3_600,
        first_phone=10_000,
        workday=(25, 40),
        weekend=(4, 12),
        desk=desk,
        now=now,
        chance=chance,
        until=now - scene.LONGEST_AGO,
    )
    elsewhere = live_through(
        wangchao,
        visitors=60,
        first_phone=20_000,
        workday=(1, 3),
        weekend=(0, 0),
        desk=staff.actor_of(people["zhouli"], wangchao),
        now=now,
        chance=chance,
        until=now - scene.LONGEST_AGO,
    )
    here += len(scene.play(qingyu, desk=desk, now=now))
    _keys_and_slips(qingyu, people, begin=begin, now=now)
    in_order_of_time()
    staff.give_passwords(folder, now=now)
    return here, elsewhere


def _keys_and_slips(building: Building, people: dict[str, Person], *, begin: datetime, now: datetime) -> None:
    """The cabinets and a year of loans, the slips of a year, and both as they stand at this moment."""
    zone, chance = building.site.zone, Random(SEED + 1)
    desk, lead = (keyroom.acting(people[login], role, building) for login, role in WORKING)
    room = keyroom.furnish(building, people, now=begin)
    lists = matters.set_up(building, lead, now=begin)
    last = clock.local_date(now, zone)
    first = last - timedelta(days=past.DAYS)
    lending = loans.Lending(building, room, people, desk=desk, chance=chance)
    loans.lend_through(lending, first=first, last=last, until=now - keys_today.SINCE)
    over = now - timedelta(days=2)
    matters.write_down(building, lists, first=first, last=last, desk=desk, chance=chance, until=over)
    slips = slips_today.Desk(building, lists, people, now=now)
    slips_today.yesterday(slips)
    keys_today.play(building, room, people, now=now)
    meeting_rooms.play(building, people, now=now, chance=Random(SEED))
    services.play(building, room, people, now=now)
    expected.play(building, people, now=now)
    slips_today.today(slips)
