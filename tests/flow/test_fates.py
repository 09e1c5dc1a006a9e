"""What each error means for a run."""

from __future__ import annotations

import pytest

from mjflow import errors
from mjflow.errors import MjflowError
from mjflow.flow.machine.commands import Failed, Stuck
from mjflow.flow.running.fates import FATES, Fate, ending, fate_of, halts
from mjflow.protocol.failures import FailureKind


def kinds() -> set[type[MjflowError]]:
    """Find all classes of errors."""
    found = (getattr(errors, name) for name in dir(errors))
    return {one for one in found if isinstance(one, type) and issubclass(one, MjflowError)}


def test_every_error_has_a_fate() -> None:
    """Nobody who adds an error forgets to say what it means for a run."""
    assert kinds() - set(FATES) == set()


def test_an_error_of_a_class_of_its_own_has_the_fate_of_the_one_above() -> None:
    """As downloads have some."""

    class Special(errors.DownloadFailed):
        pass

    assert fate_of(Special("no")) is Fate.FAILED


@pytest.mark.parametrize(
    ("error", "event", "halting"),
    [
        (errors.PromptRefused("blood"), Failed, False),
        (errors.TaskFailed("no", kind=FailureKind.TRANSIENT, task_id="1"), Failed, False),
        (errors.DownloadFailed("no"), Failed, False),
        (errors.SubmissionInDoubt("lost", token="t"), Stuck, False),
        (errors.TaskLost("gone", task_id="1"), Stuck, False),
        (errors.NotSubmitted("settled as absent"), Stuck, False),
        (errors.QuotaExceeded("empty"), Stuck, True),
        (errors.CostBrake("enough"), Stuck, True),
        (errors.RunHeld("night", "somebody"), Stuck, True),
        (errors.CannotWrite("full"), Stuck, True),
    ],
)
def test_an_error_ends_a_command(error: MjflowError, event: type, halting: bool) -> None:
    """What is final fails it, all else leaves it to another life; some errors hit everything."""
    assert ending(error) == event(error)
    assert halts(error) is halting
