"""`dialect="auto"`: the server is found out by its answers, at no cost."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from mjflow import (
    Client,
    InvalidInput,
    MissingKey,
    NoReply,
    NotAuthorized,
    State,
    TransportError,
    Unreachable,
)
from mjflow.protocol.dialect import Auth
from mjflow.protocol.verdicts import Reply

from ..client.worlds import world
from ..scripted import DONE, Scripted, opened, outcome, reply
from ..virtual import virtual_time

PROFILES = ["gateway", "gateway-2025-04", "trueai", "novicezk", "novicezk-2.3.5"]


class Asked(Scripted):
    """A server that keeps what it was asked for nobody's task, and answers as it is told to."""

    def __init__(self, *replies: Reply | Exception) -> None:
        super().__init__()
        self.questions: list[Auth] = []
        self.way = Auth.RAW
        self._replies = list(replies)

    async def authenticate(self, auth: Auth) -> None:
        self.way = auth

    async def read(self, method: str, path: str, body: bytes = b"", *, slow: bool = False) -> Reply:
        if path != "/mj/task/0/fetch":
            return await super().read(method, path, body, slow=slow)
        self.questions.append(self.way)
        await asyncio.sleep(0.01)
        answer = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def auto(server: Scripted, **settings: Any) -> AbstractAsyncContextManager[Client]:
    return opened(server, dialect="auto", **settings)


TRUEAI, NOVICEZK = Reply(204, b""), Reply(200, b"")
REFUSED = Reply(401, b"")
BROKEN = Reply(502, b"<html>Bad gateway</html>")


@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_every_kind_of_server_is_found_out(profile: str) -> None:
    """Without being told anything, a client speaks as the server does, with its one good key."""
    settings = {"profile": profile, "keys": ["sk-good"]}
    async with world(simulator=settings, api_key="sk-good") as here:
        assert await here.client.dialect() == profile.split("-")[0]
        task = await here.client.imagine("a cat").click("U1")
        assert task.image_url
        assert len(here.simulator.ledger.submits) == 2


@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_a_wrong_key_is_told_before_anything_is_submitted(profile: str) -> None:
    """The question alone shows it."""
    settings = {"profile": profile, "keys": ["sk-good"]}
    async with world(simulator=settings, api_key="sk-bad") as here:
        with pytest.raises(NotAuthorized):
            await here.client.imagine("a cat")
        assert here.simulator.ledger.submits == []


@virtual_time
async def test_one_question_serves_all_who_wait_for_it() -> None:
    """A hundred acts at once ask once; what comes later does not ask at all."""
    server = Asked(TRUEAI)
    server.takes_all()
    server.every_task(DONE)
    async with auto(server) as client:
        await asyncio.gather(*(client.imagine(f"cat {n}") for n in range(100)))
        await client.imagine("a dog")
        assert server.questions == [Auth.SECRET]
        assert server.way is Auth.SECRET
        assert await client.dialect() == "trueai"


@virtual_time
async def test_nothing_is_asked_of_a_server_that_is_known() -> None:
    """A dialect that was given is believed."""
    server = Asked(TRUEAI)
    server.takes_all()
    server.every_task(DONE)
    async with opened(server, dialect="novicezk") as client:
        await client.imagine("a cat")
        assert await client.dialect() == "novicezk"
    assert server.questions == []


@virtual_time
async def test_the_key_is_tried_in_another_way_before_it_counts_as_refused() -> None:
    """A reseller may take it as Bearer only; what works is kept."""
    server = Asked(REFUSED, reply({"code": 4, "description": "task_no_found"}, 400))
    async with auto(server) as client:
        assert await client.dialect() == "gateway"
    assert server.questions == [Auth.SECRET, Auth.BEARER]
    assert server.way is Auth.BEARER


