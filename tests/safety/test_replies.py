"""Answers made to stumble over, read by a whole client."""

from __future__ import annotations

import pytest

from mjflow import ReplyUnreadable, SubmissionInDoubt, Task, TaskFailed
from mjflow.protocol.codec import read_task
from mjflow.transport import bodies
from tests.transport.servers import http
from tests.virtual import virtual_time

from .towns import client_of, row, said, town

LIMIT = 1_000_000
HEAD = b'{"id": "1001", "status": "IN_PROGRESS", "properties": '


def _deep(levels: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * levels + b"1" + closing * levels


BODIES = {
    "a hundred thousand brackets": _deep(100_000),
    "a hundred thousand open brackets": b"[" * 100_000,
    "a hundred thousand objects": _deep(100_000, b'{"a":', b"}"),
    "a deep field": HEAD + _deep(100_000) + b"}",
    "a field as deep as it can be read": HEAD + _deep(900, b'{"a":', b"}") + b"}",
    "a number of a million digits": b"9" * 900_000,
    "a field of a million digits": HEAD + b"9" * 900_000 + b"}",
    "a number beyond all": HEAD + b"1e99999}",
    "no number": HEAD + b"NaN}",
    "broken UTF-8": b'{"id": "1001", "prompt": "\xff\xfe\x80\xc0\xaf"}',
    "half a character": HEAD + b'"\\ud83d"}',
    "null characters": HEAD + b'"\\u0000\0"}',
    "nothing but null characters": bytes(1000),
    "escape sequences": b"\x1b]0;owned\x07\x1b[2J" * 100,
    "too large": b'"' + b"x" * LIMIT + b'"',
    "a hundred thousand fields": b"{" + b",".join(b'"%d":1' % n for n in range(80_000)) + b"}",
}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LARGEST", LIMIT)


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_looks_survive_any_answer(body: bytes, status: int) -> None:
    """A look that shows such a thing is made again, and the task comes to its end."""
    assert _looked(http(status, body)).prompt == "a cat"


@virtual_time
async def _looked(answer: bytes) -> Task:
    async with town() as own:
        own.accepts("imagine", "1001")
        own.shows("1001", answer, answer, row("1001"))
        async with client_of(own.url) as client:
            task = await client.imagine("a cat")
            assert len(own.paths) >= 4
            return task


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_submits_with_any_answer_are_in_doubt(body: bytes) -> None:
    """Whether a task runs cannot be told: that is doubt, in one line, and no second request."""
    assert _submitted(http(200, body)).count("/mj/submit/imagine") == 1


@virtual_time
async def _submitted(answer: bytes) -> list[str]:
    async with town() as own:
        own.gives("/mj/submit/imagine", answer)
        async with client_of(own.url) as client:
            with pytest.raises(SubmissionInDoubt) as caught:
                await client.imagine("a cat")
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 1000
        return own.paths


@pytest.mark.parametrize(("levels", "reads"), [(60, True), (70, False), (900, False)])
def test_nothing_deep_gets_in(levels: int, reads: bool) -> None:
    """What is nested without end would break whoever stores, copies or prints it later."""
    body = HEAD + _deep(levels) + b"}"
    if reads:
        assert read_task(body).id == "1001"
    else:
        with pytest.raises(ReplyUnreadable, match="nested more than 64 levels deep"):
            read_task(body)


@pytest.mark.parametrize("field", ["failReason", "progress", "submitTime", "imageUrl", "buttons"])
@pytest.mark.parametrize("value", [10**400, -1, 1e308, "\0", "\ud800", "\x1b[2J", {}, [[]], None])
def test_fields_that_make_no_sense_stop_nothing(field: str, value: object) -> None:
    """A field of a task may be anything; its status counts all the same."""
    answer = said(row("1001", "FAILURE", **{field: value}))
    assert _failed(answer).isprintable()


@virtual_time
async def _failed(answer: bytes) -> str:
    async with town() as own:
        own.accepts("imagine", "1001")
        own.shows("1001", answer)
        async with client_of(own.url) as client:
            with pytest.raises(TaskFailed, match="task 1001 failed") as caught:
                await client.imagine("a cat")
            return str(caught.value) + caught.value.message
