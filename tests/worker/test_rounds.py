"""One round at a time in a process, and nobody who asked meanwhile is forgotten."""

import threading

from domain.delivery.rounds import OneAtATime


def test_who_asks_during_a_round_makes_it_go_round_again() -> None:
    rounds, entered, go_on, count = OneAtATime(), threading.Event(), threading.Event(), []

    def slow() -> None:
        count.append(1)
        entered.set()
        assert go_on.wait(10)

    first = threading.Thread(target=rounds.run, args=(slow,))
    first.start()
    assert entered.wait(10)
    rounds.run(slow)
    rounds.run(slow)
    assert len(count) == 1, "it did not wait and did not run beside the first"
    go_on.set()
    first.join(10)
    assert len(count) == 2


def test_a_round_that_fails_lets_the_next_one_in() -> None:
    rounds, count = OneAtATime(), []

    def failing() -> None:
        raise RuntimeError

    try:
        rounds.run(failing)
    except RuntimeError:
        rounds.run(lambda: count.append(1))
    assert count == [1]
