"""The fixtures at work: chains of acts on each kind of server, in no time."""

from __future__ import annotations

import asyncio

import pytest

import mjflow
from mjflow.testing import Ledger, Simulator, VirtualLoop, assert_paid_once

pytestmark = pytest.mark.mjflow(virtual=True)


@pytest.mark.parametrize(
    "profile",
    [pytest.param(name, marks=pytest.mark.mjflow(profile=name)) for name in ("gateway", "trueai")],
)
async def test_a_chain_with_a_dialog_is_paid_once(
    mjflow_client: mjflow.Client, mjflow_ledger: Ledger, profile: str
) -> None:
    """Each act of the chain costs its price, the free click of Vary (Region) nothing."""
    single = mjflow_client.imagine("a portrait --v 6.1").click("U1")
    crown = single.click("Vary (Region)", prompt="a crown", mask=mjflow.Mask.rect(0.3, 0, 0.7, 0.4))
    await crown.click("U1").click("Upscale (Subtle)")
    assert_paid_once(mjflow_ledger)
    assert [submit.charged for submit in mjflow_ledger.submits] == [0.1, 0.05, 0, 0.1, 0.05, 0.05]


@pytest.mark.mjflow(faults=["queue-full=1:4"])
async def test_a_full_queue_is_waited_for(
    mjflow_client: mjflow.Client, mjflow_simulator: Simulator, mjflow_ledger: Ledger
) -> None:
    """Four times no, then yes: one charge, and minutes that took no time."""
    await mjflow_client.imagine("a cat")
    assert isinstance(asyncio.get_running_loop(), VirtualLoop)
    assert (mjflow_simulator.faults.struck["queue-full"], len(mjflow_ledger.charges)) == (4, 1)
