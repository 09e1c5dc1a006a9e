"""One client for one command: opened, followed, and closed with a word on what goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from mjflow import config
from mjflow.cli import sandbox as sandboxes
from mjflow.cli.bundles import NO_SANDBOX, Sandbox, Terms
from mjflow.cli.checks import Press, check_deadline
from mjflow.cli.leftovers import Step, command, leftovers
from mjflow.cli.report import Report
from mjflow.client import Client
from mjflow.errors import MjflowError, SubmissionInDoubt
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle

_ON_THE_WIRE = frozenset({State.SUBMITTING, State.ANSWERING})


class Session:
    """
    The client of one command and the acts it carries out; an async context manager.

    An error is reported at the end, not passed on: what goes on at the server is said after it.

    Args:
        report: Is told of everything.
        sandbox: The simulator that takes the server's place, if any does.
        out: Where pictures are to go; `None` if none are wanted.
        chained: Each act builds on the one before.
        seed: The same text gives the same ids and pictures, in a simulator.
    """

    def __init__(
        self,
        report: Report,
        terms: Terms,
        sandbox: Sandbox = NO_SANDBOX,
        *,
        out: Path | None = None,
        chained: bool = False,
        seed: str = "",
    ) -> None:
        self.report = report
        self.steps: list[Step] = []
        self._terms = terms
        self._sandbox = sandbox
        self._out = out
        self._chained = chained
        self._seed = seed
        self._errand: asyncio.Future[None] | None = None
        self._stack = AsyncExitStack()
        self._closing = False

    async def __aenter__(self) -> Client:
        check_deadline(self._terms.deadline)
        sandboxes.check_sandbox(self._sandbox, self._terms.server.base_url)
        self._hear_warnings()
        try:
            return await self._stack.enter_async_context(await self._client())
        except BaseException:
            await self._stack.aclose()
            raise

    def follow(self, handle: TaskHandle, label: str, *, wanted: bool = True) -> Step:
        """Report on an act from now on, under a name; `wanted`: its pictures are to be saved."""
        step = Step(handle, label, wanted)
        self.steps.append(step)
        self.report.follow(handle.key, label, named=label == handle.id)
        return step

    def press(self, presses: Iterable[Press]) -> None:
        """Press buttons, each on the result of the act before, as soon as that is there."""
        for press in presses:
            parent = self.steps[-1].handle
            handle = parent.click(
                press.button, prompt=press.prompt, mask=press.mask, extra=press.extra
            )
            self.follow(handle, press.label)

    async def pay(self, errand: Coroutine[Any, Any, None]) -> None:
        """Wait for something that is paid and starts no task; an interrupt lets it end first."""
        self._errand = asyncio.ensure_future(errand)
        await asyncio.wait([self._errand])
        ended, self._errand = self._errand, None
        ended.result()

    def say_how_to_go_on(self, task_id: str) -> None:
        """Say how to draw one of the texts that a task has found."""
        if self._sandbox.simulate is False:
            again = command("click", [task_id, "1"], self._terms.server, None)
            self.report.say(f"Draw the first with: {again}")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._closing = True
        if isinstance(error, asyncio.CancelledError):
            self._say_what_is_waited_for()
        try:
            await self._stack.aclose()
        except MjflowError as late:
            self.report.error(late)
        except asyncio.CancelledError as late:
            error = error or late
            raise
        finally:
            if self._errand is not None:
                await asyncio.wait([self._errand])  # closing has ended it
            self.report.rest()
            self._last_words(error)
        return isinstance(error, MjflowError | OSError)

    # --- opening --------------------------------------------------------------------------

    async def _client(self) -> Client:
        terms = self._terms
        options: dict[str, Any] = {"mode": terms.mode, "observers": [self.report.update]}
        if terms.deadline is not None:
            options["deadline"] = terms.deadline
        server = terms.server
        if self._sandbox.simulate is False:
            return Client(server.base_url, dialect=server.dialect, **options)
        simulator = await self._stack.enter_async_context(
            sandboxes.opened(self._sandbox, self._seed)
        )
        dialect: str = server.dialect
        if dialect == config.AUTO != config.load(base_url=simulator.base_url).dialect:
            # What the environment says of a server is not said of this one.
            dialect = simulator.profile.family
        return Client(
            simulator.base_url, "simulated", dialect=dialect, speed=simulator.speed, **options
        )

    def _hear_warnings(self) -> None:
        """Say the library's warnings in the command's own voice, unless they are logged."""
        logger = logging.getLogger("mjflow")
        if not logger.hasHandlers():
            handler = _Voice(self.report)
            # On closing, the last words say it better.
            handler.addFilter(lambda record: not self._closing or record.levelno > logging.WARNING)
            logger.addHandler(handler)
            self._stack.callback(logger.removeHandler, handler)

    # --- closing --------------------------------------------------------------------------

    def _say_what_is_waited_for(self) -> None:
        if self._errand or any(step.handle.state in _ON_THE_WIRE for step in self.steps):
            self.report.say(
                "Interrupted: waiting for the answer to what was just sent "
                "(interrupt again to leave now)."
            )

    def _last_words(self, error: BaseException | None) -> None:
        if isinstance(error, MjflowError | OSError):
            self.report.error(error)
        interrupted = isinstance(error, asyncio.CancelledError)
        doubts = self._doubts() if interrupted else []
        for doubt in doubts:
            self.report.error(doubt)
        left = leftovers(
            self.steps,
            self._terms.server,
            self._out,
            chained=self._chained,
            simulated=self._sandbox.simulate is not False,
            interrupted=interrupted,
            doubtful=bool(doubts),
        )
        if left or interrupted:
            self.report.left(left)

    def _doubts(self) -> list[SubmissionInDoubt]:
        """List what was sent, and nothing says what came of it."""
        outcomes: list[object] = [step.handle.outcome for step in self.steps]
        if self._errand is not None and not self._errand.cancelled():
            outcomes.append(self._errand.exception())
        return [one for one in outcomes if isinstance(one, SubmissionInDoubt)]


class _Voice(logging.Handler):
    """Says log records as warnings of the command."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        self._report.warn(record.getMessage())
