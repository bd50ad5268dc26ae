"""Guests who do not give up: the desk signs somebody in over HTTP, and sends the same form until it has its answer."""

import itertools
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks import load
from benchmarks.household import House
from domain import clock
from domain.codes import new_token
from domain.database import db, writing
from domain.people.models import Person
from web import sessions
from web.tokens import TOKEN_FIELD, form_token

PAUSE = 0.08
NOT_NOW = frozenset({502, 503, 504, 507})


@dataclass
class Told:
    """What the guests were told: the answer to each telephone, answers that asked to come again, and what is wrong."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    lost_answers: int = 0
    come_again: Counter[int] = field(default_factory=Counter)
    silent: int = 0
    """Answers that asked to come again without words."""
    wrong: list[str] = field(default_factory=list)
    longest: float = 0.0


class Guests:
    """So many desks that sign in guest after guest, each with a telephone of its own, until they are stopped."""

    _numbers = itertools.count(1)

    def __init__(self, house: House, *, desks: int) -> None:
        self.house, self.told = house, Told()
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._cookies, self._sid = self._sign_in()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(desks)]

    def __enter__(self) -> "Guests":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=120)
        if any(thread.is_alive() for thread in self._threads):
            self.told.wrong.append("a guest never had an answer")

    def _sign_in(self) -> tuple[dict[str, str], str]:
        app, sid = self.house.app, new_token()
        with app.app_context(), writing():
            person = db.session.get_one(Person, self.house.cast.people["lisi"])
            token = sessions.begin(
                person, site_id=self.house.cast.site_id, shared_device=False, second_factor=True, now=clock.now()
            )
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return {"foyer_staff": signer.dumps({"_user_id": token, "_fresh": True, "sid": sid})}, sid

    def form(self, phone: str) -> load.Request:
        """The form of one guest, with a one-time token of its own."""
        from flask import session

        with self.house.app.test_request_context("/desk/sign-in"):
            session["sid"] = self._sid
            token = form_token("desk.sign_in")
        cast = self.house.cast
        said = {TOKEN_FIELD: token, "name": "客人", "phone": phone, "companions": "0"}
        said |= {"purpose": cast.purpose_ref, "whom": f"host:{cast.host_ref}"}
        return load.make("POST", "/desk/sign-in", cookies=self._cookies, body=urlencode(said).encode(), status=303)

    def next_phone(self) -> str:
        """A telephone that nobody had before."""
        return f"+86154{next(self._numbers):08d}"

    def _run(self) -> None:
        while not self._stop.is_set():
            phone = self.next_phone()
            self.bring(phone, self.form(phone))
            time.sleep(PAUSE)

    def bring(self, phone: str, form: load.Request, *, patience: float = 110) -> bool:
        """Send the form until it is answered; what is no answer is counted."""
        began = time.monotonic()
        while time.monotonic() - began < patience:
            try:
                answer = load.fetch(self.house.port, form)
            except (OSError, ConnectionError, ValueError, IndexError):
                with self._lock:
                    self.told.lost_answers += 1
                time.sleep(0.05)
                continue
            if self._heard(phone, answer):
                with self._lock:
                    self.told.longest = max(self.told.longest, time.monotonic() - began)
                return True
            time.sleep(0.1)
        return False

    def _heard(self, phone: str, answer: load.Answer) -> bool:
        with self._lock:
            if answer.status == 303:
                where = next(line for line in answer.head.split(b"\r\n") if line.lower().startswith(b"location:"))
                self.told.acknowledged[phone] = where.decode().rpartition("/visits/")[2].partition("/")[0]
                return True
            if answer.status in NOT_NOW:
                self.told.come_again[answer.status] += 1
                self.told.silent += b"<h1" not in _plain(answer)
                return False
            self.told.wrong.append(f"{phone} was answered {answer.status}")
            return True


def _plain(answer: load.Answer) -> bytes:
    import gzip

    if b"content-encoding: gzip" not in answer.head.lower():
        return answer.body
    body = answer.body
    return gzip.decompress(body[body.index(b"\x1f\x8b") :])
