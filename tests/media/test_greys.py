"""Grey pictures as rows."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from mjflow.media import greys
from mjflow.media.whole import check

from .pictures import grey_rows

GREY = st.integers(0, 255)


@st.composite
def pictures_of(draw: st.DrawFn, values: st.SearchStrategy[int] = GREY) -> list[bytes]:
    """Draw some rows of equal length."""
    width = draw(st.integers(1, 9))
    row = st.lists(values, min_size=width, max_size=width).map(bytes)
    return draw(st.lists(row, min_size=1, max_size=9))


def average(rows: list[bytes], x: int, y: int, radius: int) -> int:
    """Average a square the slow way; outside the picture its nearest pixel counts."""
    around = range(-radius, radius + 1)
    height, width = len(rows), len(rows[0])
    values = [
        rows[min(max(y + down, 0), height - 1)][min(max(x + right, 0), width - 1)]
        for down in around
        for right in around
    ]
    return round(Fraction(sum(values), len(values)))


@given(rows=pictures_of())
def test_a_png_holds_the_very_rows(rows: list[bytes]) -> None:
    """A strict decoder gives them back, and the file is whole and measures right."""
    data = greys.png(rows, len(rows[0]), len(rows))
    whole = check(data)

    assert grey_rows(data) == rows
    assert (whole.kind.name, whole.width, whole.height) == ("PNG", len(rows[0]), len(rows))


@given(rows=pictures_of(), radius=st.integers(1, 6))
def test_softening_averages_the_square_around_each_pixel(rows: list[bytes], radius: int) -> None:
    """Each pixel, exactly rounded, also where the square is larger than the picture."""
    expected = [
        bytes(average(rows, x, y, radius) for x in range(len(rows[0]))) for y in range(len(rows))
    ]

    assert list(greys.soften(rows, radius)) == expected


@given(rows=pictures_of(st.sampled_from([0, 255])), radius=st.integers(1, 4))
def test_softening_and_turning_round_can_be_exchanged(rows: list[bytes], radius: int) -> None:
    """The negative of the soft is the soft negative."""
    one = [greys.negative(row) for row in greys.soften(rows, radius)]
    other = list(greys.soften([greys.negative(row) for row in rows], radius))

    assert one == other


@given(
    pair=st.lists(st.tuples(GREY | st.sampled_from([0, 255]), GREY), min_size=1, max_size=20),
    pure=st.booleans(),
)
def test_the_lighter_of_two_rows_is_taken_pixel_by_pixel(
    pair: list[tuple[int, int]], pure: bool
) -> None:
    """For rows of two colours, for grey ones, and for one of each."""
    one = bytes(255 * (a > 127) if pure else a for a, _ in pair)
    other = bytes(b for _, b in pair)
    expected = bytes(max(a, b) for a, b in zip(one, other, strict=True))

    assert greys.lighter(one, other) == expected
    assert greys.lighter(other, one) == expected


@given(rows=pictures_of())
def test_dark_and_light_are_told_by_the_nearer_end(rows: list[bytes]) -> None:
    """127 is dark and 128 is light."""
    values = b"".join(rows)

    assert greys.has_dark(rows) == (min(values) <= 127)
    assert greys.has_light(rows) == (max(values) >= 128)
