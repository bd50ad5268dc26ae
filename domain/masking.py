"""Personal data for those who do not need it (P2): recognisable to who knows the person, useless to others."""

import re
import unicodedata
from functools import lru_cache

from domain.phones import country_code
from domain.spelling import is_han

_STARS = "****"
_RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT MARK}"
_WORD = re.compile(r"[^\W_]+(?:['’ʼ`´][^\W_]+)*")
_EAST_ASIAN = re.compile("[\u3040-\u30ff\uac00-\ud7af]")


@lru_cache(maxsize=4096)
def mask_name(name: str) -> str:
    """王*明, 张*, 欧**丰; J*** S****, J***-P*** for names in words. A single character is hidden altogether."""
    return _in_order(_masked_name(name))


def _masked_name(name: str) -> str:
    letters = [c for c in unicodedata.normalize("NFC", name) if c.isalnum() or is_han(c)]
    if letters and all(_stands_for_a_syllable(c) for c in letters):
        return _first_and_last(letters)
    if len(letters) < 2:
        return "*" if name.strip() else ""
    # What is neither letter nor mark of a name may be anything; it is not carried over.
    shown = re.sub(r"[^\w\s'’ʼ`´.,()·-]|_", "", _without_marks(name))
    masked = _WORD.sub(lambda word: _masked_word(word[0]), shown)
    if "*" in masked:
        return masked
    # Initials alone, as in "A B": the first stays; what is left of a name is never shown whole.
    initials = shown[:1] + re.sub(r"\w", "*", shown[1:])
    return initials if "*" in initials else f"{initials}*"


@lru_cache(maxsize=4096)
def mask_phone(phone: str) -> str:
    """138****8000; +44****0958 for numbers from abroad, 0512****0000 with an area code; short ones wholly."""
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return _STARS if phone.strip() else ""
    if len(digits) < 8:
        return _STARS
    code = country_code(phone) if phone.startswith("+") else "86"
    if code != "86":
        return f"+{code}{_STARS}{digits[-4:]}" if code else _STARS + digits[-4:]
    national = digits.removeprefix(code) if phone.startswith("+") else digits
    if len(national) < 9:
        return _STARS + national[-4:]
    is_mobile = len(national) == 11 and national.startswith("1")
    if not is_mobile and not national.startswith(("0", "400", "800")):
        national = f"0{national}"
    shown = 3 if national.startswith(("1", "01", "02", "400", "800")) else 4
    return national[:shown] + _STARS + national[-4:]


def mask_plate(plate: str) -> str:
    """苏E***45: the place it comes from and the last two."""
    bare = re.sub(r"[^\w]|_", "", plate)
    if len(bare) < 6:
        return "***" if plate.strip() else ""
    return f"{bare[:2]}***{bare[-2:]}"


def mask_document(document: str) -> str:
    """****1234 of a whole number, ****34 where only its last digits were asked."""
    bare = re.sub(r"[^\w]|_", "", document)
    if len(bare) < 4:
        return _STARS if document.strip() else ""
    return _STARS + bare[-4 if len(bare) >= 8 else -2 :]


def mask_text(text: str) -> str:
    """示***: the first character of any other text, so that a line still tells blank from filled."""
    bare = _without_marks(text).strip()
    if not bare:
        return ""
    first = bare[0] if len(bare) > 1 and (bare[0].isalnum() or is_han(bare[0])) else ""
    return _in_order(f"{first}***")


def _in_order(masked: str) -> str:
    """Closed by a mark where it is written from right to left: the last stars would else go to the wrong side of it."""
    rightward = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in masked)
    return masked + _RIGHT_TO_LEFT if rightward and masked.endswith("*") else masked


def _stands_for_a_syllable(character: str) -> bool:
    return is_han(character) or _EAST_ASIAN.match(character) is not None


def _first_and_last(letters: list[str]) -> str:
    if len(letters) == 1:
        return "*"
    if len(letters) == 2:
        return f"{letters[0]}*"
    return letters[0] + "*" * min(len(letters) - 2, 4) + letters[-1]


def _masked_word(word: str) -> str:
    if all(_stands_for_a_syllable(c) for c in word):
        return _first_and_last(list(word))
    shown = word[0] if word[0].isalpha() else "*"
    return shown + "*" * min(len(word) - 1, 6)


def _without_marks(text: str) -> str:
    """Composed, and without marks that stand alone, invisible ones and controls."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cc", "Cs"))
