"""The page `errors.md`: the tree of the errors, and each of them with its advice."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence

from mjflow import errors
from mjflow._pages.reading import bullet, first_line, own_attributes, prose, remarks, table
from mjflow.errors import MjflowError
from mjflow.fsm.events import Event
from mjflow.fsm.states import State
from mjflow.protocol.failures import FailureKind

_PAGE = """\
# Errors

<!-- Written by `python -m mjflow._pages docs/reference`; do not edit. -->

What mjflow raises on purpose, what each error means, and what to do about it.
For whoever writes an `except` clause, and for whoever reads an exit code.

`except mjflow.MjflowError` catches all of them.
`str(error)` says what happened, then what to do.
`error.message` and `error.advice` are its two halves.
An error that is about one task carries its id.
Errors can be pickled and sent to another process.
[`as_completed`](api.md#clientas_completed) raises none: a failure is the `outcome` of its handle.

## The tree

```text
{tree}
```

## Exit codes

What the command line ends with when the error stops it.

{codes}

## Each error

{each}

## Why tasks fail

`TaskFailed.kind` is one of these; it is read off the server's own words.
The same request may be worth another submit where the middle column says so.

{kinds}
"""

_MEANINGS = {
    1: "something failed",
    2: "the call itself was wrong; nothing was sent",
    3: "something is in doubt, lost, or still runs: it may be paid",
    4: "the server cannot be reached, or refuses the key, or the balance is empty",
}

_GRID = ("U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4")
_ID = "1320098173412546"
_HOST = "api.example.com"

#: How each error reads; those that only stand for their kind have none.
EXAMPLES: Sequence[MjflowError] = (
    errors.InvalidInput("the prompt is empty", advice="Say what is to be drawn; nothing was sent."),
    errors.MissingKey("there is no API key"),
    errors.UnknownButton(
        "vary region",
        _GRID,
        hint="Click U1, U2, U3 or U4 first: only a single picture has this button.",
    ),
    errors.KeyConflict("order-17"),
    errors.FlowInvalid(
        [
            errors.Complaint(
                "portraits.yaml", 7, 5, "no step is called 'clik'", "Did you mean 'click'?"
            )
        ]
    ),
    errors.FlowChanged("step 2 of the run 'night-1' was another one: click U1, now click U2"),
    errors.Unreachable(f"cannot connect to {_HOST}:443: Connection refused"),
    errors.NoReply(f"{_HOST} did not answer in time"),
    errors.ReplyUnreadable("the server could not answer (HTTP 500)"),
    errors.NotAnApi("the server has no such route (HTTP 404)"),
    errors.NotAuthorized("the key is refused: invalid token (HTTP 401)"),
    errors.NotSubmitted(
        "another client is submitting the key 'order-17' just now",
        advice="Nothing was sent from here. Ask for the key again in a minute.",
    ),
    errors.PromptRefused("banned"),
    errors.QueueFull("the server's queue is full (HTTP 200, code 23)"),
    errors.QuotaExceeded("the balance or quota is used up: quota_not_enough (HTTP 400, code 4)"),
    errors.RequestRefused("the server refuses the request (HTTP 400, code 4)"),
    errors.ParentUnusable(
        f"the task before 'U2' came to nothing: task {_ID} failed: [Internal Server Error]"
    ),
    errors.ClientClosed("the client was closed before this was sent"),
    errors.CostBrake("the run 'night-1' may cost 5.00 USD at most, and 4.95 USD are spent"),
    errors.RunHeld("night-1", "process 4711 on workshop since 2026-03-01 22:15 UTC"),
    errors.RunStopped("the run 'night-1' ended with the failure of item 'cat-3'"),
    errors.TaskFailed(
        f"task {_ID} failed: [Internal Server Error]", kind=FailureKind.TRANSIENT, task_id=_ID
    ),
    errors.TaskCancelled(f"task {_ID} was cancelled at the server", task_id=_ID),
    errors.ModalRequired(
        f"'Vary (Region)' opened a dialog, and nothing was given to answer it with (task {_ID})",
        task_id=_ID,
        wants="mask and prompt",
    ),
    errors.TaskNotFound(f"the server does not know the task {_ID}", task_id=_ID),
    errors.TaskLost(f"task {_ID} did not end within 4200 s (last status IN_PROGRESS)", task_id=_ID),
    errors.SubmissionInDoubt(
        "the submit was sent, and nothing says whether a task runs: "
        f"{_HOST} closed the connection without a whole answer (token rtqgmhoyznukk4xa7c2a)",
        token="rtqgmhoyznukk4xa7c2a",
        key="order-17",
    ),
    errors.AnswerInDoubt(
        f"the answer to the dialog of task {_ID} was sent, and nothing says whether it was "
        "taken: the gateway heard nothing readable from its server (HTTP 400, code 5)",
        token="rtqgmhoyznukk4xa7c2a",
        task_id=_ID,
    ),
    errors.PossibleMixup(_ID, "1320098173412501", "7b4e9a52-0c1d-4f0e-9a8e-3d8f2b6c1a90"),
    errors.StillRunning(f"the client was closed while task {_ID} was running", task_id=_ID),
    errors.WaitTimeout(30.0, task_id=_ID),
    errors.DownloadFailed(f"the picture of task {_ID} could not be fetched: its host answers 404"),
    errors.NotAPicture("this is no picture; it begins with '<!DOCTYPE html>'"),
    errors.PictureBroken("the picture is cut short: 512 bytes came"),
    errors.PictureTooLarge("the picture has 300 MB, and more than 256 MB are not taken"),
    errors.ScorerFailed("the scorer 'brightness' raised ZeroDivisionError('division by zero')"),
    errors.CannotWrite("can't write to '/pictures': the disk is full"),
    errors.JournalUnusable("'.mjflow/journal.db' is no journal of mjflow's, but some other file"),
    errors.IllegalTransition(State.SUCCESS, Event.INTENT),
)
_EXAMPLE = {type(error): error for error in EXAMPLES}


def page() -> str:
    """Return the whole page."""
    return _PAGE.format(
        tree=tree(),
        codes=_codes(),
        each="\n\n".join(map(_entry, kinds_of_errors())),
        kinds=_kinds(),
    )


def kinds_of_errors() -> Iterator[type[MjflowError]]:
    """Yield every class of the tree, in the order in which the module has them."""
    for member in vars(errors).values():
        if inspect.isclass(member) and issubclass(member, MjflowError):
            yield member


def tree() -> str:
    """Return the tree as it is drawn at the top of the module."""
    drawn = [line[4:] for line in (errors.__doc__ or "").splitlines() if line.startswith("    ")]
    return "\n".join(drawn)


def _entry(kind: type[MjflowError]) -> str:
    example = _EXAMPLE.get(kind)
    parts = [f"### {kind.__name__}", prose(kind), _facts(kind)]
    parts += [_attributes(kind)] if own_attributes(kind) else []
    parts += [_quoted(example)] if example else []
    return "\n\n".join(parts)


def _quoted(error: MjflowError) -> str:
    lines = [f"> {_shown(error.message)}", ">", f"> *{_shown(error.advice)}*"]
    return "\n".join(lines)


def _facts(kind: type[MjflowError]) -> str:
    bases = [base.__name__ for base in kind.__bases__ if base is not Exception]
    parents = " and ".join(
        f"[`{name}`](#{name.lower()})" if hasattr(errors, name) else f"`{name}`" for name in bases
    )
    facts = [f"A kind of {parents}."] if parents else []
    facts += [f"Exit code {kind.exit_code}."]
    children = [f"[`{child.__name__}`](#{child.__name__.lower()})" for child in _public(kind)]
    facts += [f"Its own kinds: {', '.join(children)}."] if children else []
    return "\n".join(facts)


def _public(kind: type[MjflowError]) -> list[type[MjflowError]]:
    return [child for child in kinds_of_errors() if kind in child.__bases__]


def _attributes(kind: type[MjflowError]) -> str:
    said = remarks(kind)
    lines = [
        bullet(name, said.get(name) or first_line(getattr(kind, name, None)))
        for name in own_attributes(kind)
    ]
    return "\n".join(lines)


def _codes() -> str:
    rows = []
    for code, meaning in _MEANINGS.items():
        names = [f"`{kind.__name__}`" for kind in kinds_of_errors() if kind.exit_code == code]
        rows.append((str(code), meaning, ", ".join(names)))
    return table(("Code", "What it means", "Errors"), rows)


def _kinds() -> str:
    said = remarks(FailureKind)
    rows = [
        (f"`{kind.value}`", said[kind.name], "yes" if kind.retryable else "", kind.advice)
        for kind in FailureKind
    ]
    return table(("Kind", "What happened", "`retryable`", "What to do"), rows)


def _shown(text: str) -> str:
    """Keep angle brackets from being read as HTML."""
    return text.replace("<", "&lt;")
