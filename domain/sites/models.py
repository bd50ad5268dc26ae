"""A site, the purposes of a visit there, its kiosks and how they were paired."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, HasId, HasRef
from domain.encryption import EncryptedText
from domain.errors import explains
from domain.text import N_


class Site(HasId, HasRef, Base):
    """One building or compound.

    `opening` maps ISO weekdays "1".."7" to lists of ["HH:MM", "HH:MM"] in the site's zone; a missing day is closed.
    `notice` maps a language to the lines of the site's notice; `fields` says of each optional field of a visit
    whether it is asked: "no", "ask" or "must" (V2), a purpose may say otherwise. `door_titles`: whether the displays at
    the doors of meeting rooms say what a meeting is about; `door_frames`: the origins of pages that may frame them.
    """

    __tablename__ = "sites"
    __table_args__ = (
        CheckConstraint("default_stay_minutes BETWEEN 5 AND 1440", name="stay_sane"),
        CheckConstraint("retention_days BETWEEN 1 AND 3650", name="retention_sane"),
    )
    name: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str] = mapped_column(default="")
    zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    language: Mapped[str] = mapped_column(default="zh_Hans")
    languages: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["zh_Hans", "en"])
    brand: Mapped[str] = mapped_column(default="#1b5566")
    opening: Mapped[dict[str, list[list[str]]]] = mapped_column(JSON, default=dict)
    notice: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    fields: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    default_stay_minutes: Mapped[int] = mapped_column(default=120)
    deputy_after_minutes: Mapped[int] = mapped_column(default=3)
    retention_days: Mapped[int] = mapped_column(default=90)
    badge_for_each: Mapped[bool] = mapped_column(default=False)
    directions: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    channels: Mapped[str] = mapped_column(EncryptedText("sites.channels"), default="")
    mail_enabled: Mapped[bool] = mapped_column(default=True)
    door_titles: Mapped[bool] = mapped_column(default=True)
    door_frames: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


explains("uq_sites_name", N_("A site of this name exists already."), field="name")


class Purpose(HasId, HasRef, Base):
    """Why somebody comes (V2). `names` maps a language to the word; `fields` overrides the site's."""

    __tablename__ = "purposes"
    __table_args__ = (Index("ix_purposes_site_id", "site_id", "position"),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSON)
    icon: Mapped[str] = mapped_column(default="more")
    fields: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    waits_for_host: Mapped[bool] = mapped_column(default=False)
    stay_minutes: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]


class Kiosk(HasId, HasRef, Base):
    """A paired device in a lobby, or the display at the door of the meeting room `room_id` (M10). Its token can be
    taken back at once.
    """

    __tablename__ = "kiosks"
    __table_args__ = (
        Index("uq_kiosks_name", "site_id", "name", unique=True),
        CheckConstraint("label_mm IN (0, 62, 80)", name="label_known"),
        CheckConstraint("width_mm BETWEEN 0 AND 3000", name="width_sane"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str]
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    own_code: Mapped[str] = mapped_column(unique=True)
    width_mm: Mapped[int] = mapped_column(default=0)
    label_mm: Mapped[int] = mapped_column(default=0)
    help: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    paired_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


explains("uq_kiosks_name", N_("This site has a kiosk or a display of this name already."), field="name")


class Pairing(HasId, Base):
    """A device that shows eight consonants and waits for an admin to enter them (as RFC 8628 does it)."""

    __tablename__ = "pairings"
    __table_args__ = (
        Index(
            "uq_pairings_open_code",
            "code",
            unique=True,
            sqlite_where=text("kiosk_id IS NULL"),
            postgresql_where=text("kiosk_id IS NULL"),
        ),
    )
    code: Mapped[str]
    device_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    kiosk_id: Mapped[int | None] = mapped_column(ForeignKey("kiosks.id"))


class DailyNumber(Base):
    """The last number given at a site: of a register (day 0001-01-01) or of the day's badges."""

    __tablename__ = "daily_numbers"
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
