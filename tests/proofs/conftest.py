"""What the proofs have in common."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def _frozen_heap() -> Iterator[None]:
    """Give back what `run_clean` has hidden from the garbage collector."""
    yield
    gc.unfreeze()
    gc.collect()
