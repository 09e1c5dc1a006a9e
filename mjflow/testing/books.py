"""What is asserted on the simulator's books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mjflow.simulator import Ledger, Submit


class LiveLedger:
    """
    A ledger as it stands whenever it is looked at.

    A simulator works its books out when they are asked for; this asks each time.
    """

    def __init__(self, read: Callable[[], Ledger]) -> None:
        self._read = read

    def __getattr__(self, name: str) -> Any:
        return getattr(self._read(), name)

    def __repr__(self) -> str:
        return repr(self._read())


def assert_paid_once(ledger: Ledger) -> None:
    """
    Assert that no submit was charged twice and no dialog answered twice.

    Two charges are for one submit if the requests carried the same token in `state`, as requests
    of mjflow do.  The answer to a dialog has the token of the click and a charge of its own, so it
    is counted apart.  What your program submits twice on purpose has two tokens.

    Raises:
        AssertionError: Says which token or dialog, with the requests in question.
    """
    __tracebackhide__ = True
    offences = [*_charged_twice(ledger), *_answered_twice(ledger)]
    if offences:
        raise AssertionError("paid more than once:\n" + "\n".join(offences))


def _charged_twice(ledger: Ledger) -> Iterator[str]:
    for token, submits in ledger.tokens().items():
        paid = [one for one in submits if one.act != "modal" and one.charged > 0]
        if len(paid) > 1:
            yield f"  token {token} was charged {len(paid)} times:\n{_listed(paid)}"


def _answered_twice(ledger: Ledger) -> Iterator[str]:
    for task_id, times in ledger.answers().items():
        if times > 1:
            answers = [one for one in ledger.submits if one.act == "modal" and one.exists]
            mine = [one for one in answers if one.parent == task_id]
            yield f"  dialog {task_id} was answered {times} times:\n{_listed(mine)}"


def _listed(submits: list[Submit]) -> str:
    return "\n".join(map(_line, submits))


def _line(submit: Submit) -> str:
    faults = f", {', '.join(submit.faults)}" if submit.faults else ""
    return (
        f"    {submit.act} at {submit.at:.1f} s: task {submit.task_id}, "
        f"{submit.charged:g} USD, answered {submit.status} with code {submit.code}{faults}"
    )
