"""The one way of writing something down that is hashed."""

import json
from typing import Any

# Kept, because making one costs as much as what it writes of a visit.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def canonical(content: Any) -> str:
    """JSON with sorted names and no blanks; what JSON has no form for is written as text."""
    return _ENCODER.encode(content)
