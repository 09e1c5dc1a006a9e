"""
Everything that mjflow raises on purpose.

    MjflowError
    ├── InvalidInput              you asked for something impossible; nothing was sent
    │   ├── MissingKey            no API key was given
    │   ├── UnknownButton         the task has no such button; says which are there
    │   ├── KeyConflict           this key already stands for another request
    │   ├── FlowInvalid           a flow or its inputs; `.complaints` say what and where
    │   └── FlowChanged           a run of this name did something else
    ├── TransportError            nothing readable was heard
    │   ├── Unreachable           no connection: nothing was sent
    │   ├── NoReply               a read timed out or broke; harmless, reads are free
    │   └── ReplyUnreadable       an answer came that is not this API's
    │       └── NotAnApi          the base URL leads to some other web page
    ├── NotAuthorized             the key was refused
    ├── NotSubmitted              a definite no: no task was started, nothing was paid
    │   ├── PromptRefused         a banned word; says which
    │   ├── QueueFull             the server had no room for longer than we may wait
    │   ├── QuotaExceeded         the balance is empty
    │   ├── RequestRefused        the server finds the request invalid
    │   ├── ParentUnusable        the task that this act builds on did not end well
    │   ├── ClientClosed          the client was closed first
    │   ├── CostBrake             the limit that you set for a run is reached
    │   ├── RunHeld               somebody else is at work on this run
    │   └── RunStopped            the run was told to end with the first failure
    ├── TaskError                 about one task: `.task_id`, `.task`
    │   ├── TaskFailed            the server ended it without a result; `.kind`, `.retryable`
    │   ├── TaskCancelled         an operator of the server cancelled it
    │   ├── ModalRequired         a dialog waits for a prompt or a mask
    │   ├── TaskNotFound          the server does not know this id
    │   ├── TaskLost              we stopped looking; it may still run, and it is paid
    │   ├── SubmissionInDoubt     sent and unanswered; it may run and may be paid
    │   │   └── AnswerInDoubt     the same, of an answer to a dialog
    │   ├── PossibleMixup         two tasks show the same job; never raised, only told
    │   └── StillRunning          the client was closed before the task ended
    ├── WaitTimeout               your own wait ended; the task goes on (a `TimeoutError`)
    ├── DownloadFailed            a finished picture could not be fetched
    │   ├── NotAPicture           what came is something else
    │   ├── PictureBroken         what came is cut short
    │   └── PictureTooLarge       over 256 MB or 200 megapixels
    ├── ScorerFailed              your own code could not choose among branches
    ├── CannotWrite               a folder or a disk would not take a file
    │   └── JournalUnusable       the journal's file is broken, foreign or of a later version
    └── IllegalTransition         a bug in mjflow; please report it

Every error says what happened, what it is about and what to do (`advice`).  `exit_code` is what
the command line ends with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import frozen

if TYPE_CHECKING:
    from mjflow.fsm.events import Event
    from mjflow.fsm.states import State
    from mjflow.protocol.failures import FailureKind
    from mjflow.protocol.task import Task


class MjflowError(Exception):
    """The root: `except MjflowError` catches all that mjflow raises on purpose."""

    #: What to do about it, in a sentence; may be more precise on an instance.
    advice: str = ""
    #: The command line's exit code for it.
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        #: What happened, without the advice.
        self.message = message
        if advice is not None:
            self.advice = advice

    def __str__(self) -> str:
        return _shown(_joined(self.message, self.advice))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


def _joined(message: str, advice: str) -> str:
    """Make sentences of a message and its advice."""
    if not advice:
        return message
    stop = "" if message.endswith((".", "!", "?", "…")) else "."
    return f"{message}{stop} {advice}"


def _shown(text: str) -> str:
    """Blank out what acts on a terminal: servers have a say in some messages and names."""
    return "".join(char if char.isprintable() else " " for char in text)


def _rebuild(kind: type[MjflowError], args: tuple[Any, ...], state: dict[str, Any]) -> MjflowError:
    """Unpickle an error without running the constructor of its class."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InvalidInput(MjflowError, ValueError):
    """An argument that cannot work; nothing was sent and nothing was paid."""

    exit_code = 2


class MissingKey(InvalidInput):
    """No API key was given."""

    advice = (
        "Put your key into the environment variable MJFLOW_API_KEY "
        "(a key is never a command-line argument), or try it all without one: --simulate."
    )


class UnknownButton(InvalidInput):
    """The task has no such button."""

    exit_code = 1

    def __init__(
        self, wanted: str, available: Sequence[str], *, nearest: str | None = None, hint: str = ""
    ) -> None:
        self.wanted = wanted
        #: Names of the buttons that are there.
        self.available = tuple(available)
        #: The name that comes closest, if any does.
        self.nearest = nearest
        there = ", ".join(self.available) or "none at all"
        meant = f"Did you mean {nearest!r}? " if nearest else ""
        super().__init__(
            f"there is no button {wanted!r}",
            advice=f"{meant}The buttons here: {there}. {hint}".strip(),
        )


class KeyConflict(InvalidInput):
    """The key already stands for a request with other content."""

    advice = "Use a new key for new content; the same key always means the same task."

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"the key {key!r} was already used for a different request")


