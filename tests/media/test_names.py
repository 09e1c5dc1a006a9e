"""File names."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mjflow.errors import InvalidInput
from mjflow.media.kinds import KINDS, PNG
from mjflow.media.names import (
    LONGEST,
    NameTemplate,
    TakenNames,
    escape,
    numbered,
    unique,
    with_extension,
    without_extension,
)

FIELDS = ("id", "button", "animal")


def fill(template: str, **values: object) -> str:
    """Read a template and fill it in."""
    return NameTemplate.parse(template, known=FIELDS).fill(values)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{id}", "1712"),
        ("{button}-{id}", "U1-1712"),
        ("{animal}/{button}-{id}", "cat/U1-1712"),
        ("all {animal}s/{button} - {id}", "all cats/U1 - 1712"),
        ("{{{animal}}}-{id}", "{cat}-1712"),
        ("fixed", "fixed"),
        ("{id}.png", "1712"),
        ("{id}.JPEG", "1712"),
        ("{id} v6.1", "1712 v6.1"),
        ("a:b*{id}", "a_b_1712"),
        ("a\\{id}", "a_1712"),
    ],
)
def test_a_template_is_filled_in(template: str, expected: str) -> None:
    """Fields, folders, text and doubled braces."""
    assert fill(template, id=1712, button="U1", animal="cat") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "_"),
        ("", "_"),
        (None, "_"),
        ("/", "_"),
        ("C:\\Windows", "C__Windows"),
        ("Vary (Region)", "Vary (Region)"),
        ("a\nb\t c\u2028d", "a b c d"),
        ("a\x00b\x7f\u202ec\ud800", "abc"),
        ("dot.", "dot"),
        ("dots and spaces . . ", "dots and spaces"),
        (".hidden", "hidden"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com¹", "_com¹"),
        ("Conifer", "Conifer"),
        ('a<b>c"d|e?f*g', "a_b_c_d_e_f_g"),
        ("cafe\u0301", "café"),
        ("猫", "猫"),
        ("🔄", "🔄"),
    ],
)
def test_a_value_is_made_safe(value: object, expected: str) -> None:
    """Separators, control characters, reserved words and what Windows forbids."""
    assert fill("{animal}", animal=value) == expected


def test_a_slash_in_a_value_makes_no_folder() -> None:
    """Only the template makes folders."""
    assert fill("{animal}/{id}", animal="cat/dog", id="1") == "cat_dog/1"


def test_a_blank_value_leaves_the_rest_of_the_name() -> None:
    """A root task has no button, and still a name."""
    assert fill("{button}-{id}", button=None, id="1") == "-1"


def test_a_long_value_gives_way_to_the_rest_of_the_name() -> None:
    """A long prompt is cut; the id behind it stays whole."""
    name = fill("{animal}-{id}", animal="x" * 500, id="1712")

    assert name == "x" * (LONGEST - 1 - len("-1712")) + "-1712"


def test_a_long_value_is_cut_between_characters() -> None:
    """No half of a character is left where the bytes run out."""
    name = fill("{animal}", animal="猫" * 500)

    assert name == "猫" * ((LONGEST - 1) // 3)


@pytest.mark.parametrize("template", ["", "/{id}", "{id}/", "a//{id}", "../{id}", "./{id}", ".png"])
def test_a_template_that_leads_nowhere_is_refused(template: str) -> None:
    """Absolute paths, dots and empty parts."""
    with pytest.raises(InvalidInput, match="has an empty or dotted part"):
        fill(template, id="1")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{id", "is malformed"),
        ("id}", "is malformed"),
        ("{id!r}", "formats the field 'id'"),
        ("{id:>10}", "formats the field 'id'"),
        ("{}", "there is no field ''"),
        ("{id.real}", "there is no field 'id.real'"),
        ("{id[0]}", "there is no field 'id[0]'"),
    ],
)
def test_a_malformed_template_is_refused(template: str, message: str) -> None:
    """Braces that don't match, and everything of format strings but plain fields."""
    with pytest.raises(InvalidInput, match=re.escape(message)):
        NameTemplate.parse(template, known=FIELDS)


def test_an_unknown_field_names_the_nearest_and_all() -> None:
    """A typing error is answered with what was meant."""
    with pytest.raises(InvalidInput) as caught:
        NameTemplate.parse("{anmal}-{id}", known=FIELDS)

    assert str(caught.value) == (
        "there is no field 'anmal' for the file name template '{anmal}-{id}'. "
        "Did you mean {animal}? The fields here: animal, button, id."
    )


def test_an_unknown_field_like_no_other_names_all() -> None:
    """Nothing is suggested where nothing is near."""
    with pytest.raises(InvalidInput, match=r"x'\. The fields here: none at all"):
        NameTemplate.parse("{q}x", known=())


