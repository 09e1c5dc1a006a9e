"""A mask drawn from a shape wants the size of its picture, whatever goes wrong with pictures."""

from __future__ import annotations

import pytest

from tests.contract.oracle import wrongs
from tests.contract.plans import CHAIN
from tests.contract.stage import perform


@pytest.mark.parametrize(
    "fault",
    ["image-404=1:1", "image-html=1:1", "image-cut", "cut-body@images", "localhost-links"],
)
def test_a_picture_that_is_hard_to_get_is_measured(fault: str) -> None:
    """A second link, or the bytes before a break, tell the size, and the chain ends well."""
    performance = perform("gateway", CHAIN, fault)
    assert wrongs(performance) == []
    assert performance.stories[0].well
