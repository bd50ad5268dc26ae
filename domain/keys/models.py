"""The cabinet: hooks, keys, sets, their tags, what classes allow at a site, and who has reserved what (K1, K4)."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain import photos
from domain.database import Base, BigId, HasId, HasRef
from domain.errors import explains
from domain.keys.classes import KeyClass
from domain.text import N_

CLASSES_SQL = ", ".join(f"'{code}'" for code in KeyClass)
HANGING = text("retired_at IS NULL")
LOST = text("lost_at IS NOT NULL")
KEPT = text("erased_at IS NULL AND person_id IS NULL")


class HasBorrower:
    """Who borrows: what kind of person, whose record where there is one, and name and phone as they were then."""

    borrower: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    host_id: Mapped[int | None] = mapped_column(ForeignKey("hosts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))


def borrower_checks() -> tuple[CheckConstraint, ...]:
    """The kind of borrower fits the record that it points to; one of the staff may have no account."""
    return (
        CheckConstraint("borrower IN ('occupant', 'staff', 'contractor', 'visitor')", name="borrower_known"),
        CheckConstraint("(borrower = 'occupant') = (host_id IS NOT NULL)", name="occupant_is_a_host"),
        CheckConstraint("(borrower = 'visitor') = (visit_id IS NOT NULL)", name="visitor_has_a_visit"),
        CheckConstraint("borrower = 'staff' OR person_id IS NULL", name="person_is_staff"),
    )


class KeyClassRules(Base):
    """What a site says of a class; a class without a row is as the house has it (domain/keys/classes.py)."""

    __tablename__ = "key_class_rules"
    __table_args__ = (
        CheckConstraint(f"code IN ({CLASSES_SQL})", name="code_known"),
        CheckConstraint("approvals BETWEEN 0 AND 2", name="approvals_sane"),
        CheckConstraint("unlisted_approvals BETWEEN 0 AND 2", name="unlisted_approvals_sane"),
        CheckConstraint("default_minutes BETWEEN 5 AND limit_minutes", name="default_within_limit"),
        CheckConstraint("limit_minutes <= 44640", name="limit_sane"),
        CheckConstraint("escalate_minutes BETWEEN 0 AND 44640", name="escalation_sane"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    borrowers: Mapped[list[str]] = mapped_column(JSON)
    approvals: Mapped[int]
    approvers: Mapped[list[str]] = mapped_column(JSON)
    listed_only: Mapped[bool]
    unlisted_approvals: Mapped[int | None]
    default_minutes: Mapped[int]
    limit_minutes: Mapped[int]
    escalate_minutes: Mapped[int]
    needs_authority: Mapped[bool]
    needs_custodian: Mapped[bool]
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    seen_by: Mapped[list[str]] = mapped_column(JSON)


class KeyListing(Base):
    """Somebody of the staff to whom keys of a class are lent (名单)."""

    __tablename__ = "key_listings"
    __table_args__ = (CheckConstraint(f"code IN ({CLASSES_SQL})", name="code_known"),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    listed_at: Mapped[datetime]
    listed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Cabinet(HasId, HasRef, Base):
    """A cabinet with so many hooks, counted from 1; hooks on which nothing hangs are counted too (K7)."""

    __tablename__ = "cabinets"
    __table_args__ = (
        Index("uq_cabinets_name", "site_id", "name", unique=True),
        CheckConstraint("hooks BETWEEN 1 AND 2000", name="hooks_sane"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str]
    hooks: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)


explains("uq_cabinets_name", N_("This site has a cabinet of this name already."), field="name")


class KeySet(HasId, HasRef, Base):
    """Keys that hang together and go out whole (成套). Its keys say that they belong to it."""

    __tablename__ = "key_sets"
    __table_args__ = (Index("ix_key_sets_site_id", "site_id", "tag"),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    tag: Mapped[str]
    opens: Mapped[str]
    photo: Mapped[str | None]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Key(HasId, HasRef, Base):
    """One kept key, or one bunch that is one thing. Whether it is out is never written here: an open line of a loan
    says so. `photo` is the file name of the re-encoded photo, outside the web root.
    """

    __tablename__ = "keys"
    __table_args__ = (
        Index("ix_keys_place", "site_id", "cabinet_id", "hook", sqlite_where=HANGING, postgresql_where=HANGING),
        Index("ix_keys_lost", "site_id", "lost_at", sqlite_where=LOST, postgresql_where=LOST),
        Index("ix_keys_tag", "site_id", "tag"),
        Index("ix_keys_set_id", "set_id"),
        Index("ix_keys_unit_id", "unit_id"),
        CheckConstraint(f"class_code IN ({CLASSES_SQL})", name="class_known"),
        CheckConstraint("copies BETWEEN 1 AND 99", name="copies_sane"),
        CheckConstraint("hook >= 1", name="hook_sane"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    tag: Mapped[str]
    cabinet_id: Mapped[int] = mapped_column(ForeignKey("cabinets.id"))
    hook: Mapped[int]
    opens: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    class_code: Mapped[str]
    copies: Mapped[int] = mapped_column(default=1)
    set_id: Mapped[int | None] = mapped_column(ForeignKey("key_sets.id"))
    photo: Mapped[str | None]
    created_at: Mapped[datetime]
    lost_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


photos.hold(Key.photo, KeySet.photo)


class KeyTag(HasId, Base):
    """A tag in use: of one key or of one set, once at a site. Who retires a key frees its tag."""

    __tablename__ = "key_tags"
    __table_args__ = (
        Index("uq_key_tags_tag", "site_id", "tag", unique=True),
        Index("ix_key_tags_tag", "tag"),
        CheckConstraint("(key_id IS NULL) <> (set_id IS NULL)", name="of_one_thing"),
        UniqueConstraint("key_id"),
        UniqueConstraint("set_id"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    tag: Mapped[str]
    key_id: Mapped[int | None] = mapped_column(ForeignKey("keys.id"))
    set_id: Mapped[int | None] = mapped_column(ForeignKey("key_sets.id"))


explains("uq_key_tags_tag", N_("This tag is on another key or set of this site already."), field="tag")
explains("keys_in_hand", N_("This key is out. Take it back first."))


class KeyReservation(HasId, HasRef, HasBorrower, Base):
    """A key kept for somebody for a span. A set is reserved by one row for each key, under the same `batch`."""

    __tablename__ = "key_reservations"
    __table_args__ = (
        *borrower_checks(),
        Index("ix_key_reservations_key", "key_id", "ends_at"),
        Index("ix_key_reservations_site", "site_id", "ends_at"),
        Index("ix_key_reservations_batch", "batch"),
        Index("ix_key_reservations_kept", "site_id", "ends_at", sqlite_where=KEPT, postgresql_where=KEPT),
        CheckConstraint("starts_at < ends_at", name="span_forward"),
        CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name="ended_somehow"),
        CheckConstraint("ended_how IN ('cancelled', 'used', 'lost')", name="end_known"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    batch: Mapped[str]
    key_id: Mapped[int] = mapped_column(ForeignKey("keys.id"))
    set_id: Mapped[int | None] = mapped_column(ForeignKey("key_sets.id"))
    purpose: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None]
    erased_at: Mapped[datetime | None]


explains(
    "key_reservations_overlap",
    N_("Somebody else has just reserved this key for a part of that time. Choose another time."),
    field="starts_at",
)
