"""From what was typed to a command, and what to say of what cannot be understood."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches

from cyclopts.exceptions import CycloptsError, UnknownOptionError, UnusedCliTokensError

from mjflow.cli.app import app

USAGE = 2
INTERRUPTED = 130

#: Ways to hand over a key that would leave it in the shell's history and in the process list.
_KEYS = frozenset({"--api-key", "--apikey", "--key", "--token", "--secret", "--api-secret", "-k"})
#: Parameters of a prompt that people write behind its quotes.
_PARAMETERS = re.compile(
    r"--(ar|aspect|chaos|[cs]ref|oref|dref|[ciosw]w|draft|hd|niji|no|[cpqsrvw]|quality|raw|repeat"
    r"|seed|stop|style|stylize|sv|tile|video|weird)"
)


def dispatch(arguments: Sequence[str]) -> int:
    """Carry out what was typed and return the exit code."""
    try:
        code = app(_with_equals(arguments), exit_on_error=False, print_error=False)
    except CycloptsError as error:
        sys.stderr.write(complaint(error) + "\n")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        # Commands report their own: this is the help, into a full disk.
        sys.stderr.write(f"error: {error.strerror}\n")
        return 1
    return code or 0


def _with_equals(arguments: Sequence[str]) -> list[str]:
    """Give a bare `--simulate` its value, lest the next word be taken for it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = ["--simulate=true" if word == "--simulate" else word for word in arguments[:end]]
    return [*options, *arguments[end:]]


def complaint(error: CycloptsError) -> str:
    """Say what cannot be understood, and where help is."""
    typed = _typed(error)
    if typed in _KEYS:
        return (
            "error: a key is never an argument: it would stay in your shell's history\n"
            "  Put it into the environment variable MJFLOW_API_KEY."
        )
    if _PARAMETERS.fullmatch(typed):
        return (
            f"error: {typed} is a parameter of the prompt, and stands outside of it\n"
            '  Put all of the prompt into one pair of quotes: "a cute cat --v 6.1"'
        )
    if isinstance(error, UnusedCliTokensError):
        if inner := _inner_commands(error):
            return _no_such_command(error, inner)
        return (
            f"error: too many words: {' '.join(error.unused_tokens or ())}\n"
            "  Put quotes around what belongs together, such as the prompt. " + _help(error)
        )
    said = str(error)
    return f"error: {said[:1].lower()}{said[1:]}\n  {_help(error)}"


def _inner_commands(error: CycloptsError) -> list[str]:
    """Name the commands of the command that was called, if it has some."""
    called = app
    for name in error.command_chain or ():
        called = called[name]
    return [name for name in called if not name.startswith("-")]


def _no_such_command(error: UnusedCliTokensError, commands: Sequence[str]) -> str:
    typed = (error.unused_tokens or [""])[0]
    near = get_close_matches(typed, commands, n=1)
    meant = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(commands)}."
    name = " ".join([*(error.command_chain or ()), typed])
    return f"error: there is no command {name!r}\n  {meant} {_help(error)}"


def _typed(error: CycloptsError) -> str:
    """Return the option that nobody knows, without a value."""
    if not isinstance(error, UnknownOptionError):
        return ""
    return (error.token.keyword or error.token.value).partition("=")[0].casefold()


def _help(error: CycloptsError) -> str:
    return f"See: {' '.join(['mjflow', *(error.command_chain or ())])} --help"
