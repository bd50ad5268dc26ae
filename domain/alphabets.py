"""In which letters the languages of the house are written."""

import re
import unicodedata

ALPHABETS = {"ja": {"CJK", "HIRAGANA", "KATAKANA"}, "ko": {"HANGUL"}, "ru": {"CYRILLIC"}, "ar": {"ARABIC"}}
ALPHABETS |= {"zh_Hans": {"CJK"}, "zh_Hant": {"CJK"}}
LONE_LETTER = re.compile("(?<![A-Za-z])[A-Za-z](?![A-Za-z])")


def is_written_in(text: str, language: str) -> bool:
    """Whether a text has only letters of that language; a letter by itself, as of a tower, may stand in all."""
    words = LONE_LETTER.sub("", text)
    found = {unicodedata.name(sign, "").split(" ")[0] for sign in words if sign.isalpha()}
    return found <= ALPHABETS.get(language, {"LATIN"})
