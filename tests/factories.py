"""Builders: each makes one real record with sensible values; name only what matters to the test.

Call them inside `with domain.database.writing():` (the `database` fixture's `db_write`), never around client calls.
"""

from datetime import datetime
from typing import Any

from domain import clock, events
from domain.codes import new_ref
from domain.database import db
from domain.identity import SYSTEM, Actor
from domain.occupants import operations as occupants
from domain.occupants.models import Host, Unit
from domain.people.models import Grant, Person
from domain.permissions import Role
from domain.sites import pairing
from domain.sites.models import Kiosk, Purpose, Site
from domain.visits.arrivals import Entered, Whom, sign_in
from domain.visits.models import Visit

PASSWORD = "correct horse battery staple"
_hashes: dict[str, str] = {}


def _hash(password: str) -> str:
    from domain.people.passwords import hash_password

    if password not in _hashes:
        _hashes[password] = hash_password(password)
    return _hashes[password]


def make_site(name: str = "青屿中心", **values: Any) -> Site:
    """A site that is always open, with its counter."""
    site = Site(ref=new_ref(), name=name, created_at=clock.now(), **({"name_en": "Qingyu Centre"} | values))
    db.session.add(site)
    db.session.flush()
    events.open_counter(site.id)
    db.session.flush()
    return site


def make_purpose(site: Site, zh: str = "会面洽谈", en: str = "Meeting", **values: Any) -> Purpose:
    """A purpose that asks what the site asks."""
    purpose = Purpose(
        ref=new_ref(), site_id=site.id, names={"zh_Hans": zh, "en": en}, **({"icon": "handshake"} | values)
    )
    db.session.add(purpose)
    db.session.flush()
    return purpose


def make_unit(site: Site, number: str = "1806", company: str = "示例科技有限公司", **values: Any) -> Unit:
    """A unit that can be found."""
    told: dict[str, Any] = {"floor": "18", "shared": True} | values
    return occupants.add_unit(site_id=site.id, actor=SYSTEM, now=clock.now(), number=number, company=company, **told)


def make_host(unit: Unit, name: str = "张三", **values: Any) -> Host:
    """A host that can be found, with a mail address."""
    return occupants.add_host(
        unit=unit,
        actor=SYSTEM,
        now=clock.now(),
        name=name,
        **({"email": "zhangsan@example.com", "phone": "+8613900139000"} | values),
    )


def make_person(
    login: str, role: Role | None, site: Site | None, *, name: str = "李四", password: str = PASSWORD, **values: Any
) -> Person:
    """Somebody of the staff with one role; its password is PASSWORD."""
    now = clock.now()
    person = Person(
        ref=new_ref(),
        login=login,
        name=name,
        password_hash=_hash(password),
        password_changed_at=now,
        created_at=now,
        **({"language": "en"} | values),
    )
    db.session.add(person)
    db.session.flush()
    if role:
        db.session.add(Grant(person_id=person.id, role=role, site_id=site.id if site else None))
    return person


def make_kiosk(site: Site, name: str = "一号大堂", **values: Any) -> tuple[Kiosk, str]:
    """A paired kiosk and the token of its cookie."""
    now = clock.now()
    given: dict[str, Any] = {"width_mm": 600, "label_mm": 0, "help_text": {}} | values
    kiosk = pairing.add_kiosk(site_id=site.id, name=name, actor=SYSTEM, now=now, **given)
    return kiosk, pairing.give_token(kiosk, actor=SYSTEM, now=now)


def make_visit(
    site: Site,
    purpose: Purpose,
    unit: Unit,
    host: Host | None = None,
    *,
    now: datetime | None = None,
    actor: Actor = SYSTEM,
    source: str = "kiosk",
    **entered: Any,
) -> Visit:
    """A visit that was signed in, known to the session."""
    visit = sign_in(
        site=site,
        purpose=purpose,
        whom=Whom(unit, host),
        entered=Entered(**({"name": "王五", "phone": "+8613800138000"} | entered)),
        language="zh_Hans",
        source=source,
        actor=actor,
        now=now or clock.now(),
    )
    return db.session.get_one(Visit, visit.id)
