"""What YAML has of its own."""

from __future__ import annotations

import pytest

import mjflow
from mjflow import Flow
from mjflow.flow import Click, Imagine, OnError, Resubmit
from mjflow.protocol.requests import Mode


def test_anchors_aliases_and_merges_are_followed() -> None:
    """Also with a key of the author's own to keep them in."""
    flow = Flow.parse(
        "x-often: &often {resubmit: 2, mode: relax}\n"
        "steps:\n"
        "- &first {imagine: x, <<: *often}\n"
        "- click: &four [U1, U2]\n"
        "  <<: [*often, {mode: fast, on_error: item}]\n"
        "  mode: turbo\n"
        "- click: *four\n"
    )
    again = Resubmit(times=2)
    assert flow.steps == (
        Imagine(prompt="x", resubmit=again, mode=Mode.RELAX),
        Click(buttons=("U1", "U2"), resubmit=again, mode=Mode.TURBO, on_error=OnError.ITEM),
        Click(buttons=("U1", "U2")),
    )


def test_schema_references_are_passed_over() -> None:
    """Editors look for them."""
    text = '{"$schema": "flow.language.schema.json", "steps": [{"imagine": "x"}]}'
    assert Flow.parse(text).steps == (Imagine(prompt="x"),)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n"
            for a, b in zip("abcdefg", "bcdefgh", strict=True)
        ),
        "a: &a [*a]\n",
        "&a {x: *a}\n",
        "[" * 10_000,
        '{"a": ' * 10_000,
        "a: {<<: &a {<<: *a}}\n",
    ],
)
def test_a_few_bytes_cannot_become_everything(text: str) -> None:
    """Aliases of aliases and endless nesting are refused at once."""
    with pytest.raises(mjflow.FlowInvalid):
        Flow.parse(text)
