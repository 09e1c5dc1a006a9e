"""What is wrong in a flow is told all at once, and reads well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow import Flow
from mjflow.errors import Complaint, FlowInvalid

from .complaints import complaints


def test_everything_is_told_at_once_in_the_order_of_the_lines() -> None:
    """One complaint does not hide the others, not even within a step or behind it."""
    text = (
        "nam: x\nmode: fsat\nmatrix: {a: [1, 1], exclude: [{b: 1}]}\n"
        "steps:\n- imagin: x\n- click: U9\n  promt: x\n  mode: x\n- split\n- click: U1\n- foo\n"
        "- fork: {a: [click: U9], b: []}\n- modal: x\n"
    )
    places = [text.split(": ")[0] for text in complaints(text)]
    assert places == [
        "f:1:1",
        "f:2:7",
        "f:3:17",
        "f:3:32",
        "f:5:3",
        "f:6:10",
        "f:7:3",
        "f:8:9",
        "f:10:3",
        "f:11:3",
        "f:12:3",
        "f:12:21",
        "f:12:29",
        "f:13:3",
    ]


def test_the_error_reads_well_in_a_terminal() -> None:
    """A line for each complaint, then what it has cost."""
    with pytest.raises(FlowInvalid) as caught:
        Flow.parse("nam: x\nsteps:\n- imagin: x\n", file="portraits.yaml")
    assert str(caught.value).splitlines() == [
        "portraits.yaml:1:1: a flow has no key 'nam'. Did you mean 'name'?",
        "portraits.yaml:3:3: no step is called 'imagin'. Did you mean 'imagine'?",
        "Nothing was sent and nothing was paid.",
    ]
    assert caught.value.complaints[1] == Complaint(
        "portraits.yaml", 3, 3, "no step is called 'imagin'", "Did you mean 'imagine'?"
    )
    assert caught.value.exit_code == 2


def test_what_acts_on_a_terminal_is_blanked_out() -> None:
    """A flow may come from somebody else."""
    with pytest.raises(FlowInvalid) as caught:
        Flow.parse('steps:\n- "\\e[31m": x\n', file="\x1b[31mf")
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"imagine": "x"}, {"clik": "U1"}], "steps[1].clik: no step is called 'clik'."),
        (
            [{"imagine": "x"}, {"click": ["U1", "U9"]}],
            "steps[1].click[1]: no button is called 'U9'.",
        ),
        ([{"imagine": object()}], "steps[0].imagine: this takes a text, not a Python object"),
        ([{"imagine": b"x"}], "steps[0].imagine: this takes a text, not a Python bytes"),
        ([{1: "x"}], "steps[0]: keys are texts, not 1"),
        ([None], "steps[0]: a step is missing here"),
        ({"imagine": "x"}, "steps: steps are a list, not a table of keys."),
        (
            [{"imagine": "x"}, {"click": ["U1", "U2"]}, {"choose": 3}],
            "steps[2].choose: '3' names no scorer.",
        ),
        (
            [{"imagine": "x"}, {"click": ["U1", "U2"]}, {"choose": object()}],
            "steps[2].choose: this takes a callable, not a Python object",
        ),
        (
            [{"imagine": "x"}, {"click": "U1", "mask": object()}],
            "steps[1].mask: this takes a mask, not a Python object.",
        ),
        (
            [{"imagine": "x"}, {"click": "U1", "extra": {"a": {"b": object()}}}],
            "steps[1].extra.a.b: this cannot be sent: a Python object",
        ),
        (
            [{"imagine": "x"}, {"fork": {"a": [{"click": "U9"}]}}],
            "steps[1].fork.a[0].click: no button is called 'U9'.",
        ),
    ],
)
def test_flows_of_python_are_complained_of_by_their_path(steps: Any, expected: str) -> None:
    """There are no lines."""
    with pytest.raises(FlowInvalid) as caught:
        Flow(steps)
    (complaint,) = caught.value.complaints
    assert str(complaint).startswith(expected)
    assert (complaint.line, complaint.column) == (None, None)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Missing, a folder, in another encoding."""
    path = tmp_path / "a.yaml"
    with pytest.raises(FlowInvalid, match="the file cannot be read: No such file"):
        Flow.load(path)
    with pytest.raises(FlowInvalid, match="the file cannot be read: Is a directory"):
        Flow.load(tmp_path)
    path.write_bytes("steps:\n- imagine: ä\n".encode("latin-1"))
    with pytest.raises(FlowInvalid) as caught:
        Flow.load(path)
    assert str(caught.value.complaints[0]).startswith(f"{path}:2:12: this is not UTF-8.")


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    """Many values belong elsewhere."""
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(20_000_000)
    with pytest.raises(FlowInvalid, match="larger than 10 MB"):
        Flow.load(path)


_WORDS = st.sampled_from(
    [
        "steps:",
        "- ",
        "imagine",
        ": ",
        "click",
        "U1",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "  ",
        "'",
        '"',
        "#",
        "&a",
        "*a",
        "<<",
        "!!x",
        "|",
        ">",
        "modal",
        "fork",
        "matrix",
        "mask",
        "\t",
        "when",
        ",",
        "?",
    ]
)


@given(st.one_of(st.text(), st.lists(_WORDS).map("".join)))
def test_any_text_is_a_flow_or_a_complaint(text: str) -> None:
    """Nothing else is ever raised, and every complaint has a line."""
    try:
        Flow.parse(text)
    except FlowInvalid as error:
        assert all(one.line for one in error.complaints)


_PLAIN = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.sampled_from(["U1", "x", "current", "{a}", ""])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "imagine",
                    "click",
                    "fork",
                    "prompt",
                    "mask",
                    "when",
                    "images",
                    "rect",
                    "modal",
                    "id",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(st.lists(_PLAIN, max_size=5))
def test_any_steps_are_a_flow_or_a_complaint(steps: list[Any]) -> None:
    """In Python too; and what is taken can be written and read again."""
    try:
        flow = Flow(steps)
    except FlowInvalid:
        return
    assert Flow(**flow.as_json()) == flow
