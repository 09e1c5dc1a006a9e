"""Masks made of shapes: which pixels are theirs."""

from __future__ import annotations

import math
import sys
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mjflow.errors import InvalidInput
from mjflow.media import outlines
from mjflow.media.masks import Mask

from . import drawn
from .drawn import Drawn
from .pictures import grey_rows

size = st.integers(1, 40)

PREFIX = "data:image/png;base64,"


def picture(mask: Mask, width: int, height: int) -> str:
    """Draw a mask in letters, a line each."""
    rows = grey_rows(mask.png(width, height))
    return "\n".join("".join("#" if pixel else "." for pixel in row) for row in rows)


@given(drawn=drawn.masks, width=size, height=size)
def test_a_mask_has_the_pixels_whose_centres_it_has(drawn: Drawn, width: int, height: int) -> None:
    """At any size, and nothing but black and white; compared with asking for each pixel."""
    mask, inside = drawn
    expected = [
        [inside((x + 0.5) / width, (y + 0.5) / height) for x in range(width)] for y in range(height)
    ]
    possible = {verdict for row in expected for verdict in row}
    try:
        rows = grey_rows(mask.png(width, height))
    except InvalidInput as error:
        assert "nothing would" in error.message
        assert not {True, False} <= possible
        return

    assert (len(rows[0]), len(rows)) == (width, height)
    assert {pixel for row in rows for pixel in row} == {0, 255}
    assert [
        (x, y)
        for y, row in enumerate(rows)
        for x, pixel in enumerate(row)
        if expected[y][x] not in (None, pixel == 255)
    ] == []


@given(one=drawn.masks, other=drawn.masks, third=drawn.masks)
def test_masks_obey_the_laws_of_sets(one: Drawn, other: Drawn, third: Drawn) -> None:
    """Order, grouping and repetition make no difference; turned round twice is not at all."""
    a, b, c = one[0], other[0], third[0]
    try:
        joined = (a | b) | c
    except InvalidInput:
        with pytest.raises(InvalidInput, match="is the whole picture"):
            a | b | c
        return

    assert joined == (c | a) | b
    assert hash(joined) == hash((c | a) | b)
    assert joined.digest == ((c | a) | b).digest
    assert a | a == a
    assert ~~a == a
    assert ~a != a
    assert (~a).digest != a.digest


@given(drawn=drawn.masks)
def test_white_and_black_change_places(drawn: Drawn) -> None:
    """A mask turned round is its negative."""
    mask, _ = drawn
    try:
        rows = grey_rows(mask.png(32, 24))
    except InvalidInput:
        return
    turned = grey_rows((~mask).png(32, 24))

    assert turned == [bytes(255 - pixel for pixel in row) for row in rows]


@given(share=drawn.share, width=size, height=size)
def test_neighbours_neither_overlap_nor_leave_a_gap(share: float, width: int, height: int) -> None:
    """Two rectangles with a common edge share out all pixels."""
    assume(0 < share < 1)
    left, right = Mask.rect(0, 0, share, 1), Mask.rect(share, 0, 1, 1)

    assert right._shape != left._shape
    assert list((~left)._shape.rows(width, height)) == list(right._shape.rows(width, height))


# Two edges, the nearer one first, in shares of eight.
edges = st.sampled_from([(a / 8, b / 8) for a in range(8) for b in range(a + 1, 9)])


@given(across=edges, down=edges, width=size, height=size)
def test_a_centre_on_an_edge_belongs_to_the_right_and_lower_side(
    across: tuple[float, float], down: tuple[float, float], width: int, height: int
) -> None:
    """Of rectangles and of polygons with the same corners, at sizes where centres meet edges."""
    (left, right), (top, bottom) = across, down
    assume((right - left) * (bottom - top) < 1)
    rectangle = Mask.rect(left, top, right, bottom)
    corners = [(left, top), (left, bottom), (right, bottom), (right, top)]
    white = bytes(255 * (left <= (x + 0.5) / width < right) for x in range(width))
    inside = [top <= (y + 0.5) / height < bottom for y in range(height)]
    expected = [white if there else bytes(width) for there in inside]

    assert list(rectangle._shape.rows(width, height)) == expected
    assert list(Mask.polygon(corners)._shape.rows(width, height)) == expected
    assert list(Mask.polygon(corners[::-1])._shape.rows(width, height)) == expected


