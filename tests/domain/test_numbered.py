"""What is numbered stands in the order in which people count it."""

from types import SimpleNamespace

import pytest

from domain.meetings.queries import by_floor
from domain.numbered import counted


@pytest.mark.parametrize(
    "in_order",
    [
        ["", "1", "1F", "2F", "10F", "B1", "B2", "B10"],
        ["201", "1001"],
        ["a-9", "A-10", "b-1"],
        ["２F", "10F"],
        ["东座2", "东座10", "西座1"],
    ],
)
def test_numbers_are_counted_and_words_are_spelled(in_order: list[str]) -> None:
    assert sorted(set(in_order), key=counted) == in_order


def test_rooms_stand_by_floor_then_by_name() -> None:
    rooms = [SimpleNamespace(id=id_, floor=floor, name=name) for id_, floor, name in ((1, "10", "A"), (2, "2", "B 10"))]
    rooms += [SimpleNamespace(id=3, floor="2", name="B 9"), SimpleNamespace(id=4, floor="", name="Z")]
    assert [room.id for room in by_floor(rooms)] == [4, 3, 2, 1]
