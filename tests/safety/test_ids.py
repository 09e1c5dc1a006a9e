"""Ids, keys, prompts and names that mean to be more than words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mjflow import InvalidInput, SubmissionInDoubt
from mjflow.config import load
from tests.media.pictures import PNG
from tests.transport.servers import http
from tests.virtual import virtual_time

from .towns import client_of, row, town

NO_IDS = [
    "",
    " ",
    ".",
    "..",
    "../../admin",
    "1/../2",
    "a/b",
    "a\\b",
    "1 2",
    "1\n2",
    "1\r\nX-Evil: 1",
    "1\0",
    "\x1b[2J1",
    "\u202e1001",
    "10\u202801",
    "9" * 10_000,
]
#: Odd, but one word each; in a path they are quoted.
ODD_IDS = ["%2e%2e", "a?b=c", "a#b", "a;b", "CON", "-rf", "任务-1", "a:b", "{id}"]

SOCKETLESS: list[Callable[[Any, str], object]] = [
    lambda client, task_id: client.attach(task_id),
    lambda client, task_id: client.click(task_id, "U1"),
    lambda client, task_id: client.change(task_id, "UPSCALE", 1),
    lambda client, task_id: client.modal(task_id, "a hat"),
    lambda client, task_id: client.video(extend=task_id, index=0),
]


def test_no_act_takes_what_is_no_id() -> None:
    """Whatever names a task is refused at once if no server could have given it."""
    assert _asked_with([*NO_IDS, "\ud8001"]) == []


@virtual_time
async def _asked_with(ids: list[str]) -> list[str]:
    async with town() as own, client_of(own.url) as client:
        for task_id in ids:
            for ask in SOCKETLESS:
                with pytest.raises(InvalidInput, match="task id"):
                    ask(client, task_id)
            for reading in (client.get, lambda word: client.download(word, "pictures")):
                with pytest.raises(InvalidInput, match="task id"):
                    await reading(task_id)
        return own.paths


@pytest.mark.parametrize("task_id", [*NO_IDS, [NO_IDS[4]], {"id": "1"}, int("9" * 300)], ids=ascii)
def test_submit_that_names_no_id_is_in_doubt(task_id: object) -> None:
    """A server's own word for a task goes into no path unless it is an id; the task may be paid."""
    assert _submitted(task_id) == ["/mj/submit/imagine"]


@virtual_time
async def _submitted(task_id: object) -> list[str]:
    async with town() as own:
        own.accepts("imagine", task_id)
        async with client_of(own.url) as client:
            with pytest.raises(SubmissionInDoubt, match="no task was named"):
                await client.imagine("a cat")
        return [path for path in own.paths if not path.startswith("/mj/task/list")]


@pytest.mark.parametrize("task_id", ODD_IDS)
def test_odd_ids_stay_one_part_of_the_path(task_id: str, tmp_path: Path) -> None:
    """An odd id is asked for as it is, quoted, and its files stay in the folder."""
    assert _fetched(task_id, tmp_path / "out") == ["/mj/submit/imagine", _path(task_id), "/image"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.parent.name for path in files] == ["out", "out"]


def _path(task_id: str) -> str:
    return f"/mj/task/{quote(task_id, safe='')}/fetch"


@virtual_time
async def _fetched(task_id: str, folder: Path) -> list[str]:
    async with town() as own:
        own.accepts("imagine", task_id)
        own.gives(_path(task_id), row(task_id, imageUrl="/image"))
        own.gives("/image", http(200, PNG))
        async with client_of(own.url) as client:
            handle = client.imagine("a cat")
            assert await handle.submitted() == task_id
            await handle.download(folder, name="{id}")
        return own.paths