def test_the_example_of_the_manual_is_exact() -> None:
    """0.3 to 0.7 across and 0 to 0.35 down, on a picture of 1024 x 1024."""
    rows = grey_rows(Mask.rect(0.3, 0, 0.7, 0.35).png(1024, 1024))
    inside = bytes(307) + b"\xff" * 410 + bytes(307)

    assert rows == [inside] * 358 + [bytes(1024)] * 666


def test_an_ellipse_is_round_on_a_picture_that_is_not_square() -> None:
    """Its radii are shares of width and height."""
    assert picture(Mask.ellipse(0.5, 0.5, 0.25, 0.5), 16, 8) == (
        "......####......\n"
        ".....######.....\n"
        "....########....\n"
        "....########....\n"
        "....########....\n"
        "....########....\n"
        ".....######.....\n"
        "......####......"
    )


def test_a_star_has_its_middle() -> None:
    """What a line goes round twice is inside too."""
    corners = [(0.5 + 0.5 * math.sin(a), 0.5 - 0.5 * math.cos(a)) for a in _fifths()]
    star = Mask.polygon([(round(x, 6), round(y, 6)) for x, y in corners])

    assert picture(star, 20, 10) == (
        "....................\n"
        ".........##.........\n"
        "........####........\n"
        ".##################.\n"
        "...##############...\n"
        "......########......\n"
        "......########......\n"
        ".....###....###.....\n"
        "....##........##....\n"
        "...................."
    )


def _fifths() -> list[float]:
    """Give the angles of a star, every second of five."""
    return [2 * step * math.tau / 5 for step in range(5)]


def test_the_whole_of_a_large_picture_is_drawn() -> None:
    """2048 x 2048 pixels, with nothing imported for it."""
    rows = grey_rows((~Mask.ellipse(0.5, 0.5, 0.5, 0.5)).png(2048, 2048))

    assert (len(rows), len(rows[0])) == (2048, 2048)
    # What is left of a square outside its circle.
    assert sum(row.count(255) for row in rows) == pytest.approx((1 - math.pi / 4) * 2048**2, 1e-4)


def test_shapes_need_no_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does joining, turning round, softening or sending them."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    mask = ~(Mask.rect(0, 0, 0.5, 0.5) | Mask.ellipse(0.5, 0.5, 0.2, 0.2)).feathered(0.1)
    url = mask.data_url(123, 45)

    assert url.startswith(PREFIX)
    assert b64decode(url.removeprefix(PREFIX), validate=True) == mask.png(123, 45)


def test_a_soft_edge_runs_from_black_to_white() -> None:
    """A tenth of the shorter side of 50 is a ramp of five pixels around the edge."""
    rows = grey_rows(Mask.rect(0.5, 0, 1, 1).feathered(0.1).png(100, 50))

    assert set(rows) == {bytes(48) + bytes([51, 102, 153, 204]) + b"\xff" * 48}


def test_a_feather_thinner_than_a_pixel_changes_nothing() -> None:
    """At a size at which it can't be seen, the edge is sharp."""
    mask = Mask.rect(0.25, 0.25, 0.75, 0.75)

    assert mask.feathered(0.01).png(64, 64) == mask.png(64, 64)
    assert mask.feathered(0) == mask
    assert mask.feathered(0.01) != mask


