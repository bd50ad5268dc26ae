"""How people are asked for whose given name the visitor does not know: 王先生, Ms Chen, Sr. Li."""

import re

from domain.spelling import fold

_BEFORE = """
    mr mrs ms miss mx dr prof professor madam sir m mme mlle monsieur madame mademoiselle docteur
    sr sra srta señor señora señorita don doña г-н г-жа господин госпожа
    السيد السيدة الأستاذ الأستاذة الدكتور الدكتورة
"""
_AFTER = """
    先生 女士 小姐 太太 老师 师傅 同志 总经理 副总经理 经理 董事长 董事 总监 主任 主管 部长 处长 科长 院长 所长 校长
    老板 博士 教授 医生 医师 律师 会计 秘书 工程师 副总 总 董 工 さん さま 様 氏 씨 님 선생님 사장님 부장님
"""
_SPELT_AFTER = "xiansheng nvshi nushi xiaojie laoshi jingli zongjingli zong san sama ssi nim"


def _any_of(titles: str) -> str:
    folded = {"".join(map(fold, title)) for title in titles.split()}
    return "|".join(map(re.escape, sorted(folded, key=len, reverse=True)))


_TITLED = (
    re.compile(rf"(?:{_any_of(_BEFORE)})(?:\.\s*|\s+)(.+)"),
    re.compile(rf"(.+?)\s*(?:{_any_of(_AFTER)})"),
    re.compile(rf"(.+?)\s+(?:{_any_of(_SPELT_AFTER)})"),
)


def without_title(text: str) -> str | None:
    """The name behind or before a title, without case and accents as search sees it; None where there is no title."""
    typed = " ".join("".join(map(fold, text)).split())
    for titled in _TITLED:
        if found := titled.fullmatch(typed):
            return found[1]
    return None
