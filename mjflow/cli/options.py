"""The arguments of the commands, with what `--help` says of them; nothing heavy is imported."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

#: Where pictures go when nobody says.
DEFAULT_OUT = Path("mjflow-out")
#: What a picture's file is called when nobody says; the same as `engine.downloads.DEFAULT_NAME`.
DEFAULT_NAME = "{button}-{id}"

ACT = Group("What to make", sort_key=0)
BUTTONS = Group("Buttons", sort_key=1)
PICTURES = Group("Pictures", sort_key=2)
SERVER = Group("Server", sort_key=3)
OUTPUT = Group("Output", sort_key=6)

#: A switch, and an option that may be given again.
flag = partial(Parameter, negative=(), show_default=False)
many = partial(Parameter, negative=(), show_default=False)

# --- what the commands are about ----------------------------------------------------------

Prompt = Annotated[
    str,
    Parameter(help='What to draw, in quotes, parameters included: `"a cute cat --v 6.1"`.'),
]
LongPrompt = Annotated[str, Parameter(help="The prompt that is too long, in quotes.")]
Change = Annotated[str, Parameter(help="What the picture is to become, in quotes.")]
Motion = Annotated[str, Parameter(help="What is to happen in the clip, in quotes.")]
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

# --- pictures that are sent ---------------------------------------------------------------

Image = Annotated[str, Parameter(help="A picture: a file or a link.")]
Images = Annotated[str, Parameter(help="The pictures: two to five files.", required=True)]
Uploads = Annotated[str, Parameter(help="The pictures: files.", required=True)]
Source = Annotated[str, Parameter(help="The picture whose face is taken: a file.")]
Target = Annotated[str, Parameter(help="The picture that the face goes into: a file.")]
References = Annotated[
    tuple[str, ...],
    many(
        help="A picture to go by: a file or a link; may be given again.",
        group=ACT,
        metavar="FILE",
    ),
]
FirstFrame = Annotated[
    str | None,
    Parameter(help="The first frame of the clip: a file or a link.", group=ACT, metavar="FILE"),
]
EndFrame = Annotated[
    str | None,
    Parameter(help="The last frame of the clip: a file or a link.", group=ACT, metavar="FILE"),
]
Split = Annotated[
    str,
    Parameter(help="A grid: the picture file, or the id of the task that drew it."),
]

# --- how an act is carried out ------------------------------------------------------------

Dimensions = Annotated[
    Literal["square", "portrait", "landscape"] | None,
    Parameter(help="The shape of the result; the server takes a square.", group=ACT),
]
Language = Annotated[
    str | None,
    Parameter(
        help="Translate the texts too: `zh`. Few servers do.",
        group=ACT,
        metavar="LANGUAGE",
    ),
]
Loop = Annotated[bool, flag(help="End the clip with its first frame.", group=ACT)]
Speed = Annotated[Literal["low", "high"], Parameter(help="How much moves.", group=ACT)]
Extend = Annotated[
    str | None,
    Parameter(help="Make a clip of this video task longer.", group=ACT, metavar="TASK_ID"),
]
Clip = Annotated[
    int | None,
    Parameter(help="Which clip is made longer, from 0 to 3.", group=ACT),
]
VideoType = Annotated[
    str | None,
    Parameter(
        help="The kind of video, such as `vid_1.1_i2v_720`; the server takes one of 480 lines.",
        group=ACT,
        metavar="TYPE",
    ),
]
Batch = Annotated[
    Literal[1, 2, 4] | None,
    Parameter(help="How many clips to make; the server makes 4.", group=ACT),
]
Extra = Annotated[
    tuple[str, ...],
    many(
        help=(
            "A field that only this server knows, passed on with the first act; the value is JSON "
            "or else text. May be given again."
        ),
        group=SERVER,
        metavar="KEY=VALUE",
    ),
]
# --- buttons and their dialogs ------------------------------------------------------------

Clicks = Annotated[
    tuple[str, ...],
    many(
        help=(
            "Press this button of the result, such as `U2`. Give it again to press one on the "
            "result of the one before; what the last act gives is saved."
        ),
        group=BUTTONS,
        metavar="BUTTON",
    ),
]
DialogPrompt = Annotated[
    str | None,
    Parameter(
        help=(
            "Text for the dialog that Vary (Region), Custom Zoom, a describe's or shorten's "
            "number, or a remix opens."
        ),
        group=BUTTONS,
        metavar="TEXT",
    ),
]
DialogMask = Annotated[
    str | None,
    Parameter(
        help=(
            "What is painted anew by Vary (Region): a shape in shares of the picture, such as "
            "rect:0.3,0,0.7,0.35, or a picture of its size: black stays, white changes."
        ),
        group=BUTTONS,
        metavar="MASK",
    ),
]

# --- results ------------------------------------------------------------------------------

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
CellName = Annotated[
    str | None,
    Parameter(
        help=(
            "What to call the pictures; by default what the grid is called. Fields as of the "
            "other commands, and `{cell}`, 1 to 4; without that, `-1` to `-4` is put behind."
        ),
        group=PICTURES,
        metavar="TEMPLATE",
    ),
]
Json = Annotated[bool, flag(help="Print JSON, one object per line, and no talk.", group=OUTPUT)]

# --- the server ---------------------------------------------------------------------------

BaseUrl = Annotated[
    str | None,
    Parameter(
        help="Where the server is, without `/mj`; by default MJFLOW_BASE_URL, else DeerAPI.",
        group=SERVER,
        metavar="URL",
    ),
]
Dialect = Annotated[
    Literal["auto", "gateway", "trueai", "novicezk"],
    Parameter(
        help="What kind of server it is; `auto` takes MJFLOW_DIALECT, else asks the server.",
        group=SERVER,
    ),
]
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
