"""Slips of Qingyu Centre: its departments and kinds, and a year of closed ones, made up and written down by bulk."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select

from demo import names
from demo.building import Building
from domain import clock, events
from domain.codes import new_ref
from domain.database import db
from domain.identity import Actor
from domain.search import SLIP, SearchGram
from domain.sites.models import DailyNumber
from domain.sites.numbers import ALWAYS
from domain.slips import operations as deeds
from domain.slips.models import Department, Nature, Slip, SlipKind, SlipState, SlipStep, Source

FIRST_PHONE = 60_000
DEPARTMENTS = ("工程部", "客服部", "保安部", "保洁部")
KINDS = (
    (Nature.REPAIR, "空调", 240, "工程部"),
    (Nature.REPAIR, "给排水", 120, "工程部"),
    (Nature.REPAIR, "照明", 480, "工程部"),
    (Nature.COMPLAINT, "噪音", 240, "客服部"),
    (Nature.COMPLAINT, "保洁", 240, "保洁部"),
    (Nature.ENQUIRY, "停车", None, "保安部"),
    (Nature.LOST_FOUND, "失物招领", None, None),
    (Nature.SUGGESTION, "大堂服务", 2_880, "客服部"),
)
MATTERS = {
    "空调": ("空调不冷", "出风口异响", "空调滴水", "温控面板不亮"),
    "给排水": ("洗手间漏水", "水压低", "下水慢", "茶水间龙头关不紧"),
    "照明": ("走廊灯不亮", "灯管闪烁", "车位灯不亮", "应急灯报警"),
    "噪音": ("楼上装修噪音", "夜间设备噪音", "会议室隔音差"),
    "保洁": ("垃圾未清", "洗手间缺纸", "地面有水渍"),
    "停车": ("月卡怎么办", "访客停车收费", "充电桩位置"),
    "失物招领": ("黑色雨伞", "蓝牙耳机", "儿童水壶", "门禁卡", "眼镜"),
    "大堂服务": ("大堂香氛太浓", "雨天加防滑垫", "增加充电位"),
}
DONE = ("已更换配件，试机正常", "已疏通，观察半小时", "已紧固，业主在场", "更换灯管两支")
OUTCOMES = {
    Nature.REPAIR: ("验收合格", "业主确认"),
    Nature.COMPLAINT: ("已致歉并整改，业主接受", "已协调，约定施工时间"),
    Nature.ENQUIRY: ("已当场答复", "已电话答复"),
    Nature.SUGGESTION: ("已采纳", "已转客服部研究"),
    Nature.LOST_FOUND: ("失主领回", "三个月无人认领，登记移交"),
}


@dataclass
class Lists:
    """The departments and kinds of the site, by name."""

    departments: dict[str, Department] = field(default_factory=dict)
    kinds: dict[str, SlipKind] = field(default_factory=dict)


@dataclass(frozen=True)
class Past:
    """One slip that is closed: its row, the unit's number, and its steps (kind, time, words, facts, state)."""

    row: dict[str, Any]
    unit_number: str
    steps: list[tuple[str, datetime, str, dict[str, str], str]]


def set_up(building: Building, lead: Actor, *, now: datetime) -> Lists:
    """Enter departments and kinds."""
    lists, site_id = Lists(), building.site.id
    for name in DEPARTMENTS:
        lists.departments[name] = deeds.add_department(site_id=site_id, name=name, actor=lead, now=now)
    for nature, name, minutes, to in KINDS:
        lists.kinds[name] = deeds.add_kind(
            site_id=site_id,
            nature=nature,
            name=name,
            promise_minutes=minutes,
            department=lists.departments[to] if to else None,
            actor=lead,
            now=now,
        )
    return lists


def write_down(
    building: Building, lists: Lists, *, first: date, last: date, desk: Actor, chance: Random, until: datetime
) -> int:
    """The slips from one day to another that are closed at `until`; returns how many."""
    slips: list[Past] = []
    day = first
    while day <= last:
        for _ in range(chance.randint(0, 3) if day.weekday() < 5 else chance.randint(0, 1)):
            slip = _made_up(building, lists, day, len(slips) + 1, desk=desk, chance=chance)
            if slip.row["closed_at"] < until:
                slips.append(slip)
        day += timedelta(days=1)
    slips = _in_order(slips)
    _write(building, slips, desk)
    return len(slips)


def _in_order(slips: list[Past]) -> list[Past]:
    """Numbered as they were opened."""
    slips = sorted(slips, key=lambda slip: slip.row["opened_at"])
    for number, slip in enumerate(slips, 1):
        slip.row["number"] = number
    return slips


