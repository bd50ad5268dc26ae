"""Which passwords are taken: long ones that nobody guesses, whatever their signs."""

import pytest

from domain.people.passwords import (
    LEAKED,
    NOBODYS,
    SHORTEST,
    WeakPassword,
    common,
    hash_password,
    is_outdated,
    is_password,
    must_be_strong,
)

NAMES = ["lisi", "李四", "青屿中心", "Qingyu Centre", "Foyer"]


@pytest.mark.parametrize(
    "password",
    [
        "tulip lantern harbour",
        "十二个汉字组成的一句话好吗",
        "grün-Ofen 7 Katzen",
        "' OR 1=1 -- drop table",
        "Tr0ub4dor&3xyzQ",
        "🙂🌧️☂️🚪🔑🛗🧾📦🪑🖨️☎️🕰️",
        "a place in the centre of town",
        "tulip lantern harbour " * 11,
    ],
)
def test_long_and_unlikely_ones_are_taken(password: str) -> None:
    must_be_strong(password, not_in_it=NAMES)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "At least"),
        ("eleven char", "At least"),
        ("a tulip " * 33, "At most"),
        ("password1234", "Many people"),
        ("P@ssw0rd 2026!", "Many people"),
        ("Welcome2026!!", "Many people"),
        ("!!!Admin!!!123", "Many people"),
        ("woaini5201314", "Many people"),
        ("correct horse battery staple", "Many people"),
        ("ｐａｓｓｗｏｒｄ１２３４", "Many people"),
        ("LeaveMeAlone", "Many people"),
        ("chickenwing101", "Many people"),
        ("aaaaaaaaaaaaaaaa", "repeats itself"),
        ("tulip9tulip9tulip9", "repeats itself"),
        ("0123456789ab", "repeats itself"),
        ("mnbvcxzlkjhgf", "repeats itself"),
        ("zyxwvutsrqponm", "repeats itself"),
        ("9876543210987654", "repeats itself"),
        ("1qaz2wsx3edc4rfv5tgb", "repeats itself"),
        ("the lisi of 2026!", "Leave out"),
        ("青屿中心的大门钥匙在这里吧", "Leave out"),
        ("QingyuCentre-2026", "Leave out"),
        ("qingyu lobby 2026", "Leave out"),
        ("foyer on 2026-11", "Leave out"),
    ],
)
def test_short_common_and_telling_ones_are_refused_with_the_reason(password: str, says: str) -> None:
    with pytest.raises(WeakPassword, match=says):
        must_be_strong(password, not_in_it=NAMES)


def test_the_most_used_of_the_leaked_ones_that_are_long_enough_are_known() -> None:
    leaked = LEAKED.read_text("utf-8").splitlines()
    assert len(set(leaked)) == 10_000
    assert min(map(len, leaked)) == SHORTEST
    for password in leaked[::500]:
        with pytest.raises(WeakPassword):
            must_be_strong(password)


def test_a_login_of_two_letters_forbids_nothing() -> None:
    must_be_strong("the tulip lantern harbour", not_in_it=["he", ""])


def test_a_hash_knows_its_password_however_the_accent_was_typed() -> None:
    kept = hash_password("caf\u00e9 tulip lantern")
    assert kept.startswith("$argon2id$")
    assert is_password(kept, "cafe\u0301 tulip lantern")
    assert not is_password(kept, "cafe tulip lantern")
    assert not is_password("", "anything")


def test_nobody_s_hash_costs_what_ours_cost() -> None:
    assert not is_outdated(NOBODYS)
    assert not is_password(NOBODYS, "anything at all")


def test_the_list_is_there() -> None:
    assert len(common()) > 250
