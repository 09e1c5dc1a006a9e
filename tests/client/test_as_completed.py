"""Many at once, in the order in which they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from mjflow import Client, InvalidInput, State, Task, TaskFailed, TaskHandle
from tests.client.worlds import lasting_tasks, world
from tests.engine.watched import Watched
from tests.scripted import DONE, FAILED, RUNNING, WAITING, accepted, code_5, opened
from tests.virtual import virtual_time


def fast() -> Watched:
    """Make a server whose tasks end at the first look."""
    server = Watched()
    server.takes_all()
    server.every_task(DONE)
    return server


def open_now(client: Client) -> int:
    return sum(handle.outcome is None for handle in client.tasks)


@virtual_time
async def test_many_prompts_never_need_many_handles() -> None:
    """Of five hundred prompts no more than twenty are ever open, and all come out."""
    server = fast()
    most = 0

    async with opened(server, request_budget=None, poll_interval=1.0) as client:

        def prompts() -> Iterator[TaskHandle]:
            nonlocal most
            for number in range(500):
                handle = client.imagine(f"cat {number}")
                most = max(most, open_now(client))
                yield handle

        done = {handle.id async for handle in client.as_completed(prompts(), limit=20)}
        assert client.tasks == ()
    assert (len(done), most) == (500, 20)


@virtual_time
async def test_handles_come_in_the_order_in_which_they_end() -> None:
    """Not in the order in which they were begun."""
    server = fast()
    server.shows("1001", *[RUNNING] * 6, DONE)
    server.shows("1002", *[RUNNING] * 3, DONE)
    async with opened(server) as client:
        handles = [client.imagine(f"cat {n}") for n in range(3)]
        for handle in handles:
            await handle.submitted()
        ended = [handle.id async for handle in client.as_completed(handles)]
    assert ended == ["1003", "1002", "1001"]


@virtual_time
async def test_a_failure_is_a_value() -> None:
    """It ends nothing but itself."""
    server = fast()
    server.shows("1002", FAILED)
    server.on("imagine", accepted("1001"), accepted("1002"), code_5())
    async with opened(server) as client:
        handles = [client.imagine(f"cat {n}") for n in range(4)]
        done = [handle async for handle in client.as_completed(handles)]
    assert {handle.state for handle in done} == {State.SUCCESS, State.FAILURE, State.IN_DOUBT}
    assert len([handle for handle in done if isinstance(handle.outcome, Task)]) == 2


@virtual_time
async def test_the_handles_are_the_very_ones_that_were_given() -> None:
    """So a caller can keep a table of his own."""
    async with opened(fast()) as client:
        given = [client.imagine(f"cat {n}") for n in range(5)]
        assert {id(handle) async for handle in client.as_completed(given)} == set(map(id, given))


@virtual_time
async def test_an_async_source_that_is_slow_holds_nothing_up() -> None:
    """What has ended comes out while the next prompt is still being thought of."""
    server = fast()
    async with opened(server) as client:

        async def prompts() -> AsyncIterator[TaskHandle]:
            for number in range(3):
                yield client.imagine(f"cat {number}")
                await asyncio.sleep(600)

        came = [server.now async for _ in client.as_completed(prompts())]
    assert [round(at / 600) for at in came] == [0, 1, 2]


@virtual_time
async def test_nothing_gives_nothing() -> None:
    """Neither an empty list nor an empty generator waits for anything."""

    async def none() -> AsyncIterator[TaskHandle]:
        return
        yield

    async with opened(fast()) as client:
        assert [handle async for handle in client.as_completed([])] == []
        assert [handle async for handle in client.as_completed(none())] == []


@virtual_time
async def test_handles_that_have_ended_already_come_out_too() -> None:
    """In the order given, and the same handle as often as it was given."""
    async with opened(fast()) as client:
        handles = [client.imagine(f"cat {n}") for n in range(3)]
        await asyncio.gather(*handles)
        again = [*handles, handles[0]]
        assert [handle async for handle in client.as_completed(again, limit=2)] == again


# --- who goes early -----------------------------------------------------------------------


@virtual_time
async def test_a_reader_who_leaves_early_draws_no_more_and_leaves_nothing() -> None:
    """The tasks that were begun go on, and nobody waits for them."""
    server = fast()
    server.shows("1002", RUNNING)
    server.shows("1003", RUNNING)
    drawn: list[TaskHandle] = []
    async with opened(server) as client:

        def prompts() -> Iterator[TaskHandle]:
            for number in range(100):
                drawn.append(client.imagine(f"cat {number}"))
                yield drawn[-1]

        async for _ in client.as_completed(prompts(), limit=3):
            break
        await asyncio.sleep(60)
        assert len(drawn) == 3
        assert not any(handle._record.waiters for handle in drawn)
        # The poller and the test itself.
        assert lasting_tasks() == 2


@virtual_time
async def test_a_slow_reader_draws_no_more_than_it_takes() -> None:
    """What has ended and was not taken counts as open."""
    drawn = 0
    async with opened(fast()) as client:

        def prompts() -> Iterator[TaskHandle]:
            nonlocal drawn
            for number in range(10):
                drawn += 1
                yield client.imagine(f"cat {number}")

        taken = 0
        async for _ in client.as_completed(prompts(), limit=2):
            taken += 1
            await asyncio.sleep(600)
            assert drawn <= taken + 1


@virtual_time
async def test_what_the_source_raises_comes_out_and_leaves_nothing() -> None:
    """At once: the tasks that were begun go on."""
    server = fast()
    server.every_task(RUNNING)
    drawn: list[TaskHandle] = []
    async with opened(server) as client:

        def prompts() -> Iterator[TaskHandle]:
            for number in range(3):
                drawn.append(client.imagine(f"cat {number}"))
                yield drawn[-1]
            raise LookupError("no more prompts")

        with pytest.raises(LookupError, match="no more prompts"):
            async for _ in client.as_completed(prompts()):
                pass
        assert not any(handle._record.waiters for handle in drawn)
        assert [handle.outcome for handle in drawn] == [None, None, None]


@virtual_time
async def test_a_cancelled_reader_leaves_nothing() -> None:
    """Neither Futures nor tasks."""
    server = fast()
    server.every_task(RUNNING)
    async with opened(server) as client:
        handles = [client.imagine(f"cat {n}") for n in range(3)]

        async def read() -> None:
            async for _ in client.as_completed(handles):
                pass

        reading = asyncio.ensure_future(read())
        await asyncio.sleep(30)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert not any(handle._record.waiters for handle in handles)
        assert lasting_tasks() == 2


# --- arguments ----------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, -1])
@virtual_time
async def test_a_limit_below_one_is_refused(limit: int) -> None:
    """It would wait for ever."""
    async with opened(fast()) as client:
        with pytest.raises(InvalidInput, match="limit"):
            async for _ in client.as_completed([], limit=limit):
                pass


@virtual_time
async def test_what_is_no_handle_is_refused() -> None:
    """With a word on what is wanted."""
    async with opened(fast()) as client:
        task = await client.imagine("a cat")
        with pytest.raises(InvalidInput, match="takes handles, not 'Task'"):
            async for _ in client.as_completed([task]):  # type: ignore[list-item]
                pass


@pytest.mark.parametrize(("window", "most"), [(4, 4), (None, 30), ("adaptive", 30)])
@virtual_time
async def test_a_fixed_window_bounds_what_is_open(window: int | None, most: int) -> None:
    """There is no use in drawing what cannot be sent; otherwise a thousand are open."""
    server = fast()
    server.every_task(WAITING)
    drawn = 0
    async with opened(server, max_in_flight=window) as client:

        def prompts() -> Iterator[TaskHandle]:
            nonlocal drawn
            for number in range(30):
                drawn += 1
                yield client.imagine(f"cat {number}")

        arrivals = client.as_completed(prompts())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(arrivals), 60)
    assert drawn == most


@virtual_time
async def test_a_batch_with_failures_runs_to_its_end_over_sockets() -> None:
    """Fifty prompts, a third of them failing: fifty outcomes and exact books."""
    async with world(simulator={"faults": {"fails": 0.3}}) as here:
        prompts = (here.client.imagine(f"prompt {n}") for n in range(50))
        done = [handle async for handle in here.client.as_completed(prompts, limit=20)]
        failed = [handle for handle in done if isinstance(handle.outcome, TaskFailed)]
        ledger, spent = here.simulator.ledger, here.client.statistics().spent
        assert len(done) == len(ledger.charges) == 50
        assert len(failed) == len(ledger.refunds) > 5
        assert (spent.charged, spent.total) == (5.0, ledger.total)
