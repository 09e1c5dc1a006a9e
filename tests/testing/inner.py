"""Runs of pytest inside a test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]

SETTINGS = """
[pytest]
filterwarnings = error
addopts = --strict-markers -p no:cacheprovider -p mjflow.testing.plugin
"""
ASYNCIO = ("-p", "pytest_asyncio.plugin", "-o", "asyncio_default_fixture_loop_scope=function")
AUTO = (*ASYNCIO, "--asyncio-mode=auto")
HEAD = """
import asyncio, os
import pytest
import mjflow
from mjflow.testing import VirtualLoop, assert_paid_once
"""
#: A test that needs all three fixtures, and 30 seconds or more of the simulator.
ONE_ACT = """
@pytest.mark.mjflow(speed=1000.0)
async def test_it(mjflow_simulator, mjflow_client, mjflow_ledger):
    assert (await mjflow_client.imagine("a cat")).status is mjflow.Status.SUCCESS
    assert mjflow_simulator.base_url.startswith("http://127.0.0.1:")
    assert mjflow_ledger.total == 0.1
"""


def complaints(result: pytest.RunResult) -> str:
    return result.stdout.str()
