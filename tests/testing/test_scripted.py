"""The server out of a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mjflow import (
    Client,
    NoReply,
    PromptRefused,
    RequestRefused,
    SubmissionInDoubt,
    TaskNotFound,
    Unreachable,
)
from mjflow.testing import NotSent, Reply, ScriptedTransport, Sent, Unanswered, virtual_time
from mjflow.transport.base import Transport

from ..media.pictures import PNG

ACCEPTED = {"code": 1, "description": "ok", "result": "7"}
RUNNING = {"status": "IN_PROGRESS", "progress": "50%"}
DONE = {"status": "SUCCESS", "progress": "100%", "imageUrl": "https://cdn.example/1.png"}


@asynccontextmanager
async def opened(server: Transport, **settings: Any) -> AsyncIterator[Client]:
    async with Client("https://mj.example", "sk-test", transport=server, **settings) as client:
        yield client


def accepting() -> ScriptedTransport:
    server = ScriptedTransport()
    server.on("imagine", ACCEPTED)
    return server


@virtual_time
async def test_rows_are_shown_one_look_after_the_other_and_the_last_stays() -> None:
    """Fields that only one vendor has come through too."""
    server = accepting()
    server.shows("7", RUNNING, RUNNING, {**DONE, "mood": "sunny"})
    async with opened(server, poll_interval=5.0) as client:
        task = await client.imagine("a cat")
        again = await client.get("7")
    assert (task.raw["mood"], again.raw["mood"]) == ("sunny", "sunny")
    assert 10.0 < asyncio.get_running_loop().time() <= 15.0


@virtual_time
async def test_answers_are_given_in_turn() -> None:
    """A no, then silence, then for ever the last: each becomes what it means."""
    server = ScriptedTransport()
    banned = {"code": 24, "description": "no", "properties": {"bannedWord": "blood"}}
    server.on("imagine", banned, Unanswered("cut off"), NotSent("refused"))
    async with opened(server, admission_timeout=60.0) as client:
        for error in (PromptRefused, SubmissionInDoubt, Unreachable, Unreachable):
            with pytest.raises(error):
                await client.imagine("a cat")


@pytest.mark.parametrize("is_async", [False, True])
@virtual_time
async def test_a_function_answers_by_the_request(is_async: bool) -> None:
    """It may take its time, and give anything that can be lined up."""

    def answer(request: Sent) -> dict[str, Any]:
        return {**ACCEPTED, "result": request.body["prompt"].rpartition(" ")[2]}

    async def later(request: Sent) -> Reply:
        await asyncio.sleep(30)
        return Reply(200, b'{"code": 1, "result": "%d"}' % len(request.body["prompt"]))

    server = ScriptedTransport()
    server.on("imagine", later if is_async else answer)
    async with opened(server) as client:
        assert await client.imagine("cat 5").submitted() == "5"


@virtual_time
async def test_what_was_sent_is_kept() -> None:
    """Paths have their speed prefix; looks are left out."""
    server = accepting()
    server.shows("7", DONE)
    async with opened(server, mode="turbo") as client:
        await client.imagine("a cat", extra={"mood": "sunny"})
    (request,) = server.sent
    assert (request.route, request.path) == ("imagine", "/mj-turbo/mj/submit/imagine")
    assert (request.body["prompt"], request.body["mood"]) == ("a cat", "sunny")


@virtual_time
async def test_what_nobody_scripted_is_refused() -> None:
    """The error names the route, so that the script can be mended."""
    server = ScriptedTransport()
    server.shows("7", {**DONE, "buttons": [{"customId": "MJ::JOB::upsample::1::x", "label": "U1"}]})
    async with opened(server) as client:
        with pytest.raises(RequestRefused, match="nothing is scripted for 'action'"):
            await client.click("7", "U1")
        with pytest.raises(TaskNotFound):
            await client.get("8")


@virtual_time
async def test_many_tasks_are_shown_at_once() -> None:
    """A look at many ids shows the rows of those that are known."""
    server = ScriptedTransport()
    server.shows("7", RUNNING, DONE)
    server.shows("8", Reply(500, b""))
    path = "/mj/task/list-by-condition"
    first, second = [await server.read("POST", path, b'{"ids": ["7", "8", "9"]}') for _ in "12"]
    assert b'[{"id": "7", "status": "IN_PROGRESS"' in first.body
    assert b'[{"id": "7", "status": "SUCCESS"' in second.body


@pytest.mark.parametrize(
    ("answer", "error"), [(NotSent("refused"), Unreachable), (Unanswered("cut"), NoReply)]
)
@virtual_time
async def test_a_read_without_an_answer_is_an_error(
    answer: NotSent | Unanswered, error: type[Exception]
) -> None:
    """Reads are told so, as the contract of a transport has it."""
    server = ScriptedTransport()
    server.on("image-seed", answer)
    with pytest.raises(error):
        await server.read("GET", "/mj/task/7/image-seed")


@virtual_time
async def test_pictures_are_where_they_were_put(tmp_path: Path) -> None:
    """A download brings the very bytes; any other address has nothing."""
    server = accepting()
    server.shows("7", DONE)
    server.has("https://cdn.example/1.png", PNG)
    async with opened(server) as client:
        (saved,) = await client.imagine("a cat").download(tmp_path)
    async with server.download("https://cdn.example/2.png") as nothing:
        assert nothing.status == 404
    assert saved.path.read_bytes() == PNG
