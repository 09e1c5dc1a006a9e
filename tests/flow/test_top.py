"""What is wrong at the top of a flow is told with its place."""

from __future__ import annotations

import pytest

from .complaints import told

IN = "steps:\n- imagine: x\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "f:1:1: a flow is a table with steps in it, not nothing"),
        ("- imagine: x\n", "f:1:1: a flow is a table with steps in it, not a list"),
        ("name: x\n", "f:1:1: the flow has no steps"),
        ("imagine: x\n" + IN, "f:1:1: a flow has no key 'imagine'. It is a step: put it below"),
        ("matirx: {}\n" + IN, "f:1:1: a flow has no key 'matirx'. Did you mean 'matrix'?"),
        ("mode: fsat\n" + IN, "f:1:7: 'fsat' is none of: relax, fast, turbo. Did you mean 'fast'?"),
        ("name: a/b\n" + IN, "f:1:7: this is no name for a flow"),
        ("name:\n" + IN, "f:1:6: there is nothing here, and it takes a text"),
        ("steps: 3\n", "f:1:8: steps are a list, not '3'. Put a - in front of each step."),
        ("steps: {imagine: x}\n", "f:1:8: steps are a list, not a table of keys"),
        ("steps: []\n", "f:1:8: this list of steps is empty"),
        ("vars: [a]\n" + IN, "f:1:7: this takes keys and values, not a list"),
        ("vars: {a: [1]}\n" + IN, "f:1:11: this takes a text, not a list"),
        ("vars: {a b!: 1}\n" + IN, "f:1:8: 'a b!' cannot be a field"),
        ("vars: {id: 1}\n" + IN, "f:1:8: no value can be called 'id'"),
        ("matrix: {a: []}\n" + IN, "f:1:13: a has no values"),
        ("matrix: {a: [1, 2, 1]}\n" + IN, "f:1:20: '1' is in this list twice"),
        ("matrix: {a: [[1]]}\n" + IN, "f:1:14: this takes a text, not a list"),
        ("matrix: {item: [1]}\n" + IN, "f:1:10: no value can be called 'item'"),
        (
            "matrix: {a: [1], include: {a: 2}}\n" + IN,
            "f:1:27: include is a list, not a table of keys",
        ),
        ("matrix: {a: [1], include: [{}]}\n" + IN, "f:1:28: this entry of include is empty"),
        (
            "matrix: {cat: [1], exclude: [{cta: 1}]}\n" + IN,
            "f:1:31: the matrix has no 'cta'. Did you mean 'cat'?",
        ),
        (
            "matrix: {a: [cat], exclude: [{a: cta}]}\n" + IN,
            "f:1:34: a is never 'cta'. Did you mean 'cat'?",
        ),
        (
            "matrix: {a: [1], exclude: [{a: 1}]}\n" + IN,
            "f:1:9: everything in this matrix is excluded",
        ),
        (
            "vars: {a: 1}\nmatrix: {a: [1]}\n" + IN,
            "f:1:8: the variable 'a' is never used: the matrix has values for it",
        ),
    ],
)
def test_the_top_is_checked(text: str, expected: str) -> None:
    """Names, types, and the nearest of what there is."""
    told(text, expected)


def test_a_matrix_has_an_end() -> None:
    """Where more is wanted, a file of inputs is the place."""
    values = ", ".join(map(str, range(50)))
    told(
        f"matrix: {{a: [{values}], b: [{values}], c: [{values}]}}\n{IN}",
        "f:1:9: this matrix makes 125,000 items, and more than 100,000 are not made so",
    )