@frozen
class Complaint:
    """One thing that is wrong in a flow or in its inputs, and where."""

    #: The file; of a flow made in Python where in it, such as `steps[2].click`.
    file: str
    #: Counted from 1; `None` where there are no lines.
    line: int | None
    #: Counted from 1; `None` where it is about a whole line, or there are none.
    column: int | None
    message: str
    #: What to do about it; `""` where that is plain.
    advice: str = ""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        said = _joined(self.message, self.advice)
        return f"{where}: {said}" if where else said


class FlowInvalid(InvalidInput):
    """A flow or its inputs cannot work; tells all that is wrong at once, a line for each."""

    advice = "Nothing was sent and nothing was paid."

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        #: What is wrong, in the order in which it stands there.
        self.complaints = tuple(complaints)
        super().__init__("\n".join(map(str, self.complaints)))

    def __str__(self) -> str:
        return "\n".join(_shown(line) for line in (*self.message.split("\n"), self.advice))


class FlowChanged(InvalidInput):
    """A run of this name did something else: its flow or its inputs were not these."""

    advice = (
        "A run goes on with what it began with, to which you may add. Give the changed one a name "
        "of its own (run=, --run), or resume this one as it was (client.resume, mjflow resume)."
    )


class TransportError(MjflowError):
    """Nothing readable was heard from the server."""

    exit_code = 4


class Unreachable(TransportError):
    """No connection could be made; nothing was sent."""

    advice = (
        "Check the base URL (MJFLOW_BASE_URL or --base-url) and your network; nothing was paid."
    )


class NoReply(TransportError):
    """A read was sent and not answered in time, or broke off."""

    advice = "Reading is free: try again."


class ReplyUnreadable(TransportError):
    """An answer came that this API does not give: cut short, or not JSON."""

    advice = "Try again; if it stays, the server in front of the API is at fault."


class NotAnApi(ReplyUnreadable):
    """The base URL leads to a web page, not to an API of this family."""

    advice = "Check the base URL (MJFLOW_BASE_URL or --base-url): it should end before '/mj'."


class NotAuthorized(MjflowError):
    """The key was refused."""

    exit_code = 4
    advice = (
        "Check MJFLOW_API_KEY: the key may be wrong, expired or out of its own budget, "
        "or this address may not be allowed."
    )


class NotSubmitted(MjflowError):
    """A definite no: no task was started and nothing was paid."""

    advice = "Nothing was paid."


class PromptRefused(NotSubmitted):
    """The prompt has a banned word."""

    def __init__(self, word: str, *, reason: str = "") -> None:
        #: The word, as the server names it; `""` when it does not.
        self.word = word
        named = f": {word!r}" if word else ""
        super().__init__(
            f"the server refuses the prompt for a banned word{named}"
            + (f" ({reason})" if reason else ""),
            advice="Nothing was paid. Reword the prompt; repeated offences can block an account.",
        )


class QueueFull(NotSubmitted):
    """The server had no room for longer than we were allowed to wait."""

    advice = "Nothing was paid. Try later, or with fewer tasks in flight (max_in_flight)."


class QuotaExceeded(NotSubmitted):
    """The account's balance is empty."""

    exit_code = 4
    advice = "Nothing was paid. Top up the account; tasks that already run go on."


class RequestRefused(NotSubmitted):
    """The server finds the request invalid, or has no such route."""

    advice = "Nothing was paid. Sending it again unchanged will not help."


class ParentUnusable(NotSubmitted):
    """The task that this act builds on did not end with a result."""

    advice = "Nothing was paid for this act. See the cause for what became of the task before it."


class ClientClosed(NotSubmitted):
    """The client was closed before this was sent."""

    advice = (
        "Nothing was paid. Keep the client open (async with) until you have awaited the handle."
    )


class CostBrake(NotSubmitted):
    """The limit that you set for a run is reached: nothing new is submitted."""

    advice = (
        "What runs goes on to its end. To go on with the rest, resume the run with a higher limit "
        "(max_cost=, max_tasks=; --max-cost, --max-tasks)."
    )


class RunHeld(NotSubmitted):
    """Somebody else is at work on this run; from here nothing was sent, or nothing more."""

    advice = "Wait until it has ended or stop it, and then resume the run; nothing is lost."

    def __init__(self, run: str, owner: str) -> None:
        #: The run's name.
        self.run = run
        #: Who is at work on it: process, machine, since when; `""` if unknown.
        self.owner = owner
        super().__init__(f"the run {run!r} is held by {owner or 'somebody else'}")


class RunStopped(NotSubmitted):
    """The run stopped before this, because your flow says so (`on_error: run`)."""

    advice = "Nothing was paid for this. Resume the run to try what was left out."


