"""The errors are complete: drawn, exported, explained, and fit to travel."""

from __future__ import annotations

import pickle
import re

import pytest

import mjflow
from mjflow import errors
from mjflow._pages.errors import EXAMPLES, kinds_of_errors, tree
from mjflow.errors import MjflowError

KINDS = list(kinds_of_errors())
#: What the command line may end with because of an error; 130 is Ctrl-C's.
CODES = {1, 2, 3, 4}

_BRANCH = re.compile(r"^((?:│   |    )*)(?:├── |└── )?(\w+)", re.MULTILINE)


def drawn() -> dict[str, str]:
    """Read the tree at the top of the module: each name's parent, `""` for the root."""
    line: list[str] = []
    parents: dict[str, str] = {}
    for drawing in tree().splitlines():
        found = _BRANCH.match(drawing)
        assert found is not None
        depth = len(found[1]) // 4 + ("── " in drawing)
        line[depth:] = [found[2]]
        parents[found[2]] = line[depth - 1] if depth else ""
    return parents


def test_the_tree_is_drawn_as_it_is() -> None:
    """The drawing has every class, under its parent, and no other."""
    parents = {
        kind.__name__: "" if kind is MjflowError else kind.__bases__[0].__name__ for kind in KINDS
    }
    assert drawn() == parents


def test_every_error_is_public() -> None:
    """Whatever mjflow raises on purpose can be caught by a name of the package."""
    assert {kind.__name__ for kind in KINDS} <= set(mjflow.__all__)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_explained(kind: type[MjflowError]) -> None:
    """It has a docstring of its own, and an exit code that means something."""
    own = vars(kind).get("__doc__") or ""
    assert (own.partition("\n")[0][-1:], kind.exit_code in CODES) == (".", True)


def test_there_is_an_example_of_all_that_is_raised() -> None:
    """Only the three that stand for their kinds have none."""
    missing = {kind.__name__ for kind in KINDS} - {type(one).__name__ for one in EXAMPLES}
    assert missing == {"MjflowError", "TransportError", "TaskError"}


def _named(error: MjflowError) -> str:
    return type(error).__name__


@pytest.mark.parametrize("error", EXAMPLES, ids=_named)
def test_every_error_says_what_to_do(error: MjflowError) -> None:
    """The text is what happened, then the advice: whole sentences both."""
    text = str(error)
    assert text.startswith(error.message)
    assert (text.endswith(error.advice), error.advice[-1:]) == (True, ".")


@pytest.mark.parametrize("error", EXAMPLES, ids=_named)
def test_errors_survive_pickling(error: MjflowError) -> None:
    """An error that came from another process is the same error."""
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_an_unpickled_error_keeps_its_properties() -> None:
    """What is worked out from the attributes works there too."""
    failed = errors.TaskFailed("it failed", kind=mjflow.FailureKind.CAPACITY, task_id="1")
    copy = pickle.loads(pickle.dumps(failed))
    assert (copy.retryable, copy.task_id, copy.kind) == (True, "1", mjflow.FailureKind.CAPACITY)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("it broke", "it broke. Mend it."),
        ("it broke!", "it broke! Mend it."),
        ("it broke…", "it broke… Mend it."),
    ],
)
def test_message_and_advice_read_as_sentences(message: str, text: str) -> None:
    """A full stop stands between the two, unless there is an end already."""
    assert str(MjflowError(message, advice="Mend it.")) == text


def test_without_advice_there_is_only_the_message() -> None:
    """Nothing is put behind a message that needs no advice."""
    assert str(MjflowError("it broke")) == "it broke"
