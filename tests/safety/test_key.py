"""Where the key goes: into one header of requests to the base URL's own origin."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mjflow import MemoryStore, MjflowError, Update
from tests.media.pictures import PNG
from tests.transport.servers import Request, http
from tests.virtual import virtual_time

from .towns import BARE, KEY, Town, client_of, row, said, town

SPOKEN = f"the key {KEY}, or {BARE}, is known here"


def _gossip(own: Town, cdn: Town) -> None:
    """Let a server say the key wherever it can, and let its links carry it."""
    busy = said({"error": {"message": SPOKEN, "type": "new_api_error"}}, 429, Retry_After="1")
    yes = {"code": 1, "description": SPOKEN, "properties": {"told": SPOKEN}}
    broken = http(500, f"<html><title>{SPOKEN}</title></html>".encode())
    own.gives("/mj/submit/imagine", busy, {**yes, "result": "1001"}, {**yes, "result": "1003"})
    own.gives("/mj/submit/action", {**yes, "result": "1002"})
    talk: dict[str, Any] = {
        "description": SPOKEN,
        "promptEn": SPOKEN,
        "properties": {"finalPrompt": SPOKEN},
    }
    labelled = [{"customId": f"MJ::Told::{KEY}", "label": SPOKEN}, *row("1001")["buttons"]]
    carried = f"{cdn.url}/a.png?key={KEY}&x={BARE}"
    done = row("1001", buttons=labelled, imageUrl=carried)
    own.shows("1001", broken, row("1001", "IN_PROGRESS", **talk), done)
    own.shows("1002", row("1002", **talk))
    own.shows("1003", row("1003", "FAILURE", failReason=SPOKEN, **talk))
    cdn.gives("/b.png", http(200, PNG + KEY.encode(), Set_Cookie=f"key={KEY}"))


def _no_pictures(cdn: Town) -> list[bytes]:
    """Return what a server may give instead of a picture, and say or carry the key in."""
    return [
        http(200, f"<html><title>{SPOKEN}</title></html>".encode()),
        http(302, b"", Location=f"{cdn.url}/c.png?key={KEY}"),
        http(302, b"", Location=f"ftp://{KEY}@cdn.example/c.png"),
        http(302, b"", Location=f"https://{BARE}.example/c.png"),
        http(302, b"", Location=f"https://[{BARE}]/c.png"),
        http(302, b"", Location=f"https://cdn.example:{BARE}/c.png"),
        http(401, SPOKEN.encode()),
        http(503, SPOKEN.encode(), Retry_After=KEY),
    ]


def _texts(error: BaseException | None) -> Iterator[str]:
    """Yield all that an error, and what it came from, can say."""
    while error is not None:
        yield from traceback.format_exception(error)
        yield from (str(error), repr(error), repr(vars(error)))
        error = error.__cause__ or error.__context__


async def _failure_of(something: Awaitable[Any]) -> list[str]:
    with pytest.raises(MjflowError) as failed:
        await something
    return list(_texts(failed.value))


def _outside_of_the_header(request: Request) -> str:
    headers = {name: value for name, value in request.headers.items() if name != "authorization"}
    return repr((request.method, request.path, headers, request.body))


@virtual_time
async def _whole_chain(folder: Path) -> tuple[list[str], list[Request], list[Request]]:
    """Run imagine, U1 and download against a gossip; return all that was said, and both hosts'."""
    store, told = MemoryStore(), list[str]()

    def listen(update: Update) -> None:
        told.extend((repr(update), *_texts(update.error)))

    async with town() as own, town() as cdn:
        _gossip(own, cdn)
        async with client_of(own.url, journal=store, observers=[listen]) as client:
            grid = client.imagine("a cat", key="order-17")
            first = grid.click("U1")
            await first
            for answer in _no_pictures(cdn):
                own.gives("/mj/image/1002", answer)
                told += await _failure_of(first.download(folder))
            told += await _failure_of(grid.download(folder))
            own.gives("/mj/image/1002", http(302, b"", Location=f"{cdn.url}/b.png"))
            for saved in await first.download(folder, name="{prompt} {button} {id}"):
                told.append(str(saved))
            told += [repr(task) + repr(task.raw) for task in (await grid, await first)]
            told += await _failure_of(client.imagine("a dog", key="order-18").wait())
            told += await _failure_of(grid.click("no such button").wait())
            shown: list[Any] = [client, grid, first, client.statistics(), client.tasks, store]
            told += [repr(one) + repr(getattr(one, "__dict__", "")) for one in shown]
            for key in ("order-17", "order-17/U1", "order-18"):
                for attempt in await store.attempts(own.url, key):
                    assert attempt.notes
                    told.append(repr(attempt) + repr(pickle.dumps(attempt)))
        return told, own.peer.requests, cdn.peer.requests


def test_key_is_in_none_of_what_leaves(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """
    A server that says the key back in errors, tasks, pages and links does not get it any further.

    Not into logs of the lowest level, errors and their causes, updates, handles, the journal,
    pictures, sidecars or file names; and no other host is sent it.
    """
    with caplog.at_level(logging.DEBUG):
        told, own, cdn = _whole_chain(tmp_path)
    told += [record.getMessage() + repr(vars(record)) for record in caplog.records]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    told += [repr(path) + repr(path.read_bytes()) for path in files]
    assert len(files) == 2
    assert [text for text in told if BARE in text] == []
    assert {request.headers["authorization"] for request in own} == {f"Bearer {KEY}"}
    assert [request for request in own if BARE in _outside_of_the_header(request)] == []
    assert {request.path for request in cdn} == {"/a.png?key=***&x=***", "/b.png"}
    assert [request for request in cdn if BARE in repr(request)] == []
