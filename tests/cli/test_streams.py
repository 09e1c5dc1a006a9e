"""Lines to standard output and error, whatever is at their other end."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TextIO

import pytest

from mjflow.cli.report import JsonReport, Report
from mjflow.cli.streams import write_line
from mjflow.media.kinds import PNG
from mjflow.media.store import Saved
from mjflow.media.whole import Whole

FULL = Path("/dev/full")


def pipe_without_reader() -> TextIO:
    """Open a pipe whose reader has gone away."""
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "w")


def test_a_reader_who_has_gone_away_is_no_error() -> None:
    """A closed pipe swallows this line and all that follow."""
    with pipe_without_reader() as stream:
        write_line(stream, "first")
        write_line(stream, "second")


def test_a_closed_stream_is_no_error() -> None:
    """A process started without standard output has none to write to."""
    write_line(None, "hello")


def test_a_full_disk_behind_a_stream_is_an_error_once() -> None:
    """A stream that takes nothing is told of once; then it leads nowhere."""
    with FULL.open("w") as stream:
        with pytest.raises(OSError, match="No space left"):
            write_line(stream, "first")
        write_line(stream, "second")


def test_letters_that_an_encoding_lacks_are_spelt_out() -> None:
    """A name with letters that a stream cannot write never stops a command."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    write_line(stream, "caf\u00e9 \udcff")
    assert raw.getvalue() == b"caf\\xe9 \\udcff\n"


@pytest.mark.parametrize("kind", [Report, JsonReport])
def test_a_full_standard_output_is_an_error_and_stops_nothing(kind: type[Report]) -> None:
    """Pictures are on disk by then: only the exit code tells that nobody could be told."""
    saved = Saved(Path("a.png"), Whole(PNG, 9, 3, 2), "abc", reused=False)
    err = io.StringIO()
    with FULL.open("w") as stream:
        report = kind(stream, err)
        report.saved(saved, "1")
        report.saved(saved, "2")
    said = "error: standard output takes nothing more: No space left on device\n"
    assert (err.getvalue(), report.code) == (said, 1)


def test_a_full_standard_error_is_ignored() -> None:
    """Talk that nobody can hear is no error."""
    with FULL.open("w") as stream:
        report = Report(io.StringIO(), stream)
        report.say("hello")
    assert report.code == 0
