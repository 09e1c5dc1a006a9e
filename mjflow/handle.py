"""What users hold while a task runs: a handle that can be awaited, watched and chained."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Generator, Mapping
from pathlib import Path
from typing import Any

from mjflow.engine.act import Act, Answer, Classic, Click, Options, changed
from mjflow.engine.downloads import DEFAULT_NAME, name_template
from mjflow.engine.engine import Engine
from mjflow.engine.feed import Feed
from mjflow.engine.record import Record
from mjflow.engine.resolve import button_name
from mjflow.engine.tracker import update_of
from mjflow.errors import MjflowError, WaitTimeout
from mjflow.fsm.states import State
from mjflow.media.masks import MaskLike, load_mask
from mjflow.media.store import Saved
from mjflow.observers import Update
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
    def state(self) -> State:
        """Where it stands, in our words (see the reference of states)."""
        return self._record.state

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

    # --- waiting --------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, None, Task]:
        return self.wait().__await__()

    async def wait(self, timeout: float | None = None) -> Task:
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
        try:
            async with asyncio.timeout(timeout):
                outcome = await self._engine.tracker.outcome(self._record)
        except TimeoutError:
            if timeout is None:
                raise
            raise WaitTimeout(timeout, task_id=self.id) from None
        if isinstance(outcome, MjflowError):
            raise outcome.with_traceback(None)
        return outcome

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

        Steps come in order and none is left out; of progress and previews a slow reader sees
        only the newest.  An error is an update's `error`, never raised.
        """
        feed = Feed()
        record = self._record
        record.feeds = [*(record.feeds or ()), feed]
        feed.push(update_of(record, "state"))
        try:
            while True:
                update = await feed.pull()
                yield update
                if update.kind == "state" and (update.error or update.state is State.SUCCESS):
                    return
        finally:
            record = self._record  # another one, if it was superseded meanwhile
            record.feeds = [other for other in record.feeds or () if other is not feed] or None

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
            options: `mode`, `deadline`, `admission_timeout`, `on_dialog`; where not given, those of
                this handle's own act.
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
        self, action: str, index: int = 1, *, key: str | None = None, **options: Any
    ) -> TaskHandle:
        """
        Make the classic call instead of a click: `UPSCALE`, `VARIATION` or `REROLL`.

        Args:
            index: Which of the four, 1-4.
            key, options: As of `click`.
        """
        classic = Classic(action=action.upper(), index=index)
        return self._chain(Act(what=classic, options=changed(self._options, options)), key)

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
        self._engine.api.dialect.prefix(act.options.mode)
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

        Args:
            folder: Made when missing.
            name: A template without extension; fields `{id}`, `{button}`, `{action}`,
                `{prompt}`, `{key}`, `{parent}`; `/` makes folders.

        Raises:
            DownloadFailed: The picture could not be fetched whole; it is still at the server.
            CannotWrite: The folder or the disk would not take it.
            InvalidInput: The template is wrong; told before the wait.
            MjflowError: As of `wait`.
        """
        template = name_template(name)  # a wrong one is told at once
        await self.wait()
        self._engine.check_open()
        return await self._engine.downloads.save(self._record, Path(folder), template)


def answer(prompt: str, mask: MaskLike | None) -> Answer:
    """Build the answer for a dialog; a mask file is read and checked now."""
    loaded = None if mask is None else load_mask(mask)
    return Answer(prompt=prompt, mask=loaded)
