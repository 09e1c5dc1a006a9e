"""One method, one request, one value: never waits for a task, never loops."""

from __future__ import annotations

from collections.abc import Sequence

from mjflow.protocol import codec
from mjflow.protocol.dialect import Dialect
from mjflow.protocol.replies import check_read, judge
from mjflow.protocol.requests import Fetch, ListByCondition, Mode, Paying, path_of
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import Verdict
from mjflow.transport.base import Target, Transport


class Api:
    """The server's routes as methods, in one dialect."""

    def __init__(self, transport: Transport, dialect: Dialect) -> None:
        self.transport = transport
        self.dialect = dialect

    async def submit(self, request: Paying, mode: Mode | None) -> Verdict:
        """Send a paying request, once, and say what its answer means; never raises an error."""
        path = self.dialect.prefix(mode) + path_of(request)
        outcome = await self.transport.submit(path, codec.encode(request))
        return judge(request, outcome)

    async def fetch(self, task_id: str) -> Task:
        """
        Read one task.

        Raises:
            TaskNotFound: The server denies knowing it.
            NotAuthorized, TransportError: It could not be read.
        """
        request = Fetch(task_id=task_id)
        reply = await self.transport.read("GET", path_of(request))
        check_read(reply, task_id=task_id)
        return codec.read_task(reply.body)

    async def list(self, ids: Sequence[str]) -> list[Task]:
        """
        Read many tasks; unknown ids are left out, a dialog may come as two rows (P§2.16).

        Raises:
            NotAuthorized, TransportError: They could not be read; `NotAnApi` where the server
                has no such route.
        """
        request = ListByCondition(ids=tuple(ids))
        reply = await self.transport.read("POST", path_of(request), codec.encode(request))
        check_read(reply)
        return codec.read_tasks(reply.body)

    def target(self, task_id: str) -> Target:
        """Prepare the address for repeated looks at one task; looks carry no speed prefix."""
        return self.transport.target(path_of(Fetch(task_id=task_id)))
