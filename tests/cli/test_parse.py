"""What was typed, and what is said of what cannot be understood."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args, get_type_hints

import pytest

from mjflow import __version__
from mjflow.cli.bundles import Server
from mjflow.cli.options import DEFAULT_NAME, SpeedMode
from mjflow.config import AUTO
from mjflow.engine import downloads
from mjflow.protocol.dialect import DIALECTS
from mjflow.protocol.requests import Mode
from tests.cli.conftest import Mjflow

QUOTES = '  Put all of the prompt into one pair of quotes: "a cute cat --v 6.1"'
NO_KEY = [
    "error: a key is never an argument: it would stay in your shell's history",
    "  Put it into the environment variable MJFLOW_API_KEY.",
]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            ["imagin", "x"],
            [
                'error: unknown command "imagin". Did you mean "imagine"? '
                "Available commands: imagine, blend, describe, shorten, video, edits, swap-face, "
                "click, ...",
                "  See: mjflow --help",
            ],
        ),
        (
            ["imagine", "x", "--clik", "U1"],
            [
                "error: unknown option: --clik. Did you mean --click?",
                "  See: mjflow imagine --help",
            ],
        ),
        (
            ["imagine"],
            [
                'error: command "imagine" parameter PROMPT requires an argument.',
                "  See: mjflow imagine --help",
            ],
        ),
        (
            ["watch"],
            [
                'error: command "watch" parameter TASK_ID requires an argument.',
                "  See: mjflow watch --help",
            ],
        ),
        (
            ["imagine", "x", "--mode", "quick"],
            [
                'error: invalid value "quick" for --mode. Choose from: "relax", "fast", "turbo".',
                "  See: mjflow imagine --help",
            ],
        ),
        (
            ["imagine", "a", "cute", "cat"],
            [
                "error: too many words: cute cat",
                "  Put quotes around what belongs together, such as the prompt. "
                "See: mjflow imagine --help",
            ],
        ),
        (
            ["imagine", "a cat", "--v", "6.1"],
            ["error: --v is a parameter of the prompt, and stands outside of it", QUOTES],
        ),
        (
            ["imagine", "a cat", "--ar=16:9"],
            ["error: --ar is a parameter of the prompt, and stands outside of it", QUOTES],
        ),
        (["imagine", "x", "--api-key", "sk-secret"], NO_KEY),
        (["watch", "7", "--key=sk-secret"], NO_KEY),
        (
            ["imagine", "x", "--key=sk-secret"],
            [
                "error: this has the looks of an API key, and --key is your own name for an act",
                "  An API key is never an argument: put it into MJFLOW_API_KEY.",
            ],
        ),
        (
            ["doubts", "lok", "x"],
            [
                "error: there is no command 'doubts lok'",
                "  Did you mean 'look'? See: mjflow doubts --help",
            ],
        ),
        (["show", "7", "--token", "sk-secret"], NO_KEY),
    ],
)
def test_what_cannot_be_understood(mjflow: Mjflow, typed: list[str], said: list[str]) -> None:
    """A slip of the keyboard is one error with what to do, never a traceback or a secret."""
    done = mjflow(*typed)
    assert (done.code, done.out, done.said) == (2, "", said)


def test_help_is_data(mjflow: Mjflow) -> None:
    """The help that was asked for goes to standard output, and names every command."""
    done = mjflow("--help")
    assert (done.code, done.err) == (0, "")
    assert all(name in done.out for name in ("imagine", "click", "show", "watch", "simulate"))


def test_without_a_command_there_is_help(mjflow: Mjflow) -> None:
    """Who types nothing more is helped."""
    assert mjflow() == mjflow("--help")


def test_the_version(mjflow: Mjflow) -> None:
    """The version is told with the name."""
    assert mjflow("--version").out == f"mjflow {__version__}\n"


def test_help_loads_nothing_heavy() -> None:
    """The help comes without the client, the engine, the simulator or anything that draws."""
    code = (
        "import sys; from mjflow.cli import main; main(['imagine', '--help']); "
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, check=True, text=True
    )
    heavy = {"yaml", "PIL", "rich.live", "mjflow.acts", "mjflow.client", "mjflow.simulator"}
    heavy |= {"mjflow.engine.engine", "mjflow.handle"}
    assert heavy & set(done.stderr.split()) == set()


def test_options_agree_with_the_library() -> None:
    """What the help offers is what the library knows."""
    modes = get_args(get_args(get_args(SpeedMode)[0])[0])
    dialects = get_args(get_type_hints(Server)["dialect"])
    assert set(modes) == {mode.value for mode in Mode}
    assert set(dialects) == {AUTO, *DIALECTS}
    assert downloads.DEFAULT_NAME == DEFAULT_NAME


def test_a_missing_library_is_named() -> None:
    """Installed without its extra, the command line says how to install it."""
    code = (
        "import sys; sys.modules['cyclopts'] = None; "
        "from mjflow.cli import main; sys.exit(main(['imagine', 'a cat']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        2,
        "error: the command line needs the package 'cyclopts', which is missing\n"
        "Install it with: pip install 'mjflow[cli]'\n",
    )
