"""What is measured, in the words of the bars of quality.md; each case is compared with a floor of the same run."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from urllib.parse import quote

from benchmarks import browsers
from benchmarks.browsers import Browsers
from benchmarks.changes import changes
from benchmarks.load import Request, fetch, make


@dataclass(frozen=True)
class Case:
    """One line of the table. `floor` names the bare view it is held against, `bar` at most how many times its CPU.

    `requests` gives what is sent, anew for every round; `writes` use up what they send. Between two requests that look
    at a board comes a `change`, else the second would find what was drawn for the first; it is not counted. One client
    alone then, or the changes of several would come before the looks of several.
    """

    name: str
    floor: str
    bar: float | None
    requests: Callable[[], Iterator[Request]]
    clients: int = 4
    writes: bool = False
    change: Callable[[], None] | None = None


HELLO, LIST, INSERT = "hello", "list", "insert"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
LAST_SECOND = 50


def floors() -> list[Case]:
    """The three bare views."""
    numbers = count()
    put = (make("POST", "/insert", body=f"a=n{n}".encode()) for n in numbers)
    return [
        Case("bare hello", HELLO, None, lambda: browsers.again([make("GET", "/hello")])),
        Case("bare list of 25 rows", LIST, None, lambda: browsers.again([make("GET", "/list")])),
        Case("bare INSERT + commit", INSERT, None, lambda: put, clients=2, writes=True),
    ]


def pages(who: Browsers, port: int, *, writes: int) -> list[Case]:
    """Foyer's pages and writes; `writes` is how many of each kind are made ahead for a round."""
    deep = min(1_000_000, who.made.visits) - 100
    older = browsers.deep_ref(who, deep)

    def same(*requests: Request) -> Callable[[], Iterator[Request]]:
        return lambda: browsers.again(list(requests))

    def after_a_change(name: str, request: Request) -> Case:
        return Case(name, LIST, 4, same(request), clients=1, change=change)

    def change() -> None:
        making()()

    making, poll = cache(lambda: changes(who)), who.page("/desk/live", **FRAGMENT)
    return [
        Case("register of visits, first page", LIST, 2.5, same(who.page("/visits"))),
        Case(f"register of visits, page {deep // 25:,}", LIST, 2.5, same(who.page(f"/visits?before={older}"))),
        Case("register of keys, first page", LIST, 2.5, same(who.page("/loans"))),
        Case("review of every register", LIST, 4, same(who.review("/review"))),
        Case("visits to sign, 50 entries", LIST, 5, same(who.review("/review/registers/{site}/visits"))),
        after_a_change("cabinet of 100 hooks", who.page("/keys")),
        after_a_change("day of 60 rooms, 5,000 meetings a month", who.page("/meetings")),
        Case("register of meetings, first page", LIST, 2.5, same(who.page("/reservations"))),
        after_a_change("desk, all columns filled", who.page("/desk")),
        Case("desk, seen before by another", LIST, 4, same(who.page("/desk"))),
        Case("desk, poll unchanged", HELLO, 4, lambda: _unchanged(who, port)),
        after_a_change("desk, poll changed", poll),
        Case("desk, poll changed, seen before by another", LIST, 4, same(poll)),
        Case("figures of a year", LIST, 4, same(who.review("/reports?span=year"))),
        Case("figures of a day, done and not done", LIST, None, same(who.review("/reports?span=today"))),
        Case("kiosk, welcome", LIST, None, same(who.at_kiosk("/kiosk"))),
        Case("kiosk, whom to see", LIST, None, same(who.at_kiosk(f"/kiosk/whom?q={quote('张')}{quote('文')}"))),
        Case(
            "kiosk, sign in (last post)",
            INSERT,
            3,
            lambda: iter(browsers.kiosk_sign_ins(who, writes)),
            clients=8,
            writes=True,
        ),
        Case("desk, sign in", INSERT, 3, lambda: iter(browsers.desk_sign_ins(who, writes)), clients=8, writes=True),
        Case("desk, lend a key", INSERT, 3, lambda: iter(browsers.loans(who, writes)), clients=8, writes=True),
        Case(
            "desk, reserve a room", INSERT, 3, lambda: iter(browsers.reservations(who, writes)), clients=8, writes=True
        ),
        Case("desk, sign out", INSERT, 3, lambda: iter(browsers.sign_outs(who, writes)), clients=8, writes=True),
    ]


def _unchanged(who: Browsers, port: int) -> Iterator[Request]:
    """Polls that carry the version of now. The minute is part of it, so this waits for a fresh one when it is late."""
    late = time.time() % 60
    if late > LAST_SECOND:
        time.sleep(60.5 - late)
    answer = fetch(port, who.page("/desk/live", **FRAGMENT))
    fields = [line.split(": ", 1) for line in answer.head.decode().splitlines() if ": " in line]
    tag = next(value for name, value in fields if name.lower() == "hx-ptag")
    poll = make("GET", "/desk/live", cookies=who.staff, headers=FRAGMENT | {"HX-PTag": tag}, status=304)
    return browsers.again([poll])
