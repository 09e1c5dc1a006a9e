"""What a machine wants done, and what it is told of it: the values between it and its runner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from mjflow.errors import MjflowError
from mjflow.flow.steps import Submitting
from mjflow.protocol.task import Task

# --- commands: each is given out once, and answered by one event that ends it --------------------


@frozen(kw_only=True)
class Command:
    """Something to be done for one item."""

    #: Unique within the item, the same in every life of it: the journal's key.
    key: str
    #: For people: the buttons that led here, such as `U1 > Vary (Region)`; `""` at the root.
    branch: str


@frozen(kw_only=True)
class Submit(Command):
    """Start a task, which may be paid for; ended by `Ended`, `Failed` or `Stuck`."""

    #: The step with all its texts filled in; of a click, with the one button that is meant.
    step: Submitting
    #: Key of the submit whose task it builds on, or whose picture is `current`; `None` at the root.
    parent: str | None
    #: Which of the parent's tasks, where it has several.
    place: int = 0


@frozen(kw_only=True)
class Save(Command):
    """Save a task's pictures; ended by `Stored` or `Failed`."""

    parent: str
    place: int
    #: Template of the path, with values of the item filled in and those of the picture left.
    name: str


@frozen(kw_only=True)
class Cut(Command):
    """Save the four cells of a grid; ended by `Stored` or `Failed`."""

    parent: str
    place: int
    name: str


@frozen
class Candidate:
    """A branch that may be chosen."""

    branch: str
    #: Where its task is: key of its submit, and which of its tasks.
    key: str
    place: int
    task: Task


@frozen(kw_only=True)
class Pick(Command):
    """Let the scorer choose; ended by `Picked` or `Failed`."""

    candidates: tuple[Candidate, ...]
    scorer: str | Callable[..., Any]
    best: int


# --- events --------------------------------------------------------------------------------------


@frozen
class Ended:
    """A submit's task ended well; several tasks where one button started several."""

    tasks: tuple[Task, ...]


@frozen
class Failed:
    """A command came to nothing, and would again; its branch ends here."""

    error: MjflowError


@frozen
class Stuck:
    """
    A command cannot go on in this life of the run: in doubt, lost, or never sent.

    Its branch waits; a resumed run goes on with it.
    """

    error: MjflowError


@frozen
class File:
    """A picture on disk."""

    path: str
    #: Bytes.
    size: int
    sha256: str


@frozen
class Stored:
    """Pictures are on disk."""

    files: tuple[File, ...]


@frozen
class Picked:
    """These candidates go on, the best one first: places in `Pick.candidates`."""

    places: tuple[int, ...]


Event = Ended | Failed | Stuck | Stored | Picked
