"""Marks around what of a text was searched for."""

from html import escape

from markupsafe import Markup

from domain.highlighting import highlight
from web.components import marked


def marks(typed: str, text: str) -> Markup:
    """The text, escaped, with `<mark>` around what of it was typed."""
    parts = [f"<mark>{escape(part)}</mark>" if hit else escape(part) for hit, part in highlight(typed, text)]
    return marked("".join(parts))
