"""The building and who is in it: site, purposes, kiosks, units, hosts, all a year old."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import pypinyin

from demo import names, texts
from domain import events
from domain.codes import new_ref
from domain.database import db
from domain.identity import SYSTEM
from domain.occupants import operations as occupants
from domain.occupants.models import Host, Unit
from domain.sites import pairing
from domain.sites.models import Kiosk, Purpose, Site

ALWAYS_OPEN = {str(day): [["00:00", "00:00"]] for day in range(1, 8)}
OFFICE_HOURS = {str(day): [["07:00", "22:00"]] for day in range(1, 6)}
HOSTS = 300
BUSY = names.COMPANIES[:12]


@dataclass
class Building:
    """A site with everything that its visits need."""

    site: Site
    purposes: list[Purpose] = field(default_factory=list)
    kiosks: list[Kiosk] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    hosts: list[Host] = field(default_factory=list)

    def hosts_of(self, unit: Unit) -> list[Host]:
        """Who can be visited in that unit."""
        return [host for host in self.hosts if host.unit_id == unit.id]


def open_site(now: datetime, **values: object) -> Site:
    """A site with its counter, in nine languages."""
    site = Site(ref=new_ref(), created_at=now, languages=texts.LANGUAGES, notice=texts.NOTICE, **values)
    db.session.add(site)
    db.session.flush()
    events.open_counter(site.id)
    db.session.flush()
    events.record("site.added", site_id=site.id, subject="site", subject_id=site.id, actor=SYSTEM, now=now)
    return site


def give_purposes(building: Building, now: datetime) -> None:
    """The seven purposes of texts.py."""
    for position, values in enumerate(texts.PURPOSES):
        purpose = Purpose(ref=new_ref(), site_id=building.site.id, position=position, **values)
        building.purposes.append(purpose)
        db.session.add(purpose)
    db.session.flush()
    for purpose in building.purposes:
        events.record(
            "purpose.added",
            site_id=building.site.id,
            subject="purpose",
            subject_id=purpose.id,
            actor=SYSTEM,
            now=now,
        )


def place_kiosk(building: Building, name: str, *, width_mm: int, label_mm: int, now: datetime) -> None:
    """A kiosk that is to be paired."""
    kiosk = pairing.add_kiosk(
        site_id=building.site.id,
        name=name,
        width_mm=width_mm,
        label_mm=label_mm,
        help_text=texts.HELP,
        actor=SYSTEM,
        now=now,
    )
    building.kiosks.append(kiosk)


def let_unit(building: Building, number: str, company: str, now: datetime) -> None:
    """A unit with its way; the number begins with the floor and ends with two digits of the door."""
    floor = str(int(number[:-2]))
    unit = occupants.add_unit(
        site_id=building.site.id,
        actor=SYSTEM,
        now=now,
        number=number,
        company=company,
        floor=floor,
        directions=texts.way_to(number, floor),
    )
    building.units.append(unit)


def _mail(name: str, taken: set[str]) -> str:
    parts = name.split() if name.isascii() else pypinyin.lazy_pinyin(name)
    base = ".".join(part.lower() for part in parts)
    base = "".join(c for c in base if (c.isascii() and c.isalnum()) or c == ".") or "host"
    local, n = base, 1
    while local in taken:
        n += 1
        local = f"{base}{n}"
    taken.add(local)
    return f"{local}@example.com"


def fill_with_hosts(building: Building, count: int, first_phone: int, chance: Random, now: datetime) -> None:
    """Hosts for every unit in turn, a third of them in the large companies."""
    taken: set[str] = set()
    last_of_unit: dict[int, Host] = {}
    for place in range(count):
        unit = building.units[place % len(building.units)]
        if place >= len(building.units) and place % 3 == 0:
            unit = building.units[chance.randrange(min(len(BUSY), len(building.units)))]
        name = names.person_name(chance, latin=0.45 if unit.company.isascii() else 0.02)
        host = occupants.add_host(
            unit=unit,
            actor=SYSTEM,
            now=now,
            name=name,
            phone=names.mobile(first_phone + place),
            email=_mail(name, taken),
            language="en" if name.isascii() else "zh_Hans",
            contact=place < len(building.units),
            # Whoever was there before stands in for who came later; the first of a unit has nobody.
            deputy_id=before.id if (before := last_of_unit.get(unit.id)) else None,
        )
        last_of_unit[unit.id] = host
        building.hosts.append(host)


def raise_qingyu(*, now: datetime, chance: Random) -> Building:
    """青屿中心: 60 units on 21 floors, 300 hosts, two kiosks, always open so that it can be tried at any hour."""
    site = open_site(
        now,
        name="青屿中心",
        name_en="Qingyu Centre",
        zone="Asia/Shanghai",
        brand="#1b5566",
        opening=ALWAYS_OPEN,
        directions=texts.SITE_WAY,
        # Beyond the default of 90 days: the year of history is there to be read.
        retention_days=365,
    )
    building = Building(site)
    give_purposes(building, now)
    place_kiosk(building, "一号大堂", width_mm=600, label_mm=62, now=now)
    place_kiosk(building, "东门大堂", width_mm=520, label_mm=0, now=now)
    for place, company in enumerate(names.COMPANIES):
        let_unit(building, f"{3 + place // 3 + (place // 3 > 10)}{place % 3 * 2 + 1 + place % 2:02d}", company, now)
    fill_with_hosts(building, HOSTS, 0, chance, now)
    return building


def raise_wangchao(*, now: datetime, chance: Random) -> Building:
    """望潮里, a small second site: nobody at Qingyu sees its visits, and nobody here those of Qingyu."""
    site = open_site(
        now,
        name="望潮里",
        name_en="Wangchao Lane",
        zone="Asia/Shanghai",
        brand="#7a3b2e",
        opening=OFFICE_HOURS,
        directions={},
        retention_days=365,
    )
    building = Building(site)
    give_purposes(building, now)
    place_kiosk(building, "门厅", width_mm=340, label_mm=0, now=now)
    for number, company in (("0101", "望潮书店"), ("0102", "潮汐咖啡"), ("0201", "拾贝幼儿园"), ("0301", "渔火摄影")):
        let_unit(building, number, company, now)
    fill_with_hosts(building, 12, 5_000, chance, now)
    return building
