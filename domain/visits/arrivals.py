"""Signing a visitor in: at the kiosk, on the own phone, or by the receptionist; the same rules on all three (V1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from domain import clock, events, grams, search
from domain.codes import check_digits
from domain.database import breaks, db
from domain.errors import Conflict, DomainError
from domain.identity import Actor
from domain.names import clean_name
from domain.occupants.models import Host, Unit
from domain.phones import last_four
from domain.records import written
from domain.sites.models import Purpose, Site
from domain.sites.numbers import ALWAYS, pass_over
from domain.sites.opening import is_open
from domain.statements import Ready
from domain.text import N_
from domain.visits.models import IS_PRESENT, SEE_RECEPTION, Visit, VisitState
from domain.visits.notices import deputy_stands_in, tell_hosts

SAME_NAME = N_(
    "Somebody of this name without a phone is in the building. Sign that one out, or tick “This is another person”."
)
BY_SIGHT = N_("A visit with this phone is in the building. Sign that one out, or tick “This is another person”.")
MOST_SHOWN = 5
"""So many who seem to be the one at the desk are shown."""


@dataclass(frozen=True)
class Entered:
    """What was typed about the visitor, clean and checked: phone as E.164, document as its digits."""

    name: str
    phone: str = ""
    organisation: str = ""
    companions: int = 0
    plate: str = ""
    goods: str = ""
    document: str = ""
    photo: str = ""


@dataclass(frozen=True)
class Whom:
    """Whom to see: a unit, and a host in it unless only the unit is known."""

    unit: Unit
    host: Host | None = None


def whom_of(meant: Any) -> Whom:
    """Whom a visit or an invitation is for, as it stands."""
    host = db.session.get(Host, meant.host_id) if meant.host_id else None
    return Whom(db.session.get_one(Unit, meant.unit_id), host)


def grams_of(visit: Visit | Entered) -> set[str]:
    """What a visit is found by on the desk: name, pinyin, initials, phone endings, plate."""
    found_by = grams.grams_of_name(visit.name) if visit.name else set()
    if visit.phone:
        found_by |= grams.grams_of_digits(visit.phone) | {last_four(visit.phone)}
    if visit.plate:
        found_by |= grams.grams_of_text(visit.plate)
    return found_by


def check_may_arrive(site: Site, whom: Whom, *, now: datetime, at_desk: bool = False) -> None:
    """Raise a refusal when the building is closed or the host is gone; the desk may sign in after hours."""
    if not at_desk and not is_open(site, now):
        raise DomainError(N_("The building is closed now. Please call the reception."))
    if whom.unit.left_at or (whom.host and whom.host.left_at):
        raise DomainError(
            N_("This person is no longer in the building. Choose somebody else, or call the reception."), field="whom"
        )


def presence_key(entered: Entered, *, at_desk: bool) -> str | None:
    """By what a visitor is known while in the building, so that nobody is in twice (V11): the phone; at the desk, which
    lets in who has none, the name, however it is spaced.
    """
    if entered.phone or not at_desk:
        return entered.phone or None
    return "name:" + "".join(clean_name(entered.name).casefold().split())


_THERE = Visit.site_id == bindparam("site_id"), IS_PRESENT
_KEY: Any = bindparam("key")
IS_THERE = Ready(select(Visit.id).where(*_THERE, Visit.presence_key == _KEY).limit(1))
_PHONE: Any = bindparam("phone")
_NAME: Any = bindparam("name")
WHO_IS_PRESENT = Ready(
    select(Visit.ref, Visit.name, Visit.badge_number, Visit.arrived_at, func.count().over().label("of"))
    .where(
        *_THERE, or_(Visit.presence_key == _KEY, and_(Visit.phone == _PHONE, or_(_PHONE != "", Visit.name == _NAME)))
    )
    .order_by(case((Visit.name == _NAME, 0), else_=1), Visit.arrived_at.desc(), Visit.id.desc())
    .limit(MOST_SHOWN)
)


def who_is_present(site_id: int, entered: Entered) -> Sequence[Any]:
    """The visits in the building of that phone or, without one, of that name, those let in by sight too: those of the
    same name first, then the last who came. Each has `ref`, `name`, `badge_number`, `arrived_at`, and how many there
    are in all as `of`; at most MOST_SHOWN.
    """
    key, name = presence_key(entered, at_desk=True), clean_name(entered.name)
    return WHO_IS_PRESENT.rows(site_id=site_id, key=key, phone=entered.phone, name=name)


def is_present(site_id: int, key: str) -> bool:
    """Whether a visit of that `presence_key` is in the building (V11)."""
    return IS_THERE.first(site_id=site_id, key=key) is not None


def must_not_be_in_again(visit: Visit) -> None:
    """Raise Conflict where a visit that is to be open again has one of the same phone or name beside it (V11)."""
    if visit.presence_key and is_present(visit.site_id, visit.presence_key):
        raise Conflict(N_("This visitor has signed in again meanwhile. Sign that visit out first."))


HIGHEST_BADGE_OUT = Ready(
    select(func.max(Visit.badge_number)).where(
        Visit.site_id == bindparam("site_id"),
        Visit.id != bindparam("but"),
        or_(IS_PRESENT, Visit.left_at >= bindparam("since")),
    )
)
_VISITS = Visit.__table__
GIVE_BADGE = Ready(
    update(_VISITS).where(_VISITS.c.id == bindparam("of_visit")).values(badge_number=bindparam("badge_number"))  # type: ignore[arg-type]
)


def _begin_badges(visit: Visit, site: Site) -> Visit:
    """The first badge of the day: above all that are still out, so that no two in the building have the same number.

    Asked by the first sign-in of the day alone; the others wait for it, because it holds the day's series. Who left
    today counts as still there: that sign-out may be taken back.
    """
    since, _end = clock.day_span(visit.badge_day, site.zone)
    first: int = (HIGHEST_BADGE_OUT.value(site_id=site.id, but=visit.id, since=since) or 0) + 1
    if first == 1:
        return visit
    pass_over(site.id, "badges", visit.badge_day, last=first)
    GIVE_BADGE.later(of_visit=visit.id, badge_number=first)
    row: Any = visit
    replaced: Visit = row._replace(badge_number=first)
    return replaced


def sign_in(
    *,
    site: Site,
    purpose: Purpose,
    whom: Whom,
    entered: Entered,
    language: str,
    source: str,
    actor: Actor,
    now: datetime,
    kiosk_id: int | None = None,
    let_in_by_sight: bool = False,
    waits: bool | None = None,
    notice_shown: bool | None = None,
) -> Visit:
    """Open a visit, give it a badge and tell the host.

    `let_in_by_sight` is the desk's word for somebody whose phone is inside already, or who has none (V11). `waits` says
    whether the host is asked first, where an invitation decides that and not the purpose. `notice_shown` is the desk's
    word; where the visitor signs in alone, the notice is a page on the way.
    Returns the visit as a row, to be read alone. Raises DomainError when closed, when the host left, or when the phone
    is inside already, which the database says.
    """
    at_desk = source == "desk"
    check_may_arrive(site, whom, now=now, at_desk=at_desk)
    found_by = grams_of(entered)
    # Document and photo go after 72 hours (P2): the history, which stays longer, says only that they were given.
    lasting = {name: value for name, value in vars(entered).items() if name not in ("document", "photo")}
    today = clock.local_date(now, site.zone)
    if waits is None:
        waits = purpose.waits_for_host and whom.host is not None
    try:
        visit = written(
            Visit,
            numbers={"number": ("visits", ALWAYS), "badge_number": ("badges", today)},
            site_id=site.id,
            state=VisitState.WAITING if waits else VisitState.INSIDE,
            badge_day=today,
            badge_check=check_digits(),
            **lasting,
            document=entered.document or None,
            photo=entered.photo or None,
            purpose_id=purpose.id,
            unit_id=whom.unit.id,
            host_id=whom.host.id if whom.host else None,
            language=language,
            source=source,
            kiosk_id=kiosk_id,
            entered_by_id=actor.id if actor.kind == "staff" else None,
            presence_key=None if let_in_by_sight else presence_key(entered, at_desk=at_desk),
            arrived_at=now,
            due_at=now + timedelta(minutes=purpose.stay_minutes or site.default_stay_minutes),
            deputy_told_at=now if whom.host and deputy_stands_in(whom.host, now) else None,
        )
    except IntegrityError as error:
        if not breaks(error, "uq_visits_present_once"):
            raise
        if at_desk and not entered.phone:
            raise DomainError(SAME_NAME, field="name") from error
        raise DomainError(BY_SIGHT if at_desk else SEE_RECEPTION, field="phone") from error
    if visit.badge_number == 1:
        visit = _begin_badges(visit, site)
    search.index(site_id=site.id, kind=search.VISIT, subject_id=visit.id, found_by=found_by, is_new=True)
    events.record(
        "visit.signed_in",
        site_id=site.id,
        subject="visit",
        subject_id=visit.id,
        actor=actor,
        now=now,
        facts={
            "number": visit.number,
            "state": visit.state,
            "source": source,
            "unit_id": visit.unit_id,
            "host_id": visit.host_id,
            "purpose_id": visit.purpose_id,
            "companions": visit.companions,
            "kiosk_id": kiosk_id,
            "document": bool(entered.document),
            "photo": bool(entered.photo),
            "notice": language if notice_shown or not at_desk else "",
        },
        entered=lasting,
    )
    tell_hosts(visit, site=site, whom_unit=whom.unit, host=whom.host, now=now)
    return visit
