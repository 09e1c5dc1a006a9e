"""Whoever asked for something impossible is told what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mjflow.config import load
from mjflow.engine.intake import _checked
from mjflow.engine.roots import upload_of
from mjflow.engine.settle import _check
from mjflow.errors import InvalidInput
from mjflow.media.inputs import images
from mjflow.protocol.codec import check_extra, encode
from mjflow.protocol.dialect import GATEWAY
from mjflow.protocol.requests import Imagine
from mjflow.protocol.token import check_state
from mjflow.transport.server import credentials

IMPOSSIBLE: dict[str, Callable[[], Any]] = {
    "an address with a query": lambda: load(base_url="https://mj.example/?key=1"),
    "another scheme": lambda: load(base_url="ftp://mj.example"),
    "no host": lambda: load(base_url="https://"),
    "no address": lambda: load(base_url="https://[mj"),
    "a link with a blank": lambda: images(["https://mj.example/a b.png"], "picture"),
    "a data URL without base64": lambda: images(["data:image/png,abc"], "picture"),
    "damaged base64": lambda: images(["data:image/png;base64,a"], "picture"),
    "extra= in place of a field": lambda: check_extra(
        Imagine(prompt="a cat", extra={"prompt": "x"})
    ),
    "what JSON cannot carry": lambda: check_extra(Imagine(prompt="a cat", extra={"x": object()})),
    "half a character": lambda: encode(Imagine(prompt="a \udc80 cat")),
    "a long state": lambda: check_state("x" * 300),
    "a key with a line break": lambda: credentials("sk-1\n", GATEWAY.auth),
    "nothing to upload": lambda: upload_of([], None),
    "a key that we make up": lambda: _checked("~k"),
    "a task that is there and absent": lambda: _check("absent", "1"),
}


@pytest.mark.parametrize("ask", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_work_comes_with_advice(ask: Callable[[], Any]) -> None:
    """One sentence at least, behind what is wrong."""
    with pytest.raises(InvalidInput) as caught:
        ask()
    assert caught.value.advice.endswith(".")
