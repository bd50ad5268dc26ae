"""Columns have an axis with round numbers, however high they are."""

import pytest
from flask import Flask

from domain.figures import Bar, Chart, Panel, Verbatim
from web import charts


@pytest.mark.parametrize("most", [0, 1, 2, 3, 4, 7, 30_001, 49_999, 300_001, 999_999, 123_456_789, 10**10])
def test_columns_of_any_height_are_drawn(app: Flask, most: int) -> None:
    bars = [Bar(Verbatim("08"), most), Bar(Verbatim("09"), most // 2)]
    panel = Panel("hours", "Hours", Verbatim("-"), ("Hour",), [], chart=Chart("columns", bars))
    with app.test_request_context("/reports"):
        drawn = charts.draw(panel)
    assert str(drawn.svg).count('class="v"') == sum(bool(bar.value) for bar in bars)


@pytest.mark.parametrize("power", range(10))
def test_an_axis_has_one_to_three_round_numbers_up_to_the_highest(power: int) -> None:
    for of_ten in range(10, 100):
        most = max(1.0, of_ten * 10**power / 10)
        steps = charts._steps(most)
        assert 1 <= len(steps) <= 3
        assert 0 < steps[0] <= steps[-1] <= most
