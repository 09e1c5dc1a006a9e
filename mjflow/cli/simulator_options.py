"""The arguments about simulators, with what `--help` says of them; nothing heavy is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

from mjflow.cli.options import flag, many

GROUP = Group("Simulator", sort_key=4)

Simulate = Annotated[
    bool | Path,
    flag(
        help=(
            "Take a simulator inside this command for the server: no key, no cost, twenty "
            "times faster. With `=DIR` its books are left in `DIR/ledger.json`."
        ),
        group=GROUP,
        metavar="[=DIR]",
    ),
]
#: The same names as in `simulator.profiles`.
ProfileName = Literal["gateway", "trueai", "novicezk", "gateway-2025-04", "novicezk-2.3.5"]
Profile = Annotated[ProfileName, Parameter(help="The kind of server that it plays.", group=GROUP)]
MaybeProfile = Annotated[
    ProfileName | None,
    Parameter(help="The kind of server that it plays; `gateway` by default.", group=GROUP),
]
Faults = Annotated[
    tuple[str, ...],
    many(
        help=(
            "Something that goes wrong, such as `lost-reply=0.5` or `queue-full@clicks=1:3`: its "
            "chance from 0 to 1, how often at most; may be given again."
        ),
        group=GROUP,
        metavar="NAME[=RATE]",
    ),
]
Port = Annotated[
    int, Parameter(help="Port to listen at, on 127.0.0.1; 0 takes a free one.", group=GROUP)
]
SimulatorSpeed = Annotated[
    float, Parameter(help="How many times faster than real time it runs.", group=GROUP)
]
Seed = Annotated[int, Parameter(help="The same seed gives the same ids and pictures.", group=GROUP)]
Remix = Annotated[bool, flag(help="Switch remix mode on: more buttons open a dialog.", group=GROUP)]
