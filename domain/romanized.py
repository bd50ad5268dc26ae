"""汉字 written in letters, for who cannot read them."""

from functools import lru_cache

from domain.spelling import LONGEST_NAME, SURNAMES, fold, is_han, sounds

_OF_TWO = """
    欧阳 司马 上官 诸葛 夏侯 皇甫 东方 公孙 慕容 令狐 宇文 司徒 司空 端木 百里 呼延 南宫 独孤
    闻人 轩辕 钟离 申屠 赫连 濮阳 淳于 鲜于 闾丘 西门 东郭 尉迟 长孙 澹台tantai 单于chanyu 万俟moqi
"""
_SURNAMES_OF_TWO = {word[:2]: word[2:] for word in _OF_TWO.split()}


@lru_cache(maxsize=1024)
def in_letters(name: str) -> str:
    """The pinyin of 汉字: a person's name surname first (Zhou Limin, Ouyang Feng, Lü Chang'an), what is longer, as a
    company, by syllables; "" for what has other characters too.
    """
    plain = "".join(map(fold, name))
    if len(plain) < 2 or not all(map(is_han, plain)):
        return ""
    heard = [sounds(han)[0] for han in plain]
    if len(plain) > LONGEST_NAME:
        return " ".join(heard).capitalize().replace("v", "ü")
    size = 2 if len(plain) > 2 and plain[:2] in _SURNAMES_OF_TWO else 1
    surname = _SURNAMES_OF_TWO.get(plain[:size]) or "".join([SURNAMES.get(han, sounds(han)[0]) for han in plain[:size]])
    given = heard[size] + "".join([f"'{sound}" if sound[0] in "aeo" else sound for sound in heard[size + 1 :]])
    return f"{surname.capitalize()} {given.capitalize()}".replace("v", "ü")
