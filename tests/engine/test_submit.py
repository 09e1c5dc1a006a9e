"""What each answer to a paying request makes of the task, of the journal and of the money."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from mjflow.errors import (
    MjflowError,
    NotAnApi,
    PromptRefused,
    RequestRefused,
    TaskFailed,
    TaskNotFound,
)
from mjflow.fsm.states import State
from mjflow.journal.memory import MemoryStore
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import (
    DONE,
    FAILED,
    RUNNING,
    UNREACHABLE,
    UNREAD,
    Ledger,
    Scripted,
    accepted,
    events,
    opened,
    outcome,
)
from ..virtual import virtual_time
from .paying import (
    Begin,
    click,
    imagine,
    over_clicks,
    over_routes,
)


def over(outcomes: Sequence[object]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("answer", outcomes, ids=repr)


# --- yes ----------------------------------------------------------------------------------


@over_routes
@over([accepted("1"), scripted.queued("1", 3)])
@virtual_time
async def test_an_accepted_act_is_sent_once_and_ends_as_the_server_says(
    route: str, begin: Begin, answer: Outcome
) -> None:
    """Codes 1 and 22 start a task; it is noted as accepted, and then with its end."""
    server, store = Scripted(), MemoryStore()
    server.on(route, answer)
    server.shows("1", UNREAD, RUNNING, DONE)
    async with opened(server, journal=store) as client:
        done = await begin(client)
        assert (done.id, done.image_url) == ("1", "https://cdn.example/1.png")
    assert server.routes == [route]
    assert await events(store, "k") == [["ACCEPTED", "SUCCEEDED"]]


@virtual_time
async def test_the_place_in_the_servers_queue_is_told() -> None:
    """`numberOfQueues` is the place in the queue at submission."""
    server = Scripted()
    server.on("imagine", scripted.queued("1", 3))
    server.shows("1", RUNNING, DONE)
    async with opened(server) as client:
        places = [update.queue_place async for update in client.imagine("a cat").events()]
    assert places[-1] == 3


@virtual_time
async def test_a_button_pressed_before_leads_to_the_task_of_then() -> None:
    """Code 21 with a status names a task that exists: it is watched, nothing new is sent."""
    server, store = Scripted(), MemoryStore()
    server.on("action", scripted.existing("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        assert (await click(client)).id == "1"
    assert await events(store, "k") == [["ACCEPTED", "SUCCEEDED"]]


@virtual_time
async def test_a_task_that_fails_at_the_server_is_an_error_with_its_reason() -> None:
    """FAILURE raises TaskFailed, is noted with its end, and is not submitted again."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", accepted("1"))
    server.shows("1", RUNNING, FAILED)
    async with opened(server, journal=store) as client:
        with pytest.raises(TaskFailed, match="任务超时"):
            await imagine(client)
    assert server.routes == ["imagine"]
    assert await events(store, "k") == [["ACCEPTED", "FAILED"]]


# --- no -----------------------------------------------------------------------------------

REFUSED: list[tuple[Outcome, type[MjflowError]]] = [
    (scripted.banned("gore"), PromptRefused),
    (scripted.invalid(), RequestRefused),
    (scripted.failed_9(), RequestRefused),
    (scripted.web_page(), NotAnApi),
    (scripted.shape_a("Invalid request", 400), RequestRefused),
]


@over_routes
@pytest.mark.parametrize(("answer", "kind"), REFUSED, ids=repr)
@virtual_time
async def test_a_refused_act_is_never_sent_again(
    route: str, begin: Begin, answer: Outcome, kind: type[MjflowError]
) -> None:
    """A definite no ends in REFUSED, with an error of its kind and nothing paid."""
    server, store = Scripted(), MemoryStore()
    server.on(route, answer)
    async with opened(server, journal=store) as client:
        handle = begin(client)
        assert type(await outcome(handle)) is kind
        assert handle.state is State.REFUSED
        await asyncio.sleep(3600.0)
        assert client.statistics().spent.total == 0.0
    assert server.routes == [route]
    assert await events(store, "k") == [["REFUSED"]]


