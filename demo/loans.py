"""A year of past loans, made up in the shape that the operations of domain/keys write, and written down by bulk."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select

from demo import names
from demo.building import Building
from demo.keyroom import Keyroom
from domain import clock, events
from domain.codes import new_ref
from domain.database import db
from domain.identity import Actor
from domain.keys.borrowers import Who, occupant, staff
from domain.keys.classes import DEFAULTS, Borrower, KeyClass
from domain.keys.history import grams_of_borrower
from domain.keys.loan_models import Loan, LoanLine
from domain.keys.models import Key
from domain.people.models import Person
from domain.search import LOAN, SearchGram
from domain.sites.models import DailyNumber
from domain.sites.numbers import ALWAYS

HOURS = (7, 8, 8, 9, 9, 9, 10, 10, 11, 13, 13, 14, 14, 15, 15, 16, 17, 18)
FIRST_PHONE = 40_000
CLASSES = {
    KeyClass.PUBLIC: 34,
    KeyClass.MEETING_ROOM: 24,
    KeyClass.CABINET: 12,
    KeyClass.UNIT: 18,
    KeyClass.MOVE_IN: 2,
    KeyClass.PLANT_ROOM: 10,
}
PURPOSES = {
    KeyClass.PUBLIC: ("换灯管", "保洁", "送货进场", "检修", "绿化浇水", "消防检查"),
    KeyClass.MEETING_ROOM: ("会前准备", "会议", "设备测试"),
    KeyClass.CABINET: ("取工具", "取桌牌", "取应急灯", "盘点"),
    KeyClass.UNIT: ("带看", "空置房巡查", "抄表", "维修"),
    KeyClass.MOVE_IN: ("验房", "移交"),
    KeyClass.PLANT_ROOM: ("例行巡检", "抄表", "陪同维保"),
}
AUTHORITIES = ("业主来电", "业主书面委托", "代管协议")
CONDITIONS = ("钥匙圈松了", "标签磨损", "有点弯，还能用")


@dataclass(frozen=True)
class Past:
    """One loan that is over: its row, its keys, who brought it back and in which condition."""

    row: dict[str, Any]
    keys: list[Key]
    who: Who
    brought_by: str
    condition: str
    confirmed: bool


class Lending:
    """Makes up the loans of one building, day after day; no key is out twice at once."""

    def __init__(
        self, building: Building, room: Keyroom, people: dict[str, Person], *, desk: Actor, chance: Random
    ) -> None:
        self.building, self.room, self.people, self.desk, self.chance = building, room, people, desk, chance
        self.number = 0
        self._busy: dict[int, datetime] = {}
        workers = [names.person_name(chance, latin=0) for _ in range(60)]
        self._workers = [(name, names.mobile(FIRST_PHONE + place)) for place, name in enumerate(workers)]

    def day(self, day: Any, how_many: int, *, until: datetime) -> list[Past]:
        """The loans of that day, by the time at which they went out; none that is not back at `until`."""
        zone, chance = self.building.site.zone, self.chance
        moments = sorted(
            clock.at_local(day, time(chance.choice(HOURS), chance.randrange(60), chance.randrange(60)), zone)
            for _ in range(how_many)
        )
        return [loan for at in moments if (loan := self._loan(at, until)) is not None]

    def _loan(self, at: datetime, until: datetime) -> Past | None:
        chance = self.chance
        code = chance.choices(list(CLASSES), list(CLASSES.values()))[0]
        set_id, keys = None, [chance.choice(self.room.keys[code])]
        if code is KeyClass.PLANT_ROOM and chance.random() < 0.4:
            key_set, keys = chance.choice(self.room.sets)
            set_id = key_set.id
        rules = DEFAULTS[code]
        due = at + timedelta(minutes=min(rules.default_minutes, rules.limit_minutes))
        back = at + timedelta(minutes=8 + chance.expovariate(1 / 55), seconds=chance.randrange(60))
        back = due + timedelta(minutes=5 + chance.expovariate(1 / 30)) if chance.random() < 0.06 else min(back, due)
        if back >= until or any(self._busy.get(key.id, at) > at for key in keys):
            return None
        self._busy |= {key.id: back for key in keys}
        self.number += 1
        who = self._borrower(code)
        row: dict[str, Any] = {
            "ref": new_ref(),
            "site_id": self.building.site.id,
            "number": self.number,
            "key_id": None if set_id else keys[0].id,
            "set_id": set_id,
            "class_code": code,
            "purpose": chance.choice(PURPOSES[code]),
            "authority": chance.choice(AUTHORITIES) if rules.needs_authority else "",
            "escort": "",
            "approval_id": None,
            "handed_out_by_id": self.desk.id,
            "out_at": at,
            "due_at": due,
            "escalate_at": due + timedelta(minutes=rules.escalate_minutes),
            "chased": 0,
            "ended_at": back,
            "lost": False,
            # Signatures are erased after three days.
            "acknowledged_how": "signature",
            "acknowledged_at": at,
            "signature": None,
            "code_nonce": None,
            "code_expires_at": None,
            "erased_at": None,
            **who.columns(),
        }
        by_other = chance.random() < 0.05
        return Past(
            row,
            keys,
            who,
            brought_by=chance.choice(self._workers)[0] if by_other else "",
            condition=chance.choice(CONDITIONS) if chance.random() < 0.03 else "",
            confirmed=not by_other,
        )

    def _borrower(self, code: KeyClass) -> Who:
        chance = self.chance
        if code is KeyClass.PLANT_ROOM:
            return staff(self.people[chance.choice(("chenyang", "chenyang", "lisi"))])
        if code is KeyClass.MEETING_ROOM and chance.random() < 0.8:
            return staff(self.people["chenyang"])
        if code in (KeyClass.MEETING_ROOM, KeyClass.MOVE_IN) or (code is KeyClass.UNIT and chance.random() < 0.3):
            return occupant(chance.choice(self.building.hosts), site_id=self.building.site.id)
        name, phone = chance.choice(self._workers)
        in_house = code is KeyClass.CABINET or chance.random() < 0.4
        return Who(Borrower.STAFF if in_house else Borrower.CONTRACTOR, name, phone)


def lend_through(lending: Lending, *, first: Any, last: Any, until: datetime) -> int:
    """The loans from one day to another, written down; returns how many."""
    loans: list[Past] = []
    day = first
    while day <= last:
        busy = (8, 13) if day.weekday() < 5 else (1, 4)
        loans += lending.day(day, lending.chance.randint(*busy), until=until)
        day += timedelta(days=1)
    _write(lending, loans)
    return len(loans)


def _write(lending: Lending, loans: list[Past]) -> None:
    site_id = lending.building.site.id
    if not loans:
        return
    db.session.execute(insert(Loan.__table__), [loan.row for loan in loans])  # type: ignore[arg-type]
    ids = db.session.scalars(select(Loan.id).where(Loan.site_id == site_id).order_by(Loan.number)).all()
    written = list(zip(ids, loans, strict=True))
    lines = [_line(id_, key, loan, lending.desk) for id_, loan in written for key in loan.keys]
    db.session.execute(insert(LoanLine.__table__), lines)  # type: ignore[arg-type]
    found_by = {loan.who: grams_of_borrower(loan.who.name, loan.who.phone) for loan in loans}
    grams: list[dict[str, Any]] = [
        {"site_id": site_id, "kind": LOAN, "gram": gram, "subject_id": id_}
        for id_, loan in written
        for gram in found_by[loan.who]
    ]
    db.session.execute(insert(SearchGram.__table__), sorted(grams, key=lambda row: row["gram"]))  # type: ignore[arg-type]
    for id_, loan in written:
        _tell(id_, loan, lending.desk)
    db.session.add(DailyNumber(site_id=site_id, series="keys", day=ALWAYS, last=loans[-1].row["number"]))
    db.session.flush()


def _line(loan_id: int, key: Key, loan: Past, desk: Actor) -> dict[str, Any]:
    return {
        "loan_id": loan_id,
        "key_id": key.id,
        "ended_at": loan.row["ended_at"],
        "ended_how": "returned",
        "condition": loan.condition,
        "brought_by": loan.brought_by,
        "confirmed": loan.confirmed,
        "taken_by_id": desk.id,
    }


def _tell(loan_id: int, loan: Past, desk: Actor) -> None:
    row, key_ids = loan.row, [key.id for key in loan.keys]
    told: dict[str, Any] = {"site_id": row["site_id"], "subject": "loan", "subject_id": loan_id, "actor": desk}
    events.record(
        "loan.lent",
        **told,
        now=row["out_at"],
        facts={
            "number": row["number"],
            "key_ids": key_ids,
            "set_id": row["set_id"],
            "class": row["class_code"],
            "due_at": row["due_at"].isoformat(),
            "approval_id": None,
            "acknowledged": row["acknowledged_how"],
            **loan.who.facts(),
        },
        entered={
            "name": loan.who.name,
            "phone": loan.who.phone,
            "purpose": row["purpose"],
            "authority": row["authority"],
        },
    )
    events.record(
        "loan.returned",
        **told,
        now=row["ended_at"],
        facts={
            "number": row["number"],
            "key_ids": key_ids,
            "left": 0,
            "late": row["due_at"] < row["ended_at"],
            "by_other": bool(loan.brought_by),
            "confirmed": loan.confirmed,
        },
        entered={"condition": loan.condition, "brought_by": loan.brought_by},
    )
