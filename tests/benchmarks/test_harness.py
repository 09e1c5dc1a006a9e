"""What the benchmarks' figures are made of."""

from __future__ import annotations

from functools import partial

import pytest

from benchmarks.harness import Target, alternate, percentile, ratio, show


def test_every_round_begins_with_another_contestant() -> None:
    """Who runs first in one round runs last in the next."""
    order: list[str] = []
    results = alternate(3, {name: partial(order.append, name) for name in "abc"})
    assert "".join(order) == "abcbcacab"
    assert {name: len(each) for name, each in results.items()} == {"a": 3, "b": 3, "c": 3}


def test_a_ratio_is_taken_within_each_round() -> None:
    """A round that is slow for both sides changes nothing."""
    assert ratio([1.0, 50.0, 3.0], [2.0, 100.0, 6.0]) == 0.5


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 99, 0.0),
        ([7.0], 99, 7.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([float(n) for n in range(1, 101)], 99, 99.0),
        ([float(n) for n in range(1, 102)], 99, 100.0),
    ],
)
def test_a_percentile_is_one_of_the_values(
    values: list[float], percent: float, expected: float
) -> None:
    """It is the smallest that so many percent of all values do not exceed."""
    assert percentile(values, percent) == expected


@pytest.mark.parametrize(
    ("reached", "told"),
    [
        (0.65, "T2  met     0.65 of at most 0.65: CPU"),
        (0.66, "T2  MISSED  0.66 of at most 0.65: CPU"),
    ],
)
def test_a_target_says_whether_it_is_met(reached: float, told: str) -> None:
    """Being at the limit is enough."""
    assert str(Target("T2", "CPU", reached, 0.65)) == told


def test_a_table_aligns_words_left_and_numbers_right(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers are told with the digits that count."""
    show("Title", ("", "µs"), [("naive", 1234.5), ("x", 1.5), ("y", "12")])
    assert capsys.readouterr().out.splitlines() == [
        "",
        "Title",
        "",
        "          µs",
        "naive  1,234",
        "x       1.50",
        "y         12",
    ]
