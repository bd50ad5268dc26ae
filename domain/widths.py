"""How wide signs are typed: a Chinese keyboard writes １２０１ and Ｋ０１ where 1201 and K01 are meant."""

import unicodedata


def plain_digits(text: str) -> str:
    """Write digits of any script, and full-width letters and signs, in ASCII: `１３８`, `٠١٢`."""
    narrow = unicodedata.normalize("NFKC", text)
    if narrow.isascii():
        return narrow
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in narrow)


def columns(text: str) -> int:
    """How wide a text stands, in columns of which 汉字 take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "FW" else 1 for sign in text)
