"""The way to a unit or to the lifts, as it is told."""

import re

_ENDING = re.compile(r"(?<=\d)-(?=[^\W\d_])")


def told_in_steps(text: str) -> list[str]:
    """The steps, one a line of the text; no line of the screen ends within 18-й."""
    return [_ENDING.sub("-\N{WORD JOINER}", line) for line in text.splitlines() if line.strip()]