def test_a_feather_can_be_taken_off_or_turned_round() -> None:
    """Each mask has one feather, and keeps it when it is turned round."""
    mask = Mask.rect(0.25, 0.25, 0.75, 0.75)

    assert mask.feathered(0.1).feathered(0) == mask
    assert (~mask.feathered(0.1)).feather == 0.1
    assert ~mask.feathered(0.1) == (~mask).feathered(0.1)


def test_soft_masks_are_not_joined() -> None:
    """What to do instead is in the advice."""
    soft, sharp = Mask.rect(0, 0, 0.5, 0.5).feathered(0.1), Mask.rect(0.5, 0, 1, 0.5)

    for one, other in ((soft, sharp), (sharp, soft)):
        with pytest.raises(InvalidInput, match=r"soft edges.*\(one \| other\)\.feathered"):
            one | other


def test_a_mask_is_joined_with_masks_only() -> None:
    """Anything else is a TypeError, as of any operator."""
    with pytest.raises(TypeError):
        Mask.rect(0, 0, 0.5, 0.5) | "rect:0,0,1,0.5"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Mask.rect(0.7, 0, 0.3, 0.5), "rect:0.7,0,0.3,0.5' has no area"),
        (lambda: Mask.rect(0.1, 0.2, 0.9, 0.2), "has no area"),
        (lambda: Mask.rect(0, 0, 1, 1), "'rect:0,0,1,1' is the whole picture"),
        (lambda: Mask.rect(0.3, 0, 1.2, 0.5), "rect has right 1.2. Write shares .* from 0 to 1"),
        (lambda: Mask.rect(-0.1, 0, 1, 0.5), "rect has left -0.1"),
        (lambda: Mask.rect(0, math.nan, 1, 0.5), "rect has top nan"),
        (lambda: Mask.rect(0, 0, math.inf, 0.5), "rect has right inf"),
        (lambda: Mask.rect(0, 0, 10**400, 0.5), "rect has right 1000"),
        (lambda: Mask.rect(0, 0, None, 0.5), "rect has right None"),  # type: ignore[arg-type]
        (lambda: Mask.rect(0.5, 0, 0.50001, 1), "covers nothing"),
        (lambda: Mask.ellipse(0.5, 0.5, 0, 0.2), "has no area"),
        (lambda: Mask.ellipse(0.5, 1.5, 0.1, 0.2), "ellipse has y 1.5"),
        (lambda: Mask.ellipse(0.3, 0, 0.7, 0.35), "reaches over the picture's edge.*The order"),
        (lambda: Mask.polygon([]), "has 0 corners"),
        (lambda: Mask.polygon([(0, 0), (1, 1)]), "has 2 corners"),
        (lambda: Mask.polygon([(0, 0), (0.5, 0.5), (1, 1)]), "covers nothing"),
        (lambda: Mask.polygon([(0, 0), (1, 0), (1, 1), (1, 0)]), "covers nothing"),
        (lambda: Mask.polygon([(0, 0), (1, 0), (1, 1), (0, 1)]), "is the whole picture"),
        (lambda: Mask.polygon([(0, 0), (1, 0), (1, 1.01)]), "polygon has y 1.01"),
        (lambda: Mask.polygon([(0, 0), (1, 0), (1,)]), "polygon takes 2 numbers"),  # type: ignore[list-item]
        (lambda: Mask.polygon([(0, 0), (1, 0), 1]), "polygon takes numbers, not 1"),  # type: ignore[list-item]
        (lambda: Mask.rect(0, 0, 0.5, 1) | Mask.rect(0.5, 0, 1, 1), "is the whole picture"),
        (lambda: ~Mask.rect(0, 0, 0.5, 1) | Mask.rect(0, 0, 0.5, 1), "is the whole picture"),
        (lambda: Mask.rect(0, 0, 0.5, 1).feathered(0.51), "feather is 0.51"),
        (lambda: Mask.rect(0, 0, 0.5, 1).feathered(-0.1), "feather is -0.1"),
        (lambda: Mask.rect(0, 0, 0.5, 1).feathered(math.nan), "feather is nan"),
    ],
)
def test_what_can_not_be_a_mask_is_refused_when_it_is_made(make: Any, message: str) -> None:
    """Numbers that are none or out of bounds, nothing inside, nothing outside."""
    with pytest.raises(InvalidInput, match=message):
        make()


