"""Masks in writing: one line for a command, mappings for a flow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mjflow.errors import InvalidInput
from mjflow.media.masks import Mask, load_mask

from . import drawn
from .drawn import Drawn
from .pictures import encoded

CROWN = Mask.rect(0.3, 0, 0.7, 0.35)
DOT = Mask.ellipse(0.5, 0.75, 0.125, 0.0625)
ROOF = Mask.polygon([(0, 0.5), (0.5, 0), (1, 0.5)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with masks of an awkward name, and one with a hole."""
    half = Image.new("L", (8, 8))
    half.paste(255, (4, 0, 8, 8))
    (tmp_path / "half.png").write_bytes(encoded(half))
    (tmp_path / "a+b rect.png").write_bytes(encoded(half))
    hole = Image.new("RGBA", (8, 8), (255, 0, 0, 255))
    hole.paste((0, 0, 0, 0), (4, 0, 8, 8))
    (tmp_path / "hole.png").write_bytes(encoded(hole))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("rect:0.3,0,0.7,0.35", CROWN),
        ("  RECT: .3 , 0,0.70, 3.5e-1 ", CROWN),
        ("ellipse:0.5,0.75,0.125,0.0625", DOT),
        ("polygon:0,0.5 0.5,0 1,0.5", ROOF),
        ("polygon: 0,.5   .5,0\n1,.5 ", ROOF),
        ("rect:0.3,0,0.7,0.35+ellipse:0.5,0.75,0.125,0.0625", CROWN | DOT),
        ("rect:0.3,0,0.7,0.35 + Ellipse:0.5,0.75,0.125,0.0625", CROWN | DOT),
        ("!rect:0.3,0,0.7,0.35", ~CROWN),
        ("not:rect:0.3,0,0.7,0.35", ~CROWN),
        ("Not: rect:0.3,0,0.7,0.35", ~CROWN),
        ("not:rect:0.3,0,0.7,0.35+ellipse:0.5,0.75,0.125,0.0625", ~(CROWN | DOT)),
        ("rect:0.3,0,0.7,0.35+feather=0.02", CROWN.feathered(0.02)),
        ("!rect:0.3,0,0.7,0.35 + Feather= .02 ", (~CROWN).feathered(0.02)),
        ("rect:0.3,0,0.7,0.35+feather=0", CROWN),
    ],
)
def test_shapes_in_one_line(text: str, mask: Mask) -> None:
    """Every form, in the spellings in which people write it."""
    assert Mask.parse(text) == mask
    assert load_mask(text) == mask
    assert Mask.build(text) == mask


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("half.png", lambda at: Mask.file(at / "half.png")),
        ("file:half.png", lambda at: Mask.file(at / "half.png")),
        ("!half.png", lambda at: ~Mask.file(at / "half.png")),
        ("not:file:half.png", lambda at: ~Mask.file(at / "half.png")),
        ("a+b rect.png", lambda at: Mask.file(at / "half.png")),
        ("file:a+b rect.png+resized", lambda at: Mask.file(at / "half.png", resized=True)),
        ("half.png+resized", lambda at: Mask.file(at / "half.png", resized=True)),
        ("alpha:hole.png", lambda at: Mask.alpha(at / "hole.png")),
        ("half.png+rect:0.3,0,0.7,0.35", lambda at: Mask.file(at / "half.png") | CROWN),
        (
            "half.png + resized + feather=0.1",
            lambda at: Mask.file(at / "half.png", resized=True).feathered(0.1),
        ),
    ],
)
def test_files_in_one_line(text: str, mask: Any, folder: Path) -> None:
    """A path is one whatever is in it, and relative paths begin at the folder."""
    assert Mask.parse(text, folder=folder) == mask(folder)
    assert load_mask(text, folder=str(folder)) == mask(folder)


