"""What is going on in the lobby at this moment, played with the operations themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from demo import names
from demo.building import Building
from domain.database import db
from domain.identity import Actor
from domain.occupants.models import Host
from domain.sites.models import Purpose
from domain.visits.answers import answer, told
from domain.visits.arrivals import Entered, Whom, sign_in
from domain.visits.calls import call_reception, go_there
from domain.visits.corrections import note_lingering
from domain.visits.models import HostAnswer, Visit

FIRST_PHONE = 9_000_000
LONGEST_AGO = timedelta(hours=5)
MEETING, INTERVIEW, DELIVERY, WORKS, VIEWING, EVENT, OTHER = range(7)


@dataclass(frozen=True)
class Arrival:
    """Who came how many minutes ago, and what became of it."""

    minutes_ago: float
    name: str
    purpose: int
    source: str = "kiosk"
    organisation: str = ""
    companions: int = 0
    plate: str = ""
    goods: str = ""
    document: str = ""
    language: str = "zh_Hans"
    answered: HostAnswer | None = None
    answered_minutes_ago: float = 0
    is_told: bool = False


ARRIVALS = (
    Arrival(262, "孙八", VIEWING, organisation="样本设计工作室"),
    Arrival(205, "周九", MEETING, organisation="范例资本", companions=1),
    Arrival(148, "何小样", WORKS, organisation="示范电梯维保", companions=2, goods="工具箱", document="0017"),
    Arrival(112, "Anna Keller", MEETING, "own", "Example Consulting", language="en"),
    Arrival(96, "吴十", EVENT, organisation="演练培训中心", companions=4),
    Arrival(74, "郑样本", MEETING, "desk", "某设计院"),
    Arrival(58, "佐藤健", MEETING, organisation="Sample Partners", companions=1, language="ja"),
    Arrival(52, "卫小例", INTERVIEW, answered=HostAnswer.SEND_UP, answered_minutes_ago=50, is_told=True),
    Arrival(41, "蒋若曦", EVENT, "own", "某某大学"),
    Arrival(23, "沈望舒", MEETING, organisation="某税务师事务所", plate=""),
    Arrival(16, "欧阳丰", DELIVERY, organisation="范例快运", goods="样品一箱", plate="苏EO0154"),
    Arrival(9, "王五", INTERVIEW),
    Arrival(6, "赵六", INTERVIEW, answered=HostAnswer.MEET, answered_minutes_ago=2),
    Arrival(4, "Diego Fernández", INTERVIEW, "own", language="es"),
    Arrival(3, "钱七", MEETING, organisation="模版印刷厂"),
)  # fmt: skip


def play(building: Building, *, desk: Actor, now: datetime) -> list[Visit]:
    """Some wait, some are inside, two overstay, one has an answer not heard yet, one kiosk calls; in order of time."""
    acts: list[tuple[datetime, int, str]] = []
    for place, arrival in enumerate(ARRIVALS):
        acts.append((now - timedelta(minutes=arrival.minutes_ago), place, "arrives"))
        if arrival.answered:
            acts.append((now - timedelta(minutes=arrival.answered_minutes_ago), place, "is answered"))
            if arrival.is_told:
                acts.append((now - timedelta(minutes=arrival.answered_minutes_ago - 0.5), place, "is told"))
    acts += [
        (now - timedelta(minutes=130), 0, "is asked after"),
        (now - timedelta(minutes=66), 0, "rings and is helped"),
        (now - timedelta(minutes=1), 1, "rings"),
    ]
    visits: dict[int, Visit] = {}
    for at, place, what in sorted(acts):
        if what == "arrives":
            visits[place] = _arrive(building, ARRIVALS[place], place, desk=desk, now=at)
        elif what == "is answered":
            visit = visits[place]
            host = db.session.get_one(Host, visit.host_id)
            said = ARRIVALS[place].answered or HostAnswer.SEND_UP
            answer(visit, said, by="host", actor=Actor("host", host.id, host.name, visit.site_id), now=at)
        elif what == "is told":
            told(visits[place], actor=_kiosk(building, 0), now=at)
        elif what == "is asked after":
            due_at = at + timedelta(hours=1)
            note_lingering(visits[place], note="已电话联系，看房延时一小时", due_at=due_at, actor=desk, now=at)
        else:
            _ring(building, place, helped_by=desk if "helped" in what else None, now=at)
    return list(visits.values())


def _kiosk(building: Building, place: int) -> Actor:
    kiosk = building.kiosks[place]
    return Actor("kiosk", kiosk.id, kiosk.name, building.site.id)


def _arrive(building: Building, arrival: Arrival, place: int, *, desk: Actor, now: datetime) -> Visit:
    host = building.hosts[place * 7 % len(building.hosts)]
    unit = next(unit for unit in building.units if unit.id == host.unit_id)
    purpose: Purpose = building.purposes[arrival.purpose]
    kiosk = None if arrival.source == "desk" else building.kiosks[place % 2]
    actor = desk
    if kiosk is not None:
        actor = Actor("visitor" if arrival.source == "own" else "kiosk", kiosk.id, kiosk.name, building.site.id)
    visit = sign_in(
        site=building.site,
        purpose=purpose,
        whom=Whom(unit, host),
        entered=Entered(
            name=arrival.name,
            phone=names.mobile(FIRST_PHONE + place * 1137),
            organisation=arrival.organisation,
            companions=arrival.companions,
            plate=arrival.plate,
            goods=arrival.goods,
            document=arrival.document,
        ),
        language=arrival.language,
        source=arrival.source,
        kiosk_id=kiosk.id if kiosk else None,
        actor=actor,
        now=now,
        notice_shown=True,
    )
    return db.session.get_one(Visit, visit.id)


def _ring(building: Building, place: int, *, helped_by: Actor | None, now: datetime) -> None:
    call = call_reception(
        site_id=building.site.id,
        kiosk_id=building.kiosks[place].id,
        step="whom",
        language="en",
        actor=_kiosk(building, place),
        now=now,
    )
    if helped_by:
        go_there(call, actor=helped_by, now=now + timedelta(seconds=40))