def _made_up(building: Building, lists: Lists, day: date, number: int, *, desk: Actor, chance: Random) -> Past:
    kind = chance.choice(list(lists.kinds.values()))
    nature, unit = Nature(kind.nature), chance.choice(building.units)
    at = clock.at_local(day, time(chance.randint(8, 18), chance.randrange(60), chance.randrange(60)), "Asia/Shanghai")
    steps: list[tuple[str, datetime, str, dict[str, str], str]] = [("written", at, "", {}, SlipState.OPEN)]
    department = next((one for one in lists.departments.values() if one.id == kind.department_id), None)
    if department and nature is not Nature.ENQUIRY:
        at += timedelta(minutes=1 + chance.expovariate(1 / 4))
        steps.append(("dispatched", at, "", {"department": department.name}, SlipState.DISPATCHED))
        at += timedelta(minutes=2 + chance.expovariate(1 / 8))
        steps.append(("received", at, "", {}, SlipState.IN_WORK))
    done_at = None
    if nature is Nature.REPAIR:
        at = done_at = at + timedelta(minutes=15 + chance.expovariate(1 / 50))
        steps.append(("done", at, chance.choice(DONE), {}, SlipState.DONE))
    at += timedelta(minutes=3 if nature is Nature.ENQUIRY else 10 + chance.expovariate(1 / 120))
    outcome = chance.choice(OUTCOMES[nature])
    if done_at:
        steps.append(("checked", at, "", {}, SlipState.DONE))
    steps.append(("closed", at, outcome, {}, SlipState.CLOSED))
    opened = steps[0][1]
    by_phone = nature is not Nature.LOST_FOUND and chance.random() < 0.6
    row = {
        "ref": new_ref(),
        "site_id": building.site.id,
        "number": number,
        "state": SlipState.CLOSED,
        "source": Source.TELEPHONE if by_phone else Source.DESK,
        "nature": nature,
        "kind_id": kind.id,
        "matter": chance.choice(MATTERS[kind.name]),
        "cause": "",
        "label": "",
        "about": "",
        "about_id": None,
        "urgent": False,
        "name": names.person_name(chance, latin=0) if by_phone else "",
        "phone": names.mobile(FIRST_PHONE + number) if by_phone else "",
        "host_id": None,
        "unit_id": unit.id if by_phone else None,
        "owner_id": desk.id,
        "offered_to_id": None,
        "written_by_id": desk.id,
        "against_id": None,
        "department_id": kind.department_id,
        "received_at": next((step[1] for step in steps if step[0] == "received"), None),
        "promise_at": opened + timedelta(minutes=kind.promise_minutes or 1_440),
        "opened_at": opened,
        "done_at": done_at,
        "done_by_id": desk.id if done_at else None,
        "closed_at": at,
        "closed_by_id": desk.id,
        "outcome": outcome,
        "erased_at": None,
    }
    return Past(row, unit.number if by_phone else "", steps)


def _write(building: Building, slips: list[Past], desk: Actor) -> None:
    site_id = building.site.id
    if not slips:
        return
    db.session.execute(insert(Slip.__table__), [slip.row for slip in slips])  # type: ignore[arg-type]
    written = db.session.scalars(select(Slip).where(Slip.site_id == site_id).order_by(Slip.number)).all()
    steps: list[dict[str, Any]] = []
    grams: list[dict[str, Any]] = []
    for slip, past in zip(written, slips, strict=True):
        steps += [
            {"slip_id": slip.id, "kind": kind, "at": at, "by_id": desk.id, "text": text, "facts": facts}
            for kind, at, text, facts, _state in past.steps
        ]
        found_by = deeds.grams_of(slip, past.unit_number)
        grams += [{"site_id": site_id, "kind": SLIP, "gram": gram, "subject_id": slip.id} for gram in found_by]
        for step in past.steps:
            _tell(slip, step, desk)
    db.session.execute(insert(SlipStep.__table__), steps)  # type: ignore[arg-type]
    db.session.execute(insert(SearchGram.__table__), sorted(grams, key=lambda row: row["gram"]))  # type: ignore[arg-type]
    db.session.add(DailyNumber(site_id=site_id, series="slips", day=ALWAYS, last=len(slips)))
    db.session.flush()


def _tell(slip: Slip, step: tuple[str, datetime, str, dict[str, str], str], desk: Actor) -> None:
    kind, at, text, facts, state = step
    ids: dict[str, Any] = {}
    entered: dict[str, Any] = {"text": text}
    if kind == "written":
        names_of = ("source", "nature", "kind_id", "urgent", "cause", "about", "about_id", "unit_id", "department_id")
        ids = {name: getattr(slip, name) for name in names_of}
        entered |= {"matter": slip.matter, "name": slip.name, "phone": slip.phone}
    elif kind == "dispatched":
        ids = {"department_id": slip.department_id}
    events.record(
        f"slip.{kind}",
        site_id=slip.site_id,
        subject="slip",
        subject_id=slip.id,
        actor=desk,
        now=at,
        facts={"number": slip.number, "state": state, **facts, **ids},
        entered=entered,
    )
