"""What review keeps: seals over the history, signed spans, what waits to be read again, and comments."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.database import Base, BigId, HasId, HasRef
from domain.encryption import EncryptedText
from domain.errors import explains
from domain.text import N_

SALTED = text("salt <> ''")
ASKED = text("state IN ('asked', 'answered')")
WORDED = text("text <> ''")
REMARKED = text("remark <> ''")


class Seal(Base):
    """A closed batch of a site's history (R2): its events, numbered on from the seal before, and the tree over them.

    `leaves` are the hashes of the events in their order, so that the first one that was touched can be named; `head`
    binds everything and the head before it. `statement` is the signature that closed the batch, as JSON; empty where
    Foyer closed it by itself. Site 0 is what belongs to no site.
    """

    __tablename__ = "seals"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number_sane"),
        CheckConstraint("first_event >= 1 AND last_event >= first_event - 1", name="events_forward"),
    )
    site_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    first_event: Mapped[int] = mapped_column(BigId)
    last_event: Mapped[int] = mapped_column(BigId)
    root: Mapped[str]
    leaves: Mapped[bytes] = mapped_column(LargeBinary)
    statement: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    previous: Mapped[str]
    head: Mapped[str]


class SealEnd(Base):
    """Where the seals of a site end, noted with each one under the house's own key, which the database does not hold:
    who has the database alone can remove the newest seal, but cannot say that there was none (R2)."""

    __tablename__ = "seal_ends"
    site_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    told: Mapped[str] = mapped_column(EncryptedText("seal_ends.told"))


JUST_SEALED = N_("Somebody signed at this site in the same moment. Look again and sign once more.")
explains("pk_seals", JUST_SEALED)
explains("uq_seals_site_id_number", JUST_SEALED)


class Mark(Base):
    """How far a register of a site is: the last entry that was signed, and the last event that was looked at for
    changes of entries signed before."""

    __tablename__ = "review_marks"
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    register: Mapped[str] = mapped_column(primary_key=True)
    through: Mapped[int] = mapped_column(default=0)
    looked_to: Mapped[int] = mapped_column(BigId, default=0)


class Review(HasId, HasRef, Base):
    """One signed span of a register (R1): entries `first` to `last`, but for those that were left, and entries left
    earlier. `up_to` is the number of the site's last event when the span was shown: what was signed ends there."""

    __tablename__ = "reviews"
    __table_args__ = (
        Index("uq_reviews_number", "site_id", "number", unique=True),
        Index("ix_reviews_register", "site_id", "register", "signed_at"),
        Index("ix_reviews_remarked", "signed_at", sqlite_where=REMARKED, postgresql_where=REMARKED),
        ForeignKeyConstraint(["site_id", "seal_number"], ["seals.site_id", "seals.number"]),
        CheckConstraint("first >= 1 AND last >= first - 1", name="span_forward"),
        CheckConstraint("entries >= 1", name="not_empty"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    number: Mapped[int]
    register: Mapped[str]
    first: Mapped[int]
    last: Mapped[int]
    entries: Mapped[int]
    up_to: Mapped[int] = mapped_column(BigId)
    remark: Mapped[str] = mapped_column(default="")
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    signed_at: Mapped[datetime]
    seal_number: Mapped[int] = mapped_column(BigId)


SIGNED_MEANWHILE = N_("Somebody else has signed here in the same moment. Look at what is left.")
explains("uq_reviews_number", SIGNED_MEANWHILE)
explains("reviews_follow", SIGNED_MEANWHILE)
explains("ck_reviews_not_empty", N_("Tick at least one entry."))


class SignedEntry(Base):
    """One entry as it was signed: a digest of what stays, and a salted one of what retention will erase (P2)."""

    __tablename__ = "review_entries"
    __table_args__ = (
        Index("ix_review_entries_entry", "site_id", "register", "entry_id"),
        Index("ix_review_entries_salted", "register", "entry_id", sqlite_where=SALTED, postgresql_where=SALTED),
    )
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    register: Mapped[str]
    entry_id: Mapped[int] = mapped_column(BigId)
    digest: Mapped[str]
    personal: Mapped[str] = mapped_column(default="")
    salt: Mapped[str] = mapped_column(default="")


class Why(StrEnum):
    """Why an entry before the end of what was signed waits to be read."""

    LEFT = "left"
    CHANGED = "changed"


class Waiting(Base):
    """An entry that a signature left out, or that changed after it was signed; gone once it is signed."""

    __tablename__ = "review_waiting"
    __table_args__ = (CheckConstraint("why IN ('left', 'changed')", name="why_known"),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    register: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    number: Mapped[int]
    why: Mapped[str]
    since: Mapped[datetime]


class Reading(Base):
    """How far somebody has read a register of a site."""

    __tablename__ = "review_readings"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    register: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class CommentState(StrEnum):
    """A remark that asks for nothing, or how far a demanded correction is."""

    SAID = "said"
    ASKED = "asked"
    ANSWERED = "answered"
    ACCEPTED = "accepted"


class Comment(HasId, HasRef, Base):
    """A comment on one entry (R1). One that demands a correction goes to a person, comes back answered, and is accepted
    or asked again. `after` is the number of the site's last event when it was (last) asked: what the entry's history
    has beyond it may be the correction."""

    __tablename__ = "review_comments"
    __table_args__ = (
        Index("ix_review_comments_entry", "site_id", "register", "entry_id"),
        Index("ix_review_comments_open", "site_id", "state", sqlite_where=ASKED, postgresql_where=ASKED),
        Index("ix_review_comments_asked", "to_id", "state", sqlite_where=ASKED, postgresql_where=ASKED),
        CheckConstraint("state IN ('said', 'asked', 'answered', 'accepted')", name="state_known"),
        CheckConstraint("(state = 'said') = (to_id IS NULL)", name="asked_of_somebody"),
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    register: Mapped[str]
    entry_id: Mapped[int] = mapped_column(BigId)
    entry_ref: Mapped[str]
    number: Mapped[int]
    state: Mapped[str]
    to_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    after: Mapped[int] = mapped_column(BigId, default=0)
    made_at: Mapped[datetime]


explains("review_comments_accepted_stays", N_("This was accepted already. Write a new comment."))


class CommentLine(HasId, Base):
    """What was said under a comment, by whom and when; the words go when the entry's personal data does."""

    __tablename__ = "review_lines"
    __table_args__ = (
        Index("ix_review_lines_comment", "comment_id", "id"),
        Index("ix_review_lines_worded", "said_at", sqlite_where=WORDED, postgresql_where=WORDED),
        CheckConstraint("kind IN ('said', 'asked', 'answered', 'accepted')", name="kind_known"),
    )
    comment_id: Mapped[int] = mapped_column(ForeignKey("review_comments.id"))
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    said_at: Mapped[datetime]


class Duty(Base):
    """How often a week each register of a site is to be checked (R1); a site without a row: twice."""

    __tablename__ = "review_duties"
    __table_args__ = (CheckConstraint("times BETWEEN 0 AND 7", name="times_sane"),)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    times: Mapped[int] = mapped_column(default=2)
