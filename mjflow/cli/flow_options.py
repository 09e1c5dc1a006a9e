"""The arguments about flows, with what `--help` says of them; nothing heavy is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from mjflow.cli.options import flag, many

GROUP = Group("Run", sort_key=0)

FlowFile = Annotated[Path, Parameter(help="The flow: a file of YAML or JSON.")]
Inputs = Annotated[
    Path | None,
    Parameter(
        help="What it runs over: a CSV or JSONL file, or a text file with a prompt to a line.",
        group=GROUP,
        metavar="FILE",
    ),
]
Sets = Annotated[
    tuple[str, ...],
    many(
        help="Give a variable of the flow another value; may be given again.",
        group=GROUP,
        metavar="NAME=VALUE",
    ),
]
RunName = Annotated[
    str | None,
    Parameter(
        help=(
            "What to call the run; by default the flow's name and the time. A name that was there "
            "before goes on with that run."
        ),
        group=GROUP,
        metavar="NAME",
    ),
]
EarlierRun = Annotated[
    str,
    Parameter(
        help="Count only what is left to be done of this run.",
        group=GROUP,
        metavar="NAME",
        show_default=False,
    ),
]
Run = Annotated[str, Parameter(help="The name of the run, as `mjflow runs` lists it.")]
MaxCost = Annotated[
    float | None,
    Parameter(
        help="Submit nothing more when the run has cost so much, in all its lives.",
        group=GROUP,
        metavar="DOLLARS",
    ),
]
MaxTasks = Annotated[
    int | None,
    Parameter(help="Submit nothing more when it has started so many tasks.", group=GROUP),
]
MaxInFlight = Annotated[
    int | None,
    Parameter(
        help="Tasks that run at once at most; by default as many as the server takes.", group=GROUP
    ),
]
ResubmitInDoubt = Annotated[
    bool,
    flag(
        help="Send again what is in doubt since an earlier life, at the risk of paying twice.",
        group=GROUP,
    ),
]