@pytest.mark.parametrize(
    ("mask", "size", "message"),
    [
        (Mask.rect(0.38, 0.38, 0.42, 0.42), (8, 8), "of 8 x 8 pixels, nothing would change"),
        (~Mask.rect(0.38, 0.38, 0.42, 0.42), (8, 8), "nothing would stay"),
        (Mask.rect(0.4, 0.4, 0.5, 0.5).feathered(0.5), (100, 100), "nothing would change"),
        (Mask.rect(0, 0, 0.5, 1), (None, None), "has no size of its own"),
        (Mask.rect(0, 0, 0.5, 1), (100, None), "has no size of its own"),
        (Mask.rect(0, 0, 0.5, 1), (0, 100), "no mask can be drawn for 0 x 100 pixels"),
        (Mask.rect(0, 0, 0.5, 1), (-1, -1), "no mask can be drawn for -1 x -1"),
        (Mask.rect(0, 0, 0.5, 1), (20_000, 10_001), "no mask can be drawn for 20000 x 10001"),
    ],
)
def test_what_can_not_be_drawn_is_refused_before_it_is_sent(
    mask: Mask, size: tuple[int | None, int | None], message: str
) -> None:
    """Sizes that no picture has, and those at which a shape vanishes."""
    with pytest.raises(InvalidInput, match=message):
        mask.png(*size)


def test_a_mask_too_large_to_be_sent_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the size of what was drawn."""
    monkeypatch.setattr("mjflow.media.rasters.MOST_SENT", 50)

    with pytest.raises(InvalidInput, match="No server takes that"):
        Mask.rect(0.1, 0.1, 0.2, 0.9).png(200, 100)


def test_a_mask_of_shapes_has_no_size() -> None:
    """It fits any picture."""
    mask = Mask.rect(0, 0, 0.5, 1)

    assert (mask.width, mask.height) == (None, None)


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        (Mask.rect(0.3, 0, 0.7, 0.35), "Mask(rect:0.3,0,0.7,0.35)"),
        (~Mask.rect(0.3, -0.0, 0.7, 1), "Mask(not:rect:0.3,0,0.7,1)"),
        (Mask.ellipse(0.5, 0.5, 0.1, 0.2), "Mask(ellipse:0.5,0.5,0.1,0.2)"),
        (Mask.rect(0, 0, 0.5, 1).feathered(0.02), "Mask(rect:0,0,0.5,1+feather=0.02)"),
        (Mask.polygon([(0, 0), (1, 0), (0.5, 1)]), "Mask(polygon:0,0 1,0 0.5,1)"),
        (Mask.polygon([(n % 7 / 7, n % 11 / 11) for n in range(50)]), None),
    ],
)
def test_a_repr_is_short_and_tells_the_shape(mask: Mask, text: str | None) -> None:
    """In the words in which it can be written; a long one is cut."""
    assert repr(mask) == text or (text is None and len(repr(mask)) < 90)


def test_equal_masks_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that answers many dialogs with one mask draws it once."""
    calls = []
    original = outlines.Rectangle._spans

    def counted(self: outlines.Rectangle, y: float, width: int) -> outlines.Spans:
        calls.append(y)
        return original(self, y, width)

    monkeypatch.setattr(outlines.Rectangle, "_spans", counted)
    first = Mask.rect(0.123, 0.1, 0.2, 0.9).png(100, 90)
    drawn = len(calls)

    assert Mask.rect(0.123, 0.1, 0.2, 0.9).png(100, 90) is first
    assert len(calls) - drawn < 64  # the new one was looked at, and not drawn
