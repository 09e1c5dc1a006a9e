"""Lives of a client: one that is cut short, what is known of it then, and the one after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from mjflow import MjflowError, ParentUnusable, SubmissionInDoubt, Task, TaskHandle
from mjflow.fsm.events import Event
from mjflow.journal.store import Attempt

from .programs import PAID, program
from .stages import Stage
from .studio import UPLOAD

Opened = Callable[[], AbstractAsyncContextManager[Stage]]
Handles = dict[str, TaskHandle]

#: The server has taken it, says the journal.
TAKEN = frozenset({Event.ACCEPTED, Event.ANSWER_ACCEPTED})


async def live(stage: Stage, folder: Path, handles: Handles) -> None:
    """Run the program in a client of its own."""
    async with stage.client(poll_interval=15.0) as client:
        await program(client, folder, handles.setdefault)


def doubts(handles: Handles) -> set[str]:
    """Return the tokens of which the program was told that they are in doubt."""
    outcomes = [handle.outcome for handle in handles.values()]
    return {one.token for one in outcomes if isinstance(one, SubmissionInDoubt)}


def check_told(stage: Stage, handles: Handles) -> None:
    """Every wait has ended, and what was torn, and nothing else, is told to be in doubt."""
    for handle in handles.values():
        assert isinstance(handle.outcome, Task | MjflowError), handle
    if stage.torn is not None:
        assert doubts(handles) == set(stage.torn) - {UPLOAD}


async def check_known(stage: Stage, handles: Handles) -> None:
    """All that the server has charged is in the journal, or told to be in doubt."""
    told = doubts(handles) | {UPLOAD}
    for charge in stage.charges:
        if charge.token not in told:
            attempt = await attempt_of(stage, handles, charge.token)
            assert not TAKEN.isdisjoint(note.event for note in attempt.notes), charge


async def attempt_of(stage: Stage, handles: Handles, token: str) -> Attempt:
    """Find a token in the journal."""
    for handle in handles.values():
        for attempt in await stage.store.attempts(stage.namespace, handle.key):
            if attempt.intent.token == token:
                return attempt
    raise AssertionError(f"the journal does not know {token}")


async def take_up(stage: Stage, folder: Path) -> None:
    """Run the program in a second client: only what was left in doubt is not done by then."""
    again, in_doubt = Handles(), False
    try:
        await live(stage, folder, again)
    except (SubmissionInDoubt, ParentUnusable) as error:
        in_doubt = True
        assert stage.torn != [], error
    in_doubt |= bool(doubts(again))
    paid = Counter((charge.token, charge.route) for charge in stage.charges)
    assert set(paid.values()) <= {1}
    assert len(paid) == len(PAID) or (in_doubt and len(paid) < len(PAID)), paid
