"""Items: rows by cells, with keys that stay."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import count, islice, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.errors import FlowInvalid, InvalidInput
from mjflow.flow import Flow
from mjflow.flow.items import Item, check_values, items
from mjflow.flow.language.inputs import Inputs
from mjflow.flow.matrix import Matrix, cells
from mjflow.protocol.checks import check_key

FLOW = Flow([{"imagine": "a {animal}"}])


def keys(flow: Flow, rows: Any = None) -> list[str]:
    return [item.key for item in items(flow, rows)]


def values(flow: Flow, rows: Any = None) -> list[Mapping[str, str]]:
    return [item.values for item in items(flow, rows)]


def test_a_flow_without_inputs_has_one_item() -> None:
    """Its key says so."""
    flow = Flow([{"imagine": "a {animal}"}], vars={"animal": "cat"})
    assert list(items(flow)) == [Item("only", {"animal": "cat"})]


def test_every_row_has_every_cell() -> None:
    """Cells follow one another within a row."""
    flow = Flow([{"imagine": "{a}{b}{n}"}], matrix={"a": ["1", "2"], "b": ["x", "y"]})
    said = ["".join([v["n"], v["a"], v["b"]]) for v in values(flow, [{"n": 7}, {"n": 8}])]
    assert said == ["71x", "71y", "72x", "72y", "81x", "81y", "82x", "82y"]


def test_the_matrix_counts_before_the_row_and_the_row_before_variables() -> None:
    """Values of one name have an order; an empty field of a row is none."""
    flow = Flow(
        [{"imagine": "{a}{b}{c}{d}"}],
        vars={"b": "var", "c": "var", "d": "var"},
        matrix={"a": ["matrix"]},
    )
    rows = [{"a": "row", "b": "row", "c": None, "d": ""}]
    expected = {"a": "matrix", "b": "row", "c": "var", "d": "var"}
    assert values(flow, rows) == [expected]


def test_prompts_become_the_value_prompt() -> None:
    """A text is a row with one value."""
    flow = Flow([{"imagine": "{prompt} --v 6.1"}])
    assert values(flow, ["a cat"]) == [{"prompt": "a cat"}]


def test_values_become_texts() -> None:
    """Numbers and flags are written as JSON writes them."""
    assert values(FLOW, [{"animal": 1.5, "x": True, "y": 3}]) == [
        {"animal": "1.5", "x": "true", "y": "3"}
    ]


@given(st.permutations([{"animal": "cat"}, {"animal": "dog"}, {"animal": "cat"}]))
def test_keys_do_not_depend_on_the_order_of_rows(rows: list[dict[str, str]]) -> None:
    """Equal rows are told apart by a number."""
    found = sorted(keys(FLOW, rows))
    assert found == sorted(keys(FLOW, [{"animal": "dog"}, {"animal": "cat"}, {"animal": "cat"}]))
    assert len(set(found)) == 3


def test_keys_do_not_depend_on_variables() -> None:
    """A run can be given another default."""
    one = Flow([{"imagine": "{animal}{x}"}], vars={"x": "1"})
    assert keys(one, [{"animal": "cat"}]) == keys(one.with_vars({"x": "2"}), [{"animal": "cat"}])


def test_keys_are_the_same_tomorrow() -> None:
    """What is in a journal is found again."""
    flow = Flow([{"imagine": "{animal}"}], matrix={"animal": ["cat"]})
    rows = [{"n": "1"}, {"n": "1"}, {"id": "order 17/b", "n": "2"}]
    assert keys(flow, rows) == ["4dc51c875150", "4dc51c875150-2", "order%2017%2Fb-a642e6c3e88f"]


def test_an_id_is_the_key() -> None:
    """The author's own word for a row."""
    rows = [{"id": "b", "animal": "cat"}, {"id": "a", "animal": "cat"}]
    assert keys(FLOW, rows) == ["b", "a"]


