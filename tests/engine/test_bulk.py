"""Bulk looks: a hundred tasks with one request, found out by use (P§2.16, P§5.4)."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import frozen

from mjflow import Client, NoReply, State, TaskHandle, TaskNotFound
from mjflow.errors import MjflowError
from mjflow.protocol.verdicts import Reply
from mjflow.transport.base import Target
from tests.engine.watched import most_in_a_second
from tests.scripted import (
    BASE,
    DONE,
    FAILED,
    LOST,
    OPEN,
    RUNNING,
    UNREAD,
    WAITING,
    Json,
    Scripted,
    asking,
    outcome,
    reply,
    web_page,
)
from tests.virtual import virtual_time

INTERVAL = 5.0


@frozen
class Request:
    ids: tuple[str, ...]
    at: float


class Listing(Scripted):
    """A server that answers for many; `spoil` decides for each request what else it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Request] = []
        self.spoil: Callable[[Request], Reply | MjflowError | None] = lambda _: None
        #: What becomes of the rows on their way out.
        self.shuffle: Callable[[list[Json]], list[Json]] = lambda rows: rows
        self.slowness = 0.01
        self.on_the_way: Counter[str] = Counter()
        self.most_at_once = 0

    async def look(self, target: Target, body: bytes = b"") -> Reply:
        ids = tuple(json.loads(body)["ids"]) if body else (str(target),)
        request = Request(ids, asyncio.get_running_loop().time())
        self.asked.append(request)
        self.on_the_way.update(ids)
        self.most_at_once = max(self.most_at_once, *self.on_the_way.values())
        await asyncio.sleep(self.slowness)
        self.on_the_way.subtract(ids)
        spoiled = self.spoil(request)
        if isinstance(spoiled, MjflowError):
            raise spoiled
        if spoiled is not None:
            return spoiled
        return self._list(ids) if body else self._look(ids[0])

    def _list(self, ids: Sequence[str]) -> Reply:
        shown = [self._look(task_id) for task_id in ids]
        rows = [json.loads(one.body) for one in shown if one.status == 200]
        return reply(self.shuffle(rows))

    @property
    def sizes(self) -> list[int]:
        return [len(request.ids) for request in self.asked]


@asynccontextmanager
async def opened(server: Listing, **settings: Any) -> AsyncIterator[Client]:
    given = {"max_in_flight": None, "dialect": "gateway", "request_budget": None, **settings}
    async with Client(BASE, "sk-test", transport=server, **given) as client:
        yield client


def attached(client: Client, count: int) -> list[TaskHandle]:
    return [client.attach(str(number)) for number in range(count)]


# --- how many requests --------------------------------------------------------------------


@virtual_time
async def test_many_tasks_are_looked_at_with_few_requests() -> None:
    """250 tasks are three chunks, once an interval, all of them each time."""
    server = Listing()
    server.every_task(RUNNING)
    async with opened(server) as client:
        attached(client, 250)
        await asyncio.sleep(20 * INTERVAL)
        statistics = client.statistics()
    assert max(server.sizes) == 100
    assert statistics.requests == len(server.asked) <= 3 * 22
    assert statistics.looks == sum(server.sizes) >= 250 * 20
    seen = Counter(task_id for request in server.asked for task_id in request.ids)
    assert max(seen.values()) - min(seen.values()) <= 1


@virtual_time
async def test_one_task_alone_is_looked_at_by_itself() -> None:
    """Nothing is gained by asking for a list of one."""
    server = Listing()
    server.shows("0", WAITING, RUNNING, DONE)
    async with opened(server) as client:
        assert (await client.attach("0")).id == "0"
    assert server.sizes == [1, 1, 1]


