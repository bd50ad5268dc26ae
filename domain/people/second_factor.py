"""The second factor: six figures from an app (TOTP, RFC 6238), or one of ten recovery codes; each serves once."""

import hmac
from datetime import datetime

import pyotp
from sqlalchemy import delete, update

from domain.codes import new_ref
from domain.database import db
from domain.encryption import blind_index, keyring
from domain.errors import DomainError
from domain.identity import Actor
from domain.limits import SECOND_FACTOR_TRIES
from domain.people import queries, sign_in
from domain.people.authority import must_look_after
from domain.people.history import note
from domain.people.models import Person, RecoveryCode, StaffSession
from domain.text import N_

STEP_SECONDS = 30
DRIFT = (0, -1, 1)
"""Steps that are tried, because clocks differ."""
CODE_DIGITS = 6
RECOVERY_CODES = 10
_MISREAD = str.maketrans("ilo", "110")


class WrongCode(DomainError):
    """Not the code of this moment, or one that was used."""

    def __init__(
        self, sentence: str = N_("This code is wrong or was used. Wait for the next one."), *, field: str = "code"
    ) -> None:
        super().__init__(sentence, field=field)


def proposed_secret(person: Person, *, session_token: str) -> str:
    """The secret that this person is offered in this session, until one is confirmed.

    It is derived and kept nowhere: looking at the set-up page writes nothing, and a reload shows the same code.
    """
    since = person.totp_confirmed_at.isoformat() if person.totp_confirmed_at else "never"
    return blind_index(f"{session_token} {person.id} {since}", "totp proposals").upper()


def address_of(secret: str, *, login: str, issuer: str) -> str:
    """The address that the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def _step_of(secret: str, code: str, *, after: int, now: datetime) -> int:
    """The step that the code belongs to; raises WrongCode, also for a step that was used."""
    this = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    typed = code.encode()  # digits of other scripts are no error of ours
    steps = [this + drift for drift in DRIFT if hmac.compare_digest(totp.generate_otp(this + drift).encode(), typed)]
    if not steps or steps[0] <= after:
        raise WrongCode
    return steps[0]


def check_tries(person_id: int, *, now: datetime) -> None:
    """Raise TooMany when the tries of this person are used up."""
    SECOND_FACTOR_TRIES.check(str(person_id), now=now)


def note_wrong(*, actor: Actor, now: datetime) -> None:
    """Remember a wrong code."""
    SECOND_FACTOR_TRIES.count(str(actor.id), now=now)
    note("second_factor_refused", actor.id, actor=actor, now=now)


def pass_with_code(code: str, *, session_id: int, actor: Actor, now: datetime) -> None:
    """Pass with the six figures of the app; raises WrongCode or TooMany."""
    assert actor.id is not None  # noqa: S101 -- staff have ids
    check_tries(actor.id, now=now)
    person = db.session.get_one(Person, actor.id)
    _spend_code(person, code, now=now)
    _passed(person, session_id, actor, now, how="code")


def _spend_code(person: Person, code: str, *, now: datetime) -> None:
    if not person.totp_secret or not person.totp_confirmed_at:
        raise WrongCode
    _spend(person, _step_of(person.totp_secret, code, after=person.totp_last_step, now=now))


def must_hold(code: str, *, actor: Actor, now: datetime) -> None:
    """Spend the code of the app until now, or a recovery code; raises WrongCode (field "code_old") or TooMany."""
    assert actor.id is not None  # noqa: S101
    check_tries(actor.id, now=now)
    person = db.session.get_one(Person, actor.id)
    try:
        if len(code) == CODE_DIGITS:
            _spend_code(person, code, now=now)
        else:
            _spend_recovery_code(person, code, now=now)
    except WrongCode as wrong:
        raise WrongCode(wrong.sentence, field="code_old") from None


def _spend(person: Person, step: int) -> None:
    """Nobody uses the step again, in another browser at the same moment neither."""
    spent = db.session.execute(
        update(Person).where(Person.id == person.id, Person.totp_last_step < step).values(totp_last_step=step),
        execution_options={"synchronize_session": False},
    )
    if not spent.rowcount:  # type: ignore[attr-defined]
        raise WrongCode


def pass_with_recovery_code(code: str, *, session_id: int, actor: Actor, now: datetime) -> int:
    """Pass with a recovery code, which is spent by it; returns how many are left. Raises WrongCode or TooMany."""
    assert actor.id is not None  # noqa: S101
    check_tries(actor.id, now=now)
    person = db.session.get_one(Person, actor.id)
    _spend_recovery_code(person, code, now=now)
    _passed(person, session_id, actor, now, how="recovery code")
    return queries.recovery_codes_left(person.id)


def _spend_recovery_code(person: Person, code: str, *, now: datetime) -> None:
    plain = code.casefold().translate(_MISREAD)
    spent = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.code_hash.in_(keyring().blind_indexes(plain, _purpose(person))),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now),
        execution_options={"synchronize_session": False},
    )
    if not spent.rowcount:  # type: ignore[attr-defined]
        raise WrongCode(N_("This recovery code is wrong or was used."))


def _passed(person: Person, session_id: int, actor: Actor, now: datetime, *, how: str) -> None:
    SECOND_FACTOR_TRIES.clear(str(person.id))
    db.session.execute(
        update(StaffSession).where(StaffSession.id == session_id).values(second_factor_at=now, seen_at=now),
        execution_options={"synchronize_session": False},
    )
    note("second_factor_passed", person, actor=actor, now=now, facts={"how": how})


def set_up(code: str, *, secret: str, session_id: int, actor: Actor, now: datetime) -> list[str]:
    """Keep the secret that the code proves to be in the app; returns the new recovery codes, to be shown once.

    Raises WrongCode or TooMany. What was there before, codes too, opens nothing any more.
    """
    assert actor.id is not None  # noqa: S101
    check_tries(actor.id, now=now)
    person = db.session.get_one(Person, actor.id, with_for_update=True)
    step = _step_of(secret, code, after=0, now=now)
    person.totp_secret, person.totp_confirmed_at, person.totp_last_step = secret, now, step
    db.session.flush()
    _passed(person, session_id, actor, now, how="set up")
    note("second_factor_set_up", person, actor=actor, now=now)
    return _new_recovery_codes(person)


def _purpose(person: Person) -> str:
    return f"recovery codes {person.id}"


def _new_recovery_codes(person: Person) -> list[str]:
    # 120 bits: nobody finds one from its hash, so that no slow hash is needed (ASVS 6.5.2).
    codes = [new_ref() + new_ref() for _ in range(RECOVERY_CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    db.session.add_all(
        RecoveryCode(person_id=person.id, code_hash=blind_index(code, _purpose(person))) for code in codes
    )
    db.session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def forget(person: Person, *, actor: Actor, now: datetime) -> None:
    """Take the second factor away from who lost phone and codes; it is set up anew at the next sign-in.

    Raises NotAllowed unless the actor may look after the account. The own one is renewed, not taken away.
    """
    must_look_after(actor, queries.grants_of(person.id))
    if actor.kind == "staff" and actor.id == person.id:
        raise DomainError(N_("Renew your own second factor on your account page."))
    person.totp_secret, person.totp_confirmed_at, person.totp_last_step = None, None, 0
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    db.session.flush()
    sign_in.end_sessions(person.id, actor=actor, now=now)
    note("second_factor_taken_away", person, actor=actor, now=now)
