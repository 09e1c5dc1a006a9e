"""One client for one command: opened, followed, and closed with a word on what goes on."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import frozen

from mjflow.cli import sandbox
from mjflow.cli.checks import check_deadline
from mjflow.cli.leftovers import Step, leftovers
from mjflow.cli.options import Server
from mjflow.cli.report import Report
from mjflow.client import Client
from mjflow.errors import InvalidInput, MjflowError, SubmissionInDoubt
from mjflow.fsm.states import State
from mjflow.handle import TaskHandle

_ON_THE_WIRE = frozenset({State.SUBMITTING, State.ANSWERING})


@frozen(kw_only=True)
class Terms:
    """How a command works with the server."""

    server: Server
    mode: str | None = None
    #: Seconds from acceptance; `None` takes the client's own.
    deadline: float | None = None
    #: Whether the server is a simulator inside this process; a folder also gets its books.
    simulate: bool | Path = False


class Session:
    """
    The client of one command and the acts it carries out; an async context manager.

    An error is reported at the end, not passed on: what goes on at the server is said after it.

    Args:
        report: Is told of everything.
        out: Where pictures are to go; `None` if none are wanted.
        chained: Each act builds on the one before.
        seed: The same text gives the same ids and pictures, in a simulator.
    """

    def __init__(
        self,
        report: Report,
        terms: Terms,
        *,
        out: Path | None = None,
        chained: bool = False,
        seed: str = "",
    ) -> None:
        self.report = report
        self.steps: list[Step] = []
        self._terms = terms
        self._out = out
        self._chained = chained
        self._seed = seed
        self._stack = AsyncExitStack()
        self._closing = False

    async def __aenter__(self) -> Client:
        check_deadline(self._terms.deadline)
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
            self.report.rest()
            self._last_words(error)
        return isinstance(error, MjflowError | OSError)

    # --- opening --------------------------------------------------------------------------

    async def _client(self) -> Client:
        terms = self._terms
        options: dict[str, Any] = {"mode": terms.mode, "observers": [self.report.update]}
        if terms.deadline is not None:
            options["deadline"] = terms.deadline
        if terms.simulate is False:
            return Client(terms.server.base_url, dialect=terms.server.dialect, **options)
        if terms.server.base_url:
            raise InvalidInput(
                "--simulate and --base-url exclude each other",
                advice="A simulator that serves others is started by `mjflow simulate`.",
            )
        folder = terms.simulate if isinstance(terms.simulate, Path) else None
        simulator = await self._stack.enter_async_context(sandbox.opened(self._seed, folder))
        return Client(
            simulator.base_url, "simulated", dialect="gateway", speed=sandbox.SPEED, **options
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
        if any(step.handle.state in _ON_THE_WIRE for step in self.steps):
            self.report.say(
                "Interrupted: waiting for the answer to what was just sent "
                "(interrupt again to leave now)."
            )

    def _last_words(self, error: BaseException | None) -> None:
        if isinstance(error, MjflowError | OSError):
            self.report.error(error)
        interrupted = isinstance(error, asyncio.CancelledError)
        if interrupted:
            self._report_doubts()
        left = leftovers(
            self.steps,
            self._terms.server,
            self._out,
            chained=self._chained,
            simulated=self._terms.simulate is not False,
            interrupted=interrupted,
        )
        if left or interrupted:
            self.report.left(left)

    def _report_doubts(self) -> None:
        for step in self.steps:
            if isinstance(step.handle.outcome, SubmissionInDoubt):
                self.report.error(step.handle.outcome)


class _Voice(logging.Handler):
    """Says log records as warnings of the command."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        self._report.warn(record.getMessage())
