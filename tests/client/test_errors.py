"""What goes wrong, told once, clearly, with what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mjflow import (
    Client,
    FailureKind,
    InvalidInput,
    NotAnApi,
    NotAuthorized,
    NotSubmitted,
    PromptRefused,
    QuotaExceeded,
    SubmissionInDoubt,
    TaskFailed,
    TaskNotFound,
    TransportError,
    Unreachable,
)
from tests.client.worlds import world
from tests.scripted import Scripted, opened
from tests.transport.servers import answers, http, serve
from tests.virtual import virtual_time

KEY = "sk-0123456789abcdefSECRET"

# --- the address and the key --------------------------------------------------------------


@virtual_time
async def test_a_wrong_key_is_told_at_once_and_never_shown() -> None:
    """Nothing has worked with it, so there is nothing to wait for."""
    async with world(simulator={"keys": ["sk-good"]}, api_key=KEY) as here:
        for use in (here.client.imagine("a cat"), here.client.attach("77"), here.client.get("77")):
            with pytest.raises(NotAuthorized) as raised:
                await use
            assert "MJFLOW_API_KEY" in raised.value.advice
            assert raised.value.exit_code == 4
            assert KEY not in repr(raised.value) + str(raised.value)
        assert here.simulator.now < 10
        assert here.simulator.ledger.charges == []


@virtual_time
async def test_a_host_out_of_reach_is_told_after_a_few_tries() -> None:
    """Whether to submit, to watch or to read; nothing was paid."""
    async with Client("http://127.0.0.1:1", KEY) as client:
        with pytest.raises(Unreachable, match=r"cannot connect to 127\.0\.0\.1:1"):
            await client.imagine("a cat")
        with pytest.raises(Unreachable):
            await client.attach("77")
        with pytest.raises(Unreachable):
            await client.get("77")


@virtual_time
async def test_some_other_web_page_is_called_one() -> None:
    """The base URL leads to a shop."""
    page = b"<!doctype html><html><title>Shop</title></html>"
    shop = serve(answers(http(200, page, Content_Type="text/html")))
    async with shop as peer, Client(peer.url, KEY) as client:
        with pytest.raises(NotAnApi, match="web page"):
            await client.imagine("a cat")
        for read in (client.attach("77"), client.get("77")):
            with pytest.raises(NotAnApi) as raised:
                await read
            assert isinstance(raised.value, TransportError)
            assert "base URL" in raised.value.advice


@virtual_time
async def test_a_body_cut_short_after_a_submit_is_doubt() -> None:
    """The error has the token to look for, and nothing is sent again."""
    body = http(200, b'{"code": 1, "descr', Content_Type="application/json")
    async with serve(answers(body)) as peer:
        async with Client(peer.url, KEY, dialect="gateway") as client:
            with pytest.raises(SubmissionInDoubt) as raised:
                await client.imagine("a cat", key="order-17")
        assert raised.value.token in peer.requests[0].body.decode()
        assert raised.value.key == "order-17"
        assert len(peer.requests) == 1


# --- what is asked for --------------------------------------------------------------------

BAD: dict[str, Callable[[Client], Any]] = {
    "no prompt": lambda client: client.imagine(""),
    "a blank prompt": lambda client: client.imagine(" \n\t"),
    "no id": lambda client: client.attach(" "),
    "a blank key": lambda client: client.imagine("a cat", key=" "),
    "a mask that is not there": lambda client: client.click("7", "U1", mask="no/such.png"),
    "a mask that is no picture": lambda client: client.click("7", "U1", mask=b"GIF89a"),
    "an answer without a picture": lambda client: client.modal("7", mask=b"hello"),
    "a field twice": lambda client: client.imagine("a cat", extra={"prompt": "a dog"}),
}


@pytest.mark.parametrize("act", BAD.values(), ids=BAD)
@virtual_time
async def test_bad_input_is_refused_before_anything_is_sent(act: Callable[[Client], Any]) -> None:
    """No request leaves, paid or not."""
    server = Scripted()
    async with opened(server) as client:
        with pytest.raises(InvalidInput):
            await act(client)
    assert server.sent == []


@virtual_time
async def test_typographic_dashes_are_mended_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The picture would else be paid and come out wrong."""
    async with world() as here:
        task = await here.client.imagine("a cat —v 6.1")
        assert task.prompt == "a cat --v 6.1"
    (line,) = caplog.records
    assert (line.name, line.levelno) == ("mjflow", logging.WARNING)
    assert line.message == "long dashes were mended to '--' in: —v"


@virtual_time
async def test_a_banned_prompt_names_its_word() -> None:
    """And costs nothing."""
    async with world() as here:
        with pytest.raises(PromptRefused) as raised:
            await here.client.imagine("a cat in gore")
        assert raised.value.word == "gore"
        assert here.simulator.ledger.charges == []


@virtual_time
async def test_an_empty_balance_is_told_apart_from_a_wrong_key() -> None:
    """Tasks that run go on."""
    async with world(simulator={"balance": 0.1}) as here:
        first, second = here.client.imagine("a cat"), here.client.imagine("a dog")
        await first
        with pytest.raises(QuotaExceeded) as raised:
            await second
        assert isinstance(raised.value, NotSubmitted)
        assert "Top up" in raised.value.advice
        assert len(here.simulator.ledger.charges) == 1


@virtual_time
async def test_a_failed_task_says_whether_to_try_again() -> None:
    """By the class of its reason."""
    async with world(simulator={"faults": ["fails=1:1"]}) as here:
        with pytest.raises(TaskFailed, match="Failed to process your command") as raised:
            await here.client.imagine("a cat")
        assert raised.value.kind is FailureKind.TRANSIENT
        assert raised.value.retryable
        assert raised.value.task is not None
        assert raised.value.task_id == raised.value.task.id


@virtual_time
async def test_an_unknown_id_is_read_as_not_found() -> None:
    """At once when it is asked for once, after a minute when it is watched."""
    async with world() as here:
        with pytest.raises(TaskNotFound):
            await here.client.get("404")
        assert here.simulator.now < 1
        with pytest.raises(TaskNotFound):
            await here.client.attach("404")
        assert 60 <= here.simulator.now <= 130


@virtual_time
async def test_a_picture_cut_short_is_fetched_again(tmp_path: Path) -> None:
    """Over real sockets: the first two bodies end early."""
    async with world() as here:
        handle = here.client.imagine("a cat")
        await handle
        here.simulator.faults.switch("cut-body=1:2")
        (saved,) = await handle.download(tmp_path)
        assert saved.path.stat().st_size == saved.whole.size
    assert len(list(tmp_path.iterdir())) == 2
