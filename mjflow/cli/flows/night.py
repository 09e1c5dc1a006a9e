"""One life of a run from the command's side: opened, told of, and left so that it can go on."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import define, field, frozen

from mjflow.cli.bundles import Keeping, Sandbox, Terms
from mjflow.cli.flows.boards import Board, board_for
from mjflow.cli.flows.causes import Causes
from mjflow.cli.flows.standing import Standing
from mjflow.cli.opening import Opening
from mjflow.cli.report import Report
from mjflow.cli.words import number
from mjflow.client import Client
from mjflow.errors import MjflowError
from mjflow.flow.running.run import Run
from mjflow.fsm.states import State

#: Seconds between two readings of how a run stands.
_STEP = 0.25


@frozen
class Office:
    """With what a run is carried out."""

    terms: Terms
    keeping: Keeping
    sandbox: Sandbox
    json: bool = False

    @property
    def is_simulated(self) -> bool:
        """Whether a simulator takes the server's place, and ends with the command."""
        return self.sandbox.simulate is not False


@define(eq=False)
class Night:
    """
    Opens a client for a run, goes through it, and has the last word; a context manager.

    An error is reported in the end, not passed on: how to go on is said after it.
    """

    report: Report
    office: Office
    name: str
    out: Path
    max_cost: float | None = None
    _opening: Opening | None = None
    _causes: Causes = field(factory=Causes)
    _client: Client | None = None
    _run: Run | None = None

    async def open(self, **options: Any) -> Client:
        """Open the client, with these options."""
        office = self.office
        self._opening = Opening(
            self.report, office.terms, office.sandbox, office.keeping, seed=self.name, **options
        )
        return await self._opening.open()

    async def go_through(self, client: Client, run: Run) -> None:
        """
        Take the run to its end, and tell of it as it goes.

        Raises:
            MjflowError: It cannot be begun, or not go on.
        """
        self._client, self._run = client, run
        board, causes = board_for(self.report, json=self.office.json), self._causes
        ticker = asyncio.create_task(self._tell(board, client, run))
        try:
            async for item in run:
                board.item(item, causes.take(item))
            board.ends(self._standing(client, run), causes)
        finally:
            ticker.cancel()
            self.report.rest()
            for code in causes.codes:
                self.report.blame(code)

    async def _tell(self, board: Board, client: Client, run: Run) -> None:
        while True:
            if run.progress.items is not None:
                board.stands(self._standing(client, run))
            await asyncio.sleep(_STEP)

    def _standing(self, client: Client, run: Run) -> Standing:
        books = client.statistics()
        return Standing(
            name=run.name,
            progress=run.progress,
            out=self.out,
            max_cost=self.max_cost,
            states=books.states,
            window=books.window,
            paused=books.paused.message if books.paused else "",
        )

    # --- the end --------------------------------------------------------------------------

    async def __aenter__(self) -> Night:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        interrupted = isinstance(error, asyncio.CancelledError)
        if interrupted and self._has_sent():
            self.report.say(
                "Interrupted: waiting for the answers to what was just sent "
                "(interrupt again to leave now)."
            )
        try:
            if self._opening is not None:
                await self._opening.aclose()
        except asyncio.CancelledError:
            interrupted = True
            raise
        finally:
            if isinstance(error, MjflowError | OSError):
                self.report.error(error)
            self._last_words(interrupted=interrupted)
        return isinstance(error, MjflowError | OSError)

    def _has_sent(self) -> bool:
        """Whether an answer to something is yet to come."""
        if self._client is None:
            return False
        states = self._client.statistics().states
        return any(states.get(state) for state in (State.SUBMITTING, State.ANSWERING))

    @property
    def _has_begun(self) -> bool:
        return self._run is not None and self._run.progress.items is not None

    def _say_that_the_simulator_ended(self, *, interrupted: bool) -> None:
        said = "Interrupted. " if interrupted else ""
        self.report.say(f"{said}The simulator has ended, and its tasks with it; nothing was paid.")

    def _last_words(self, *, interrupted: bool) -> None:
        """Say where the pictures are, and how to go on if anything is left."""
        if self._run is None or not self._has_begun:
            return
        progress = self._run.progress
        left = (progress.items or 0) - progress.ended - progress.failed
        if not (left or interrupted):
            return
        if self.office.is_simulated:
            self._say_that_the_simulator_ended(interrupted=interrupted)
            return
        if self._causes.in_doubt:
            self.report.say(f"What is in doubt: {command('doubts --run', self.name, self.office)}")
        again = command("resume", self.name, self.office)
        self.report.left(Unfinished(self.name, left, again, interrupted))


@frozen
class Unfinished:
    """A run of which something is left to be done."""

    name: str
    #: Items of which something is.
    items: int
    command: str
    interrupted: bool

    @property
    def lines(self) -> list[str]:
        """What to say to a person."""
        said = "Interrupted. " if self.interrupted else ""
        verb = "is" if self.items == 1 else "are"
        said += f"{number(self.items, 'item')} of {self.name} {verb} left; nothing is lost."
        return [said, f"Go on with: {self.command}"]

    def as_json(self) -> dict[str, Any]:
        """Tell it to a program."""
        return {
            "type": "left",
            "interrupted": self.interrupted,
            "run": self.name,
            "items": self.items,
            "commands": [self.command],
        }


def command(verb: str, name: str, office: Office) -> str:
    """Write a command about a run, ready for a shell."""
    parts = ["mjflow", *verb.split(), name]
    server = office.terms.server
    if server.base_url:
        parts += ["--base-url", server.base_url]
    if server.dialect != "auto":
        parts += ["--dialect", server.dialect]
    if office.keeping.journal is not None:
        parts += ["--journal", str(office.keeping.journal)]
    return shlex.join(parts)
