"""What servers write, on a terminal: shown, and never obeyed."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from pathlib import Path

import pytest

from mjflow import MjflowError, Task, TaskFailed
from mjflow.cli.report import JsonReport, Report
from mjflow.cli.streams import visible
from mjflow.cli.view import LiveReport
from mjflow.observers import Update
from mjflow.protocol.codec import build_task
from tests.media.pictures import PNG
from tests.transport.servers import http

from .towns import BARE, KEY, row, said, town

#: Clears the screen, renames the window, rings, goes back, turns the direction, ends the line.
EVIL = "a\x1b[2J\x1b]0;owned\x07b\x08\x9b31mc\u202e\u2066d\r\ne\u2028f\x7f\0"
#: The same as it is shown.
SPELT = (
    r"a\u001b[2J\u001b]0;owned\u0007b\u0008\u009b31mc\u202e\u2066d\u000d\u000ae\u2028f\u007f\u0000"
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a cat, 猫, кот, 🐈‍⬛, क्‌ष", "a cat, 猫, кот, 🐈‍⬛, क्‌ष"),
        ("wide\u3000and\xa0narrow", "wide\u3000and\xa0narrow"),
        (EVIL, SPELT),
        ("\ud800 \U000e0041", r"\ud800 \udb40\udc41"),
        ("a\tb", r"a\u0009b"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    """Letters of any language stay; what acts on a terminal is spelt out as in JSON."""
    assert visible(text) == shown


def _hostile() -> Task:
    buttons = [{"customId": "MJ::JOB::upsample::1::x", "label": EVIL, "emoji": EVIL}]
    texts = dict.fromkeys(("prompt", "promptEn", "action", "failReason", "imageUrl"), EVIL)
    properties = {"finalPrompt": EVIL}
    return build_task(row("1001", **texts, buttons=buttons, properties=properties))


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _calm(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


def test_tasks_are_told_without_control_characters() -> None:
    """`mjflow show` prints what the server says of a task, one line for each thing."""
    out = io.StringIO()
    Report(out, io.StringIO()).task(_hostile())
    lines = out.getvalue().splitlines()
    assert _calm(out.getvalue())
    assert [line for line in lines if line.startswith("prompt    a") and "owned" in line]
    assert len(lines) == 7


def test_json_is_json_and_calm() -> None:
    """A program reads the very texts that the server wrote; a terminal that shows them is safe."""
    out = io.StringIO()
    JsonReport(out, io.StringIO()).task(_hostile())
    assert _calm(out.getvalue())
    assert json.loads(out.getvalue())["prompt"] == EVIL


@pytest.mark.parametrize("kind", [Report, LiveReport])
def test_errors_and_progress_are_told_without_control_characters(kind: type[Report]) -> None:
    """Neither a message, an advice, a label nor a reason reaches the terminal as it is."""
    err = _Terminal()
    report = kind(io.StringIO(), err)
    report.follow("k", EVIL)
    report.update(Update(kind="retry", key="k", id=None, state=None, reason=EVIL))
    report.error(MjflowError(EVIL, advice=EVIL))
    report.warn(EVIL)
    report.say(EVIL)
    report.data(EVIL)
    report.rest()
    # What is drawn has its own sequences, for colours and for moving the cursor.
    for evil in ("\x1b[2J", "\x1b]0;owned", "\x07", "\x08", "\x9b", "\u202e", "\u2028", "\x7f"):
        assert evil not in err.getvalue()
    assert err.getvalue().count("owned") >= 4


def test_errors_read_as_one_line() -> None:
    """An error in a traceback or a log moves no cursor either."""
    assert str(MjflowError(EVIL, advice=EVIL)).isprintable()


@pytest.mark.parametrize("command", ["show", "imagine", "watch"])
async def test_commands_are_calm_and_keep_the_key(command: str, tmp_path: Path) -> None:
    """A whole command against a server that writes such things, at the lowest level of logging."""
    words = f"{EVIL} {KEY} {BARE}"
    async with town() as own:
        own.gives("/mj/submit/imagine", said({"code": 1, "description": words, "result": "1001"}))
        texts = dict.fromkeys(("prompt", "promptEn", "action", "description"), words)
        done = row("1001", **texts, properties={"finalPrompt": words})
        own.shows("1001", row("1001", "IN_PROGRESS", **texts), done)
        own.gives("/mj/image/1001", http(200, PNG))
        arguments = [command, "a cat" if command == "imagine" else "1001", "--base-url", own.url]
        code, said_ = await _run(*arguments, "--dialect", "gateway", folder=tmp_path)
    assert code == 0
    assert "1001" in said_
    assert _calm(said_)
    assert BARE not in said_


@pytest.mark.parametrize("flags", [(), ("--json",)])
async def test_failures_are_calm_and_keep_the_key(flags: tuple[str, ...], tmp_path: Path) -> None:
    """The reason of a failure is quoted, in one line."""
    async with town() as own:
        own.shows("1001", row("1001", "FAILURE", failReason=f"{EVIL} {KEY}"))
        arguments = ["watch", "1001", "--base-url", own.url, "--dialect", "gateway", *flags]
        code, said_ = await _run(*arguments, folder=tmp_path)
    assert code == TaskFailed.exit_code
    assert "task 1001 failed" in said_
    assert _calm(said_)
    assert BARE not in said_


async def _run(*arguments: str, folder: Path) -> tuple[int | None, str]:
    own = {"MJFLOW_API_KEY": KEY, "MJFLOW_LOG": "debug", "MJFLOW_POLL_INTERVAL": "0.05"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mjflow", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **own},
        cwd=folder,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()
