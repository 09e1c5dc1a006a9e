"""One client for one command: opened, followed, and closed with a word on what goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from mjflow.cli.bundles import NO_SANDBOX, Keeping, Sandbox, Terms
from mjflow.cli.checks import Press
from mjflow.cli.leftovers import Step, command, leftovers
from mjflow.cli.opening import Opening
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
        keeping: Where it is remembered what was sent; `None` if nothing is sent that is paid.
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
        keeping: Keeping | None = None,
    ) -> None:
        self.report = report
        self.steps: list[Step] = []
        self._terms = terms
        self._sandbox = sandbox
        self._out = out
        self._chained = chained
        self._errand: asyncio.Future[None] | None = None
        self._opening = Opening(report, terms, sandbox, keeping, seed=seed, observer=report.update)

    async def __aenter__(self) -> Client:
        return await self._opening.open()

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
                press.button,
                prompt=press.prompt,
                mask=press.mask,
                key=press.key,
                extra=press.extra,
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
        if isinstance(error, asyncio.CancelledError):
            self._say_what_is_waited_for()
        try:
            await self._opening.aclose()
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
