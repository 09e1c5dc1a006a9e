"""The tasks that one contestant looks at, and what it notes of them."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from benchmarks import lives

#: Sent by everybody, asked for by nobody.
KEY = "sk-benchmark"


@define
class Crowd:
    """Some tasks on one server."""

    url: str
    ids: list[str]
    #: Seconds between two looks at a task.
    interval: float
    #: Looks on the wire at once, and seconds between two of one worker; for bare loops.
    workers: int = 1
    tick: float = 0.0
    #: Looks sent so far, where the contestant counts them here.
    looks: int = 0
    #: Says how many were sent, where the contestant counts them elsewhere.
    counter: Callable[[], int] | None = None
    #: Seconds from each end until it was seen.
    delays: list[float] = field(factory=list)

    def ended(self, task_id: str) -> None:
        """Note that a task's end was seen."""
        self.delays.append(-lives.left(task_id) / 1000)

    def count(self) -> int:
        """Return how many looks were sent so far."""
        return self.counter() if self.counter else self.looks
