"""One attempt at a task, from the call to its end: the only mutable thing about it."""

from __future__ import annotations

import asyncio
from collections import Counter
from math import inf

from attrs import Factory, define, field

from mjflow.engine.act import Act, Answer
from mjflow.engine.feed import Feed
from mjflow.engine.lanes import Place
from mjflow.errors import MjflowError
from mjflow.fsm.states import SETTLED, State
from mjflow.protocol.requests import Mode, Submit
from mjflow.protocol.status import Status
from mjflow.protocol.task import Button, Task
from mjflow.protocol.verdicts import Dialog
from mjflow.transport.base import Target


@define
class Trouble:
    """Looks at one task that failed, since the last one that worked."""

    #: How many.
    misses: int = 0
    #: How often in a row the server denied knowing the task, and since when.
    denials: int = 0
    denied_since: float | None = None


@define(eq=False, kw_only=True, weakref_slot=False)
class Record:
    """
    One attempt: where it stands, what the last look showed, who waits for it.

    Ten thousand of these are alive at once: what is rare is `None` until it is needed.  Only
    `tracker` changes `state` and `error`.
    """

    act: Act
    #: The caller's own key, or one made up.
    key: str
    state: State = State.NEW
    #: What our `state` field on the wire begins with; one per request sent.
    token: str = ""
    #: Counts the requests sent for this act, from 1.
    attempt: int = 0
    #: The server's ids, the one to look at first.
    ids: tuple[str, ...] = ()
    #: What waiters get instead of a task, while it holds.
    error: MjflowError | None = None
    #: The full task: at the end, or when somebody watches.
    task: Task | None = None

    # the last look, unread
    seen_status: str | None = None
    seen_progress: str | None = None
    preview: str | None = field(default=None, repr=False)
    #: Tasks ahead of it at submission, if told.
    queue_place: int | None = None

    # clicks and dialogs
    parent: Record | None = field(default=None, repr=False)
    #: Several tasks that one button started.
    children: tuple[Record, ...] = field(default=(), repr=False)
    #: The button that was pressed, once it is resolved.
    button: Button | None = None
    #: The request as sent, without its state; needed to send it again.
    request: Submit | None = field(default=None, repr=False)
    #: How often each button was clicked on this task, where its key is made up.
    clicks: Counter[str] | None = field(default=None, repr=False)
    dialog: Dialog | None = None
    #: What its dialog was answered with, as last sent or about to be.
    answer: Answer | None = None
    #: The record that took this one's place, when its request was sent again in spite of doubt.
    successor: Record | None = field(default=None, repr=False)
    #: Sent in spite of another attempt in doubt.
    forced: bool = False
    #: Its button was resolved anew, because the server no longer knew its id.
    renewed: bool = False
    #: An answer is on the wire, accepted or in doubt: from then on never a second one.
    answered: bool = False

    #: What it was charged, in the price list's currency; 0 again after a refund.
    charged: float = 0.0
    #: The place in flight that it holds.
    place: Place | None = field(default=None, repr=False)
    #: The speed mode that it runs in: the one asked for, or a cheaper one that it went down to.
    mode: Mode | None = Factory(lambda self: self.act.options.mode, takes_self=True)

    # clocks: instants on the monotonic clock
    due: float = -inf
    deadline: float | None = None
    #: What went wrong with the last looks; `None` when they were good.
    trouble: Trouble | None = None

    #: The transport's prebuilt address for looks.
    target: Target | None = field(default=None, repr=False)
    #: Woken when there is an outcome.
    waiters: list[asyncio.Future[None]] | None = field(default=None, repr=False)
    #: Woken at every step.
    watchers: list[asyncio.Future[None]] | None = field(default=None, repr=False)
    #: Readers of its events.
    feeds: list[Feed] | None = field(default=None, repr=False)

    @property
    def id(self) -> str | None:
        """The server's id, once there is one."""
        return self.ids[0] if self.ids else None

    @property
    def placed(self) -> bool:
        """Whether it holds a place in flight."""
        return self.place is not None

    @property
    def latest(self) -> Record:
        """The record that stands for the act now: this one, unless it was superseded."""
        record = self
        while record.successor is not None:
            record = record.successor
        return record

    @property
    def status(self) -> Status:
        """The server's word at the last look."""
        return Status.read(self.seen_status)

    @property
    def dialog_data_unused(self) -> bool:
        """Whether a click brought data for a dialog that never opened."""
        return self.state is State.SUCCESS and bool(self.act.answer) and self.dialog is None

    @property
    def outcome(self) -> Task | MjflowError | None:
        """What a waiter gets now: the task, an error as a value, or `None` to wait on."""
        if self.error is not None:
            return self.error
        if self.state is State.NEW and self.parent is not None:
            return self.parent.latest.impasse
        return self.task if self.state is State.SUCCESS else None

    @property
    def impasse(self) -> MjflowError | None:
        """What keeps the acts behind this one waiting, if a person has to settle it."""
        if self.state in SETTLED and self.state is not State.LOST:
            return None
        outcome = self.outcome
        return outcome if isinstance(outcome, MjflowError) else None
