"""Names as people write them: tidied without changing them, refused only for what cannot be a name."""

import re
import unicodedata

from domain.spelling import is_han
from domain.text import N_

LONGEST_NAME = 80
LONGEST_GREETING = 24

_JOINERS = "\u200c\u200d"
_DOTS = re.compile("[\u2022\u2027\u2219\u22c5\u30fb]")
_SPACE = re.compile(r"\s+")
# Most names here: nothing in them is tidied or refused, and neither is asked of each character.
_HAN_ALONE = re.compile("[\u4e00-\u9fff]+")
# Keycaps, and the selectors that turn a plain character into its picture.
_PICTURE_MARKS = re.compile("[\u20e3\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
# Typed for an apostrophe, and turned into a blank and an accent by NFKC.
_ACUTE = str.maketrans("´`", "''")


def clean_name(raw: str) -> str:
    """Tidy what was typed: width, spaces, invisible marks, the dot of 阿卜杜拉·买买提; no space inside 张 三."""
    if _HAN_ALONE.fullmatch(raw):
        return raw
    name = unicodedata.normalize("NFKC", _SPACE.sub(" ", raw.translate(_ACUTE)))
    name = "".join(c for c in name if unicodedata.category(c) != "Cf" or c in _JOINERS)
    # Between letters the joiners spell Persian and Indic names, elsewhere they are nothing that anybody sees.
    name = re.sub(rf"(?<!\w)[{_JOINERS}]+|[{_JOINERS}]+(?!\w)", "", name)
    name = unicodedata.normalize("NFKC", _SPACE.sub(" ", name).strip())
    if name and all(is_han(c) or c == " " or _DOTS.match(c) for c in name):
        return _DOTS.sub("·", name.replace(" ", ""))
    return name


def name_problem(name: str) -> str | None:
    """The sentence (msgid) that says why this is no name, or None."""
    if len(name) <= LONGEST_NAME and _HAN_ALONE.fullmatch(name):
        return None
    if not clean_name(name[: 2 * LONGEST_NAME]):
        return N_("Enter a name.")
    if len(name) > LONGEST_NAME:
        return N_("A name has at most 80 characters.")
    categories = {unicodedata.category(c) for c in name if not is_han(c)}
    if categories & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return N_("Leave out characters that cannot be read or printed.")
    if "So" in categories or _PICTURE_MARKS.search(name):
        return N_("Leave out emoji and pictures.")
    if not any(c.isalpha() or is_han(c) for c in name):
        return N_("A name needs at least one letter.")
    return None


def greeting_name(name: str) -> str:
    """The name as a headline says it: whole, or where it is too long for a line, as many words as fit and an …"""
    if len(name) <= LONGEST_GREETING:
        return name
    fitting = name[:LONGEST_GREETING]
    before, space, _ = fitting.rpartition(" ")
    return f"{(before if space else fitting).rstrip()}…"
