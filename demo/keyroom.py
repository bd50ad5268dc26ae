"""The cabinets of Qingyu Centre: some 120 hooks, every class, two sets, who keeps the plant rooms and who is listed."""

from dataclasses import dataclass, field
from datetime import datetime

from demo.building import Building
from domain.identity import Actor
from domain.keys import cabinet as deeds
from domain.keys import rules, sets
from domain.keys.classes import KeyClass
from domain.keys.models import Cabinet, Key, KeySet
from domain.people.models import Person
from domain.permissions import Role

HOOKS = 60
PUBLIC = (
    "A 座天台门", "B 座天台门", "大堂侧门", "东门卷帘", "卸货区卷帘门", "垃圾房", "自行车棚", "母婴室", "3 层茶水间",
    "5 层茶水间", "8 层茶水间", "12 层茶水间", "16 层茶水间", "20 层茶水间", "3 层保洁间", "8 层保洁间", "12 层保洁间",
    "18 层保洁间", "地库车位锁", "信报箱总锁", "雨伞架", "花园水井盖", "喷泉控制箱", "旗杆箱",
)  # fmt: skip
CABINETS = ("工具柜 1", "工具柜 2", "工具柜 3", "工具柜 4", "应急物资柜", "音响柜", "桌牌柜", "失物柜")
SETS = (
    ("JF-B1", "B1 层配电房", ("总门", "配电柜", "计量箱")),
    ("JF-KT", "空调机房", ("总门", "新风机组", "控制柜")),
)
PLANT = ("1 号电梯机房", "2 号电梯机房", "水泵房", "弱电间", "消控室备用", "监控室", "档案室", "屋顶水箱间")
RESTRICTED = ("泳池盖板", "屋顶擦窗机", "外墙检修平台", "危化品柜")
ROOMS, CUSTODY, MOVE_IN = 8, 46, 6


@dataclass
class Keyroom:
    """What hangs there, by class; sets are lent whole, so their keys are not among the others."""

    cabinets: list[Cabinet] = field(default_factory=list)
    keys: dict[KeyClass, list[Key]] = field(default_factory=dict)
    sets: list[tuple[KeySet, list[Key]]] = field(default_factory=list)

    def opening(self, opens: str) -> Key:
        """The key that opens that."""
        return next(key for keys in self.keys.values() for key in keys if key.opens == opens)


def acting(person: Person, role: Role, building: Building) -> Actor:
    """That person at work in the building, with the role that the deed needs."""
    return Actor("staff", person.id, person.name, building.site.id, ((role, building.site.id),))


def furnish(building: Building, people: dict[str, Person], *, now: datetime) -> Keyroom:
    """Hang the keys, and say who keeps and who may borrow those of the plant rooms."""
    room, lead = Keyroom(), acting(people["zhouli"], Role.LEAD, building)
    first, second = (
        deeds.add_cabinet(site_id=building.site.id, name=name, hooks=HOOKS, actor=lead, now=now) for name in ("1", "2")
    )
    room.cabinets = [first, second]
    hook = 0
    for code, letters, doors in (
        (KeyClass.PUBLIC, "GG", PUBLIC),
        (KeyClass.MEETING_ROOM, "HY", tuple(f"{number} 号会议室" for number in range(1, ROOMS + 1))),
        (KeyClass.CABINET, "GJ", CABINETS),
        (KeyClass.PLANT_ROOM, "JF", PLANT),
        (KeyClass.RESTRICTED, "SP", RESTRICTED),
    ):
        for number, opens in enumerate(doors, 1):
            hook += 1
            _hang(room, first, hook, f"{letters}-{number:02d}", opens, code, actor=lead, now=now)
    for tag, opens, parts in SETS:
        hook += 1
        keys = [
            deeds.add_key(
                cabinet=first,
                hook=hook,
                tag=f"{tag}-{number}",
                opens=f"{opens} {part}",
                class_code=KeyClass.PLANT_ROOM,
                actor=lead,
                now=now,
            )
            for number, part in enumerate(parts, 1)
        ]
        room.sets.append((sets.add_set(keys, tag=tag, opens=opens, actor=lead, now=now), keys))
    for place, unit in enumerate(building.units[: CUSTODY + MOVE_IN], 1):
        custody = place <= CUSTODY
        code, letters = (KeyClass.UNIT, "DY") if custody else (KeyClass.MOVE_IN, "RZ")
        tag, opens = f"{letters}-{unit.number}", f"{unit.number} {'入户门' if custody else '移交'}"
        room.keys.setdefault(code, []).append(
            deeds.add_key(
                cabinet=second,
                hook=place,
                tag=tag,
                opens=opens,
                class_code=code,
                unit=unit,
                copies=2,
                actor=lead,
                now=now,
            )
        )
    manager = acting(people["heyan"], Role.MANAGER, building)
    plant, keeper = KeyClass.PLANT_ROOM, people["zhouli"].id
    rules.set_rules(site_id=building.site.id, code=plant, custodian_id=keeper, actor=manager, now=now)
    for login in ("chenyang", "lisi"):
        rules.list_person(people[login], code=plant, site_id=building.site.id, actor=manager, now=now)
    return room


def _hang(
    room: Keyroom, cabinet: Cabinet, hook: int, tag: str, opens: str, code: KeyClass, *, actor: Actor, now: datetime
) -> None:
    key = deeds.add_key(cabinet=cabinet, hook=hook, tag=tag, opens=opens, class_code=code, actor=actor, now=now)
    room.keys.setdefault(code, []).append(key)