def test_a_template_knows_its_fields() -> None:
    """What a plan needs to foresee collisions."""
    template = NameTemplate.parse("{animal}/x-{id}-{id}", known=FIELDS)

    assert template.fields == {"animal", "id"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_extension_comes_from_the_content(kind: object) -> None:
    """Every kind has its own, and it can be numbered."""
    assert kind in KINDS
    path = with_extension("a/v6.1", kind)

    assert numbered(path, 2) == "a/v6.1-2" + kind.extension


def test_a_taken_name_gets_the_next_free_number() -> None:
    """Numbers begin at 2 and stand before the extension."""
    assert unique("a/cat.png", set()) == "a/cat.png"
    assert unique("a/cat.png", {"a/cat.png"}) == "a/cat-2.png"
    assert unique("a/cat.png", {"a/cat.png", "a/cat-2.png"}) == "a/cat-3.png"
    assert unique("v6.1", {"v6.1"}) == "v6.1-2"


def test_names_that_some_disks_take_for_one_are_taken() -> None:
    """Upper and lower case, and the two spellings of an accent."""
    taken = TakenNames(["Café.png"])
    taken.add("B.png")

    assert unique("CAFE\u0301.png", taken) == "CAFE\u0301-2.png"
    assert unique("b.png", taken) == "b-2.png"
    assert unique("c.png", taken) == "c.png"


# Weighted towards what is dangerous in a name.
nasty = st.text(
    st.one_of(
        st.sampled_from(
            list('./\\: ~-$%*?"<>|{}\0\n\r\t\x7f\u200b\u202e\u2028\ufeff\ud800\udfff猫e\u0301')
        ),
        st.characters(),
    ),
    max_size=80,
)
words = st.one_of(
    nasty,
    st.sampled_from(["..", "con", "NUL.txt", "/", "~", "LPT1 .x", "aux . ", "...", ". .", "C:"]),
    nasty.map(lambda text: text * 40),
)


def check_part(part: str) -> None:
    """Check what holds for the name of any file or folder."""
    assert part not in {"", ".", ".."}
    assert len(part.encode()) <= LONGEST
    assert part == part.strip(" .")
    assert not set(part) & set('/\\:*?"<>|\0\n\r\t')
    assert part.isprintable()
    assert not PureWindowsPath(part).is_reserved()


@given(animal=words, button=words)
@example(animal="con" + "." * 300, button="")
@example(animal="con." + "x" * 300, button="..")
def test_no_value_leaves_the_folder(animal: str, button: str) -> None:
    """Whatever the values, the file is below the folder, as deep as the template says."""
    path = fill("{animal}/{button}-{id}", animal=animal, button=button, id="1")
    folder, name = path.split("/")

    check_part(folder)
    check_part(name)
    assert name.endswith("-1")
    assert PurePosixPath("out", path).parent.parent == PurePosixPath("out")
    assert Path("/out", path).resolve().parent.parent == Path("/out").resolve()


@given(value=nasty)
@example(value="\r\x1b\r")
def test_escaping_twice_changes_nothing(value: str) -> None:
    """An escaped value is safe already."""
    assert escape(escape(value)) == escape(value)


@given(template=nasty, values=st.fixed_dictionaries(dict.fromkeys(FIELDS, words)))
def test_any_template_is_refused_or_safe(template: str, values: dict[str, str]) -> None:
    """A template from a stranger's flow file leaves the folder no more than a value does."""
    try:
        path = NameTemplate.parse(template, known=FIELDS).fill(values)
    except InvalidInput as error:
        assert error.advice
    else:
        for part in path.split("/"):
            check_part(part)


@given(names=st.lists(st.sampled_from(["a.png", "A.png", "b.png", "a-2.png"]), max_size=12))
def test_unique_names_are_unique(names: list[str]) -> None:
    """However often a name is asked for, no two files get the same, in any case."""
    taken, given_out = TakenNames(), []
    for name in names:
        given_out.append(unique(name, taken))
        taken.add(given_out[-1])

    assert len({name.casefold() for name in given_out}) == len(names)


def test_the_extension_of_a_picture_is_put_behind_dots() -> None:
    """A version number is no extension."""
    assert with_extension("cat v6.1", PNG) == "cat v6.1.png"


@pytest.mark.parametrize(
    ("name", "bare"),
    [("a.png", "a"), ("a v6.1.JPEG", "a v6.1"), ("a v6.1", "a v6.1"), ("a.png.json", "a.png.json")],
)
def test_only_an_extension_of_ours_is_left_out(name: str, bare: str) -> None:
    """A dot alone makes no extension."""
    assert without_extension(name) == bare
