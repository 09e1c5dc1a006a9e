"""Writing to standard output and error, whatever is at their other end."""

from __future__ import annotations

import os
import sys
from typing import TextIO
from unicodedata import category

#: Join letters and emoji to one, and do nothing else.
_JOINERS = "\u200c\u200d"


def write_line(stream: TextIO | None, text: str) -> None:
    """
    Write a line at once; a reader who has gone away is no error, nor is a stream closed by `>&-`.

    Raises:
        OSError: The stream takes nothing: a full disk behind `>`.
    """
    if stream is None:
        return
    try:
        stream.write(_sayable(visible(text), stream) + "\n")
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except OSError:
        _silence(stream)
        raise


def visible(text: str) -> str:
    """
    Spell out what would act on a terminal instead of being shown there, as JSON does.

    Servers and other users write prompts, labels and reasons; none of them shall move the cursor,
    turn the direction of the text, or begin a line that looks like ours.
    """
    if text.isprintable():
        return text
    return "".join(char if _shows(char) else _spelt(char) for char in text)


def _shows(char: str) -> bool:
    return char.isprintable() or char in _JOINERS or category(char) == "Zs"


def _spelt(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _sayable(text: str, stream: TextIO) -> str:
    """Spell out what the stream's encoding has no letters for."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _silence(stream: TextIO) -> None:
    """Let a broken stream lead nowhere, so that the interpreter's last flush succeeds."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_elsewhere() -> bool:
    """Whether standard output leads somewhere of its own, and not where all the talk goes."""
    out, err = sys.stdout, sys.stderr
    if out is None or err is None:
        return out is not None
    try:
        return not (out.isatty() or os.path.sameopenfile(out.fileno(), err.fileno()))
    except (OSError, ValueError):  # no file at all: somebody catches it
        return True