@virtual_time
async def test_a_refused_key_is_not_asked_about_for_each_of_a_thousand_acts() -> None:
    """For some seconds the answer stands; then it is asked again, and may be better."""
    server = Asked(REFUSED)
    async with auto(server) as client:
        handles = [client.imagine(f"cat {n}") for n in range(1000)]
        outcomes = [await outcome(handle) for handle in handles]
        assert {type(one) for one in outcomes} == {NotAuthorized}
        assert {handle.state for handle in handles} == {State.WITHDRAWN}
        assert server.questions == [Auth.SECRET, Auth.BEARER, Auth.RAW]
        server._replies = [NOVICEZK]
        await asyncio.sleep(6)
        assert await client.dialect() == "novicezk"
    assert server.sent == []


@virtual_time
async def test_a_server_that_answers_like_none_is_taken_for_a_gateway(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Most are; the warning says how to know better."""
    server = Asked(Reply(200, b'{"code":1}'))
    server.takes_all()
    server.every_task(DONE)
    async with auto(server) as client:
        await client.imagine("a cat")
        assert await client.dialect() == "gateway"
    assert "MJFLOW_DIALECT" in caplog.text


@pytest.mark.parametrize("trouble", [BROKEN, Reply(429, b""), NoReply("no answer in time")])
@virtual_time
async def test_nothing_is_submitted_on_a_guess(trouble: Reply | Exception) -> None:
    """A server in trouble is asked again for a while; then the act was never sent."""
    server = Asked(trouble)
    async with auto(server) as client:
        handle = client.imagine("a cat")
        told = await outcome(handle)
        assert isinstance(told, TransportError)
        assert "Nothing was sent" in told.advice
        assert handle.state is State.WITHDRAWN
    assert server.sent == []
    assert 2 < len(server.questions) < 10


@virtual_time
async def test_trouble_that_passes_does_not_matter() -> None:
    """The first good answer tells."""
    server = Asked(BROKEN, Reply(429, b""), BROKEN, NOVICEZK)
    server.takes_all()
    server.every_task(DONE)
    async with auto(server) as client:
        await client.imagine("a cat")
        assert await client.dialect() == "novicezk"


@virtual_time
async def test_a_server_that_wants_a_key_where_none_was_given_is_told_as_such() -> None:
    """There is nothing wrong with a key that nobody gave."""
    server = Asked(REFUSED)
    given = {"dialect": "auto", "transport": server}
    async with Client("http://127.0.0.1:9", "", **given) as client:  # type: ignore[arg-type]
        assert isinstance(await outcome(client.imagine("a cat")), MissingKey)


@virtual_time
async def test_an_attached_id_waits_for_the_server_to_be_known() -> None:
    """Its looks go out in the server's own way."""
    server = Asked(NOVICEZK)
    server.shows("77", DONE)
    async with auto(server) as client:
        assert (await client.attach("77")).id == "77"
        assert server.way is Auth.SECRET


@virtual_time
async def test_an_attached_id_at_no_server_is_lost_at_once() -> None:
    """Nobody waits an hour for a typo in a host name."""
    server = Asked(Unreachable("no such host"))
    async with auto(server) as client:
        handle = client.attach("77")
        assert isinstance(await outcome(handle), Unreachable)
        assert handle.state is State.LOST


@virtual_time
async def test_a_mode_that_the_server_lacks_is_refused_when_it_is_known() -> None:
    """At the latest before anything is sent."""
    server = Asked(NOVICEZK)
    async with auto(server) as client:
        assert isinstance(await outcome(client.imagine("a cat", mode="fast")), InvalidInput)
        with pytest.raises(InvalidInput, match="fast"):
            client.imagine("a cat", mode="fast")
    assert server.sent == []


@virtual_time
async def test_closing_does_not_wait_for_the_question() -> None:
    """An act that waits for it is handed back as never sent."""
    server = Asked(TRUEAI)
    async with auto(server) as client:
        handle = client.imagine("a cat")
    assert handle.state is State.WITHDRAWN
    assert server.sent == []


@virtual_time
async def test_who_is_cancelled_while_asking_leaves_the_question_to_the_others() -> None:
    """The next in line asks."""
    server = Asked(TRUEAI)
    async with auto(server) as client:
        first = asyncio.ensure_future(client.dialect())
        second = asyncio.ensure_future(client.dialect())
        await asyncio.sleep(0.005)
        first.cancel()
        assert await second == "trueai"
        assert first.cancelled()
