"""The arguments about the journal, with what `--help` says of them; nothing heavy is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from mjflow.cli.options import flag

GROUP = Group("Journal", sort_key=5)

Journal = Annotated[
    Path | None,
    Parameter(
        help=(
            "File in which it is remembered what was sent and paid, or `memory` for none; by "
            "default MJFLOW_JOURNAL, else `.mjflow/journal.db`."
        ),
        group=GROUP,
        metavar="FILE",
    ),
]
Key = Annotated[
    str | None,
    Parameter(
        help=(
            "A name of your own for this: the same command with the same name is paid once, "
            "however often it is run."
        ),
        group=GROUP,
        metavar="NAME",
    ),
]
OfRun = Annotated[
    str | None,
    Parameter(help="Only of this run.", group=GROUP, metavar="NAME"),
]
DoubtKey = Annotated[
    str, Parameter(help="What is in doubt: its key, or its token, as `mjflow doubts` lists them.")
]
FoundTask = Annotated[
    str,
    Parameter(help="The id of the task that you have found.", metavar="ID"),
]
Export = Annotated[
    Path | None,
    Parameter(
        help="Write to this file; by default to standard output.", group=GROUP, metavar="FILE"
    ),
]
Before = Annotated[
    str,
    Parameter(
        help="Forget what ended before: so many days ago, or a date such as 2026-08-31.",
        group=GROUP,
        metavar="DAYS|DATE",
    ),
]
DryRun = Annotated[
    bool, flag(help="Only count what would be forgotten.", group=GROUP, name="--dry-run")
]
Again = Annotated[
    bool,
    flag(help="Send them although an earlier upload of them is in doubt.", group=GROUP),
]
