"""Opening and closing: every wait ends, nothing is left behind, nothing runs outside."""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mjflow import (
    CannotWrite,
    Client,
    ClientClosed,
    InvalidInput,
    MjflowError,
    StillRunning,
    TaskHandle,
)
from mjflow.engine.act import Answer, OpenDialog
from mjflow.journal.memory import MemoryStore
from tests.engine.watched import Watched
from tests.scripted import (
    BASE,
    DONE,
    GRID,
    OPEN,
    PICTURE,
    RUNNING,
    Held,
    accepted,
    asking,
    opened,
)
from tests.virtual import virtual_time


def busy() -> Watched:
    """Make a server whose tasks run for ever."""
    server = Watched()
    server.takes_all()
    server.every_task(RUNNING)
    return server


def alone() -> bool:
    """Tell whether no asyncio task is left but the test's own."""
    return asyncio.all_tasks() == {asyncio.current_task()}


async def outcome(wait: Awaitable[Any]) -> Any:
    """Return what a wait gives or raises, as a value."""
    try:
        return await wait
    except MjflowError as error:
        return error


# --- what still runs ----------------------------------------------------------------------


@virtual_time
async def test_whoever_waits_elsewhere_is_told_that_the_task_still_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The error has the id to pick it up by, and a warning names them all."""
    server = busy()
    async with opened(server) as client:
        handles = [client.imagine(f"cat {n}") for n in range(3)]
        waits = [asyncio.ensure_future(outcome(handle)) for handle in handles]
        await handles[-1].submitted()
        await asyncio.sleep(30)
    results = await asyncio.gather(*waits)
    assert [(type(result), result.task_id) for result in results] == [
        (StillRunning, "1001"),
        (StillRunning, "1002"),
        (StillRunning, "1003"),
    ]
    assert [line.message for line in caplog.records] == [
        "closed while 3 tasks still run: 1001, 1002, 1003"
    ]
    # Whoever asks later hears the same.
    assert await outcome(handles[0]) is results[0]
    assert alone()


@virtual_time
async def test_a_long_list_of_what_still_runs_is_cut_short(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Ten ids are enough for a line in a log."""
    server = busy()
    async with opened(server) as client:
        for n in range(12):
            await client.imagine(f"cat {n}").submitted()
    assert caplog.messages == [
        "closed while 12 tasks still run: "
        "1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, ..."
    ]


@virtual_time
async def test_every_kind_of_wait_ends(caplog: pytest.LogCaptureFixture) -> None:
    """For an id, for an end, for the next update, for any of many, and for a parent."""
    server = busy()
    held = Held()
    server.on("imagine", accepted("1"), held)

    async def race(handles: list[TaskHandle]) -> list[TaskHandle]:
        return [handle async for handle in client.as_completed(handles)]

    async def read(handle: TaskHandle) -> list[Any]:
        return [update.error async for update in handle.events()]

    async with opened(server) as client:
        running = client.imagine("a cat")
        await running.submitted()
        on_the_wire = client.imagine("a dog")
        await held.arrived.wait()
        click = running.click("U1")
        waits = [
            asyncio.ensure_future(outcome(wait))
            for wait in (
                running,
                running.wait(timeout=3600),
                on_the_wire.submitted(),
                race([running, click]),
                read(running),
                click.click("Zoom Out 2x"),
            )
        ]
        await asyncio.sleep(1)
        asyncio.get_running_loop().call_later(5, held.release, accepted("2"))
    ended, timed, submitted, raced, errors, chained = await asyncio.gather(*waits)
    assert isinstance(ended, StillRunning)
    assert timed is ended
    assert submitted == "2"
    assert raced == [running, click]
    assert errors[-1] is ended
    assert isinstance(chained, ClientClosed)
    assert alone()


@virtual_time
async def test_a_person_who_is_being_asked_does_not_keep_a_client_open() -> None:
    """Closing ends the question."""
    server = busy()
    server.shows("1001", {**DONE, "buttons": [{"customId": c, "label": b} for c, b in PICTURE]})
    server.on("action", asking("9"))
    server.shows("9", OPEN)

    async def ask(dialog: OpenDialog) -> Answer:
        await asyncio.sleep(36000)
        return Answer(prompt="too late")

    async with opened(server, on_dialog=ask) as client:
        click = client.imagine("a cat").click("Custom Zoom")
        await click.submitted()
        await asyncio.sleep(60)
        begun = server.now
    assert server.now - begun < 0.1
    assert isinstance(click.outcome, StillRunning)
    assert "modal" not in server.routes


# --- how it is closed ---------------------------------------------------------------------


@virtual_time
async def test_a_client_may_be_closed_by_another_task_than_opened_it() -> None:
    """Web frameworks start up and shut down where they like."""
    server = busy()
    client = Client(BASE, "sk-test", dialect="gateway", transport=server)
    await asyncio.ensure_future(client.__aenter__())
    wait = asyncio.ensure_future(outcome(client.imagine("a cat")))
    await asyncio.sleep(30)
    await asyncio.ensure_future(client.__aexit__(None, None, None))
    assert isinstance(await wait, StillRunning)
    assert alone()


