"""The way to a unit or to the lifts, as it is told: at the kiosk, at the desk, in a letter."""

import re
from collections.abc import Mapping
from typing import Any

from domain.sites.models import Site
from domain.sites.queries import in_language

_ENDING = re.compile(r"(?<=\d)-(?=[^\W\d_])")


def ways_to(unit: Any, site: Site) -> Mapping[str, str]:
    """The way by language: to the unit, else to the site's lifts."""
    ways: Mapping[str, str] = unit.directions or site.directions
    return ways


def way_to(unit: Any, site: Site, language: str) -> list[str]:
    """Its steps, as who reads that language gets them."""
    return told_in_steps(in_language(ways_to(unit, site), language))


def told_in_steps(text: str) -> list[str]:
    """The steps, one a line of the text; no line of the screen ends within 18-й."""
    return [_ENDING.sub("-\N{WORD JOINER}", line) for line in text.splitlines() if line.strip()]
