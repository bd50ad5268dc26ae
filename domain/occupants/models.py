"""Units of the building and the people in them who receive visitors."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.database import Base, HasId, HasRef
from domain.encryption import EncryptedText
from domain.errors import explains
from domain.text import N_

LONGEST_NUMBER = 20
LONGEST_COMPANY = 80
LONGEST_FLOOR = 20


class Unit(HasId, HasRef, Base):
    """A flat, shop or office (单元): `number` is its door, `company` who is in it, `directions` the way by language."""

    __tablename__ = "units"
    __table_args__ = (Index("uq_units_number", "site_id", "number", "company", unique=True),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    number: Mapped[str]
    company: Mapped[str] = mapped_column(default="")
    floor: Mapped[str] = mapped_column(default="")
    directions: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    left_at: Mapped[datetime | None]


explains("uq_units_number", N_("This unit is entered already with this company."), field="number")


class Host(HasId, HasRef, Base):
    """An occupant whom visitors come to see (被访人).

    `channels` holds addresses for chat channels, one a line; `deputy_id` answers when the host is away or silent (V4).
    """

    __tablename__ = "hosts"
    __table_args__ = (
        Index("ix_hosts_site_id", "site_id", "name"),
        Index("ix_hosts_unit_id", "unit_id"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="zh_Hans")
    channels: Mapped[str] = mapped_column(EncryptedText("hosts.channels"), default="")
    contact: Mapped[bool] = mapped_column(default=False)
    """Is told of visitors who name only the unit."""
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"))
    away_until: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    unit: Mapped[Unit] = relationship(lazy="raise")