def test_an_id_twice_is_refused() -> None:
    """Two rows of one id would be one and the same to the journal."""
    rows = [{"id": "a", "animal": "cat"}, {"id": "a", "animal": "dog"}]
    with pytest.raises(InvalidInput, match="row 2 has the id 'a'"):
        list(items(FLOW, rows))


@given(st.lists(st.text(min_size=1), unique=True, max_size=20))
def test_any_id_makes_a_key(ids: list[str]) -> None:
    """Whatever is in an id, keys are visible, have no slash, and are different."""
    found = keys(FLOW, [{"id": own, "animal": "cat"} for own in ids])
    for key in found:
        check_key(key)
    assert len(set(found)) == len(ids)
    assert not any("/" in key for key in found)


def test_rows_are_taken_as_they_are_asked_for() -> None:
    """There may be no end to them."""
    taken = 0

    def rows() -> Iterator[Mapping[str, str]]:
        nonlocal taken
        for number in count():
            taken += 1
            yield {"animal": str(number)}

    found = items(FLOW, rows())
    assert [item.values["animal"] for item in islice(found, 3)] == ["0", "1", "2"]
    assert taken <= 4


def test_no_rows_are_no_items() -> None:
    """An empty list is none of our business."""
    assert list(items(FLOW, [])) == []


# --- what is missing ---------------------------------------------------------------------------


