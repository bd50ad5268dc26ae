"""People of one name in one place: where two lines that are shown would read the same, what tells them apart."""

from collections import Counter
from collections.abc import Iterable

from domain.emails import mask_email
from domain.masking import mask_phone
from domain.spelling import compact


def told_apart(lines: Iterable[tuple[str, str, str]]) -> list[str]:
    """For lines of (what is read, phone, mail address) what each needs besides: nothing where no other reads the same;
    else the masked phone or the masked address, and both where one of them is not enough (P4). For staff alone.
    """
    known = [(compact(reads), phone, email) for reads, phone, email in lines]
    same = Counter(reads for reads, _phone, _email in known)
    short = [(reads, contact(phone, email)) for reads, phone, email in known]
    also_same = Counter(short)
    return [
        ""
        if same[reads] == 1
        else one[1]
        if also_same[one] == 1
        else " ".join(filter(None, (mask_phone(phone), mask_email(email))))
        for one, (reads, phone, email) in zip(short, known, strict=True)
    ]


def contact(phone: str, email: str) -> str:
    """By what somebody is known from another of the same name: the masked phone, else the masked address."""
    return mask_phone(phone) or mask_email(email)
