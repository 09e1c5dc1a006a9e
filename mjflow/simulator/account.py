"""The Midjourney account behind the server: a few places to draw in, and a queue before them."""

from __future__ import annotations

import heapq
from collections import deque

from mjflow.simulator.tasks import NEVER, Task


class Account:
    """Decides when tasks start; time moves only when `advance` is called."""

    def __init__(self, core_size: int, queue_size: int) -> None:
        self.core_size = core_size
        self.queue_size = queue_size
        self._waiting: deque[Task] = deque()
        # Ends of the running tasks; the number keeps equal ends in order of their start.
        self._running: list[tuple[float, int]] = []
        self._begun = 0

    def advance(self, now: float) -> None:
        """Let every place that became free by now take the next task at that very instant."""
        while self._running and self._running[0][0] <= now:
            freed, _ = heapq.heappop(self._running)
            self._next(freed)

    def _next(self, at: float) -> None:
        """Begin the first waiting task that nobody has given up meanwhile."""
        while self._waiting:
            task = self._waiting.popleft()
            if task.ends > at:
                self._begin(task, at)
                return

    @property
    def full(self) -> bool:
        """Whether one more task would be refused."""
        return len(self._running) >= self.core_size and len(self._waiting) >= self.queue_size

    def admit(self, task: Task, now: float) -> int:
        """Take a task and give how many are ahead of it: 0 if it starts at once."""
        if len(self._running) < self.core_size:
            self._begin(task, now)
            return 0
        self._waiting.append(task)
        return len(self._waiting)

    @property
    def next_end(self) -> float:
        """When the next place becomes free; never, if none is taken."""
        return self._running[0][0] if self._running else NEVER

    @property
    def waiting(self) -> list[Task]:
        """The tasks in the queue, the next to start first."""
        return list(self._waiting)

    def clear(self) -> None:
        """Forget who runs and who waits."""
        self._waiting.clear()
        self._running.clear()

    def _begin(self, task: Task, at: float) -> None:
        task.begun = at
        self._begun += 1
        heapq.heappush(self._running, (task.leaves, self._begun))
