"""The way is told in steps."""

from domain.sites.ways import told_in_steps


def test_a_line_is_a_step_and_an_empty_one_none() -> None:
    assert told_in_steps("Take lift A\n\n  \nTurn right") == ["Take lift A", "Turn right"]


def test_a_number_is_not_parted_from_its_ending() -> None:
    assert told_in_steps("Поднимитесь на 13-й этаж") == ["Поднимитесь на 13-\u2060й этаж"]
    assert told_in_steps("Zones 2-3, lift A-1") == ["Zones 2-3, lift A-1"]
