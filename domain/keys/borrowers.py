"""Who borrows (K2): an occupant, one of the staff, a contractor, or a visitor in the building."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from domain import grams, registers
from domain.database import db
from domain.errors import DomainError
from domain.keys.classes import Borrower
from domain.masking import mask_name
from domain.names import clean_name, name_problem
from domain.occupants.models import Host
from domain.people.models import Grant, Person
from domain.text import N_

NO_PHONE = N_("Enter a telephone number: whoever borrows a key must be reached.")
MOST_VISITORS = 8
MOST_STAFF = 8


class StaffName(str):
    """The name of one of the staff, who is known at work: it is not masked (P2 speaks of visitors, P4 of occupants)."""

    __slots__ = ()


@dataclass(frozen=True)
class Who:
    """A borrower: the kind, the record where there is one, name and phone as they are now."""

    borrower: Borrower
    name: str
    phone: str = ""
    host_id: int | None = None
    person_id: int | None = None
    visit_id: int | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of HasBorrower."""
        return {
            "borrower": self.borrower,
            "name": self.name,
            "phone": self.phone,
            "host_id": self.host_id,
            "person_id": self.person_id,
            "visit_id": self.visit_id,
        }

    def facts(self) -> dict[str, Any]:
        """Kind and ids, for the history."""
        columns = self.columns()
        return {name: columns[name] for name in ("borrower", "host_id", "person_id", "visit_id") if columns[name]}

    def is_of(self, record: Any) -> bool:
        """Whether that reservation, approval or loan is this borrower's."""
        mine = (self.borrower, self.host_id, self.person_id, self.visit_id)
        if mine != (record.borrower, record.host_id, record.person_id, record.visit_id):
            return False
        return any(mine[1:]) or (self.name, self.phone) == (record.name, record.phone)


def of(record: Any) -> Who:
    """The borrower of a reservation, an approval or a loan."""
    return Who(Borrower(record.borrower), record.name, record.phone, record.host_id, record.person_id, record.visit_id)


def occupant(host: Host, *, site_id: int) -> Who:
    """An occupant of the site; raises DomainError for one who left."""
    if host.left_at or host.site_id != site_id:
        raise DomainError(N_("This occupant is no longer in the building."), field="borrower")
    return Who(Borrower.OCCUPANT, host.name, host.phone, host_id=host.id)


def staff(person: Person) -> Who:
    """One of the staff with an account; raises DomainError for one who left."""
    if person.left_at:
        raise DomainError(N_("This person no longer works here."), field="borrower")
    return Who(Borrower.STAFF, person.name, person.phone, person_id=person.id)


def staff_without_account(name: str, phone: str) -> Who:
    """One of the staff whom Foyer does not know, a cleaner say. Gets no key that needs a list or an approval."""
    return Who(Borrower.STAFF, _name(name), _phone(phone))


def contractor(name: str, phone: str) -> Who:
    """Somebody who works here for a while; with a phone (K2)."""
    return Who(Borrower.CONTRACTOR, _name(name), _phone(phone))


def visitor(ref: str, *, site_id: int, now: datetime) -> Who:
    """The visitor of that visit, who must be in the building; raises DomainError for one who is not."""
    visits = registers.get("visits")
    row = db.session.execute(
        visits.statement().where(visits.by_ref == ref, visits.site == site_id, visits.still_open(now))
    ).first()
    if row is None:
        raise DomainError(N_("This visitor is not in the building. Sign the visitor in first."), field="borrower")
    return Who(Borrower.VISITOR, row.name, row.phone, visit_id=row.id)


def visitors_found(text: str, *, site_id: int, now: datetime) -> Sequence[Any]:
    """Visitors in the building who match what was typed: rows of the register of visits."""
    visits = registers.get("visits")
    found = {row.id for row in visits.find(text, site_id, MOST_VISITORS * 3)}
    here = and_(visits.site == site_id, visits.id.in_(found), visits.still_open(now))
    return db.session.execute(visits.statement().where(here).order_by(visits.at.desc()).limit(MOST_VISITORS)).all()


def staff_found(text: str, *, site_id: int, most: int = MOST_STAFF) -> list[Person]:
    """The staff of the site by name, pinyin, initials or login; of a site's few dozen accounts the best."""
    if not text.strip():
        return []
    people = db.session.scalars(select(Person).where(*_works_at(site_id)).order_by(Person.name, Person.id))
    ranked = [(-grams.degree(text, [one.name, one.login]), one.name, one) for one in people]
    return [one for degree, _, one in sorted(ranked, key=lambda item: item[:2]) if degree][:most]


def staff_at(site_id: int, *, most: int = 500) -> Sequence[Person]:
    """Everybody who works at the site, by name."""
    return db.session.scalars(
        select(Person).where(*_works_at(site_id)).order_by(Person.name, Person.id).limit(most)
    ).all()


def find_staff(ref: str, *, site_id: int) -> Person | None:
    """The person of that ref, if it works at the site."""
    return db.session.scalar(select(Person).where(Person.ref == ref, *_works_at(site_id)))


def _works_at(site_id: int) -> tuple[ColumnElement[bool], ...]:
    here = select(Grant.person_id).where(or_(Grant.site_id == site_id, Grant.site_id.is_(None)))
    return (Person.left_at.is_(None), Person.id.in_(here))


def shown(record: Any) -> str:
    """The borrower's name as everybody at the desk may read it: masked unless it is one of the staff."""
    return str(record.name) if record.borrower == Borrower.STAFF else mask_name(record.name)


def name_of(row: Any) -> str:
    """The name for a column of the register, which masks all but the staff's."""
    return StaffName(row.name) if row.borrower == Borrower.STAFF else row.name


def mask(name: str) -> str:
    """The mask of that column."""
    return str(name) if isinstance(name, StaffName) else mask_name(name)


def _name(typed: str) -> str:
    if problem := name_problem(typed):
        raise DomainError(problem, field="name")
    return clean_name(typed)


def _phone(phone: str) -> str:
    if not phone:
        raise DomainError(NO_PHONE, field="phone")
    return phone