@virtual_time
async def test_closing_twice_is_harmless() -> None:
    """The second time there is nothing to do."""
    server = busy()
    client = Client(BASE, "sk-test", dialect="gateway", transport=server)
    async with client:
        await client.imagine("a cat").submitted()
    await client.__aexit__(None, None, None)
    assert alone()


@virtual_time
async def test_a_client_that_was_never_opened_can_be_closed() -> None:
    """Tidying up after a failed start finds nothing to tidy."""
    server = busy()
    await Client(BASE, "sk-test", dialect="gateway", transport=server).__aexit__(None, None, None)
    assert server.closed


@virtual_time
async def test_a_client_opens_once() -> None:
    """Neither again after closing, nor a second time inside, nor by a view of it."""
    server = busy()
    client = Client(BASE, "sk-test", dialect="gateway", transport=server)
    async with client:
        with pytest.raises(InvalidInput, match="was opened before"):
            await client.with_options(mode="fast").__aenter__()
    with pytest.raises(InvalidInput, match="was opened before"):
        await client.__aenter__()


@virtual_time
async def test_a_journal_that_cannot_be_started_leaves_nothing_open() -> None:
    """The error comes out, and the client is as one that was closed."""

    class Broken(MemoryStore):
        async def start(self) -> None:
            raise CannotWrite("the disk is gone")

    server = busy()
    client = Client(BASE, "sk-test", dialect="gateway", transport=server, journal=Broken())
    with pytest.raises(CannotWrite):
        await client.__aenter__()
    with pytest.raises(InvalidInput, match="is closed"):
        client.imagine("a cat")
    assert server.closed
    assert alone()


@virtual_time
async def test_a_client_that_was_open_before_does_not_start_its_journal_again() -> None:
    """Nobody would close it."""

    class Counting(MemoryStore):
        starts = 0

        async def start(self) -> None:
            self.starts += 1

    server, store = busy(), Counting()
    client = Client(BASE, "sk-test", dialect="gateway", transport=server, journal=store)
    async with client:
        pass
    with pytest.raises(InvalidInput, match="was opened before"):
        await client.__aenter__()
    assert store.starts == 1


@virtual_time
async def test_a_failing_journal_does_not_keep_connections_open() -> None:
    """What can be closed is closed, and the error comes out."""
    server = busy()
    client = Client(BASE, "sk-test", dialect="gateway", transport=server)

    async def fail() -> None:
        raise OSError("the disk is gone")

    client._engine.store.aclose = fail  # type: ignore[method-assign]
    with pytest.raises(OSError, match="the disk is gone"):
        async with client:
            pass
    assert server.closed
    assert alone()


# --- used when it is not open -------------------------------------------------------------

USES: dict[str, Callable[[Client], Any]] = {
    "imagine": lambda client: client.imagine("a cat"),
    "attach": lambda client: client.attach("7"),
    "click": lambda client: client.click("7", "U1"),
    "change": lambda client: client.change("7", "UPSCALE"),
    "modal": lambda client: client.modal("7", "a cat"),
    "get": lambda client: asyncio.ensure_future(client.get("7")),
    "download": lambda client: asyncio.ensure_future(client.download("7", "out")),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("closed", [False, True], ids=["not open", "closed"])
@virtual_time
async def test_a_client_that_is_not_open_says_so(
    use: Callable[[Client], Any], closed: bool
) -> None:
    """One clear error, before anything is sent."""
    server = busy()
    client = Client(BASE, "sk-test", dialect="gateway", transport=server)
    if closed:
        async with client:
            pass
    with pytest.raises(InvalidInput, match="is closed" if closed else "is not open"):
        await use(client)
    assert (server.sent, server.looked) == ([], [])


@virtual_time
async def test_a_handle_of_a_closed_client_starts_nothing_new() -> None:
    """It still tells what was, and a click on it is refused."""
    server = busy()
    server.every_task({**DONE, "buttons": [{"customId": c, "label": b} for c, b in GRID]})
    async with opened(server) as client:
        handle = client.imagine("a cat")
        task = await handle
    assert await handle is task
    with pytest.raises(InvalidInput, match="the client is closed"):
        handle.click("U1")
    with pytest.raises(InvalidInput, match="the client is closed"):
        handle.modal("a cat")


def test_a_client_may_be_made_outside_of_a_loop() -> None:
    """And one that is never opened leaves nothing to complain of."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client = Client("http://127.0.0.1:1", "sk-test")
        Client("http://127.0.0.1:1", "sk-test")
        gc.collect()

        async def story() -> None:
            async with client:
                pass

        asyncio.run(story())
        gc.collect()


@virtual_time
async def test_closing_an_idle_client_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing ran, so there is nothing to tell."""
    with caplog.at_level(logging.INFO):
        async with opened(busy()):
            pass
    assert caplog.records == []
