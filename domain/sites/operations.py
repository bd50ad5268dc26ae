"""Setting up a site: what it is called, when it is open, what its visitors are asked and told, and why they come."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain import clock, events
from domain.codes import new_ref
from domain.database import db
from domain.errors import DomainError, refuse_all
from domain.identity import Actor
from domain.sites.fields import DEFAULTS, NEEDS_CONSENT, Asked
from domain.sites.first_purposes import FIRST_PURPOSES
from domain.sites.models import Kiosk, Purpose, Site
from domain.sites.queries import purposes_of
from domain.text import N_

COLOUR = re.compile(r"#[0-9a-f]{6}")
ORIGIN = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?")
MOST_PURPOSES = 7
"""A kiosk offers at most seven choices on a screen (quality.md)."""
REASON_BEYOND_DAYS = 180
"""Data of visitors that are kept longer, twice as long as is usual, need a reason (P2)."""


def _record(
    kind: str, subject: Site | Purpose | Kiosk, actor: Actor, now: datetime, facts: dict[str, Any], reason: str = ""
) -> None:
    events.record(
        kind,
        site_id=subject.id if isinstance(subject, Site) else subject.site_id,
        subject=type(subject).__name__.lower(),
        subject_id=subject.id,
        actor=actor,
        now=now,
        facts=facts,
        entered={"reason": reason},
    )


def _change(
    kind: str,
    subject: Site | Purpose | Kiosk,
    actor: Actor,
    now: datetime,
    values: dict[str, Any],
    *,
    hide: bool = False,
    reason: str = "",
) -> None:
    """Set what differs and write it down; `hide` keeps the values out of the history. Nothing changed: no event."""
    changed = {name: value for name, value in values.items() if getattr(subject, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(subject, name, value)
    db.session.flush()
    _record(kind, subject, actor, now, {"changed": sorted(changed)} if hide else changed, reason)


def check_site(values: dict[str, Any], *, reason: str = "", kept_days: int | None = None) -> None:
    """Look at whatever of a site is given, and write its frames as they are kept; raises DomainError with all that
    cannot be. `kept_days`: the period that stands, which was asked about when it was set.
    """
    refuse_all(_problems(values, reason, kept_days))


def _problems(values: dict[str, Any], reason: str, kept_days: int | None) -> Iterator[DomainError]:
    try:
        clock.zone(values.get("zone", "UTC"))
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        yield DomainError(N_("There is no such zone. Choose one of the list, such as Asia/Shanghai."), field="zone")
    if {"language", "languages"} <= values.keys() and values["language"] not in values["languages"]:
        yield DomainError(N_("The default language must be one of those offered."), field="languages")
    days = values.get("retention_days", 0)
    if days not in (kept_days, None) and days > REASON_BEYOND_DAYS and not reason:
        yield DomainError(
            N_(
                "More than %(days)d days need a reason: by law, personal data are kept no longer than their purpose "
                "needs. Say why; it stands in the history."
            ),
            field="retention_reason",
            days=REASON_BEYOND_DAYS,
        )
    if "door_frames" in values:
        values["door_frames"] = " ".join(values["door_frames"].split())
        if not all(ORIGIN.fullmatch(each) for each in values["door_frames"].split()):
            yield DomainError(
                N_("Enter https:// and the name of the server, such as https://signs.example.com."), field="door_frames"
            )


def add_site(*, name: str, actor: Actor, now: datetime, retention_reason: str = "", **values: Any) -> Site:
    """Open a site with its counter and a first list of purposes; raises Conflict (by constraint) for a known name, and
    DomainError for a long period without a reason.
    """
    check_site(values, reason=retention_reason)
    site = Site(ref=new_ref(), name=name, created_at=now, **values)
    db.session.add(site)
    db.session.flush()
    events.open_counter(site.id)
    for place, (icon, names) in enumerate(FIRST_PURPOSES):
        db.session.add(Purpose(ref=new_ref(), site_id=site.id, names=names, icon=icon, position=place))
    db.session.flush()
    _record("site.added", site, actor, now, {"name": name, **values}, retention_reason)
    return site


def change_site(site: Site, *, actor: Actor, now: datetime, retention_reason: str = "", **values: Any) -> None:
    """Change names, zone, languages and periods; raises Conflict (by constraint) for a name that another site has, and
    DomainError for another period that is long and has no reason.
    """
    check_site(values, reason=retention_reason, kept_days=site.retention_days)
    _change("site.changed", site, actor, now, values, reason=retention_reason)


def set_hours(site: Site, *, opening: dict[str, list[list[str]]], actor: Actor, now: datetime) -> None:
    """Say when the site is open: ISO weekday to spans (domain/sites/hours.py); nothing at all is always open."""
    _change("site.hours_set", site, actor, now, {"opening": opening})


def set_notice(
    site: Site, *, notice: dict[str, list[str]], directions: dict[str, str], actor: Actor, now: datetime
) -> None:
    """Say what a visitor accepts, line by line, and the way in the lobby, by language."""
    _change("site.notice_set", site, actor, now, {"notice": notice, "directions": directions})


def set_fields(site: Site, *, fields: dict[str, str], actor: Actor, now: datetime) -> None:
    """Say which optional fields are asked (V2)."""
    _check_fields(fields)
    _change("site.fields_set", site, actor, now, {"fields": fields})


def set_brand(site: Site, *, brand: str, actor: Actor, now: datetime) -> None:
    """Give the site its colour; any colour will do, the shades are derived from it."""
    if not COLOUR.fullmatch(brand):
        raise DomainError(N_("Enter a colour as # and six digits, such as #1b5566."), field="brand")
    _change("site.brand_set", site, actor, now, {"brand": brand})


def set_channels(site: Site, *, channels: list[str], mail_enabled: bool, actor: Actor, now: datetime) -> None:
    """Say over what hosts are told. The addresses are secrets: the history says only that they changed."""
    values = {"channels": "\n".join(channels), "mail_enabled": mail_enabled}
    _change("site.channels_set", site, actor, now, values, hide=True)


def _check_fields(fields: dict[str, str]) -> None:
    for name, asked in fields.items():
        if name not in DEFAULTS or asked not in list(Asked):
            raise DomainError(N_("Choose one of those shown."))
        if name in NEEDS_CONSENT and asked == Asked.MUST:
            raise DomainError(N_("This may be asked for, never demanded: the visitor may decline it."), field=name)


def _check_purpose(site_id: int, names: dict[str, str], *, own: Purpose | None = None) -> None:
    for language in ("zh_Hans", "en"):
        if not names.get(language):
            raise DomainError(N_("Enter the name: Chinese and English are always there."), field=f"name_{language}")
    others = db.session.scalars(purposes_of(site_id)).all()
    for language, name in names.items():
        if any(other is not own and other.names.get(language) == name for other in others):
            raise DomainError(N_("This site has a purpose of this name already."), field=f"name_{language}")
    if own is None and len(others) >= MOST_PURPOSES:
        raise DomainError(
            N_("A kiosk shows at most %(most)d purposes. Retire one that is no longer needed first."),
            most=MOST_PURPOSES,
        )


def add_purpose(site: Site, *, names: dict[str, str], actor: Actor, now: datetime, **values: Any) -> Purpose:
    """Add a purpose at the end of the site's list; raises DomainError for a known name, or when the list is full."""
    _lock(site.id)
    _check_purpose(site.id, names)
    _check_fields(values.get("fields", {}))
    last = max((other.position for other in db.session.scalars(purposes_of(site.id))), default=-1)
    purpose = Purpose(ref=new_ref(), site_id=site.id, names=names, position=last + 1, **values)
    db.session.add(purpose)
    db.session.flush()
    _record("purpose.added", purpose, actor, now, {"names": names, **values})
    return purpose