def test_an_absolute_path_stays_where_it_is(folder: Path) -> None:
    """Whatever the folder is."""
    expected = Mask.file(folder / "half.png")

    assert Mask.parse(str(folder / "half.png"), folder="/nowhere") == expected
    assert load_mask(folder / "half.png", folder="/nowhere") == expected
    assert load_mask(Path("half.png"), folder=folder) == expected


def test_a_path_object_is_never_a_shape(tmp_path: Path) -> None:
    """What a caller has made a path of is taken at its word."""
    with pytest.raises(InvalidInput, match="can't be read: No such file"):
        load_mask(tmp_path / "rect:0.3,0,0.7,0.35")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' can't be read: it names no shape. A mask is the path"),
        ("!", "names no shape"),
        ("feather=0.1", "names no shape"),
        ("nothing.png", "nothing.png' can't be read: No such file.* A mask is the path"),
        ("circle:0.5,0.5,0.1", "circle:0.5,0.5,0.1' can't be read: .*rect:LEFT,TOP,RIGHT,BOTTOM"),
        ("rect:0.3,0,0.7", r"rect takes 4 numbers \(left, top, right, bottom\), not 3"),
        ("rect:", "4 numbers .* not 1"),
        ("rect:30%,0,1,1", "rect has left '30%'"),
        ("rect:300,0,700,350", "rect has left '300'. Write shares .* divided by the size"),
        ("rect:0,0,1,1", "'rect:0,0,1,1' is the whole picture"),
        ("rect:0,0,.5,1+rect:.5,0,1,1", "is the whole picture"),
        ("rect:0.3,0,0.7,0.35+rekt:0,0,1,1", r"what follows the \+ is no shape"),
        ("polygon:0,0 1", r"polygon takes 2 numbers \(x, y\), not 1"),
        ("polygon:0,0 1,1", "has 2 corners"),
        ("rect:0.3,0,0.7,0.35+not:rect:0,0,.5,.5", "not: stands in front"),
        ("rect:0.3,0,0.7,0.35+feather=soft", "feather is 'soft'"),
        ("rect:0.3,0,0.7,0.35+feather=", "feather is ''"),
        ("rect:0.3,0,0.7,0.35+feather=0.6", "feather is '0.6'. Write a share"),
        ("rect:0.3,0,0.7,0.35+feather=0.1+feather=0.1", "an option stands twice"),
        ("feather=0.1+rect:0.3,0,0.7,0.35", "feather= and resized stand at the end"),
        ("rect:0.3,0,0.7,0.35+resized", "only files can be resized"),
        ("alpha:half.png", "is not transparent anywhere"),
        ("a\0b", "can't be read: embedded null"),
    ],
)
def test_a_slip_is_told_with_the_forms_there_are(text: str, message: str, folder: Path) -> None:
    """Nothing is guessed, for a wrong mask is paid for."""
    with pytest.raises(InvalidInput, match=f"(?s){message}"):
        Mask.parse(text, folder=folder)


@pytest.mark.parametrize(
    ("given", "mask"),
    [
        ({"rect": [0.3, 0.0, 0.7, 0.35]}, CROWN),
        ({"rect": ["0.3", "0", "0.7", "0.35"]}, CROWN),
        ({"rect": "0.3, 0, 0.7, 0.35"}, CROWN),
        ({"ellipse": (0.5, 0.75, 0.125, 0.0625)}, DOT),
        ({"polygon": [[0, 0.5], [0.5, 0], [1, 0.5]]}, ROOF),
        ({"polygon": "0,0.5 0.5,0 1,0.5"}, ROOF),
        ({"rect": [0.3, 0, 0.7, 0.35], "invert": True}, ~CROWN),
        ({"rect": [0.3, 0, 0.7, 0.35], "invert": "no", "feather": "0.02"}, CROWN.feathered(0.02)),
        ([{"rect": [0.3, 0, 0.7, 0.35]}, "ellipse:0.5,0.75,0.125,0.0625"], CROWN | DOT),
        (
            {"union": [{"rect": [0.3, 0, 0.7, 0.35]}, {"ellipse": [0.5, 0.75, 0.125, 0.0625]}]},
            CROWN | DOT,
        ),
        (
            {"union": [{"polygon": "0,.5 .5,0 1,.5", "invert": "Yes"}, [CROWN.text]]},
            ~ROOF | CROWN,
        ),
    ],
)
def test_shapes_in_a_flow(given: Any, mask: Mask) -> None:
    """Numbers may have been left as text; lists are unions."""
    assert Mask.build(given) == mask
    assert load_mask(given) == mask


