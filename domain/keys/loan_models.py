"""Loans, their lines and the approvals that they need (K2–K4)."""

from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.encryption import EncryptedText
from domain.errors import explains
from domain.keys.models import CLASSES_SQL, KEPT, HasBorrower, borrower_checks
from domain.text import N_

OPEN, ENDED = text("ended_at IS NULL"), text("ended_at IS NOT NULL")
BROUGHT = text("brought_by <> '' OR condition <> ''")
SIGNED = text("signature IS NOT NULL")
LOST_ON_SQLITE, LOST = text("lost IS 1"), text("lost IS true")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class KeyApproval(HasId, HasRef, HasBorrower, Base):
    """A question to whoever may approve: may this borrower have this key or set for this purpose until then; or may
    copies of it be made (`what` = "copy"; the borrower is who has them made). It serves once (K4).
    """

    __tablename__ = "key_approvals"
    __table_args__ = (
        *borrower_checks(),
        Index("ix_key_approvals_open", "site_id", "expires_at"),
        Index("ix_key_approvals_kept", "site_id", "asked_at", sqlite_where=KEPT, postgresql_where=KEPT),
        Index("ix_key_approvals_key_id", "key_id"),
        Index("ix_key_approvals_set_id", "set_id"),
        CheckConstraint("(key_id IS NULL) <> (set_id IS NULL)", name="of_one_thing"),
        CheckConstraint("what IN ('loan', 'copy')", name="what_known"),
        CheckConstraint("needed BETWEEN 1 AND 2", name="needed_sane"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    what: Mapped[str]
    key_id: Mapped[int | None] = mapped_column(ForeignKey("keys.id"))
    set_id: Mapped[int | None] = mapped_column(ForeignKey("key_sets.id"))
    class_code: Mapped[str]
    purpose: Mapped[str]
    due_at: Mapped[datetime | None]
    """Until when the key was asked for; of copies, nothing."""
    copies: Mapped[int | None]
    needed: Mapped[int]
    asked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class KeyDecision(HasId, Base):
    """What one approver said. Append-only; each person says it once, and never in the own matter."""

    __tablename__ = "key_decisions"
    __table_args__ = (Index("uq_key_decisions_once", "approval_id", "person_id", unique=True),)
    approval_id: Mapped[int] = mapped_column(ForeignKey("key_approvals.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    granted: Mapped[bool]
    decided_at: Mapped[datetime]


explains("uq_key_decisions_once", N_("You have answered this already. The second answer is another person's."))
explains("key_decisions_not_the_borrower", N_("You are the borrower here. Somebody else has to approve this."))


class Loan(HasId, HasRef, HasBorrower, Base):
    """One loan of one key or one set (K2). What it lent stands in its lines; it ends when the last of them has ended.

    `escalate_at` is fixed when the key goes out, so that later rules change nothing of it; `chased` is how many steps
    of K5 were taken. `lost`: a key of it was reported lost. `code_nonce` makes the code that the borrower was sent.
    """

    __tablename__ = "loans"
    __table_args__ = (
        *borrower_checks(),
        Index("uq_loans_number", "site_id", "number", unique=True),
        Index("uq_loans_approval_id", "approval_id", unique=True),
        Index("ix_loans_site_out", "site_id", "out_at", "id"),
        Index("ix_loans_open", "site_id", "due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_loans_was_due", "site_id", "due_at", sqlite_where=ENDED, postgresql_where=ENDED),
        Index("ix_loans_lost", "site_id", "out_at", "id", sqlite_where=LOST_ON_SQLITE, postgresql_where=LOST),
        Index("ix_loans_visit", "visit_id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_loans_key_id", "key_id"),
        Index("ix_loans_set_id", "set_id"),
        Index("ix_loans_kept", "site_id", "out_at", "id", sqlite_where=KEPT, postgresql_where=KEPT),
        Index("ix_loans_signed", "out_at", "id", sqlite_where=SIGNED, postgresql_where=SIGNED),
        CheckConstraint(f"class_code IN ({CLASSES_SQL})", name="class_known"),
        CheckConstraint("(key_id IS NULL) <> (set_id IS NULL)", name="of_one_thing"),
        CheckConstraint("due_at > out_at", name="due_after_out"),
        CheckConstraint("ended_at >= out_at", name="ended_after_out"),
        CheckConstraint("chased BETWEEN 0 AND 3", name="chased_sane"),
        CheckConstraint("acknowledged_how IN ('signature', 'code', 'paper')", name="acknowledgement_known"),
        CheckConstraint("(acknowledged_how IS NULL) = (acknowledged_at IS NULL)", name="acknowledged_has_time"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    number: Mapped[int]
    key_id: Mapped[int | None] = mapped_column(ForeignKey("keys.id"))
    set_id: Mapped[int | None] = mapped_column(ForeignKey("key_sets.id"))
    class_code: Mapped[str]
    purpose: Mapped[str] = mapped_column(default="")
    authority: Mapped[str] = mapped_column(default="")
    """Whose word lets the borrower into the unit (K4)."""
    escort: Mapped[str] = mapped_column(default="")
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("key_approvals.id"))
    handed_out_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))
    out_at: Mapped[datetime]
    due_at: Mapped[datetime]
    escalate_at: Mapped[datetime]
    chased: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    lost: Mapped[bool] = mapped_column(default=False)
    acknowledged_how: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    signature: Mapped[str | None] = mapped_column(EncryptedText("loans.signature"))
    code_nonce: Mapped[str | None]
    code_expires_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    def overdue(self, now: datetime) -> bool:
        """Out past the time that was agreed."""
        return self.ended_at is None and self.due_at < now


def is_open() -> ColumnElement[bool]:
    """The condition that a loan is out.

    SQLite takes a partial index to be as long as the table; bound at its second column it is seen to be the shorter.
    """
    return and_(Loan.ended_at.is_(None), Loan.due_at > LONG_AGO)


explains("uq_loans_approval_id", N_("This approval was used for another loan. Ask again."))
explains("loans_approval_granted", N_("This approval does not hold for this loan. Ask again."))


class LoanLine(HasId, Base):
    """One key of a loan, until it is back or known to be lost; from then on its end is never changed (K3, K6)."""

    __tablename__ = "loan_lines"
    __table_args__ = (
        Index("uq_loan_lines_once", "loan_id", "key_id", unique=True),
        Index("uq_loan_lines_open", "key_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_loan_lines_key", "key_id", "id"),
        Index("ix_loan_lines_noted", "ended_at", "id", sqlite_where=BROUGHT, postgresql_where=BROUGHT),
        CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name="ended_somehow"),
        CheckConstraint("ended_how IN ('returned', 'lost')", name="end_known"),
    )
    loan_id: Mapped[int] = mapped_column(ForeignKey("loans.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("keys.id"))
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None]
    condition: Mapped[str] = mapped_column(default="")
    brought_by: Mapped[str] = mapped_column(default="")
    """Who brought it back, where that was not the borrower."""
    confirmed: Mapped[bool] = mapped_column(default=False)
    """Whether who brought it was asked, and confirmed the return (K6)."""
    taken_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("people.id"))


explains("uq_loan_lines_open", N_("Somebody else was lent this key a moment ago. Look again who has it."))
explains("loan_lines_key_available", N_("This key was just reported lost or retired. It cannot be lent."))
explains("loan_lines_end_stays", N_("This key was taken back a moment ago."))
explains("loans_end_stays", N_("This loan has ended. It is never opened again: lend the key anew."))
