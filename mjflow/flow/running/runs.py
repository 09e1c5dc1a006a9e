"""What a client offers for flows: `run` and `resume`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mjflow.acts import Acts
from mjflow.engine.engine import Engine
from mjflow.errors import InvalidInput

if TYPE_CHECKING:
    from mjflow.flow.running.preparing import FlowLike, InputsLike
    from mjflow.flow.running.run import Run
    from mjflow.flow.running.scoring import Scorer


#: Characters of a run's name: it is a part of all of its keys.
LONGEST = 100
_ODD = re.compile(r"[^\w.+-]+")


class Runs(Acts):
    """The part of a client that carries flows out."""

    _engine: Engine
    #: Items that are under way at once when nobody says.
    _open_at_once: int

    def run(
        self,
        flow: FlowLike,
        inputs: InputsLike = None,
        *,
        run: str | None = None,
        out: str | os.PathLike[str] | None = None,
        vars: Mapping[str, str] | None = None,
        scorers: Mapping[str, Scorer] | None = None,
        max_cost: float | None = None,
        max_tasks: float | None = None,
        limit: int | None = None,
        plan: bool = True,
        **options: Any,
    ) -> Run:
        """
        Carry a flow out over its inputs: `async for item in client.run(flow, inputs)`.

        The same `run` goes on with the same run: what has ended is taken from the journal, and
        nothing is paid twice.  Steps, rows and values may have been added meanwhile.

        Args:
            flow: A `Flow`, the path of its file, which is read at once, or the file's content as
                Python has it.
            inputs: Rows: the path of a file, or an iterable of mappings or of prompts.
            run: The run's name; by default a new one, made of the flow's, so that each call is a
                run of its own.
            out: Folder for the pictures; by default `mjflow-out`, or where the run began.
            vars: Other values of the flow's variables.
            scorers: Python code for `choose` steps, by the names that the flow has for it.
            max_cost: What the run may cost in all its lives, in the price list's currency, and
            max_tasks: how many tasks it may start; then nothing new is submitted.  Kept for the
                run until you say otherwise; `math.inf` takes the first away.
            limit: Items under way at once; by default the in-flight window when it is a fixed
                number, else 1,000.
            plan: Look for mistakes in everything before anything is paid.
            options: As of `imagine`; here a submit waits without end for room at the server unless
                you say how long.

        Raises:
            FlowInvalid: The flow or its inputs cannot work; nothing was paid.
            FlowChanged: When iterated: a run of this name began with something else.
            RunHeld: When iterated: somebody else is at work on this run.
            InvalidInput: An argument cannot work.
        """
        # Few who have a client have flows, and the import takes a while.
        from mjflow.flow.running import beginning

        return beginning.run(
            self._engine,
            self._options,
            run,
            flow,
            inputs,
            options,
            out=out,
            vars=vars,
            scorers=scorers,
            max_cost=max_cost,
            max_tasks=max_tasks,
            limit=self._open_at_once if limit is None else limit,
            plan=plan,
        )

    def resume(
        self,
        name: str,
        *,
        out: str | os.PathLike[str] | None = None,
        scorers: Mapping[str, Scorer] | None = None,
        max_cost: float | None = None,
        max_tasks: float | None = None,
        limit: int | None = None,
        **options: Any,
    ) -> Run:
        """
        Go on with a run as it began: its flow, its inputs and its files are in the journal.

        Args:
            name: The run's name.
            out, scorers, max_cost, max_tasks, limit, options: As of `run`.

        Raises:
            InvalidInput: When iterated: the journal has no such run of this server.
            RunHeld: When iterated: somebody else is at work on this run.
        """
        from mjflow.flow.running import beginning

        return beginning.run(
            self._engine,
            self._options,
            name,
            None,
            None,
            options,
            out=out,
            scorers=scorers,
            max_cost=max_cost,
            max_tasks=max_tasks,
            limit=self._open_at_once if limit is None else limit,
            plan=True,
        )


def check_name(name: str) -> None:
    """
    Make sure that a run can be called so.

    Raises:
        InvalidInput: It cannot.
    """
    fine = name.strip() == name and name.isprintable() and 0 < len(name) <= LONGEST
    if not fine or "/" in name:
        raise InvalidInput(
            f"this is no name for a run: {name[:LONGEST]!r}",
            advice=f"A name has up to {LONGEST} visible characters, and no slash.",
        )


def new_name(flow: str, now: datetime) -> str:
    """Make a name for a run of a flow that was given none: when it began."""
    stem = _ODD.sub("-", flow).strip("-.+") or "run"
    return f"{stem[: LONGEST - 32]}-{now:%Y%m%d-%H%M%S}"