class TaskError(MjflowError):
    """About one task on the server."""

    def __init__(
        self,
        message: str,
        *,
        task_id: str | None = None,
        task: Task | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        #: The server's id, when one is known.
        self.task_id = task_id if task_id is not None or task is None else task.id
        #: The last full look, when there was one.
        self.task = task


class TaskFailed(TaskError):
    """The server ended the task without a result."""

    def __init__(
        self,
        message: str,
        *,
        kind: FailureKind,
        task_id: str | None = None,
        task: Task | None = None,
    ) -> None:
        #: The class of the reason (P§8.5).
        self.kind = kind
        super().__init__(message, task_id=task_id, task=task, advice=kind.advice)

    @property
    def retryable(self) -> bool:
        """Whether the same request, as a fresh task, may well succeed."""
        return self.kind.retryable


class TaskCancelled(TaskError):
    """An operator of the server cancelled the task."""

    advice = "Submit it anew if you still want it."


class ModalRequired(TaskError):
    """The task's button opened a dialog that waits for data."""

    def __init__(self, message: str, *, task_id: str, wants: str, suggested: str = "") -> None:
        #: `"prompt"`, or `"mask and prompt"`.
        self.wants = wants
        #: The prompt the server offers, `""` if none.
        self.suggested = suggested
        super().__init__(
            message,
            task_id=task_id,
            advice=(
                f"Give it with the click (prompt=, mask=; --prompt, --mask), or answer with "
                f"handle.modal(...); it wants: {wants}."
            ),
        )


class TaskNotFound(TaskError):
    """The server does not know this id, or it belongs to another account."""

    advice = "Check the id and the base URL; servers forget old tasks, and some forget on restart."


class TaskLost(TaskError):
    """We stopped looking; the task may still run, and it is paid."""

    exit_code = 3
    advice = "It may still end: `mjflow show ID` looks once, `mjflow watch ID` waits again."


class SubmissionInDoubt(TaskError):
    """A paying request was sent and not answered: a task may run, and may be paid."""

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        token: str,
        key: str | None = None,
        task_id: str | None = None,
        advice: str | None = None,
    ) -> None:
        #: mjflow's token inside the wire's `state`: what to look for at the server.
        self.token = token
        #: The caller's own key, if one was given.
        self.key = key
        super().__init__(message, task_id=task_id, advice=advice or self.advice)

    advice = (
        "It was not sent again, lest it be paid twice. Look for the token at your provider "
        "(state mj1.<token>), and say what you found: handle.settle(task_id=...), "
        'settle("absent"), or settle("resubmit").'
    )


class AnswerInDoubt(SubmissionInDoubt):
    """An answer to a dialog was sent and not acknowledged; the task is watched on."""

    advice = "It was not sent again. `mjflow watch ID` shows whether the task moves on."


class PossibleMixup(TaskError):
    """Two tasks show one and the same job: one of them may show somebody else's picture."""

    advice = (
        "Compare both pictures with their prompts. Some servers mix up identical prompts that run "
        'at the same time: Client(collisions="serialise") keeps them apart.'
    )

    def __init__(self, task_id: str, other_id: str, job: str) -> None:
        #: The task that ended first.
        self.other_id = other_id
        #: The uuid of the job in the buttons of both.
        self.job = job
        super().__init__(f"tasks {other_id} and {task_id} show the same job {job}", task_id=task_id)


class StillRunning(TaskError):
    """The client was closed before the task ended; the task goes on at the server."""

    exit_code = 3
    advice = "Pick it up with `client.attach(id)` or `mjflow watch ID`."


class WaitTimeout(MjflowError, TimeoutError):
    """Your own wait ended; the task itself goes on."""

    advice = "Wait again on the same handle: the task goes on and is looked at as before."

    def __init__(self, timeout: float, *, task_id: str | None = None) -> None:
        #: Seconds that were waited.
        self.timeout = timeout
        self.task_id = task_id
        super().__init__(f"task {task_id or '(not yet accepted)'} did not end within {timeout:g} s")


class DownloadFailed(MjflowError):
    """A finished picture could not be fetched."""

    advice = "The task is paid and done: `mjflow show ID --out DIR` fetches its picture again."


class NotAPicture(DownloadFailed):
    """What came under the picture's link is something else."""


class PictureBroken(DownloadFailed):
    """What came is cut short or damaged."""


class PictureTooLarge(DownloadFailed):
    """The picture has, or claims, more than 256 MB or 200 megapixels, and was not kept."""

    advice = "mjflow takes no picture this large: no server of this family makes one."


class ScorerFailed(MjflowError):
    """Your own code could not choose among the branches of an item; all are at the server still."""

    advice = "Mend the scorer and resume the run: nothing is paid again."


class CannotWrite(MjflowError):
    """A folder or a disk would not take a file."""

    advice = (
        "Choose another folder (--out) or make room; "
        "finished tasks keep their pictures at the server."
    )


class JournalUnusable(CannotWrite):
    """The journal's file is no journal, is broken, or was written by a later version."""

    advice = (
        "Nothing in it was changed. Choose another file (journal=, MJFLOW_JOURNAL), "
        "or put a backup in its place."
    )


class IllegalTransition(MjflowError):
    """The automaton was asked for a step that cannot happen: a bug in mjflow."""

    advice = "This is a bug in mjflow: please report it with this message."

    def __init__(self, state: State, event: Event) -> None:
        self.state = state
        self.event = event
        super().__init__(f"{event.name} cannot happen in {state.name}")