HOSTILE = '../../../etc/passwd\0\r\n\x1b[2J\u202egpj.exe C:\\x|<>*?" ~ ' + "long" * 3000


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{prompt}", HOSTILE),
        ("{prompt}/{id}", ".."),
        ("{action}", "CON"),
        ("{action}", "nul.txt"),
        ("{action}/{prompt}-{id}", "..\\.."),
        ("{key}", "a cat"),
        ("x{prompt}", "\ud800/\udfff"),
    ],
)
def test_files_stay_in_their_folder(tmp_path: Path, template: str, words: str) -> None:
    """Whatever a server writes into a task, its picture has a plain name below the folder."""
    folder = tmp_path / "out"
    folder.mkdir()
    _saved(folder, template, words)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        parts = path.relative_to(folder).parts
        assert all(_is_plain(part) for part in parts), parts


def _is_plain(name: str) -> bool:
    """Whether a name is harmless on every file system and terminal."""
    reserved = re.match(r"(con|nul|aux|prn|com\d|lpt\d)\s*(\.|$)", name, re.IGNORECASE)
    clean = name.isprintable() and not set('<>:"/\\|?*') & set(name)
    return clean and not reserved and name.strip(". ") == name and len(name.encode()) <= 255


@virtual_time
async def _saved(folder: Path, template: str, words: str) -> None:
    async with town() as own:
        own.accepts("imagine", "1001")
        own.gives("/mj/image/1001", http(200, PNG))
        own.shows("1001", row("1001", prompt=words, action=words))
        async with client_of(own.url) as client:
            await client.imagine("a cat", key="order 17: a/b").download(folder, name=template)


@pytest.mark.parametrize("key", ["a\nb", "a\0", "\x1b[2J", "\u202eorder", "", "x" * 2001])
def test_keys_that_nobody_can_read_are_refused(key: str) -> None:
    """A key stands in logs and journals, so there is nothing in it that hides."""
    with pytest.raises(InvalidInput, match="this is no key"):
        _imagined(key=key)


@pytest.mark.parametrize(
    "hook",
    [
        "https://hook.example/\r\nX-Evil: 1",
        "https://hook.example/\0",
        "https://hook example/",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "hook.example",
        "https://hook.example/" + "x" * 2000,
    ],
)
def test_hooks_that_are_no_addresses_are_refused(hook: str) -> None:
    """An address that a server is to call is a web address, and nothing besides."""
    with pytest.raises(InvalidInput, match="notify_hook is no web address"):
        _imagined(notify_hook=hook)


@virtual_time
async def _imagined(**options: Any) -> None:
    async with town() as own, client_of(own.url) as client:
        try:
            client.imagine("a cat", **options)
        finally:
            assert own.paths == []


@pytest.mark.parametrize("key", ["sk-1234\r\nX-Evil: 1", "sk-12\0", "sk-1 2", "sk-\x7f", "sk-é"])
def test_api_keys_that_smuggle_headers_are_refused(key: str) -> None:
    """A key becomes a header, so it is one visible word; the error does not repeat it."""
    with pytest.raises(InvalidInput) as caught:
        load(base_url="https://api.example", api_key=key, environ={})
    assert key not in str(caught.value)


def test_prompts_are_sent_as_one_line() -> None:
    """What nobody can see in a prompt is not sent: in the first one as in a dialog's."""
    sent = _prompted("a\0 cat\r\nwith\x1b[2J\ta hat\x9b")
    assert sent == ["a cat with [2J a hat"] * 2


@virtual_time
async def _prompted(prompt: str) -> list[str]:
    async with town() as own:
        own.accepts("imagine", "1001")
        own.accepts("modal", "1002")
        opened = {"finalPrompt": "", "remix": True}
        own.gives("/mj/submit/action", {"code": 21, "result": "1002", "properties": opened})
        own.shows("1001", row("1001"))
        own.shows("1002", row("1002", "MODAL"), row("1002"))
        async with client_of(own.url) as client:
            await client.imagine(prompt).click("V1", prompt=prompt)
        sent = [json.loads(request.body or b"{}") for request in own.peer.requests]
        return [body["prompt"] for body in sent if "prompt" in body]
