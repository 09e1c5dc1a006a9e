"""What users hold while a task runs: a handle that can be awaited, watched and chained."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Generator, Mapping
from pathlib import Path
from typing import Any

from mjflow.engine.act import Act, Answer, Classic, Click, Options, changed
from mjflow.engine.downloads import DEFAULT_NAME, name_template
from mjflow.engine.engine import Engine
from mjflow.engine.feed import Feed
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.engine.roots import tidied
from mjflow.engine.settle import Word
from mjflow.engine.splits import DEFAULT_NAME as CELL_NAME
from mjflow.engine.splits import cells_template, split
from mjflow.engine.tracker import update_of
from mjflow.errors import MjflowError, PossibleMixup, WaitTimeout
from mjflow.fsm.states import State
from mjflow.media.masks import MaskLike, load_mask
from mjflow.media.store import Saved
from mjflow.observers import Update
from mjflow.protocol.requests import Mode
from mjflow.protocol.task import Task

#: A folder to save to.
Folder = str | os.PathLike[str]


class TaskHandle:
    """
    One act: awaited it gives the finished `Task`, or raises what became of it.

    A handle costs nothing while it waits: however many hold or await one, the task is looked at
    by the client's one poll wheel.  Cancelling a wait never cancels the task.
    """

    __slots__ = ("__weakref__", "_clicks", "_engine", "_first", "_options")

    def __init__(
        self,
        engine: Engine,
        record: Record,
        options: Options,
        clicks: Counter[str] | None = None,
    ) -> None:
        self._engine = engine
        self._first = record
        self._options = options
        #: How often each button was pressed through this handle: part of the keys of its children.
        self._clicks = clicks

    def __repr__(self) -> str:
        return f"<TaskHandle {self.id or self.key!r}: {self.state}>"

    @property
    def _record(self) -> Record:
        return self._first.latest

    # --- what is known now ----------------------------------------------------------------

    @property
    def id(self) -> str | None:
        """The server's id; `None` until the task is accepted."""
        return self._record.id

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids the server has given it, the one looked at first."""
        return self._record.ids

    @property
    def key(self) -> str:
        """The key of the act: the caller's own, or one made up."""
        return self._record.key

    @property
    def prompt(self) -> str:
        """The prompt it was asked for with, for its dialog if it is a click; `""` without one."""
        return self._record.act.prompt

    @property
    def state(self) -> State:
        """Where it stands, in our words (see the reference of states)."""
        return self._record.state

    @property
    def mode(self) -> Mode | None:
        """The speed mode it runs in: the one asked for, or a cheaper one that it went down to."""
        return self._record.mode

    @property
    def task(self) -> Task | None:
        """The last full look at the task; complete only when it has ended."""
        return self._record.task

    @property
    def outcome(self) -> Task | MjflowError | None:
        """What an `await` would give or raise now, as a value; `None` while it runs."""
        return self._record.outcome

    @property
    def button(self) -> str:
        """Canonical name of the button this act presses; `""` for a root act."""
        return button_name(self._record.button, self._record.act)

    @property
    def children(self) -> tuple[TaskHandle, ...]:
        """The tasks of a button that started several (describe's "Imagine all")."""
        return tuple(
            TaskHandle(self._engine, child, self._options) for child in self._record.children
        )

    @property
    def dialog_data_unused(self) -> bool:
        """Whether a prompt or mask was given with the click, and no dialog ever asked for it."""
        return self._record.dialog_data_unused

    @property
    def possible_mixup(self) -> PossibleMixup | None:
        """Why this may be somebody else's picture: another task shows the same job, see there."""
        return self._engine.mixups.of(self._record)

    # --- waiting --------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, None, Task]:
        return self.wait().__await__()

    def wait(self, timeout: float | None = None) -> Coroutine[Any, Any, Task]:
        """
        Wait until the task has ended and return it.

        Args:
            timeout: Seconds of your own clock; `None` waits as long as the task's deadline allows.

        Raises:
            WaitTimeout: Your time was up first; the task goes on and can be waited for again.
            TaskFailed: The server ended it without a result.
            ModalRequired: A dialog opened, and nothing was given to answer it with.
            SubmissionInDoubt: It was sent and not answered; it may run, and may be paid.
            TaskLost: The deadline passed; it may still run.
            NotSubmitted: It was never started; nothing was paid.
        """
        # Ten thousand wait like this: one coroutine each, and no timer.
        result = self._engine.tracker.result(self._record)
        return result if timeout is None else self._within(timeout, result)

    async def _within(self, timeout: float, result: Coroutine[Any, Any, Task]) -> Task:
        try:
            async with asyncio.timeout(timeout):
                return await result
        except TimeoutError:
            raise WaitTimeout(timeout, task_id=self.id) from None

    async def submitted(self) -> str:
        """
        Wait until the server has accepted the task and return its id.

        Raises:
            MjflowError: What became of it instead.
        """
        while (record := self._record).id is None:
            if isinstance(record.outcome, MjflowError):
                raise record.outcome.with_traceback(None)
            await self._engine.tracker.change(record)
        return record.id

    async def events(self) -> AsyncIterator[Update]:
        """
        Yield what happens to the task, from where it stands now until there is an outcome.

        All come in order; of looks a slow reader sees only the newest of each kind, and of steps
        all but those before the last thousand: `Update.missed` says how many.  An error is an
        update's `error`, never raised.
        """
        feed = Feed()
        record = self._record
        record.feeds = [*(record.feeds or ()), feed]
        self._engine.stalls.read(record)
        feed(update_of(record, "state"))
        try:
            while update := await feed.pull():
                yield update
                if update.kind == "state" and (update.error or update.state is State.SUCCESS):
                    return
        finally:
            record = self._record  # another one, if it was superseded meanwhile
            record.feeds = [other for other in record.feeds or () if other is not feed] or None

    # --- doubt ----------------------------------------------------------------------------

    async def settle(self, word: Word = "look", *, task_id: str | None = None) -> State:
        """
        Settle a doubt, by looking once more or by your word; returns the state after it.

        Where the server can be looked at, that is done first whatever you say: what has turned up
        meanwhile is neither given up nor bought again.

        Args:
            word: `"look"` looks, and leaves it in doubt if that proves nothing.  `"absent"` says
                that there is no task: the handle then raises `NotSubmitted`, and the same key may
                be asked for again; a dialog is open again for `modal()`.  `"resubmit"` gives the
                attempt up and sends the same once more, **at the risk of paying twice**.
            task_id: Says that the task is this one; it is read, and then watched.

        Raises:
            InvalidInput: There is nothing in doubt, or the task with this id is another one.
            TaskNotFound: The server does not know this id.
            CannotWrite: The journal does not take your word; nothing has changed.
            NotAuthorized, TransportError: The server could not be looked at.
        """
        return await self._engine.settle(self._record, word, task_id)

    # --- the next act ---------------------------------------------------------------------

    def click(
        self,
        button: str,
        *,
        prompt: str = "",
        mask: MaskLike | None = None,
        key: str | None = None,
        enable_remix: bool | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Press a button of this task as soon as it has ended; returns at once.

        Args:
            button: Any spelling: `"U2"`, `"vary region"`, `"zoom 1.5"`, `"🔄"`, a custom id, a
                glob.  It is looked up among the task's own buttons when the task has ended.
            prompt, mask: Data for the dialog, should the button open one.  A mask is a `Mask`, its
                text (`"rect:0.3,0,0.7,0.35"`), or a picture file or its bytes; files are read now.
            key: Makes the click idempotent; by default this handle's key, the button and how
                often it was pressed before.
            enable_remix: Ask for a remix dialog; by default asked for when data was given and
                the button opens a dialog only in remix mode.
            options: `mode`, `deadline`, `admission_timeout`, `stall_after`, `on_dialog`,
                `spill_over`, `caller`; where not given, those of this handle's own act.

        Raises:
            InvalidInput: The button can never take this prompt or mask.
            UnknownButton: The server is known to have no such button.
        """
        what = Click(button=button, enable_remix=enable_remix)
        act = Act(
            what=what,
            answer=answer(prompt, mask),
            options=changed(self._options, options),
            state=state,
            notify_hook=notify_hook,
            extra=extra or {},
        )
        return self._chain(act, key)

    def change(
        self,
        action: str,
        index: int = 1,
        *,
        key: str | None = None,
        state: str = "",
        notify_hook: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> TaskHandle:
        """
        Make the classic call instead of a click: `UPSCALE`, `VARIATION` or `REROLL`.

        Args:
            index: Which of the four, 1-4.
            key, state, notify_hook, extra, options: As of `click`.
        """
        act = Act(
            what=Classic(action=action.upper(), index=index),
            options=changed(self._options, options),
            state=state,
            notify_hook=notify_hook,
            extra=extra or {},
        )
        return self._chain(act, key)

    def modal(self, prompt: str = "", mask: MaskLike | None = None) -> TaskHandle:
        """
        Answer this task's dialog, now or when it opens; returns this same handle to await.

        Does nothing to a task whose dialog was answered before, for a dialog is answered once, nor
        to one that has ended.
        """
        self._engine.answer(self._record, answer(prompt, mask))
        return self

    def _chain(self, act: Act, key: str | None) -> TaskHandle:
        self._engine.check_open()
        self._engine.check_mode(act.options.mode)
        self._engine.check_click(act)
        if self._clicks is None:
            self._clicks = Counter()
        record = self._engine.intake.chain(act, self._record, key, self._clicks)
        return TaskHandle(self._engine, record, act.options)

    def _seen_by(self, options: Options) -> TaskHandle:
        """Return the same handle with the options of another client view."""
        if self._clicks is None:
            self._clicks = Counter()
        return TaskHandle(self._engine, self._record, options, self._clicks)

    # --- pictures -------------------------------------------------------------------------

    async def download(self, folder: Folder, *, name: str = DEFAULT_NAME) -> tuple[Saved, ...]:
        """
        Wait for the task and save its picture, or all clips of a video, with a sidecar each.

        Of a button that started several tasks, the pictures of all.

        Args:
            folder: Made when missing.
            name: A template without extension; fields `{id}`, `{button}`, `{action}`,
                `{prompt}`, `{key}`, `{parent}`; `/` makes folders.

        Raises:
            DownloadFailed: The picture could not be fetched whole; it is still at the server.
            CannotWrite: The folder or the disk would not take it.
            InvalidInput: The template is wrong; told before the wait.  Or the task ended in texts.
            MjflowError: As of `wait`.
        """
        template = name_template(name)  # a wrong one is told at once
        await self.wait()
        self._engine.check_open()
        return await self._engine.downloads.save(self._record, Path(folder), template)

    async def split(self, folder: Folder, *, name: str = CELL_NAME) -> tuple[Saved, ...]:
        """
        Wait for a grid and save its four pictures, cut apart, with a sidecar each: free of charge.

        They come in reading order, as PNG without loss and at the resolution of a preview; U1-U4
        let the server make larger ones, for money.  Takes Pillow (extra `images`).

        Args:
            folder: Made when missing.
            name: A template as of `download`, with one more field: `{cell}`, 1-4.  Without it,
                `-1` to `-4` is put behind.

        Raises:
            InvalidInput: The task ended with something else than a grid; nothing was fetched.
                Or the template is wrong, or there is no Pillow; both are told before the wait.
            DownloadFailed: The grid could not be fetched whole; it is still at the server.
            CannotWrite: The folder or the disk would not take them.
            MjflowError: As of `wait`.
        """
        template = cells_template(name)
        await self.wait()
        self._engine.check_open()
        return await split(self._engine.downloads, self._record, Path(folder), template)


def answer(prompt: str, mask: MaskLike | None) -> Answer:
    """Build the answer for a dialog; a mask file is read and checked now."""
    loaded = None if mask is None else load_mask(mask)
    return Answer(prompt=tidied(prompt) if prompt.strip() else "", mask=loaded)
