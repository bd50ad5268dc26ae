"""The own password typed once more, where a deed needs it: a signature, a new password."""

from datetime import datetime

from flask_login import current_user

from domain.people import sign_in
from web.attempts import record_refusal
from web.permissions import actor
from web.sessions import SignedIn


def prove_again(password: str, *, now: datetime) -> None:
    """Check the own password; a wrong one is counted and remembered. Raises NotTheOwnPassword or TooMany.

    Slow on purpose: call it in `before_writing()`.
    """
    user, who = current_user._get_current_object(), actor()
    if not isinstance(user, SignedIn):
        raise LookupError("this is for staff alone")
    try:
        sign_in.prove_again(user.person_id, session_id=user.session_id, password=password, now=now)
    except sign_in.NotTheOwnPassword:
        with record_refusal():
            sign_in.note_wrong_again(session_id=user.session_id, actor=who, now=now)
        raise