def test_files_in_a_flow(folder: Path) -> None:
    """Relative paths begin at the folder of the flow."""
    file, hole = Mask.file(folder / "half.png"), Mask.alpha(folder / "hole.png")

    assert Mask.build({"file": "half.png"}, folder=folder) == file
    assert Mask.build({"file": Path("half.png"), "invert": True}, folder=folder) == ~file
    assert Mask.build({"alpha": "hole.png"}, folder=folder) == hole
    assert Mask.build([{"file": "half.png"}, {"alpha": "hole.png"}], folder=folder) == file | hole
    resized = Mask.build({"file": "half.png", "resized": "true"}, folder=folder)
    assert resized == Mask.file(folder / "half.png", resized=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "keys of the mask can't be understood: none. A mask has one of rect"),
        ({"invert": True}, "can't be understood: invert"),
        ({"rect": [0, 0, 1, 0.5], "ellipse": [0.5] * 4}, "understood: rect, ellipse"),
        ({"circle": [0.5, 0.5, 0.1]}, "there is no mask 'circle'"),
        ({3: [0.5, 0.5, 0.1]}, "there is no mask 3"),
        ({"rect": None}, "rect takes numbers, not None"),
        ({"rect": [0, 0, 1]}, "takes 4 numbers .* not 3"),
        ({"rect": [0, 0, [1], 1]}, r"rect has right \[1\]"),
        ({"polygon": [0, 0, 1, 1]}, "polygon takes numbers, not 0"),
        ({"rect": [0, 0, 1, 0.5], "invert": "perhaps"}, "invert is 'perhaps'. It is true or"),
        ({"rect": [0, 0, 1, 0.5], "feather": None}, "feather is None"),
        ({"rect": [0, 0, 1, 0.5], "resized": True}, "only files can be resized"),
        ({"file": ["a.png"]}, r"file takes a path, not \['a.png'\]"),
        ({"file": "nothing.png"}, "'nothing.png' can't be read: No such file"),
        ({"union": "rect:0,0,1,1"}, "union takes a list, not 'rect:0,0,1,1'"),
        ({"union": []}, "union is empty"),
        ([], "union is empty"),
        ([{"rect": [0, 0, 1, 0.5], "feather": 0.1}], "has a feather. Join first"),
        ([1], "can't be made of 1"),
        (None, "can't be made of None"),
    ],
)
def test_a_mistake_in_a_flow_is_told(given: Any, message: str) -> None:
    """What is wrong, and which keys there are."""
    with pytest.raises(InvalidInput, match=message):
        load_mask(given)


@given(drawn=drawn.outlines, other=drawn.outlines, turned=st.booleans())
def test_what_a_mask_is_called_can_be_read_again(drawn: Drawn, other: Drawn, turned: bool) -> None:
    """Shapes, unions of them, turned round and softened."""
    try:
        mask = drawn[0] | other[0]
    except InvalidInput:
        mask = drawn[0]
    mask = (~mask if turned else mask).feathered(0.1)

    assert Mask.parse(mask.text) == mask


@given(
    text=st.text(max_size=30) | st.from_regex(r"(!|not:)?(rect|polygon):[0-9., +]*", fullmatch=True)
)
def test_any_text_gives_a_mask_or_our_error(text: str) -> None:
    """No other exception, whatever is written."""
    try:
        mask = Mask.parse(text, folder="/nonexistent")
    except InvalidInput as error:
        assert error.message
    else:
        assert Mask.parse(text, folder="/nonexistent") == mask
