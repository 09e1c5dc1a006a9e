"""How tests ask for what is wrong in a flow."""

from __future__ import annotations

import pytest

from mjflow import Flow
from mjflow.errors import FlowInvalid


def complaints(text: str) -> list[str]:
    """Read a flow that is wrong, and return what is told of it."""
    with pytest.raises(FlowInvalid) as caught:
        Flow.parse(text, file="f")
    return [str(one) for one in caught.value.complaints]


def told(text: str, expected: str) -> None:
    """Compare the beginning of the only complaint; `…` stands for any text."""
    found = complaints(text)
    assert len(found) == 1, found
    begin, *others = expected.split("…")
    assert found[0].startswith(begin), found[0]
    for other in others:
        assert other in found[0], found[0]