def complaints(flow: Flow, columns: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(FlowInvalid) as caught:
        check_values(flow, columns)
    return [str(one) for one in caught.value.complaints]


def test_a_missing_value_is_told_with_its_place() -> None:
    """Before anything is paid, with the nearest of the values there are."""
    flow = Flow.parse(
        "vars: {style: oil}\nsteps:\n  - imagine: a {anmal}, {style}\n  - click: U1\n"
        "  - fork:\n      a: [download: '{item}/{animl}-{id}']\n",
        file="f.yaml",
    )
    assert complaints(flow, ("animal",)) == [
        "f.yaml:3:14: there is no value 'anmal'. Did you mean 'animal'?",
        "f.yaml:6:21: there is no value 'animl'. Did you mean 'animal'?",
    ]


def test_the_fields_of_pictures_are_offered_for_names_of_files() -> None:
    """Only there."""
    steps = [{"imagine": "{buton}"}, {"download": "{buton}"}]
    assert complaints(Flow(steps)) == [
        "steps[0].imagine: there is no value 'buton'. "
        "Values come from vars, from the matrix, or from the columns of --inputs.",
        "steps[1].download: there is no value 'buton'. Did you mean 'button'?",
    ]


def test_a_value_of_some_cells_only_wants_a_default() -> None:
    """An include may add a value to some combinations."""
    matrix = {"animal": ["cat", "dog"], "include": [{"animal": "cat", "style": "oil"}]}
    flow = Flow([{"imagine": "{animal} {style}"}], matrix=matrix)
    said = ["nothing says 'style' where animal is 'dog'. Give it a default in vars."]
    assert [text.partition(": ")[2] for text in complaints(flow)] == said
    assert len(keys(Flow(flow.steps, matrix=matrix, vars={"style": "ink"}))) == 2


def test_conditions_need_their_values() -> None:
    """A misspelt one would never hold."""
    steps: list[Any] = [
        {"imagine": "{animal}"},
        {"click": "U1", "when": {"param": {"anmal": "cat"}}},
    ]
    with pytest.raises(FlowInvalid, match="'anmal'"):
        items(Flow(steps, matrix={"animal": ["cat"]}))


def test_a_column_that_a_file_lacks_is_told_with_the_file() -> None:
    """The complaint says whose column it would be."""
    rows = Inputs("a.csv", ("animals",), ({"animals": "cat"},), (2,))
    with pytest.raises(FlowInvalid) as caught:
        items(FLOW, rows)
    said = "there is no value 'animal', nor a column of a.csv. Did you mean 'animals'?"
    assert said in str(caught.value)


def test_a_later_row_that_lacks_a_value_is_named() -> None:
    """Rows from Python may differ; counted from 1."""
    with pytest.raises(InvalidInput, match="row 2 has no value 'animal'"):
        list(items(FLOW, [{"animal": "cat"}, {"anmal": "dog"}]))


@pytest.mark.parametrize("row", [None, 3, ["cat"], {"animal": ["cat"]}, {"animal": b"cat"}])
def test_what_is_no_row_is_refused(row: Any) -> None:
    """A row is a mapping of texts, numbers and flags, or a text."""
    with pytest.raises(InvalidInput, match="row 1"):
        list(items(FLOW, [row]))


# --- the matrix --------------------------------------------------------------------------------


def test_include_does_what_it_does_in_github_actions() -> None:
    """The example of its documentation."""
    matrix = Matrix(
        dimensions={"fruit": ("apple", "pear"), "animal": ("cat", "dog")},
        include=(
            {"color": "green"},
            {"color": "pink", "animal": "cat"},
            {"fruit": "apple", "shape": "circle"},
            {"fruit": "banana"},
            {"fruit": "banana", "animal": "cat"},
        ),
    )
    assert cells(matrix) == (
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    )


def test_exclude_takes_out_what_has_all_its_values() -> None:
    """An entry may leave dimensions open."""
    matrix = Matrix(
        dimensions={"a": ("1", "2"), "b": ("x", "y")},
        exclude=({"a": "1"}, {"a": "2", "b": "y"}),
    )
    assert cells(matrix) == ({"a": "2", "b": "x"},)


def test_exclude_comes_before_include() -> None:
    """What was taken out can be brought back with more to it."""
    matrix = Matrix(
        dimensions={"a": ("1", "2")}, exclude=({"a": "1"},), include=({"a": "1", "b": "x"},)
    )
    assert cells(matrix) == ({"a": "2"}, {"a": "1", "b": "x"})


def test_a_matrix_may_have_only_entries_of_its_own() -> None:
    """Without dimensions each include is a cell."""
    assert cells(Matrix(include=({"a": "1"}, {"a": "2"}))) == ({"a": "1"}, {"a": "2"})


def test_no_matrix_is_one_cell() -> None:
    """So that rows alone make items."""
    assert cells(Matrix()) == ({},)


def test_thousands_of_items_have_different_keys() -> None:
    """However they are mixed."""
    rows = [{"animal": str(number)} for number in range(2000)]
    random.Random(7).shuffle(rows)
    assert len(set(keys(FLOW, rows))) == 2000


_NAMES = st.sampled_from("abc")
_CELLS = st.lists(st.dictionaries(_NAMES, st.sampled_from("123"), min_size=1), max_size=4)


@given(
    st.dictionaries(_NAMES, st.lists(st.sampled_from("123"), min_size=1, unique=True).map(tuple)),
    _CELLS,
    _CELLS,
)
def test_cells_are_what_the_rules_say(
    dimensions: dict[str, tuple[str, ...]],
    include: list[dict[str, str]],
    exclude: list[dict[str, str]],
) -> None:
    """However quickly they are found: each rule, one after the other, over all combinations."""
    combinations = [
        dict(zip(dimensions, values, strict=True)) for values in product(*dimensions.values())
    ]
    left = [
        cell
        for cell in (combinations if dimensions else [])
        if not any(entry.items() <= cell.items() for entry in exclude)
    ]
    added = [dict(cell) for cell in left]
    alone = []
    for entry in include:
        fits = [all(cell.get(name, v) == v for name, v in entry.items()) for cell in left]
        for cell, fit in zip(added, fits, strict=True):
            cell.update(entry if fit else {})
        alone += [] if any(fits) else [entry]
    expected = (*added, *alone) if dimensions or include else ({},)
    matrix = Matrix(dimensions=dimensions, include=tuple(include), exclude=tuple(exclude))
    assert cells(matrix) == expected