@virtual_time
async def test_tasks_that_end_one_by_one_are_all_seen_to_end_in_time() -> None:
    """No later than one interval after the end, with few requests for the last ones too."""
    server = Listing()
    for number in range(300):
        server.shows(str(number), *([RUNNING] * (1 + number // 10)), DONE)
    async with opened(server) as client:
        handles = attached(client, 300)
        for handle in handles:
            assert (await handle).id == handle.id
        assert client.statistics().states[State.SUCCESS] == 300
    assert len(server.asked) <= 3 * 32


@virtual_time
async def test_tasks_picked_up_together_are_looked_at_at_several_instants() -> None:
    """Ten thousand after a restart are looked at once at once, and then in several bouts."""
    server = Listing()
    server.every_task(RUNNING)
    async with opened(server) as client:
        attached(client, 10_000)
        await asyncio.sleep(INTERVAL + 0.1)  # between two instants
        server.asked.clear()
        await asyncio.sleep(INTERVAL)
    assert sum(server.sizes) == 10_000
    assert len(server.asked) <= 100 + 16  # each of the instants may waste one


@virtual_time
async def test_the_request_budget_counts_requests_and_holds_for_any_number_of_tasks() -> None:
    """20 a second, for ten thousand tasks as for ten."""
    server = Listing()
    server.every_task(RUNNING)
    async with opened(server, request_budget=20.0) as client:
        attached(client, 10_000)
        await asyncio.sleep(10 * INTERVAL)
    assert most_in_a_second([request.at for request in server.asked]) <= 25
    assert len(server.asked) == pytest.approx(20 * 10 * INTERVAL, rel=0.05)


@virtual_time
async def test_no_task_is_on_two_looks_at_once() -> None:
    """Also when an answer takes longer than the interval."""
    server = Listing()
    server.every_task(RUNNING)
    server.slowness = 2.5 * INTERVAL
    async with opened(server) as client:
        attached(client, 300)
        await asyncio.sleep(20 * INTERVAL)
    assert server.most_at_once == 1


# --- rows ---------------------------------------------------------------------------------


@virtual_time
async def test_rows_are_matched_by_id_whatever_their_order() -> None:
    """Reversed, repeated, and with rows that nobody asked for."""
    server = Listing()
    server.shuffle = lambda rows: [{**RUNNING, "id": "foreign"}, *rows[::-1], *rows[:3]]
    for number in range(20):
        server.shows(str(number), RUNNING, FAILED if number % 2 else DONE)
    async with opened(server) as client:
        handles = attached(client, 20)
        for handle in handles:
            await outcome(handle)
        states = [handle.state for handle in handles]
    assert states == [State.SUCCESS, State.FAILURE] * 10


@virtual_time
async def test_an_id_that_is_left_out_is_not_found_after_a_minute_and_a_question() -> None:
    """Absence in a list proves nothing by itself; the others go on."""
    server = Listing()
    server.every_task(RUNNING)
    server.shows("1", Reply(400, b'{"code":4,"description":"task_no_found"}'))
    async with opened(server) as client:
        handles = attached(client, 3)
        assert isinstance(await outcome(handles[1]), TaskNotFound)
        assert asyncio.get_running_loop().time() > 60
        assert [handle.state for handle in handles] == [
            State.IN_PROGRESS,
            State.LOST,
            State.IN_PROGRESS,
        ]


@virtual_time
async def test_of_two_rows_the_further_one_counts() -> None:
    """A dialog that timed out beside the task that its answer started (P§5.4)."""
    server = Listing()
    server.every_task(RUNNING)
    server.shuffle = lambda rows: [
        *({**FAILED, "id": row["id"]} for row in rows if row["id"] == "0"),
        *rows,
    ]
    async with opened(server) as client:
        handles = attached(client, 2)
        await asyncio.sleep(20 * INTERVAL)
        assert handles[0].state is State.IN_PROGRESS
        server.shows("0", DONE)
        assert (await handles[0]).id == "0"


@virtual_time
async def test_a_second_row_proves_that_an_answer_in_doubt_arrived() -> None:
    """The bulk look shows it at no cost; a lone dialog would prove nothing."""
    server = Listing()
    server.every_task(RUNNING)
    server.on("imagine", reply({"code": 1, "result": "p"}))
    server.shows("p", DONE)
    server.on("action", asking("7"))
    server.shows("7", OPEN)
    server.on("modal", LOST)
    async with opened(server) as client:
        attached(client, 5)
        clicked = client.imagine("a cat").click("Custom Zoom", prompt="a cat --zoom 1.5")
        await asyncio.sleep(10)
        assert [clicked.state] == [State.ANSWER_IN_DOUBT]
        server.shuffle = lambda rows: [
            *rows,
            *({**UNREAD, "id": "7", "action": "MODAL"} for row in rows if row["id"] == "7"),
        ]
        await asyncio.sleep(2 * INTERVAL)
        assert [clicked.state] == [State.ANSWERING]
        server.shuffle = lambda rows: rows
        server.shows("7", DONE)
        assert (await clicked).id == "7"
    assert server.routes.count("modal") == 1


# --- chunks that fail ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 413, 500])
@virtual_time
async def test_a_chunk_that_is_too_large_is_halved(status: int) -> None:
    """Until the server can bear it; all tasks are looked at all the same."""
    server = Listing()
    server.every_task(RUNNING, DONE)
    server.spoil = lambda request: Reply(status, b"") if len(request.ids) > 30 else None
    async with opened(server) as client:
        for handle in attached(client, 200):
            await handle
    assert sorted(set(server.sizes), reverse=True)[:3] == [100, 50, 25]


@virtual_time
async def test_one_task_that_breaks_every_chunk_does_not_keep_the_others_waiting() -> None:
    """The chunks shrink around it until it is alone."""
    server = Listing()
    server.every_task(RUNNING, RUNNING, RUNNING, DONE)
    server.spoil = lambda request: Reply(500, b"") if "13" in request.ids else None
    async with opened(server) as client:
        handles = attached(client, 200)
        for handle in handles:
            if handle.id != "13":
                await handle
        assert asyncio.get_running_loop().time() < 20 * INTERVAL
        assert handles[13].state is State.SUBMITTED


@virtual_time
async def test_a_server_without_bulk_looks_gets_single_ones_after_two_answers() -> None:
    """For ten minutes; then it is asked again."""
    server = Listing()
    server.every_task(RUNNING)
    server.spoil = lambda request: web_page() if len(request.ids) > 1 else None
    async with opened(server) as client:
        attached(client, 10)
        await asyncio.sleep(590)
        assert sum(size > 1 for size in server.sizes) == 2
        await asyncio.sleep(30)
        assert 2 < sum(size > 1 for size in server.sizes) <= 4


@virtual_time
async def test_looks_that_break_off_say_nothing_about_the_size() -> None:
    """After a front proxy's 502 or a broken line the chunks are soon as large as before."""
    server = Listing()
    server.every_task(RUNNING)
    troubles = [NoReply("broken"), Reply(502, b"<html>Bad gateway</html>")]
    async with opened(server) as client:
        handles = attached(client, 50)
        await asyncio.sleep(2 * INTERVAL)
        for trouble in troubles:
            server.spoil = lambda _, trouble=trouble: trouble  # type: ignore[misc]
            await asyncio.sleep(60)
            server.spoil = lambda _: None
            await asyncio.sleep(60)
        server.asked.clear()
        server.every_task(DONE)
        for handle in handles:
            server.shows(handle.id or "", DONE)
            await handle
    assert max(server.sizes) == 50


LIES = {
    "a word": Reply(200, b'{"code":1,"data":[]}'),
    "no rows": Reply(200, b"[]"),
    "null": Reply(200, b"null"),
    "502": Reply(502, b"<html>Bad gateway</html>"),
    "500": Reply(500, b'{"error":{"message":"panic"}}'),
}


@pytest.mark.parametrize("lie", LIES)
@virtual_time
async def test_bulk_looks_that_are_of_no_use_are_given_up(lie: str) -> None:
    """Where single ones work, all tasks are looked at by them, and end in time."""
    server = Listing()
    server.every_task(RUNNING, RUNNING, DONE)
    server.spoil = lambda request: LIES[lie] if len(request.ids) > 1 else None
    async with opened(server) as client:
        for handle in attached(client, 60):
            await handle
    assert asyncio.get_running_loop().time() < 6 * INTERVAL
    assert sum(size > 1 for size in server.sizes) < 120


@virtual_time
async def test_a_task_that_lists_leave_out_is_looked_at_by_itself() -> None:
    """The others go on together."""
    server = Listing()
    server.every_task(*[RUNNING] * 10, DONE)
    server.shuffle = lambda rows: [row for row in rows if row["id"] != "7"]
    async with opened(server) as client:
        for handle in attached(client, 60):
            await handle
    assert asyncio.get_running_loop().time() < 12 * INTERVAL
    assert 60 - 1 in server.sizes or 60 in server.sizes


@virtual_time
async def test_a_list_that_only_a_forgiving_reader_can_read_is_read() -> None:
    """Some server puts a byte order mark before it."""
    server = Listing()
    server.every_task(RUNNING, DONE)
    listed = server._list

    def marked(ids: Sequence[str]) -> Reply:
        return Reply(200, b"\xef\xbb\xbf" + listed(ids).body)

    server._list = marked  # type: ignore[method-assign]
    async with opened(server) as client:
        for handle in attached(client, 3):
            assert (await handle).id == handle.id
    assert max(server.sizes) == 3
