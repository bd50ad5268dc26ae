"""A desk with some visits, and a supervisor who signs them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from domain import clock as time
from domain import events, registers
from domain.database import db, reading, writing
from domain.identity import Actor
from domain.occupants.models import Unit
from domain.people.models import Grant, Person
from domain.permissions import Role
from domain.review import signing
from domain.review.signing import Shown, Signed
from domain.sites.models import Purpose, Site
from domain.visits import corrections
from domain.visits.arrivals import Entered, Whom
from domain.visits.models import Visit
from domain.visits.stay_times import StayTimes
from tests import factories as make
from tests.cast import Cast


def actor_of(cast: Cast, login: str) -> Actor:
    """Somebody of the cast, working at Qingyu."""
    person = db.session.get_one(Person, cast.people[login])
    grants = db.session.scalars(select(Grant).where(Grant.person_id == person.id)).all()
    return Actor(
        "staff", person.id, person.name, cast.site_id, tuple((Role(grant.role), grant.site_id) for grant in grants)
    )


@dataclass
class Desk:
    """What the tests of review do with a desk."""

    app: Any
    cast: Cast

    def visits(self, count: int, *, begin: int = 0) -> list[int]:
        """So many people sign in; gives the ids of their visits."""
        with self.app.app_context(), writing():
            site, unit = db.session.get_one(Site, self.cast.site_id), db.session.get_one(Unit, self.cast.unit_id)
            purpose = db.session.get_one(Purpose, self.cast.purpose_id)
            lisi = actor_of(self.cast, "lisi")
            return [
                make.make_visit(
                    site, purpose, unit, name=f"访客{n}", phone=f"+86138001{begin + n:05d}", source="desk", actor=lisi
                ).id
                for n in range(count)
            ]

    def correct(self, visit_id: int, name: str = "", *, by: str = "lisi", times: StayTimes | None = None) -> None:
        """Li Si corrects the name, or when the visitor came and left."""
        with self.app.app_context(), writing():
            visit = db.session.get_one(Visit, visit_id)
            unit = db.session.get_one(Unit, visit.unit_id)
            corrections.correct(
                visit, entered=Entered(name=name or visit.name, phone=visit.phone), whom=Whom(unit, None),
                purpose_id=visit.purpose_id, actor=actor_of(self.cast, by), now=time.now(), times=times,
            )  # fmt: skip

    def shown(self, first: int, last: int, *, but: tuple[int, ...] = (), more: tuple[int, ...] = ()) -> Shown:
        """What a page shows now: a span with everything ticked but these numbers, and these from earlier."""
        with self.app.app_context(), reading():
            refs = select(Visit.ref).where(
                Visit.site_id == self.cast.site_id,
                (Visit.number.between(first, last) & Visit.number.not_in(but)) | Visit.number.in_(more),
            )
            return Shown(first, last, events.version(self.cast.site_id), tuple(db.session.scalars(refs)))

    def sign(self, shown: Shown, *, remark: str = "已核对", by: str = "wu") -> Signed:
        """Wu signs it."""
        with self.app.app_context(), writing():
            site = db.session.get_one(Site, self.cast.site_id)
            return signing.sign(
                registers.get("visits"), site, shown, remark=remark, actor=actor_of(self.cast, by), now=time.now()
            )

    def ask(self, question: Callable[[], Any]) -> Any:
        """The answer to something, in a reading transaction."""
        with self.app.app_context(), reading():
            return question()


@pytest.fixture
def desk(app, cast, clock) -> Desk:
    """The desk at Qingyu, Monday morning."""
    return Desk(app, cast)