@virtual_time
async def test_a_web_page_from_a_server_we_know_is_a_route_it_lacks() -> None:
    """Only a server that never spoke this API is suspected to be the wrong one."""
    server = Scripted()
    server.on("imagine", accepted("1"), scripted.web_page())
    server.shows("1", DONE)
    async with opened(server) as client:
        await client.imagine("a cat")
        with pytest.raises(RequestRefused, match="no such route"):
            await client.imagine("a dog")


@virtual_time
async def test_a_refused_prompt_names_the_word() -> None:
    """Code 24 says which word is banned, and so does the error."""
    server = Scripted()
    server.on("imagine", scripted.banned("gore"))
    async with opened(server) as client:
        with pytest.raises(PromptRefused) as caught:
            await client.imagine("a cat")
    assert caught.value.word == "gore"


REJECTED = [
    scripted.queue_full(),
    scripted.queue_full_9(),
    scripted.saturated(),
    scripted.no_channel(),
    UNREACHABLE,
]


@over_routes
@over(REJECTED)
@virtual_time
async def test_a_rejected_act_is_sent_again_as_the_next_attempt(
    route: str, begin: Begin, answer: Outcome
) -> None:
    """No room, and no connection, are tried again; the rejection is noted before that."""
    server = Scripted()
    store = Ledger(server.log)
    server.on(route, answer, accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        assert (await begin(client)).id == "1"
    assert server.log == [
        *("intent 1", f"sent {route}", "REJECTED"),
        *("intent 2", f"sent {route}", "ACCEPTED", "SUCCEEDED"),
    ]


@over_routes
@virtual_time
async def test_every_attempt_has_a_token_of_its_own(route: str, begin: Begin) -> None:
    """Two attempts can be told apart at the server by their states."""
    server = Scripted()
    server.on(route, scripted.queue_full(), accepted("1"))
    server.shows("1", DONE)
    async with opened(server) as client:
        await begin(client)
    first, second = (request.token for request in server.sent)
    assert (len(first), len(second), first == second) == (20, 20, False)


@virtual_time
async def test_no_account_for_a_root_act_is_tried_again() -> None:
    """Code 3 on an imagine can only mean that no account is there just now."""
    server, store = Scripted(), MemoryStore()
    server.on("imagine", scripted.code_3(), scripted.code_3(), accepted("1"))
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        assert (await imagine(client)).id == "1"
    assert await events(store, "k") == [["REJECTED"], ["REJECTED"], ["ACCEPTED", "SUCCEEDED"]]


@over_clicks
@virtual_time
async def test_an_unknown_parent_is_asked_for_once_and_then_believed(
    route: str, begin: Begin
) -> None:
    """Code 3 on a click is final when a fetch does not find the parent either."""
    server, store = Scripted(), MemoryStore()
    server.on(route, scripted.code_3())
    async with opened(server, journal=store) as client:
        error = await outcome(begin(client))
    assert isinstance(error, TaskNotFound)
    assert error.task_id == "7"
    assert await events(store, "k") == [["REFUSED"]]


@over_clicks
@virtual_time
async def test_a_parent_that_is_there_after_all_means_no_account(route: str, begin: Begin) -> None:
    """Code 3 on a click of a parent that a fetch finds is tried again."""
    server, store = Scripted(), MemoryStore()
    server.on(route, scripted.code_3(), accepted("1"))
    server.shows("7", DONE)
    server.shows("1", DONE)
    async with opened(server, journal=store) as client:
        assert (await begin(client)).id == "1"
    assert await events(store, "k") == [["REJECTED"], ["ACCEPTED", "SUCCEEDED"]]


@over_clicks
@virtual_time
async def test_a_parent_that_cannot_be_asked_for_is_not_given_up(route: str, begin: Begin) -> None:
    """When the fetch that is to confirm code 3 fails, the click is tried again."""
    server = Scripted()
    server.on(route, scripted.code_3(), accepted("1"))
    server.shows("7", scripted.bad_gateway())
    server.shows("1", DONE)
    async with opened(server) as client:
        assert (await begin(client)).id == "1"
