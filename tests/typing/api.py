"""The public types as mypy sees them; checked, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, assert_type

import mjflow
from mjflow import (
    Answer,
    Button,
    Client,
    FailureKind,
    Mask,
    MjflowError,
    Mode,
    OpenDialog,
    Saved,
    Spent,
    State,
    Statistics,
    Status,
    Task,
    TaskHandle,
    Update,
)


async def handles(client: Client, grid: TaskHandle, finished: Task) -> None:
    assert_type(client.imagine("a cat"), TaskHandle)
    assert_type(client.imagine("a cat", key="order-17", mode=Mode.FAST), TaskHandle)
    assert_type(client.click(grid, "U1"), TaskHandle)
    assert_type(client.click(finished, "U1"), TaskHandle)
    assert_type(client.click("1320098173412546", "U1"), TaskHandle)
    assert_type(client.change(grid, "UPSCALE", 2), TaskHandle)
    assert_type(client.modal("1320098173412546", "a crown", Mask.file("mask.png")), TaskHandle)
    assert_type(client.imagine("a cat", images=[Path("a.png"), b"", "a.png"]), TaskHandle)
    assert_type(client.blend(["a.png", b""], dimensions="square"), TaskHandle)
    assert_type(client.describe("https://x.example/a.png"), TaskHandle)
    assert_type(client.shorten("a b c", mode="fast"), TaskHandle)
    assert_type(client.video("rain", image="a.png"), TaskHandle)
    assert_type(client.video(extend=grid, index=0), TaskHandle)
    assert_type(client.edits("a.png", "a hat", mask="rect:0,0,0.5,1"), TaskHandle)
    assert_type(client.swap_face("a.png", b"", extra={"noStorage": True}), TaskHandle)
    assert_type(client.attach("1320098173412546"), TaskHandle)
    assert_type(client.tasks, tuple[TaskHandle, ...])
    assert_type(client.with_options(mode="relax"), Client)
    assert_type(client.statistics(), Statistics)
    assert_type(client.statistics().spent, Spent)
    assert_type(client.statistics().paused, MjflowError | None)


async def waiting(client: Client, handle: TaskHandle) -> None:
    assert_type(await handle, Task)
    assert_type(await handle.wait(timeout=1.0), Task)
    assert_type(await handle.submitted(), str)
    assert_type(await handle.settle(), State)
    assert_type(await handle.settle("absent"), State)
    assert_type(await handle.settle(task_id="7"), State)
    assert_type(await client.doubts(), tuple[TaskHandle, ...])
    assert_type(await client.seed(handle), str)
    assert_type(await client.upload("a.png", b"", again=True), tuple[str, ...])
    assert_type(await client.get("1320098173412546"), Task)
    assert_type(handle.events(), AsyncIterator[Update])
    assert_type(client.as_completed([handle]), AsyncIterator[TaskHandle])
    async for done in client.as_completed(client.imagine(text) for text in ("a", "b")):
        assert_type(done, TaskHandle)
        assert_type(done.outcome, Task | MjflowError | None)


async def chaining(handle: TaskHandle) -> None:
    assert_type(handle.click("U1").click("Vary (Region)", prompt="a", mask=b""), TaskHandle)
    assert_type(handle.click("Vary (Region)", mask=Path("mask.png")), TaskHandle)
    assert_type(handle.change("REROLL"), TaskHandle)
    assert_type(handle.modal("a crown", "mask.png"), TaskHandle)
    assert_type(await handle.download("out"), tuple[Saved, ...])
    assert_type(await handle.download(Path("out"), name="{id}"), tuple[Saved, ...])


def standing(handle: TaskHandle) -> None:
    assert_type(handle.id, str | None)
    assert_type(handle.ids, tuple[str, ...])
    assert_type(handle.key, str)
    assert_type(handle.state, State)
    assert_type(handle.task, Task | None)
    assert_type(handle.children, tuple[TaskHandle, ...])
    assert_type(handle.button, str)
    assert_type(handle.dialog_data_unused, bool)


def looking(task: Task) -> None:
    assert_type(task.id, str)
    assert_type(task.status, Status)
    assert_type(task.progress, int | None)
    assert_type(task.image_url, str | None)
    assert_type(task.buttons, tuple[Button, ...])
    assert_type(task.ended, bool)


def narrowing(handle: TaskHandle) -> None:
    match handle.outcome:
        case None:
            pass
        case Task() as task:
            assert_type(task, Task)
        case mjflow.TaskFailed() as failed:
            assert_type(failed.kind, FailureKind)
            assert_type(failed.retryable, bool)
        case error:
            assert_type(error, MjflowError)
            assert_type(error.exit_code, int)
            assert_type(error.advice, str)


def settings() -> None:
    async def ask(dialog: OpenDialog) -> Answer | None:
        return Answer(prompt=dialog.suggested)

    def look_away(dialog: OpenDialog) -> Answer | None:
        return None

    def tell(update: Update) -> None:
        assert_type(update.state, State | None)

    assert_type(Client(on_dialog=ask, observers=[tell]), Client)
    assert_type(Client(on_dialog=look_away, max_in_flight=None), Client)
    assert_type(Client(max_in_flight="adaptive", on_dialog="raise"), Client)
    assert_type(Client(journal=mjflow.MemoryStore(), timeouts=mjflow.Timeouts(look=5.0)), Client)


def mistakes(client: Client, handle: TaskHandle) -> Any:
    client.imagine()  # type: ignore[call-arg]
    client.imagine("a cat", "a dog")  # type: ignore[call-arg]
    Client(max_in_flight="endless")  # type: ignore[arg-type]
    Client(on_dialog="ask")  # type: ignore[arg-type]
    handle.click()  # type: ignore[call-arg]
    handle.id = "1"  # type: ignore[misc]
