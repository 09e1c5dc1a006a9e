"""The places on the wire, which all clients of a process share."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextlib import AsyncExitStack

from mjflow.engine.gates import enter
from mjflow.engine.wire import ON_THE_WIRE, wire

from ..scripted import DONE, LOST, Held, Later, Scripted, accepted, opened, outcome
from ..virtual import VirtualLoop, virtual_time


@virtual_time
async def test_several_clients_share_sixteen_places() -> None:
    """The bound is on what a crash can leave in doubt, so it counts all that is on the wire."""
    server = Scripted()
    server.always("imagine", Later(5.0, lambda _: accepted(server.next_id())))
    server.every_task(DONE)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(opened(server)) for _ in range(3)]
        handles = [one.imagine(f"{n}") for n in range(30) for one in clients]
        await asyncio.gather(*handles)
    assert len(server.sent) == 90
    assert server.most_on_the_wire == ON_THE_WIRE == 16


@virtual_time
async def test_clients_take_turns_on_the_wire() -> None:
    """A client with many acts leaves each second place to the one with few."""
    busy, other = Scripted(), Scripted()
    for server in (busy, other):
        server.always("imagine", Later(10.0, accepted("1")))
        server.every_task(DONE)
    async with opened(busy) as many, opened(other) as few:
        batch = [many.imagine(f"cat {n}") for n in range(100)]
        await asyncio.sleep(5.0)
        single = few.imagine("a dog")
        await asyncio.sleep(10.0)
        assert len(other.sent) == 1
        await asyncio.gather(single, *batch)


@virtual_time
async def test_a_place_is_given_back_whatever_becomes_of_the_request() -> None:
    """A lost reply, and a client that closes while others wait for a place."""
    server, held = Scripted(), Held()
    server.on("imagine", LOST, held)
    server.takes_all()
    server.every_task(DONE)
    async with opened(server) as client:
        await outcome(client.imagine("a cat"))
        assert wire().window.taken == 0
        client.imagine("a dog")
        await held.arrived.wait()
        for _ in range(ON_THE_WIRE - 1):
            wire().take()
        waiting = client.imagine("an owl")
        await asyncio.sleep(1.0)
        assert wire().waiting == 1
        asyncio.get_running_loop().call_later(5.0, held.release, accepted("7"))
    assert waiting.outcome is not None
    assert (wire().window.taken, wire().waiting) == (ON_THE_WIRE - 1, 0)


def test_a_loop_that_is_gone_is_forgotten() -> None:
    """Each loop has places of its own, and those who once waited keep none of them alive."""

    async def crowd() -> int:
        for _ in range(ON_THE_WIRE):
            await enter((wire(),))
        waiting = asyncio.create_task(enter((wire(),)))
        await asyncio.sleep(0)
        wire().leave()
        await waiting
        return wire().window.taken

    gone = []
    for _ in range(2):
        loop = VirtualLoop()
        assert loop.run_until_complete(crowd()) == ON_THE_WIRE
        loop.close()
        gone.append(weakref.ref(loop))
    del loop
    gc.collect()
    assert [one() for one in gone] == [None, None]
