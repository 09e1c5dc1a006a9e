"""What a row of the table of verdicts can ask of an answer, and what it can give."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Final

from attrs import frozen

from mjflow.protocol import wire
from mjflow.protocol.requests import Action, Charged, Kind, Modal, kind_of
from mjflow.protocol.shapes import Answer, Shape
from mjflow.protocol.status import Status
from mjflow.protocol.verdicts import (
    Accepted,
    Cause,
    Dialog,
    Doubt,
    Existing,
    Refused,
    Rejected,
    Verdict,
)

#: A question about a request and its answer that no column of its own asks.
Mark = Callable[[Charged, Answer], bool]
#: Makes the verdict of a row that holds.
Giver = Callable[[Charged, Answer], Verdict]


@frozen
class Rule:
    """One row: when all columns hold, `give` makes the verdict."""

    kinds: Container[Kind]
    http: Container[int]
    shapes: Container[Shape]
    codes: Container[int | None]
    mark: Mark
    give: Giver

    def holds(self, request: Charged, answer: Answer) -> bool:
        """Whether every column of the row holds."""
        return (
            kind_of(request) in self.kinds
            and answer.http in self.http
            and answer.shape in self.shapes
            and answer.code in self.codes
            and self.mark(request, answer)
        )


class _Any:
    """The column that holds for everything."""

    def __contains__(self, _: object) -> bool:
        return True

    def __call__(self, _request: Charged, _answer: Answer) -> bool:
        return True


ANY: Final = _Any()

# Marks

#: Buttons whose click always opens a dialog, and which gateways therefore leave at 21 (P§3.4).
_ALWAYS_ASKING = ("MJ::Inpaint", "MJ::CustomZoom")


def contains(answer: Answer, parts: Iterable[str]) -> bool:
    """Whether the server's words contain one of these, which are in small letters."""
    said = answer.text.lower()
    return any(part in said for part in parts)


def says(*parts: str) -> Mark:
    """Make a mark of `contains`."""
    return lambda _, answer: contains(answer, parts)


def no_id(_: Charged, answer: Answer) -> bool:
    """Hold when `result` names no task."""
    return not answer.ids


def remix(_: Charged, answer: Answer) -> bool:
    """Hold when `properties` say that a dialog is open, whatever the code (P§3.4)."""
    return bool(answer.properties.get("remix"))


def duplicate(_: Charged, answer: Answer) -> bool:
    """Hold when `properties` describe the task of an earlier click (P§3.4)."""
    return "status" in answer.properties


def always_asks(request: Charged, _: Answer) -> bool:
    """Hold when the clicked button always opens a dialog."""
    return isinstance(request, Action) and request.custom_id.startswith(_ALWAYS_ASKING)


# Givers

_MEANING: Mapping[Cause, str] = {
    Cause.QUEUE_FULL: "the server's queue is full",
    Cause.SATURATED: "the server is busy",
    Cause.NO_CHANNEL: "the gateway has no channel for this",
    Cause.NO_ACCOUNT: "the server has no usable account",
    Cause.PARENT_STALE: "the server does not see the task before it as finished",
    Cause.KEY: "the key is refused",
    Cause.QUOTA: "the balance or quota is used up",
    Cause.BLOCKED: "the server has blocked the account for a while",
    Cause.BANNED: "the prompt has a banned word",
    Cause.PARENT_MISSING: "the server does not know the task before it",
    Cause.INVALID: "the server refuses the request",
    Cause.NO_ROUTE: "the server has no such route",
}


def rejected(cause: Cause) -> Giver:
    """Give a no that may become a yes."""
    return lambda _, answer: Rejected(cause, reason(_MEANING[cause], answer), answer.retry_after)


def refused(cause: Cause, meaning: str = "") -> Giver:
    """Give a definite no, with another meaning than the cause's usual one."""
    return lambda _, answer: Refused(cause, reason(meaning or _MEANING[cause], answer))


def banned(_: Charged, answer: Answer) -> Verdict:
    """Give a no that names the banned word, where the server does (P§3.3)."""
    word = wire.clean(wire.text(answer.properties.get("bannedWord")))
    return Refused(Cause.BANNED, reason(_MEANING[Cause.BANNED], answer), word)


def doubt(meaning: str) -> Giver:
    """Give a doubt."""
    return lambda _, answer: Doubt(reason(meaning, answer))


def accepted(request: Charged, answer: Answer) -> Verdict:
    """Give a yes; an answer to a dialog that names no task goes on with the dialog's (P§5.4)."""
    ids = answer.ids or ((request.task_id,) if isinstance(request, Modal) else ())
    return Accepted(ids, wire.whole(answer.properties.get("numberOfQueues")), answer.text)


def dialog(_: Charged, answer: Answer) -> Verdict:
    """Give a dialog."""
    prompt = wire.text(answer.properties.get("finalPrompt"))
    return Dialog(answer.ids[0], prompt, answer.text)


def existing(_: Charged, answer: Answer) -> Verdict:
    """Give the task of an earlier click."""
    return Existing(answer.ids[0], Status.read(answer.properties["status"]))


def reason(meaning: str, answer: Answer) -> str:
    """Say in one line of at most 200 characters what an answer means and what it says itself."""
    code = "" if answer.code is None else f", code {answer.code}"
    source = f" (HTTP {answer.http}{code})"
    said = f": {answer.text}" if answer.text else ""
    return wire.clean(meaning + said, limit=200 - len(source)) + source
