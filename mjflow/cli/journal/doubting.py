"""What a journal knows to be in doubt: read from its attempts alone, without any server."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from attrs import frozen

from mjflow.cli.words import moment
from mjflow.engine.pasts import IN_DOUBT, last_word_at, on_its_way, past_of
from mjflow.engine.payload import Asked, asked
from mjflow.engine.uploads import UPLOADS
from mjflow.fsm.states import State
from mjflow.journal.store import ANONYMOUS, Attempt

#: Where the token of a request is to be found at a provider.
STATE = "mj1."

_SILENCE = "the process ended before the answer came"


@frozen(kw_only=True)
class Doubtful:
    """A paid request of which nobody knows what came of it."""

    namespace: str
    key: str
    token: str
    #: What was asked for: `imagine`, a button's name, `upload`.
    act: str
    prompt: str
    #: The task whose dialog was answered, or whose button was pressed; `None` at the root.
    task_id: str | None
    #: Whether it is the answer to a dialog.
    answer: bool
    reason: str
    at: datetime

    @property
    def name(self) -> str:
        """What to call it in a command: its key, or the token of one that has none of its own."""
        return self.token if self.key.startswith(ANONYMOUS) else self.key

    @property
    def run(self) -> str:
        """The run that it is part of; `""` for none."""
        return self.key[1:].partition("/")[0] if self.key.startswith("@") else ""

    @property
    def is_upload(self) -> bool:
        """Whether it is an upload, of which there is no task to look for."""
        return self.key.startswith(UPLOADS)

    @property
    def what(self) -> str:
        """Tell what was asked for, in one line: `imagine "a cat"`."""
        said = f'{self.act} "{self.prompt}"' if self.prompt else self.act
        if self.answer:
            return f"the answer to the dialog of task {self.task_id}: {said}"
        return f"{said}, on task {self.task_id}" if self.task_id else said

    @property
    def advice(self) -> str:
        """Tell what to do about it."""
        if self.is_upload:
            return "Upload the same again with --again, for another fee."
        if self.answer:
            return f"mjflow watch {self.task_id} shows whether the task moves on."
        return f"Look among your provider's tasks for the state {STATE}{self.token}."

    @property
    def when(self) -> str:
        """Tell since when it has been in doubt."""
        return moment(self.at)


def doubts_of(attempts: Iterable[Attempt], run: str | None) -> list[Doubtful]:
    """List what is in doubt, of one run if one is named, oldest first."""
    found = [_doubt(attempt) for attempt in attempts if not _may_be_answered(attempt)]
    return [doubt for doubt in found if doubt is not None and run in (None, doubt.run)]


def count_on_their_way(attempts: Iterable[Attempt]) -> int:
    """Count the requests that were sent a moment ago, here or elsewhere, and not answered yet."""
    return sum(
        past_of(attempt).state in IN_DOUBT and _may_be_answered(attempt) for attempt in attempts
    )


def _may_be_answered(attempt: Attempt) -> bool:
    return on_its_way([attempt], datetime.now(UTC)) > 0.0


def _doubt(attempt: Attempt) -> Doubtful | None:
    """Read an attempt; `None` if it is not in doubt."""
    past = past_of(attempt)
    if past.state not in IN_DOUBT:
        return None
    intent, paper = attempt.intent, asked(attempt.intent.payload)
    return Doubtful(
        namespace=intent.namespace,
        key=intent.key,
        token=intent.token,
        act=_act(intent.key, paper),
        prompt=past.answer.prompt if past.answer else _prompt(paper),
        task_id=past.ids[0] if past.ids else getattr(paper and paper.request, "task_id", None),
        answer=past.state is State.ANSWER_IN_DOUBT,
        reason=past.reason or _SILENCE,
        at=last_word_at(attempt),
    )


def _act(key: str, paper: Asked | None) -> str:
    if paper is None:
        return "upload" if key.startswith(UPLOADS) else "a request"
    return paper.button.label if paper.button else paper.request.route.act


def _prompt(paper: Asked | None) -> str:
    return getattr(paper.request, "prompt", "") or "" if paper else ""
