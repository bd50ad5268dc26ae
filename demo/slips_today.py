"""The slips that are open at this moment, played with the operations themselves."""

from datetime import datetime, timedelta
from typing import Any

from demo import names
from demo.building import Building
from demo.keyroom import acting
from demo.matters import FIRST_PHONE, Lists
from domain.occupants.models import Unit
from domain.people.models import Person
from domain.permissions import Role
from domain.slips import operations as deeds
from domain.slips.models import Nature, Slip, Source

DAY = 1_440


class Desk:
    """Li Si at the desk, who does things so many minutes ago."""

    def __init__(self, building: Building, lists: Lists, people: dict[str, Person], *, now: datetime) -> None:
        self.building, self.lists, self.people, self.now = building, lists, people, now
        self.actor = acting(people["lisi"], Role.RECEPTIONIST, building)

    def ago(self, minutes: int) -> dict[str, Any]:
        """Who, and when."""
        return {"actor": self.actor, "now": self.now - timedelta(minutes=minutes)}

    def write(
        self,
        minutes: int,
        nature: Nature,
        matter: str,
        due: int,
        *,
        kind: str = "",
        unit: Unit | None = None,
        **more: Any,
    ) -> Slip:
        """A slip; somebody of a unit telephoned, where one is named."""
        caller: dict[str, Any] = {}
        if unit:
            phone = names.mobile(FIRST_PHONE + 9_000 + minutes)
            caller = {"name": "冯小样", "phone": phone, "unit_id": unit.id, "unit_number": unit.number}
        return deeds.write(
            site_id=self.building.site.id,
            nature=nature,
            source=Source.TELEPHONE if unit else Source.DESK,
            matter=matter,
            kind=self.lists.kinds.get(kind),
            promise_at=self.now + timedelta(minutes=due),
            **self.ago(minutes),
            **caller,
            **more,
        )


def yesterday(desk: Desk) -> None:
    """One is done since and waits for its check, one waits for the telephone company."""
    works = desk.lists.departments["工程部"]
    lift = desk.write(1_500, Nature.REPAIR, "3 号电梯异响", 3 * DAY)
    deeds.dispatch(lift, to=works, **desk.ago(1_496))
    deeds.receive(lift, **desk.ago(1_480))
    deeds.done(lift, text="更换导靴两只，磨损所致", **desk.ago(190))
    desk.write(1_300, Nature.ENQUIRY, "宽带报装", 2 * DAY, unit=desk.building.units[7])


def today(desk: Desk) -> None:
    """One is past its promise, one is offered to the lead, one was answered at once."""
    works, service = desk.lists.departments["工程部"], desk.lists.departments["客服部"]
    units = desk.building.units
    scent = desk.write(320, Nature.SUGGESTION, "大堂香氛太浓", 3 * DAY, kind="大堂服务")
    deeds.offer(scent, to=desk.people["zhouli"], **desk.ago(300))
    noise = desk.write(150, Nature.COMPLAINT, "楼上装修噪音", 80, kind="噪音", unit=units[11])
    deeds.dispatch(noise, to=service, **desk.ago(147))
    desk.write(95, Nature.LOST_FOUND, "黑色雨伞", 240, kind="失物招领")
    leak = desk.write(72, Nature.REPAIR, "空调漏水", -42, kind="空调", unit=units[2], urgent=True)
    deeds.dispatch(leak, to=works, text="带接水盆", **desk.ago(71))
    deeds.receive(leak, **desk.ago(66))
    deeds.note(leak, text="工程部在路上，业主已告知", **desk.ago(55))
    light = desk.write(40, Nature.REPAIR, "B2 车位灯不亮", 170, kind="照明")
    deeds.dispatch(light, to=works, **desk.ago(38))
    asked = desk.write(12, Nature.ENQUIRY, "访客停车收费", 60, kind="停车")
    deeds.close(asked, outcome="已当场答复", **desk.ago(12))
