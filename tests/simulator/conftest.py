"""Fixtures of the simulator's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from .wires import Wire, wired

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    """A gateway without faults."""
    async with wired() as wire:
        yield wire
