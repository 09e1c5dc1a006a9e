"""The simulator as a server: its life, its time, and that a seed tells everything."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import aiohttp
import pytest

from mjflow.simulator import Simulator

from .wires import KEY, ManualClock, Wire, wired


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop that jumps to its next timer when it has nothing else to do."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def time(self) -> float:
        """Give the virtual time, in seconds."""
        return self._now

    def _run_once(self) -> None:
        loop: Any = self
        if not loop._ready and loop._scheduled:
            events = loop._selector.select(0)
            loop._process_events(events)
            if not loop._ready:
                self._now = max(self._now, loop._scheduled[0].when())
        super()._run_once()  # type: ignore[misc]


async def story(**options: Any) -> tuple[list[str], list[Any], bytes]:
    """Run a small session and give its ids, its rows and a picture."""
    async with wired(**options) as wire:
        ids = [await wire.imagine(f"prompt {number}") for number in range(4)]
        wire.wait()
        ids.append((await wire.click(ids[0], "U2")).json["result"])
        wire.wait()
        rows = json.loads(json.dumps(await wire.rows(*ids)).replace(wire.simulator.base_url, ""))
        return ids, rows, await wire.picture(ids[-1])


async def test_a_seed_tells_ids_times_and_pictures() -> None:
    """Two simulators of one seed are the same to the last pixel, others differ."""
    one, same, other = await story(seed=7), await story(seed=7), await story(seed=8)
    assert one == same
    assert one[0] != other[0]
    assert one[2] != other[2]


async def test_faults_do_not_disturb_the_seed() -> None:
    """A fault that strikes elsewhere leaves ids and durations as they were."""
    plain, faulty = await story(seed=7), await story(seed=7, faults={"slow-refresh": 0.5})
    assert plain[0] == faulty[0]


async def test_speed_shortens_all_times() -> None:
    """At 20, a second of the clock brings twenty virtual seconds, refresh included."""
    async with wired(speed=20) as wire:
        task_id = await wire.imagine()
        wire.clock.now = 0.74
        assert (await wire.fetch(task_id))["status"] == ""
        wire.clock.now = 0.75
        assert (await wire.fetch(task_id))["status"] == "IN_PROGRESS"
        assert wire.simulator.now == pytest.approx(15.0)
        wire.clock.now = 3.75
        row = await wire.fetch(task_id)
        assert row["status"] == "SUCCESS"
        assert row["finishTime"] - row["submitTime"] > 30_000


@pytest.mark.parametrize("speed", [0, -1])
def test_speed_is_above_0(speed: float) -> None:
    """Time never stands still or runs backwards."""
    with pytest.raises(ValueError, match="speed must be above 0"):
        Simulator(speed=speed)


def test_an_unknown_profile_names_those_there_are() -> None:
    """The error lists all profiles."""
    with pytest.raises(ValueError, match="unknown profile 'typo'; there are: gateway"):
        Simulator(profile="typo")


def test_without_pillow_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pictures need an extra."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"mjflow\[images\]"):
        Simulator()


def test_a_loop_is_needed_only_to_start() -> None:
    """A simulator can be made, and its empty books read, without an event loop."""
    simulator = Simulator()
    assert (simulator.now, simulator.ledger.entries, simulator.tasks) == (0.0, [], {})


def test_it_runs_on_a_loop_whose_clock_jumps() -> None:
    """A task of a minute and its picture take no real time, and nothing times out."""

    async def session() -> tuple[str, bytes]:
        async with (
            Simulator(threads=False) as simulator,
            aiohttp.ClientSession(simulator.base_url, headers=KEY) as client,
        ):
            wire = Wire(simulator, ManualClock(), client)
            task_id = await wire.imagine()
            await asyncio.sleep(300)
            assert simulator.now == pytest.approx(300)
            return (await wire.fetch(task_id))["status"], await wire.picture(task_id)

    loop = JumpingLoop()
    try:
        status, picture = loop.run_until_complete(session())
    finally:
        loop.close()
    assert status == "SUCCESS"
    assert picture.startswith(b"\x89PNG")


async def test_a_taken_port_is_an_os_error() -> None:
    """The operating system's own words reach the caller."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        simulator = Simulator(port=taken.getsockname()[1])
        with pytest.raises(OSError, match="address already in use"):
            await simulator.start()


async def test_after_a_close_the_same_world_can_be_served_again(wire: Wire) -> None:
    """A server that goes away and comes back has the same port, tasks and time."""
    task_id = await wire.imagine()
    address = wire.simulator.base_url
    await wire.simulator.aclose()
    with pytest.raises(aiohttp.ClientConnectionError):
        await wire.fetch(task_id)
    wire.wait(120)
    await wire.simulator.start()
    assert wire.simulator.base_url == address
    assert (await wire.fetch(task_id))["status"] == "SUCCESS"


async def test_run_forever_serves_until_cancelled() -> None:
    """It starts by itself, and closes when cancelled."""
    simulator = Simulator()
    serving = asyncio.create_task(simulator.run_forever())
    while simulator.base_url.endswith(":0"):
        await asyncio.sleep(0)
    async with aiohttp.ClientSession() as session:
        async with session.get(simulator.base_url) as response:
            assert response.status == 200
        serving.cancel()
        await asyncio.wait([serving])
        assert serving.cancelled()
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(simulator.base_url)
