"""
An asyncio client and task engine for the midjourney-proxy family of HTTP APIs.

    async with mjflow.Client() as client:
        await client.imagine("a cute cat --v 6.1").click("U2").download("out/")

Names are imported when they are first used, to keep `import mjflow` about as quick as the HTTP
library alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# The slow half is loaded now: the first use of a name is often inside a running event loop,
# which an import would block for as long.
import mjflow.protocol.codec
import mjflow.transport.aiohttp  # noqa: F401

if TYPE_CHECKING:
    from mjflow._version import __version__
    from mjflow.client import Client
    from mjflow.engine.act import Answer, OpenDialog
    from mjflow.engine.spend import Spent
    from mjflow.engine.statistics import Statistics
    from mjflow.errors import (
        AnswerInDoubt,
        CannotWrite,
        ClientClosed,
        Complaint,
        CostBrake,
        DownloadFailed,
        FlowChanged,
        FlowInvalid,
        IllegalTransition,
        InvalidInput,
        JournalUnusable,
        KeyConflict,
        MissingKey,
        MjflowError,
        ModalRequired,
        NoReply,
        NotAnApi,
        NotAPicture,
        NotAuthorized,
        NotSubmitted,
        ParentUnusable,
        PictureBroken,
        PictureTooLarge,
        PossibleMixup,
        PromptRefused,
        QueueFull,
        QuotaExceeded,
        ReplyUnreadable,
        RequestRefused,
        RunHeld,
        RunStopped,
        ScorerFailed,
        StillRunning,
        SubmissionInDoubt,
        TaskCancelled,
        TaskError,
        TaskFailed,
        TaskLost,
        TaskNotFound,
        TransportError,
        UnknownButton,
        Unreachable,
        WaitTimeout,
    )
    from mjflow.flow.flow import Flow
    from mjflow.flow.machine.results import BranchResult, ItemResult
    from mjflow.flow.running.progress import Progress
    from mjflow.flow.running.run import Run
    from mjflow.flow.running.scoring import Scored
    from mjflow.fsm.states import State
    from mjflow.handle import TaskHandle
    from mjflow.journal.memory import MemoryStore
    from mjflow.journal.sqlite import SqliteStore
    from mjflow.media.cutouts import cut_out
    from mjflow.media.grids import split_grid
    from mjflow.media.masks import Mask
    from mjflow.media.store import Saved
    from mjflow.observers import Update
    from mjflow.protocol.failures import FailureKind
    from mjflow.protocol.prices import Prices
    from mjflow.protocol.requests import Mode
    from mjflow.protocol.status import Status
    from mjflow.protocol.task import Button, Picture, Task, TaskDetails
    from mjflow.transport.base import Timeouts

#: Where each public name lives.
_HOMES = {
    "_version": ("__version__",),
    "client": ("Client",),
    "engine.act": ("Answer", "OpenDialog"),
    "engine.spend": ("Spent",),
    "engine.statistics": ("Statistics",),
    "errors": (
        "AnswerInDoubt",
        "CannotWrite",
        "ClientClosed",
        "Complaint",
        "CostBrake",
        "DownloadFailed",
        "FlowChanged",
        "FlowInvalid",
        "IllegalTransition",
        "InvalidInput",
        "JournalUnusable",
        "KeyConflict",
        "MissingKey",
        "MjflowError",
        "ModalRequired",
        "NoReply",
        "NotAPicture",
        "NotAnApi",
        "NotAuthorized",
        "NotSubmitted",
        "ParentUnusable",
        "PictureBroken",
        "PictureTooLarge",
        "PossibleMixup",
        "PromptRefused",
        "QueueFull",
        "QuotaExceeded",
        "ReplyUnreadable",
        "RequestRefused",
        "RunHeld",
        "RunStopped",
        "ScorerFailed",
        "StillRunning",
        "SubmissionInDoubt",
        "TaskCancelled",
        "TaskError",
        "TaskFailed",
        "TaskLost",
        "TaskNotFound",
        "TransportError",
        "UnknownButton",
        "Unreachable",
        "WaitTimeout",
    ),
    "flow.flow": ("Flow",),
    "flow.running.progress": ("Progress",),
    "flow.machine.results": ("BranchResult", "ItemResult"),
    "flow.running.run": ("Run",),
    "flow.running.scoring": ("Scored",),
    "fsm.states": ("State",),
    "handle": ("TaskHandle",),
    "journal.memory": ("MemoryStore",),
    "journal.sqlite": ("SqliteStore",),
    "media.cutouts": ("cut_out",),
    "media.grids": ("split_grid",),
    "media.masks": ("Mask",),
    "media.store": ("Saved",),
    "observers": ("Update",),
    "protocol.failures": ("FailureKind",),
    "protocol.prices": ("Prices",),
    "protocol.requests": ("Mode",),
    "protocol.status": ("Status",),
    "protocol.task": ("Button", "Picture", "Task", "TaskDetails"),
    "transport.base": ("Timeouts",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Answer",
    "AnswerInDoubt",
    "BranchResult",
    "Button",
    "CannotWrite",
    "Client",
    "ClientClosed",
    "Complaint",
    "CostBrake",
    "DownloadFailed",
    "FailureKind",
    "Flow",
    "FlowChanged",
    "FlowInvalid",
    "IllegalTransition",
    "InvalidInput",
    "ItemResult",
    "JournalUnusable",
    "KeyConflict",
    "Mask",
    "MemoryStore",
    "MissingKey",
    "MjflowError",
    "ModalRequired",
    "Mode",
    "NoReply",
    "NotAPicture",
    "NotAnApi",
    "NotAuthorized",
    "NotSubmitted",
    "OpenDialog",
    "ParentUnusable",
    "Picture",
    "PictureBroken",
    "PictureTooLarge",
    "PossibleMixup",
    "Prices",
    "Progress",
    "PromptRefused",
    "QueueFull",
    "QuotaExceeded",
    "ReplyUnreadable",
    "RequestRefused",
    "Run",
    "RunHeld",
    "RunStopped",
    "Saved",
    "Scored",
    "ScorerFailed",
    "Spent",
    "SqliteStore",
    "State",
    "Statistics",
    "Status",
    "StillRunning",
    "SubmissionInDoubt",
    "Task",
    "TaskCancelled",
    "TaskDetails",
    "TaskError",
    "TaskFailed",
    "TaskHandle",
    "TaskLost",
    "TaskNotFound",
    "Timeouts",
    "TransportError",
    "UnknownButton",
    "Unreachable",
    "Update",
    "WaitTimeout",
    "__version__",
    "cut_out",
    "split_grid",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'mjflow' has no attribute {name!r}")
    value = getattr(import_module(f"mjflow.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
