"""What stands on a visitor's badge, wherever it is drawn or printed (V8)."""

from domain.romanized import in_letters
from domain.visits.arrivals import Whom


def whom_on_badge(whom: Whom, *, language: str) -> str:
    """Whom to see and the room; for who reads no Chinese in letters too, to say it in the lift or at a door."""
    name = whom.host.name if whom.host else whom.unit.company
    letters = "" if language.startswith("zh") else in_letters(name)
    return " ".join(filter(None, (name, whom.unit.number, f"({letters})" if letters else "")))
