"""A cabinet in the cast's building, and the deeds of its people: what tests of keys begin with.

Cabinet 2 has twelve hooks. On hook 1 hangs the roof's key (public), on 2 unit 1806's in custody, on 3 the cover of the
pool (restricted: one approval each time), on 4 the set of the plant room B1 with three keys, on 5 a meeting room's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import clock
from domain.database import db, refusal
from domain.identity import Actor
from domain.keys import cabinet as deeds
from domain.keys import rules, sets
from domain.keys.acknowledgements import Acknowledged
from domain.keys.approvals import approve, ask_approval
from domain.keys.borrowers import Who, contractor, occupant, staff
from domain.keys.classes import KeyClass
from domain.keys.loan_models import KeyApproval, Loan
from domain.keys.loans import Note, lend
from domain.keys.models import Cabinet, Key, KeySet
from domain.keys.queries import Thing
from domain.occupants.models import Host, Unit
from domain.people.models import Grant, Person
from domain.permissions import Role
from domain.sites.models import Site
from tests.cast import Cast

STROKES = "M10 10L20 20C30 30 40 40 50 50"


@dataclass(frozen=True)
class Stock:
    """Ids of what hangs there."""

    cabinet: int
    roof: int
    unit: int
    pool: int
    plant_set: int
    plant: tuple[int, int, int]
    room: int


def actor_of(cast: Cast, login: str, *, site_id: int | None = None) -> Actor:
    """That person of the cast at work at the own site."""
    person_id = cast.people[login]
    grants = db.session.scalars(db.select(Grant).where(Grant.person_id == person_id)).all()
    at = site_id or (cast.other_site_id if login == "qian" else cast.site_id)
    return Actor("staff", person_id, login.title(), at, tuple((Role(grant.role), grant.site_id) for grant in grants))


def fill(cast: Cast) -> Stock:
    """Hang the keys; call inside `writing()`."""
    actor, now = actor_of(cast, "zhou"), clock.now()
    cabinet = deeds.add_cabinet(site_id=cast.site_id, name="2", hooks=12, actor=actor, now=now)

    def hang(hook: int, tag: str, opens: str, code: KeyClass, **values: Any) -> Key:
        return deeds.add_key(
            cabinet=cabinet, hook=hook, tag=tag, opens=opens, class_code=code, actor=actor, now=now, **values
        )

    roof = hang(1, "GG-01", "天台门", KeyClass.PUBLIC)
    unit = hang(2, "DY-1806", "1806 入户门", KeyClass.UNIT, unit=db.session.get_one(Unit, cast.unit_id), copies=2)
    pool = hang(3, "SK-01", "泳池盖板", KeyClass.RESTRICTED)
    plant = [
        hang(hook, f"JF-B1-0{hook}", opens, KeyClass.PLANT_ROOM)
        for hook, opens in ((6, "总门"), (7, "配电柜"), (8, "计量箱"))
    ]
    room = hang(5, "HY-03", "3 号会议室", KeyClass.MEETING_ROOM)
    key_set = sets.add_set(plant, tag="JF-B1", opens="B1 层配电房", actor=actor, now=now)
    deeds.move(key_set, cabinet=cabinet, hook=4, actor=actor, now=now)
    name_custodian(cast)
    return Stock(cabinet.id, roof.id, unit.id, pool.id, key_set.id, (plant[0].id, plant[1].id, plant[2].id), room.id)


def name_custodian(cast: Cast) -> None:
    """Zhou keeps the plant rooms' keys, and Chen is on their list."""
    manager, now = actor_of(cast, "he"), clock.now()
    rules.set_rules(
        site_id=cast.site_id, code=KeyClass.PLANT_ROOM, custodian_id=cast.people["zhou"], actor=manager, now=now
    )
    rules.list_person(
        db.session.get_one(Person, cast.people["chen"]),
        code=KeyClass.PLANT_ROOM,
        site_id=cast.site_id,
        actor=manager,
        now=now,
    )


def key(key_id: int) -> Key:
    """The key, as it stands."""
    return db.session.get_one(Key, key_id)


def key_set(set_id: int) -> KeySet:
    """The set, as it stands."""
    return db.session.get_one(KeySet, set_id)


def cabinet_of(stock: Stock) -> Cabinet:
    """The cabinet."""
    return db.session.get_one(Cabinet, stock.cabinet)


def person_of(cast: Cast, login: str) -> Who:
    """One of the cast's staff as a borrower."""
    return staff(db.session.get_one(Person, cast.people[login]))


def host_of(cast: Cast) -> Who:
    """Zhang San of 1806 as a borrower."""
    return occupant(db.session.get_one(Host, cast.host_id), site_id=cast.site_id)


def worker(name: str = "冯样", phone: str = "+8613900000017") -> Who:
    """A contractor."""
    return contractor(name, phone)


def hand_out(
    thing: Thing,
    who: Who,
    cast: Cast,
    *,
    minutes: int = 60,
    now: datetime | None = None,
    login: str = "lisi",
    **values: Any,
) -> Loan:
    """Lend with a signature, for an hour, with everything noted that a class may ask for."""
    now = now or clock.now()
    given: dict[str, Any] = {
        "noted": Note("换灯", authority="业主来电"),
        "acknowledged": Acknowledged.SIGNATURE,
        "signature": STROKES,
        "due_at": now + timedelta(minutes=minutes),
    }
    loan = lend(thing, who=who, actor=actor_of(cast, login), now=now, **(given | values))
    return db.session.get_one(Loan, loan.id)


def approved(thing: Thing, who: Who, cast: Cast, *, by: tuple[str, ...] = ("wu",), minutes: int = 60) -> KeyApproval:
    """An approval for that loan, asked by Li Si and granted by those people."""
    now = clock.now()
    approval = ask_approval(
        thing,
        who=who,
        purpose="换水泵",
        due_at=now + timedelta(minutes=minutes),
        actor=actor_of(cast, "lisi"),
        now=now,
    )
    for login in by:
        approve(approval, actor=actor_of(cast, login), now=now)
    return approval


def site_of(cast: Cast) -> Site:
    """The site."""
    return db.session.get_one(Site, cast.site_id)


def refused(caught: pytest.ExceptionInfo[Any]) -> str:
    """The words for what the database refused; fails when there are none."""
    words = refusal(caught.value)
    assert words is not None, caught.value
    return words.sentence
