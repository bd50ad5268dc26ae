"""A long history of visits, made up in the same shape that the operations of domain/visits write.

Nothing is saved here: `days` tells what happened, day by day and in order, and whoever asks writes it down (the demo
through the session, the benchmarks by bulk loading). tests/house/test_demo.py holds it against the operations.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from demo import names
from demo.building import Building
from domain import clock
from domain.codes import check_digits, new_ref
from domain.identity import Actor
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose
from domain.visits.arrivals import Entered
from domain.visits.models import HostAnswer, VisitState

# When visitors come, in hours of the day with their weights: mornings and afternoons, hardly anybody at night.
HOURS = {7: 2, 8: 8, 9: 16, 10: 18, 11: 9, 12: 3, 13: 8, 14: 17, 15: 14, 16: 9, 17: 5, 18: 3, 19: 2, 20: 1}
PURPOSE_WEIGHTS = (38, 10, 20, 12, 5, 8, 7)
LANGUAGE_WEIGHTS = {"zh_Hans": 88, "en": 6, "zh_Hant": 2, "ja": 1, "ko": 1, "fr": 1, "ru": 1}
CLOSING = time(21, 30)
LINGER_NOTES = ("已电话联系，开会延时", "在 3 楼茶歇，陪同下楼", "被访人确认延时一小时")
REASONS = ("核对证件", "被访人要联系访客", "失物认领")


@dataclass(frozen=True)
class Visitor:
    """Somebody of the pool from whom the visits are drawn."""

    name: str
    phone: str
    organisation: str
    plate: str
    language: str


@dataclass(frozen=True)
class Line:
    """One line of the history, as `events.record` takes it."""

    kind: str
    at: datetime
    actor: Actor
    facts: dict[str, Any]
    entered: dict[str, Any] = field(default_factory=dict)


@dataclass
class Stay:
    """One visit: the columns of its row, what was entered, what happened to it."""

    row: dict[str, Any]
    entered: Entered
    lines: list[Line]


def pool(count: int, *, first_phone: int, chance: Random) -> list[Visitor]:
    """Visitors with telephone numbers of their own."""
    visitors = []
    abroad = 0
    for number in range(count):
        name = names.person_name(chance)
        phone = names.mobile(first_phone + number)
        if " " in name and abroad < 100:
            phone, abroad = names.number_abroad(abroad), abroad + 1
        has_plate = chance.random() < 0.12
        language = "en" if " " in name else _drawn(chance, LANGUAGE_WEIGHTS)
        visitors.append(
            Visitor(name, phone, chance.choice(names.ORGANISATIONS), names.plate(chance) if has_plate else "", language)
        )
    return visitors


def _kept(entered: Entered) -> dict[str, Any]:
    """What the history keeps beside the line; document and photo never go there."""
    return {name: value for name, value in asdict(entered).items() if name not in ("document", "photo")}


def _drawn(chance: Random, weights: dict[Any, int]) -> Any:
    return chance.choices(list(weights), list(weights.values()))[0]


class Chronicle:
    """Makes up the visits of one building, day after day."""

    def __init__(
        self, building: Building, visitors: list[Visitor], *, desk: Actor, chance: Random, numbers_from: int = 0
    ) -> None:
        self.building = building
        self.visitors = visitors
        self.desk = desk
        self.chance = chance
        self.number = numbers_from
        self._hosts: dict[int, list[Host]] = {unit.id: building.hosts_of(unit) for unit in building.units}
        self._busy_until: dict[str, datetime] = {}

    def day(self, day: date, how_many: int, *, until: datetime | None = None) -> list[Stay]:
        """The visits that began on that day, by arrival; those of whom it is not known yet at `until` are left out."""
        zone = self.building.site.zone
        hours = list(HOURS)
        moments = []
        for hour in self.chance.choices(hours, list(HOURS.values()), k=how_many):
            at = clock.at_local(day, time(hour, self.chance.randrange(60), self.chance.randrange(60)), zone)
            moments.append(at + timedelta(milliseconds=self.chance.randrange(1000)))
        closing = clock.at_local(day, CLOSING, zone)
        stays: list[Stay] = []
        for at in sorted(moments):
            stay = self._stay(at, day, len(stays) + 1, closing)
            if until is not None and stay.lines[-1].at >= until:
                self.number -= 1
                continue
            stays.append(stay)
        return stays

    def _visitor(self, at: datetime) -> Visitor:
        while True:
            visitor = self.chance.choice(self.visitors)
            if self._busy_until.get(visitor.phone, at) <= at:
                return visitor

    def _whom(self, purpose: Purpose) -> tuple[Unit, Host | None]:
        # Large companies have more visitors.
        units = self.building.units
        unit = units[min(int(self.chance.expovariate(3 / len(units))), len(units) - 1)]
        hosts = self._hosts[unit.id]
        unit_alone = not hosts or (not purpose.waits_for_host and self.chance.random() < 0.12)
        return unit, None if unit_alone else self.chance.choice(hosts)

    def _entered(self, visitor: Visitor, purpose: Purpose) -> Entered:
        asked = purpose.fields
        has_companions = asked.get("companions") != "no" and self.chance.random() < 0.3
        return Entered(
            name=visitor.name,
            phone=visitor.phone,
            organisation="" if asked.get("organisation") == "no" else visitor.organisation,
            companions=min(1 + int(self.chance.expovariate(0.8)), 12) if has_companions else 0,
            plate=visitor.plate if asked.get("plate") == "ask" else "",
            goods=self.chance.choice(names.GOODS) if asked.get("goods") == "ask" and self.chance.random() < 0.6 else "",
        )

    def _stay(self, at: datetime, day: date, badge_number: int, closing: datetime) -> Stay:
        site, chance = self.building.site, self.chance
        self.number += 1
        visitor = self._visitor(at)
        purpose = chance.choices(self.building.purposes, PURPOSE_WEIGHTS[: len(self.building.purposes)])[0]
        unit, host = self._whom(purpose)
        entered = self._entered(visitor, purpose)
        source = _drawn(chance, {"kiosk": 64, "own": 22, "desk": 14})
        kiosk = None if source == "desk" else chance.choice(self.building.kiosks)
        actor = self.desk
        if kiosk is not None:
            actor = Actor("visitor" if source == "own" else "kiosk", kiosk.id, kiosk.name, site.id)
        waits = purpose.waits_for_host and host is not None
        state = VisitState.WAITING if waits else VisitState.INSIDE
        planned = timedelta(minutes=purpose.stay_minutes or site.default_stay_minutes)
        row: dict[str, Any] = {
            "ref": new_ref(),
            "site_id": site.id,
            "number": self.number,
            "state": state,
            "badge_day": day,
            "badge_number": badge_number,
            "badge_check": check_digits(),
            "name": entered.name,
            "phone": entered.phone,
            "organisation": entered.organisation,
            "companions": entered.companions,
            "plate": entered.plate,
            "goods": entered.goods,
            "document": None,
            "photo": None,
            "purpose_id": purpose.id,
            "unit_id": unit.id,
            "host_id": host.id if host else None,
            "language": "zh_Hans" if source == "desk" else visitor.language,
            "source": source,
            "kiosk_id": kiosk.id if kiosk else None,
            "entered_by_id": actor.id if actor.kind == "staff" else None,
            "presence_key": entered.phone or None,
            "answer": None,
            "answered_at": None,
            "answered_by": None,
            "answer_told_at": None,
            "deputy_told_at": None,
            "arrived_at": at,
            "due_at": at + planned,
            "left_at": None,
            "left_how": None,
            "linger_note": "",
            "erased_at": None,
        }
        facts = {
            "number": self.number,
            "state": state,
            "source": source,
            "unit_id": unit.id,
            "host_id": row["host_id"],
            "purpose_id": purpose.id,
            "companions": entered.companions,
            "kiosk_id": row["kiosk_id"],
            "document": False,
            "photo": False,
            "notice": row["language"],
        }
        stay = Stay(row, entered, [Line("visit.signed_in", at, actor, facts, _kept(entered))])
        here = at
        if waits and host is not None:
            here = self._answered(stay, host, at)
        if stay.row["state"] == VisitState.INSIDE:
            self._inside(stay, here, closing, planned)
        self._busy_until[entered.phone] = stay.lines[-1].at + timedelta(seconds=1)
        return stay

    def _answered(self, stay: Stay, host: Host, at: datetime) -> datetime:
        """The host's answer and when the visitor had it; or the visitor gave up before."""
        row, number = stay.row, stay.row["number"]
        answered = at + timedelta(seconds=20 + self.chance.expovariate(1 / 90))
        if self.chance.random() < 0.04:
            row["state"] = VisitState.CANCELLED
            facts = {"number": number, "state": row["state"]}
            stay.lines.append(Line("visit.cancelled", answered, stay.lines[0].actor, facts))
            return answered
        what = _drawn(self.chance, {HostAnswer.SEND_UP: 60, HostAnswer.MEET: 34, HostAnswer.REFUSE: 6})
        row["state"] = VisitState.REFUSED if what == HostAnswer.REFUSE else VisitState.INSIDE
        told = answered + timedelta(seconds=self.chance.randrange(3, 40))
        row |= {"answer": what, "answered_at": answered, "answered_by": "host", "answer_told_at": told}
        facts = {"number": number, "state": row["state"], "answer": what, "by": "host"}
        by = Actor("host", host.id, host.name, row["site_id"])
        stay.lines.append(Line("visit.answered", answered, by, facts))
        stay.lines.append(Line("visit.answer_told", told, stay.lines[0].actor, {"number": number}))
        return told

    def _inside(self, stay: Stay, here: datetime, closing: datetime, planned: timedelta) -> None:
        """What the desk did meanwhile, and how the visitor left."""
        row, number, chance = stay.row, stay.row["number"], self.chance
        lot = chance.random()
        stayed = max(4.0, chance.gauss(0.62, 0.28) * planned.total_seconds() / 60)
        leaves = min(here + timedelta(minutes=stayed), closing - timedelta(seconds=chance.randrange(60, 3600)))
        leaves = max(leaves, here + timedelta(seconds=90))
        if lot < 0.02:
            at = here + timedelta(seconds=45)
            stay.lines.append(Line("visit.badge_printed", at, self.desk, {"number": number}))
        elif lot < 0.025:
            at = here + timedelta(seconds=60)
            entered = {"reason": chance.choice(REASONS)}
            stay.lines.append(Line("visit.unmasked", at, self.desk, {"number": number}, entered))
        elif lot < 0.045 and row["due_at"] + timedelta(minutes=30) < closing:
            noted = row["due_at"] + timedelta(minutes=12)
            row["linger_note"], row["due_at"] = chance.choice(LINGER_NOTES), noted + timedelta(hours=1)
            facts = {"number": number, "due_at": row["due_at"].isoformat()}
            stay.lines.append(Line("visit.lingering_noted", noted, self.desk, facts, {"note": row["linger_note"]}))
            leaves = max(leaves, noted + timedelta(minutes=5))
        kind, how = "visit.signed_out", "badge" if chance.random() < 0.78 else "desk"
        actor = self.desk if how == "desk" else stay.lines[0].actor
        state = VisitState.LEFT
        if lot > 0.97:
            # Nobody saw them leave: the receptionist confirms it after the closing hour (V9).
            leaves, how, actor = max(closing, here) + timedelta(minutes=2, seconds=number % 60), "closing", self.desk
            if lot > 0.985:
                kind, state = "visit.presumed_left", VisitState.PROBABLY_LEFT
        row |= {"state": state, "left_at": leaves, "left_how": how}
        facts = {"number": number, "state": state, "before": VisitState.INSIDE, "how": how}
        stay.lines.append(Line(kind, leaves, actor, facts))


def days(
    chronicle: Chronicle,
    first: date,
    last: date,
    *,
    workday: tuple[int, int],
    weekend: tuple[int, int],
    until: datetime | None = None,
) -> Iterator[list[Stay]]:
    """The visits of each day from `first` to `last`, both included, that were over at `until`."""
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        low, high = weekend if day.isoweekday() > 5 else workday
        yield chronicle.day(day, chronicle.chance.randint(low, high), until=until)
