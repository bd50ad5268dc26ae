"""The cast: one building and the people whom every test knows.

Qingyu Centre is the site; Zhang San is a host in 1806, Feng his deputy. At the desk is Li Si (receptionist), Chen is
attendant, Zhou leads, Wu supervises, He manages, Xu is admin of everything. Other Place is another site, whose
receptionist Qian must see nothing of Qingyu.
"""

from dataclasses import dataclass

from flask import Flask

from domain import clock
from domain.codes import new_token
from domain.database import db, writing
from domain.people.models import Person
from domain.permissions import Role
from tests import factories as make
from tests.client import FoyerClient
from web import devices, sessions

LOGINS = {
    Role.RECEPTIONIST: "lisi",
    Role.ATTENDANT: "chen",
    Role.LEAD: "zhou",
    Role.SUPERVISOR: "wu",
    Role.MANAGER: "he",
    Role.ADMIN: "xu",
}


@dataclass(frozen=True)
class Cast:
    """Ids and refs that tests need; records themselves stay in their own sessions."""

    site_id: int
    other_site_id: int
    purpose_id: int
    purpose_ref: str
    waiting_purpose_id: int
    waiting_purpose_ref: str
    unit_id: int
    unit_ref: str
    host_id: int
    host_ref: str
    deputy_ref: str
    kiosk_id: int
    kiosk_token: str
    own_code: str
    people: dict[str, int]


def gather() -> Cast:
    """Put the cast into an empty database; call inside an app context."""
    with writing():
        site = make.make_site()
        other = make.make_site("别处大厦", name_en="Other Place")
        purpose = make.make_purpose(site)
        waiting = make.make_purpose(site, "面试", "Interview", waits_for_host=True, position=1, icon="case")
        unit = make.make_unit(site)
        deputy = make.make_host(unit, "冯小样", email="feng@example.com")
        host = make.make_host(unit, deputy_id=deputy.id, contact=True)
        kiosk, token = make.make_kiosk(site)
        people = {
            login: make.make_person(login, role, None if role is Role.ADMIN else site, name=login.title()).id
            for role, login in LOGINS.items()
        }
        people["qian"] = make.make_person("qian", Role.RECEPTIONIST, other, name="Qian").id
        make.make_purpose(other)
        make.make_unit(other, "0101", "别处公司")
        return Cast(
            site.id,
            other.id,
            purpose.id,
            purpose.ref,
            waiting.id,
            waiting.ref,
            unit.id,
            unit.ref,
            host.id,
            host.ref,
            deputy.ref,
            kiosk.id,
            token,
            kiosk.own_code,
            people,
        )


def at_desk(app: Flask, cast: Cast, login: str = "lisi", *, shared: bool = False) -> FoyerClient:
    """A browser in which that person is signed in, second factor passed, working at Qingyu (Qian: at Other Place)."""
    with app.app_context(), writing():
        person = db.session.get_one(Person, cast.people[login])
        token = sessions.begin(
            person,
            site_id=cast.other_site_id if login == "qian" else cast.site_id,
            shared_device=shared,
            second_factor=True,
            now=clock.now(),
        )
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"], session["sid"] = token, True, new_token()
    return client  # type: ignore[return-value]


def at_kiosk(app: Flask, cast: Cast) -> FoyerClient:
    """The browser of the paired kiosk."""
    client = app.test_client()
    client.set_cookie(devices.KIOSK_COOKIE, cast.kiosk_token)
    return client  # type: ignore[return-value]
