"""What became of an item: its branches, their tasks and pictures, and where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import asdict, field, frozen

from mjflow.engine.spend import Spent
from mjflow.errors import MjflowError
from mjflow.flow.machine.commands import File
from mjflow.protocol.task import Task


@frozen(kw_only=True)
class Ancestor:
    """One act on the way to a branch's end."""

    #: What was asked for: `imagine`, or the button's name.
    act: str
    task: Task

    def as_json(self) -> dict[str, Any]:
        """Tell it in plain values."""
        return {"act": self.act, "id": self.task.id, "action": self.task.action}


@frozen(kw_only=True)
class BranchResult:
    """One branch, from the root to its end."""

    #: The buttons that led here, such as `U1 > Vary (Region)`; `""` for the only one.
    name: str
    #: Acts from the root down; the last one's task is the branch's own.
    lineage: tuple[Ancestor, ...]
    #: Pictures saved on this branch, in the order of its steps.
    files: tuple[File, ...]
    #: Why it ended, or waits; `None` when it came to its end.
    error: MjflowError | None = None
    #: Whether it only waits: a resumed run goes on with it.
    stuck: bool = False
    #: Whether a `choose` step has set it aside.
    dropped: bool = False

    @property
    def task(self) -> Task | None:
        """The task that it ended with."""
        return self.lineage[-1].task if self.lineage else None

    @property
    def ok(self) -> bool:
        """Whether it came to its end, or was set aside, and nothing of it is missing."""
        return self.error is None and not self.stuck

    @property
    def state(self) -> str:
        """What became of it in a word: `done`, `dropped`, `failed` or `stuck`."""
        if self.stuck:
            return "stuck"
        if self.error is not None:
            return "failed"
        return "dropped" if self.dropped else "done"

    def as_json(self) -> dict[str, Any]:
        """Tell it in plain values."""
        return {
            "branch": self.name,
            "state": self.state,
            "lineage": [ancestor.as_json() for ancestor in self.lineage],
            "files": [asdict(file) for file in self.files],
            "error": self.error and _told(self.error),
        }


@frozen(kw_only=True)
class ItemResult:
    """What became of one item."""

    key: str
    values: Mapping[str, str]
    branches: tuple[BranchResult, ...]
    #: What its tasks have cost, in all lives of the run.
    spent: Spent = field(factory=Spent)

    @property
    def ok(self) -> bool:
        """Whether every branch came to its end."""
        return all(branch.ok for branch in self.branches)

    @property
    def stuck(self) -> bool:
        """Whether something of it waits for another life of the run."""
        return any(branch.stuck for branch in self.branches)

    @property
    def failures(self) -> tuple[BranchResult, ...]:
        """The branches that failed or are stuck."""
        return tuple(branch for branch in self.branches if branch.error is not None)

    @property
    def files(self) -> tuple[File, ...]:
        """All pictures that were saved, those from before a split once."""
        return tuple(dict.fromkeys(file for branch in self.branches for file in branch.files))

    def as_json(self) -> dict[str, Any]:
        """Tell it in plain values."""
        return {
            "item": self.key,
            "values": dict(self.values),
            "ok": self.ok,
            "stuck": self.stuck,
            "branches": [branch.as_json() for branch in self.branches],
        }


def _told(error: MjflowError) -> dict[str, Any]:
    return {
        "error": type(error).__name__,
        "message": error.message,
        "advice": error.advice or None,
        "task_id": getattr(error, "task_id", None),
    }
