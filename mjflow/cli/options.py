"""The arguments of the commands, with what `--help` says of them; nothing heavy is imported."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from attrs import frozen
from cyclopts import Group, Parameter

#: Where pictures go when nobody says.
DEFAULT_OUT = Path("mjflow-out")
#: What a picture's file is called when nobody says; the same as `engine.downloads.DEFAULT_NAME`.
DEFAULT_NAME = "{button}-{id}"

BUTTONS = Group("Buttons", sort_key=1)
PICTURES = Group("Pictures", sort_key=2)
SERVER = Group("Server", sort_key=3)
SIMULATOR = Group("Simulator", sort_key=4)
OUTPUT = Group("Output", sort_key=5)

_flag = partial(Parameter, negative=(), show_default=False)
_many = partial(Parameter, negative=(), show_default=False)

# --- what the commands are about ----------------------------------------------------------

Prompt = Annotated[
    str,
    Parameter(help='What to draw, in quotes, parameters included: `"a cute cat --v 6.1"`.'),
]
TaskId = Annotated[str, Parameter(help="The id of a task.")]
TaskIds = Annotated[str, Parameter(help="The ids of the tasks.", required=True)]
Button = Annotated[
    str,
    Parameter(
        help=(
            "The button, in any spelling: `U2`, `vary region`, `zoom 1.5`, an emoji, a custom "
            "id, or a glob such as `*creative*`."
        )
    ),
]
Clicks = Annotated[
    tuple[str, ...],
    _many(
        help=(
            "Press this button of the result, such as `U2`. Give it again to press one on the "
            "result of the one before; the pictures of the last act are saved."
        ),
        group=BUTTONS,
        metavar="BUTTON",
    ),
]

# --- options of one value -----------------------------------------------------------------

Out = Annotated[
    Path,
    Parameter(help="Folder for the pictures; made if missing.", group=PICTURES, metavar="DIR"),
]
MaybeOut = Annotated[
    Path | None,
    Parameter(help="Save the pictures in this folder.", group=PICTURES, metavar="DIR"),
]
Name = Annotated[
    str,
    Parameter(
        help=(
            "What to call a picture, without its extension. Fields: `{id}`, `{button}`, "
            "`{action}`, `{prompt}`, `{parent}`; a `/` makes folders."
        ),
        group=PICTURES,
        metavar="TEMPLATE",
    ),
]
Json = Annotated[bool, _flag(help="Print JSON, one object per line, and no talk.", group=OUTPUT)]
SpeedMode = Annotated[
    Literal["relax", "fast", "turbo"] | None,
    Parameter(help="Speed mode; by default MJFLOW_MODE, else the server's own.", group=SERVER),
]
Deadline = Annotated[
    float | None,
    Parameter(
        help="Stop waiting so long after a task was accepted; 4200 by default.",
        group=SERVER,
        metavar="SECONDS",
    ),
]
Simulate = Annotated[
    bool | Path,
    _flag(
        help=(
            "Take a simulator inside this command for the server: no key, no cost, twenty "
            "times faster. With `=DIR` its books are left in `DIR/ledger.json`."
        ),
        group=SERVER,
        metavar="[=DIR]",
    ),
]

# --- options that go together -------------------------------------------------------------


@Parameter(name="*")
@frozen(kw_only=True)
class Dialog:
    """Data for the dialog that a button may open."""

    prompt: Annotated[
        str | None,
        Parameter(
            help="Text for the dialog that Vary (Region), Custom Zoom or a remix opens.",
            group=BUTTONS,
            metavar="TEXT",
        ),
    ] = None
    mask: Annotated[
        str | None,
        Parameter(
            help=(
                "What Vary (Region) changes: a shape in shares of the picture, such as "
                "rect:0.3,0,0.7,0.35, or a picture of its size: black stays, white changes."
            ),
            group=BUTTONS,
            metavar="MASK",
        ),
    ] = None


@Parameter(name="*")
@frozen(kw_only=True)
class Saving:
    """Where finished pictures go."""

    out: Out = DEFAULT_OUT
    name: Name = DEFAULT_NAME


@Parameter(name="*")
@frozen(kw_only=True)
class Server:
    """Which server is spoken to."""

    base_url: Annotated[
        str | None,
        Parameter(
            help="Where the server is, without `/mj`; by default MJFLOW_BASE_URL, else DeerAPI.",
            group=SERVER,
            metavar="URL",
        ),
    ] = None
    dialect: Annotated[
        Literal["auto", "gateway", "trueai", "novicezk"],
        Parameter(help="What kind of server it is; `auto` takes MJFLOW_DIALECT.", group=SERVER),
    ] = "auto"


@Parameter(name="*")
@frozen(kw_only=True)
class Simulation:
    """How a simulator of its own behaves."""

    profile: Annotated[
        str,
        Parameter(
            help="The kind of server: gateway, trueai or novicezk.",
            group=SIMULATOR,
            metavar="NAME",
        ),
    ] = "gateway"
    port: Annotated[
        int,
        Parameter(help="Port to listen at, on 127.0.0.1; 0 takes a free one.", group=SIMULATOR),
    ] = 0
    speed: Annotated[
        float,
        Parameter(help="How many times faster than real time it runs.", group=SIMULATOR),
    ] = 20.0
    seed: Annotated[
        int, Parameter(help="The same seed gives the same ids and pictures.", group=SIMULATOR)
    ] = 0
    fault: Annotated[
        tuple[str, ...],
        _many(
            help="Something that goes wrong, with its chance from 0 to 1; may be given again.",
            group=SIMULATOR,
            metavar="NAME[=RATE]",
        ),
    ] = ()
    remix: Annotated[
        bool,
        _flag(help="Switch remix mode on: more buttons open a dialog.", group=SIMULATOR),
    ] = False


NO_DIALOG = Dialog()
SAVING = Saving()
SERVER_AS_SET = Server()
SIMULATION = Simulation()
