"""What an error means for a run: whether its branch ends, waits, or all of the run does."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from mjflow import errors
from mjflow.errors import MjflowError
from mjflow.flow.machine.commands import Failed, Stuck


class Fate(Enum):
    """What becomes of whatever met an error."""

    #: It would come to nothing again: the branch ends here.
    FAILED = "failed"
    #: Another life of the run goes on with it.
    STUCK = "stuck"
    #: The same, and all else would meet it too: nothing new is begun in this life.
    HALTS = "halts"


#: By class; a class of its own that is not here has the fate of the one above it.
FATES: Mapping[type[MjflowError], Fate] = {
    MjflowError: Fate.STUCK,  # a bug of ours: look at it before it is paid again
    # It cannot work as it is written.
    errors.InvalidInput: Fate.FAILED,
    errors.FlowInvalid: Fate.HALTS,
    errors.UnknownButton: Fate.FAILED,
    errors.KeyConflict: Fate.FAILED,
    errors.FlowChanged: Fate.HALTS,
    errors.MissingKey: Fate.HALTS,
    errors.ScorerFailed: Fate.FAILED,
    # The server, or the way to it: one that has ever answered is waited for.
    errors.TransportError: Fate.HALTS,
    errors.Unreachable: Fate.HALTS,
    errors.NoReply: Fate.HALTS,
    errors.ReplyUnreadable: Fate.HALTS,
    errors.NotAnApi: Fate.HALTS,
    errors.NotAuthorized: Fate.HALTS,
    # A definite no, to this request or to any.
    errors.NotSubmitted: Fate.STUCK,
    errors.PromptRefused: Fate.FAILED,
    errors.RequestRefused: Fate.FAILED,
    errors.ParentUnusable: Fate.FAILED,
    errors.QueueFull: Fate.STUCK,
    errors.QuotaExceeded: Fate.HALTS,
    errors.ClientClosed: Fate.HALTS,
    errors.CostBrake: Fate.HALTS,
    errors.RunHeld: Fate.HALTS,
    errors.RunStopped: Fate.HALTS,
    # One task: what the server ended has ended, all else may have been paid.
    errors.TaskError: Fate.STUCK,
    errors.TaskFailed: Fate.FAILED,
    errors.TaskCancelled: Fate.FAILED,
    errors.ModalRequired: Fate.STUCK,
    errors.TaskNotFound: Fate.STUCK,
    errors.TaskLost: Fate.STUCK,
    errors.SubmissionInDoubt: Fate.STUCK,
    errors.AnswerInDoubt: Fate.STUCK,
    errors.PossibleMixup: Fate.STUCK,
    errors.StillRunning: Fate.STUCK,
    errors.WaitTimeout: Fate.STUCK,
    # Pictures are still at the server, and are fetched by the next life whatever is said here.
    errors.DownloadFailed: Fate.FAILED,
    errors.NotAPicture: Fate.FAILED,
    errors.PictureBroken: Fate.FAILED,
    errors.PictureTooLarge: Fate.FAILED,
    errors.CannotWrite: Fate.HALTS,
    errors.JournalUnusable: Fate.HALTS,
    errors.IllegalTransition: Fate.STUCK,
}


def fate_of(error: MjflowError) -> Fate:
    """Look up what an error means for whatever met it."""
    return next(FATES[kind] for kind in type(error).__mro__ if kind in FATES)


def ending(error: MjflowError) -> Failed | Stuck:
    """Give the event that ends a command which met an error."""
    return Failed(error) if fate_of(error) is Fate.FAILED else Stuck(error)


def halts(error: MjflowError) -> bool:
    """Tell whether nothing new is to be begun after an error."""
    return fate_of(error) is Fate.HALTS
