"""One method, one request, one value: never waits for a task, never loops."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from mjflow.protocol import codec
from mjflow.protocol.dialect import Dialect
from mjflow.protocol.marks import Marks, read_marks
from mjflow.protocol.replies import check_cancelled, check_read, judge, judge_upload, read_seed
from mjflow.protocol.requests import (
    Cancel,
    Fetch,
    ImageSeed,
    ListAll,
    ListByCondition,
    Mode,
    Paying,
    Upload,
    path_of,
)
from mjflow.protocol.task import Task
from mjflow.protocol.verdicts import UploadVerdict, Verdict
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

    async def upload(self, request: Upload) -> UploadVerdict:
        """Send pictures to be kept, once, and say what the answer means; never raises an error."""
        outcome = await self.transport.submit(path_of(request), codec.encode(request))
        return judge_upload(request, outcome)

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

    async def list_all(self) -> builtins.list[Task]:
        """
        Read the newest tasks of all users; only servers without a gateway have it (P§2.16).

        Raises:
            NotAuthorized, TransportError: They could not be read; `NotAnApi` where the server
                has no such route.
        """
        request = ListAll()
        reply = await self.transport.read("GET", path_of(request))
        check_read(reply)
        return codec.read_tasks(reply.body)

    async def seed(self, task_id: str) -> str:
        """
        Ask for a task's seed; the server may take a minute over it (P§2.15).

        Raises:
            TaskNotFound: The server does not know the task.
            RequestRefused: There is no seed of it, or the server tells none at all.
            NotAuthorized, TransportError: It could not be asked, or did not hear in time itself.
        """
        self.dialect.check_act("seed")
        reply = await self.transport.read("GET", path_of(ImageSeed(task_id=task_id)), slow=True)
        return read_seed(reply, task_id)

    async def cancel(self, task_id: str) -> None:
        """
        Ask the server to stop a task; few let their users do that (P§2.17).

        Raises:
            TaskNotFound: The server does not know the task.
            RequestRefused: The server cancels nothing, or not for this user.
            NotAuthorized, TransportError: It could not be asked.
        """
        self.dialect.check_act("cancel")
        reply = await self.transport.read("POST", path_of(Cancel(task_id=task_id)))
        check_cancelled(reply, task_id)

    async def list_marks(self) -> Marks:
        """
        Read which of the newest tasks of all users carry a token of mjflow's (P§9).

        Raises:
            NotAuthorized, TransportError: As of `list_all`.
        """
        reply = await self.transport.read("GET", path_of(ListAll()))
        check_read(reply)
        return read_marks(reply.body)

    def target(self, task_id: str) -> Target:
        """Prepare the address for repeated looks at one task; looks carry no speed prefix."""
        return self.transport.target(path_of(Fetch(task_id=task_id)))
