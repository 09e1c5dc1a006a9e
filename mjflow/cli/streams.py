"""Writing to standard output and error, whatever is at their other end."""

from __future__ import annotations

import os
from typing import TextIO


def write_line(stream: TextIO | None, text: str) -> None:
    """
    Write a line at once; a reader who has gone away is no error, nor is a stream closed by `>&-`.

    Raises:
        OSError: The stream takes nothing: a full disk behind `>`.
    """
    if stream is None:
        return
    try:
        stream.write(_sayable(text, stream) + "\n")
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except OSError:
        _silence(stream)
        raise


def _sayable(text: str, stream: TextIO) -> str:
    """Spell out what the stream's encoding has no letters for."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _silence(stream: TextIO) -> None:
    """Let a broken stream lead nowhere, so that the interpreter's last flush succeeds."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