def change_purpose(purpose: Purpose, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Change a purpose; visits of the past keep it."""
    if "names" in values:
        _check_purpose(purpose.site_id, values["names"], own=purpose)
    _check_fields(values.get("fields", {}))
    _change("purpose.changed", purpose, actor, now, values)


def move_purpose(purpose: Purpose, *, up: bool, actor: Actor, now: datetime) -> None:
    """Move a purpose one place up or down; at the end of the list it stays where it is."""
    _lock(purpose.site_id)
    listed = list(db.session.scalars(purposes_of(purpose.site_id)))
    here = listed.index(purpose) if purpose in listed else None
    there = None if here is None else here + (-1 if up else 1)
    if here is None or there is None or not 0 <= there < len(listed):
        return
    listed[here], listed[there] = listed[there], listed[here]
    for place, each in enumerate(listed):
        each.position = place
    db.session.flush()
    _record("purpose.moved", purpose, actor, now, {"position": there})


def retire_purpose(purpose: Purpose, *, actor: Actor, now: datetime) -> None:
    """Offer a purpose no more; visits of the past keep it. The last one stays: without any nobody could sign in."""
    _lock(purpose.site_id)
    if purpose.retired_at:
        return
    if len(db.session.scalars(purposes_of(purpose.site_id)).all()) < 2:
        raise DomainError(N_("This is the last purpose. Add another one first: without any nobody can sign in."))
    purpose.retired_at = now
    _record("purpose.retired", purpose, actor, now, {})


def change_kiosk(kiosk: Kiosk, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Change what is known of a kiosk: its name, the width of its screen, its label printer, its sentence of help."""
    _change("kiosk.changed", kiosk, actor, now, values)


def _lock(site_id: int) -> None:
    """Let nobody else change the list of purposes until the commit."""
    db.session.execute(select(Site.id).where(Site.id == site_id).with_for_update(key_share=True))
