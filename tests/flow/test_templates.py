"""Texts with fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import InvalidInput
from mjflow.flow.templates import PICTURE_FIELDS, fields, fill, fill_name, is_name, literal
from mjflow.media.names import NameTemplate

VALUES = {"animal": "cat", "product name": "a {brush}", "_x": "", "größe-2": "{{"}


@pytest.mark.parametrize(
    ("text", "expected", "names"),
    [
        ("", "", ()),
        ("a cat", "a cat", ()),
        ("a {animal} in the rain", "a cat in the rain", ("animal",)),
        ("{animal}{animal}", "catcat", ("animal",)),
        ("{product name}, {animal}", "a {brush}, cat", ("product name", "animal")),
        ("{{animal}}", "{animal}", ()),
        ("{{{animal}}}", "{cat}", ("animal",)),
        ("{{ and }}", "{ and }", ()),
        ("x{_x}x{größe-2}", "xx{{", ("_x", "größe-2")),
    ],
)
def test_fields_are_filled_in_once(text: str, expected: str, names: tuple[str, ...]) -> None:
    """A value takes the place of its field, and what is in it is never read again."""
    assert (fill(text, VALUES), fields(text)) == (expected, names)


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        ("a { b", "a { stands alone", "{{ and }}"),
        ("a } b", "a } stands alone", "{{ and }}"),
        ("{a{b}", "a { stands alone", "{{ and }}"),
        ("{}", "{} is no field", "{animal}"),
        ("{ animal }", "{ animal } is no field", "write {animal}"),
        ("{0}", "{0} is no field", "not numbers"),
        ("{a.b}", "{a.b} is no field", "write {a}"),
        ("{a[0]}", "{a[0]} is no field", "write {a}"),
        ("{a!r}", "{a!r} is no field", "write {a}"),
        ("{a:>3}", "{a:>3} is no field", "write {a}"),
        ("a {red, blue} bird", "{red, blue} is no field", "a matrix"),
    ],
)
def test_what_is_no_field_is_refused(text: str, message: str, advice: str) -> None:
    """Format strings of Python and permutations of Midjourney are neither filled in nor sent."""
    with pytest.raises(InvalidInput) as caught:
        fields(text)
    assert message in caught.value.message
    assert advice in caught.value.advice


def test_a_missing_value_is_named_with_the_nearest() -> None:
    """Whoever misspells a field is told what there is."""
    with pytest.raises(InvalidInput, match=r"there is no value 'anmal'\. Did you mean 'animal'\?"):
        fill("{anmal}", VALUES)


@given(st.text())
def test_a_literal_stands_for_itself(text: str) -> None:
    """Whatever is in a text, it can be written as a template."""
    assert fill(literal(text), {}) == text


@given(st.text())
def test_a_text_is_filled_or_refused(text: str) -> None:
    """Nothing else is raised, whatever is written."""
    try:
        names = fields(text)
    except InvalidInput:
        return
    assert all(map(is_name, names))
    assert isinstance(fill(text, dict.fromkeys(names, "{x}")), str)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{animal}/{button}-{id}", "cat/{button}-{id}"),
        ("{run}/{item}/{branch}", "night-1/k/U1 _ V1"),
        ("{prompt}-{cell}", "{prompt}-{cell}"),
        ("{bad}/{id}", "_.._x_{{y}}/{id}"),
        ("{dots}/{id}", "_/{id}"),
        ("{empty}/{id}", "_/{id}"),
        ("{empty}{id}", "{id}"),
        ("{{{animal}}}", "{{cat}}"),
        ("plain", "plain"),
        ("{{x}}", "{{x}}"),
    ],
)
def test_a_name_keeps_the_fields_of_the_picture(template: str, expected: str) -> None:
    """Values of the item and the run are filled in, harmless; the rest is for the picture."""
    values = {
        "animal": "cat",
        "bad": "/../x/{y}",
        "dots": "..",
        "empty": "",
        "prompt": "the item's",
        "item": "k",
        "run": "night-1",
        "branch": "U1 / V1",
    }
    assert fill_name(template, values) == expected


@given(st.text())
def test_no_value_leaves_its_place_in_a_name(value: str) -> None:
    """A filled-in name is a good template, of as many folders as the author wrote."""
    name = fill_name("{x}/a{x}/{id}{x}", {"x": value})
    filled = NameTemplate.parse(name, known=PICTURE_FIELDS).fill({"id": "17"})
    assert len(filled.split("/")) == 3
    assert all(part.strip(" .") for part in filled.split("/"))
