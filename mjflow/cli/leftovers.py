"""What a command that ends early leaves at the server, and how to pick it up."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from attrs import define, frozen

from mjflow.cli.bundles import Server
from mjflow.cli.words import number
from mjflow.errors import ClientClosed, MjflowError, ParentUnusable, StillRunning
from mjflow.fsm.states import LOOKED_AT, State
from mjflow.handle import TaskHandle

_GOES_ON = LOOKED_AT | {State.LOST}
#: Whether these go on is a person's to say, or to find out: an error of their own tells.
_WAITS = frozenset({State.MODAL, State.ANSWER_IN_DOUBT})
_NEVER_LEFT = frozenset({State.NEW, State.WITHDRAWN})


@define(eq=False)
class Step:
    """One act that a command carries out or watches."""

    handle: TaskHandle
    #: What a person calls it: the button, or the id.
    label: str
    #: Whether its pictures are yet to be saved.
    wanted: bool = True


class Left(Protocol):
    """What a command leaves."""

    @property
    def lines(self) -> list[str]:
        """What to say to a person."""

    def as_json(self) -> dict[str, Any]:
        """Tell it to a program."""


@frozen(kw_only=True)
class Leftovers:
    """Tasks by what became of them; falsy when nothing is left."""

    #: Ids of tasks that run on, paid.
    running: tuple[str, ...] = ()
    #: Ids of tasks that ended well, and whose pictures were wanted and not saved.
    unsaved: tuple[str, ...] = ()
    #: Names of acts that never left.
    unsent: tuple[str, ...] = ()
    #: Commands that pick the tasks up, ready for a shell.
    commands: tuple[str, ...] = ()
    #: The server was a simulator, which ended with the command.
    simulated: bool = False
    interrupted: bool = False
    #: An error has told of something that may go on at the server.
    doubtful: bool = False

    def __bool__(self) -> bool:
        return bool(self.running or self.unsaved or self.unsent)

    def as_json(self) -> dict[str, Any]:
        """Tell it to a program."""
        return {
            "type": "left",
            "interrupted": self.interrupted,
            "running": list(self.running),
            "unsaved": list(self.unsaved),
            "unsent": list(self.unsent),
            "commands": list(self.commands),
        }

    @property
    def lines(self) -> list[str]:
        """What to say to a person."""
        said = ["Interrupted."] if self.interrupted else []
        if self.simulated:
            return [*said, "The simulator has ended, and its tasks with it; nothing was paid."]
        if self.running:
            many = len(self.running) > 1
            said.append(
                f"{number(len(self.running), 'paid task')} still {'run' if many else 'runs'} "
                f"at the server: {' '.join(self.running)}"
            )
        if self.unsaved:
            said.append(f"Done and paid, but not saved: {' '.join(self.unsaved)}")
        if self.unsent:
            said.append(f"Not submitted and not paid: {', '.join(self.unsent)}")
        if not self and not self.doubtful:
            said.append("Nothing goes on at the server.")
        return [*said, *(f"Pick up with: {command}" for command in self.commands)]


def leftovers(
    steps: Sequence[Step],
    server: Server,
    out: Path | None,
    *,
    chained: bool,
    simulated: bool = False,
    interrupted: bool = False,
    doubtful: bool = False,
) -> Leftovers:
    """
    Sort out what is left of these steps.

    Args:
        out: Where pictures were to go; `None` if none were wanted.
        chained: Each step builds on the one before, so that only the last result counts.
        doubtful: An error has told of something that may go on at the server.
    """
    running = _ids(step for step in steps if _goes_on(step.handle))
    done = [step for step in steps if step.handle.state is State.SUCCESS]
    if chained:
        done = [] if running else done[-1:]
    unsaved = _ids(step for step in done if out is not None and step.wanted)
    return Leftovers(
        running=running,
        unsaved=unsaved,
        unsent=tuple(step.label for step in steps if _never_left(step.handle)),
        commands=() if simulated else tuple(_commands(running, unsaved, server, out)),
        simulated=simulated,
        interrupted=interrupted,
        doubtful=doubtful,
    )


def _goes_on(handle: TaskHandle) -> bool:
    """Whether a task runs on by itself; an open dialog waits for somebody, if that was told."""
    waits = handle.state in _WAITS and _is_told(handle)
    return handle.state in _GOES_ON and not waits


def _is_told(handle: TaskHandle) -> bool:
    """Whether an error of its own says how a task stands."""
    outcome = handle.outcome
    return isinstance(outcome, MjflowError) and not isinstance(outcome, StillRunning)


def _never_left(handle: TaskHandle) -> bool:
    """Whether an act was not sent for no reason of its own: that would be an error's to say."""
    reason = handle.outcome
    own = reason is not None and not isinstance(reason, ClientClosed | ParentUnusable)
    return handle.state in _NEVER_LEFT and not own


def _ids(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple(step.handle.id for step in steps if step.handle.id)


def _commands(
    running: Sequence[str], unsaved: Sequence[str], server: Server, out: Path | None
) -> list[str]:
    said = [command("show", [task_id], server, out) for task_id in unsaved]
    return [command("watch", running, server, out), *said] if running else said


def command(verb: str, ids: Sequence[str], server: Server, out: Path | None) -> str:
    """Write a command about these tasks at the same server, ready for a shell."""
    parts = ["mjflow", verb, *ids]
    if server.base_url:
        parts += ["--base-url", server.base_url]
    if server.dialect != "auto":
        parts += ["--dialect", server.dialect]
    if out is not None:
        parts += ["--out", str(out)]
    return shlex.join(parts)
