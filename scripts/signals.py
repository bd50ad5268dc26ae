"""How a command of this folder ends when somebody asks it to."""

from __future__ import annotations

import ctypes
import signal
import sys
from types import FrameType

_PR_SET_PDEATHSIG = 1


def end_with_parent(number: signal.Signals) -> None:
    """In a child before it becomes its program: have Linux send this signal when whoever started it was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def end_tidily() -> None:
    """Turn SIGTERM and SIGHUP into SystemExit, so that `finally` and `with` clean up as for Ctrl-C."""

    def leave(number: int, _frame: FrameType | None) -> None:
        # Asked twice, the clean-up goes on all the same.
        signal.signal(number, signal.SIG_IGN)
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
