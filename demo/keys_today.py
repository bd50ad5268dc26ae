"""What is going on with the keys at this moment, played with the operations themselves."""

from datetime import datetime, timedelta

from demo import names
from demo.building import Building
from demo.keyroom import Keyroom, acting
from domain.keys import counts
from domain.keys.acknowledgements import Acknowledged
from domain.keys.approvals import approve, ask_approval
from domain.keys.borrowers import Who, contractor, occupant, staff, staff_without_account
from domain.keys.classes import KeyClass
from domain.keys.comparison import Seen
from domain.keys.loans import Note, lend
from domain.keys.losses import report_lost
from domain.keys.queries import Thing
from domain.keys.reservations import reserve
from domain.people.models import Person
from domain.permissions import Role

FIRST_PHONE = 9_400_000
COUNTED = timedelta(hours=4, minutes=30)
SINCE = timedelta(hours=20)
"""The lost key was reported so long ago: past loans end before."""


def play(building: Building, room: Keyroom, people: dict[str, Person], *, now: datetime) -> None:
    """One key is lost, a count is finished, some are out, one of them overdue; one is reserved, one waits."""
    desk, lead = acting(people["lisi"], Role.RECEPTIONIST, building), acting(people["zhouli"], Role.LEAD, building)
    lost = room.opening("8 层保洁间")
    report_lost(lost, note="保洁 昨天下班后没找到，更衣室找过", actor=lead, now=now - SINCE)
    _count(building, room, now=now - COUNTED, missing=room.opening("雨伞架").hook, gone=lost.hook, people=people)

    def ago(minutes: int) -> datetime:
        return now - timedelta(minutes=minutes)

    def hand_out(
        thing: Thing, who: Who, what: str, out: int, due: int, *, authority: str = "", escort: str = ""
    ) -> None:
        lend(
            thing,
            who=who,
            noted=Note(what, authority=authority, escort=escort),
            due_at=now + timedelta(minutes=due),
            acknowledged=Acknowledged.PAPER,
            actor=desk,
            now=ago(out),
        )

    chen = staff(people["chenyang"])
    hand_out(room.opening("卸货区卷帘门"), _worker("赵六", 1), "送货进场", 142, -22)
    hand_out(room.sets[0][0], chen, "陪同维保", 42, 18, escort="王例")
    hand_out(room.opening("3 号会议室"), chen, "会前准备", 35, 58)
    unit_key = room.keys[KeyClass.UNIT][4]
    hand_out(unit_key, _worker("褚例", 2), "带看", 50, 138, authority="业主来电")
    hand_out(room.opening("A 座天台门"), _worker("蒋例", 3), "检修避雷针", 70, 228)
    hand_out(room.opening("2 号会议室"), chen, "会议", 20, 258)
    hand_out(room.opening("工具柜 4"), staff_without_account("韩样", names.mobile(FIRST_PHONE + 4)), "取工具", 15, 317)
    _with_approval(building, room, people, now=now)
    host = occupant(building.hosts[0], site_id=building.site.id)
    reserve(
        room.opening("5 号会议室"),
        who=host,
        starts_at=ago(5),
        ends_at=now + timedelta(minutes=85),
        purpose="培训",
        actor=desk,
        now=ago(240),
    )


def _with_approval(building: Building, room: Keyroom, people: dict[str, Person], *, now: datetime) -> None:
    """The cover of the pool is out with an approval; the cradle on the roof waits for one."""
    desk = acting(people["lisi"], Role.RECEPTIONIST, building)
    supervisor = acting(people["wufan"], Role.SUPERVISOR, building)
    cover, who, out = room.opening("泳池盖板"), _worker("卫样", 5), now - timedelta(minutes=28)
    due = now + timedelta(minutes=198)
    asked = ask_approval(cover, who=who, purpose="清洗泳池", due_at=due, actor=desk, now=out - timedelta(minutes=9))
    approve(asked, actor=supervisor, now=out - timedelta(minutes=4))
    lend(
        cover,
        who=who,
        noted=Note("清洗泳池"),
        due_at=due,
        approval=asked,
        acknowledged=Acknowledged.PAPER,
        actor=desk,
        now=out,
    )
    ask_approval(
        room.opening("屋顶擦窗机"),
        who=_worker("沈例", 6),
        purpose="外墙清洗",
        due_at=now + timedelta(minutes=180),
        actor=desk,
        now=now - timedelta(minutes=6),
    )


def _worker(name: str, place: int) -> Who:
    return contractor(name, names.mobile(FIRST_PHONE + place))


def _count(
    building: Building, room: Keyroom, *, now: datetime, missing: int, gone: int, people: dict[str, Person]
) -> None:
    """Every hook was looked at; one key was not there, and it is known why."""
    lead = acting(people["zhouli"], Role.LEAD, building)
    count = counts.begin(site_id=building.site.id, actor=lead, now=now)
    hanging = {(key.cabinet_id, key.hook) for keys in room.keys.values() for key in keys}
    hanging |= {(key.cabinet_id, key.hook) for _, keys in room.sets for key in keys}
    first = room.cabinets[0]
    hanging -= {(first.id, missing), (first.id, gone)}
    for place, cabinet in enumerate(room.cabinets):
        looks = {
            hook: Seen.SOMETHING if (cabinet.id, hook) in hanging else Seen.EMPTY
            for hook in range(1, cabinet.hooks + 1)
        }
        counts.record_looks(count, cabinet, looks, actor=lead, now=now + timedelta(minutes=4 + 3 * place))
    for difference in counts.finish(count, actor=lead, now=now + timedelta(minutes=9)):
        words = "大堂岗借出未登记，已挂回" if difference.hook == missing else "已报遗失，见传递单"
        counts.explain(difference, explanation=words, actor=lead, now=now + timedelta(minutes=11))
