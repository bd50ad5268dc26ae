"""A person of the staff, the grants, the sessions and the ways back in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.database import Base, BigId, HasId, HasRef
from domain.encryption import EncryptedText
from domain.errors import explains
from domain.text import N_


class Person(HasId, HasRef, Base):
    """Somebody of the staff with an account."""

    __tablename__ = "people"
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="zh_Hans")
    password_hash: Mapped[str]
    password_changed_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    pin_hash: Mapped[str] = mapped_column(default="")
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("people.totp_secret"))
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(BigId, default=0)
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    grants: Mapped[list["Grant"]] = relationship(back_populates="person", cascade="all, delete-orphan", lazy="raise")


explains("uq_people_login", N_("This user name is taken."), field="login")


class Grant(HasId, Base):
    """A role at a site; without a site it holds at every one."""

    __tablename__ = "grants"
    __table_args__ = (
        Index("uq_grants_once", "person_id", "role", "site_id", unique=True),
        # A grant without a site is no duplicate to the index above: NULL equals nothing.
        Index(
            "uq_grants_everywhere",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("site_id IS NULL"),
            postgresql_where=text("site_id IS NULL"),
        ),
        CheckConstraint(
            "role IN ('receptionist','attendant','lead','supervisor','manager','admin')", name="role_known"
        ),
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    person: Mapped[Person] = relationship(back_populates="grants", lazy="raise")


explains("uq_grants_once", N_("Somebody changed these roles in the same moment. Look again."))
explains("uq_grants_everywhere", N_("Somebody changed these roles in the same moment. Look again."))


class StaffSession(HasId, Base):
    """A signed-in browser. The cookie holds the token, the database its hash alone."""

    __tablename__ = "staff_sessions"
    __table_args__ = (Index("ix_staff_sessions_person_id", "person_id"),)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    shared_device: Mapped[bool] = mapped_column(default=False)
    second_factor_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def ref(self) -> str:
        """The name of the session in addresses: it opens nothing and cannot be counted up."""
        return self.token_hash[:16]


class RecoveryCode(HasId, Base):
    """One way in when the second factor is lost; each serves once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("uq_recovery_codes_hash", "person_id", "code_hash", unique=True),)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class PasswordReset(HasId, Base):
    """A link or code that lets somebody set a new password once, for a short time."""

    __tablename__ = "password_resets"
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
