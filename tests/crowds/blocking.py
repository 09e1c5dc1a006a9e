"""Notices whatever would stop the event loop: a file, a lock, a sleep, a blocking socket."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from blockbuster import BlockingError, blockbuster_ctx

#: How many frames of a blocking call are told.
_FRAMES = 8


@contextmanager
def nothing_blocks() -> Iterator[None]:
    """
    Fail if anything in the block blocks a running event loop, the error swallowed or not.

    The simulator runs on the same loop as the client, and is held to the same.
    """
    calls: list[str] = []

    class Noted(BlockingError):
        def __init__(self, func: str) -> None:
            super().__init__(func)
            calls.append("".join([f"{func}\n", *traceback.format_stack()[-_FRAMES:-2]]))

    with patch("blockbuster.blockbuster.BlockingError", Noted), blockbuster_ctx() as buster:
        # Where a log goes is the program's own choice; pytest's goes to a file.
        for function in buster.functions.values():
            function.can_block_in("logging/__init__.py", "emit")
        yield
    assert calls == [], "\n".join(calls)
