"""
The steps of a flow, as data: what a step list says, read and checked, for no item in particular.

Texts are templates still: `{animal}` stands for a value of the item, see `flow.templates`.  A step
list runs from top to bottom on a *branch*; a step that gives several pictures splits it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from mjflow.media.masks import Mask
from mjflow.protocol.failures import FailureKind
from mjflow.protocol.requests import Mode

#: In the place of a picture: the one that the branch has come to.
CURRENT = "current"


@frozen
class Place:
    """Where in a document something stands, both counted from 1."""

    line: int
    column: int


class OnError(StrEnum):
    """What ends with a step that fails."""

    BRANCH = "branch"
    ITEM = "item"
    RUN = "run"


@frozen(kw_only=True)
class Resubmit:
    """How often a task that the server ended as a failure is paid for once more."""

    #: 0-10.
    times: int = 0
    #: For which causes.
    on: frozenset[FailureKind] = frozenset(
        {FailureKind.TRANSIENT, FailureKind.CAPACITY, FailureKind.TIMEOUT}
    )


@frozen(kw_only=True)
class When:
    """What has to hold, all of it, for a step not to be skipped."""

    #: The branch's task offers this button, in any spelling.
    has_button: str | None = None
    #: The branch's task was this act, by the wire's word (`UPSCALE`).
    action: str | None = None
    #: Values of the item.
    param: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Step:
    """What all steps have in common."""

    #: A name of your own for it, which only one step has: for complaints, reports and keys.
    id: str = ""
    #: What has to hold, else it is skipped; never on the first step.
    when: When | None = None
    #: What ends with it when it fails: the branch, the item, or the run.
    on_error: OnError = OnError.BRANCH
    #: Where it begins in its file.
    place: Place | None = field(default=None, eq=False, repr=False)
    #: Where its arguments stand in its file, by their names.
    spots: Mapping[str, Place] = field(factory=dict, eq=False, repr=False)

    def at(self, argument: str) -> Place | None:
        """Return where an argument stands, else where the step begins."""
        return self.spots.get(argument, self.place)


@frozen(kw_only=True)
class Submitting(Step):
    """A step that starts tasks, which are paid for."""

    #: Speed mode, in place of the flow's own.
    mode: Mode | None = None
    #: How often a task that failed at the server is paid for once more; never if not said.
    resubmit: Resubmit = Resubmit()
    #: Fields of one vendor, passed on under their own names.
    extra: Mapping[str, Any] = field(factory=dict)


# --- root steps: also in mid-list, then with `current` as one of their pictures ----------------


@frozen(kw_only=True)
class Imagine(Submitting):
    """Draw a grid of four from a prompt."""

    #: What to draw, with its `--parameters`.
    prompt: str
    #: Pictures to draw after: paths, or `current`.
    images: tuple[str, ...] = ()
    #: `MID_JOURNEY` or `NIJI_JOURNEY`; the server's default if not said.
    bot_type: str | None = None


@frozen(kw_only=True)
class Blend(Submitting):
    """Blend two to five pictures into a grid of four."""

    #: Two to five pictures: paths, or `current`.
    images: tuple[str, ...]
    #: The shape of the result: 2:3, 1:1 or 3:2.
    dimensions: str | None = None
    #: As of `imagine`.
    bot_type: str | None = None


@frozen(kw_only=True)
class Describe(Submitting):
    """Find four prompts that could have drawn a picture."""

    #: A path, a link, or `current`.
    image: str
    #: `zh` to have the prompts translated too, at a trueai server.
    language: str | None = None
    #: As of `imagine`.
    bot_type: str | None = None


@frozen(kw_only=True)
class Shorten(Submitting):
    """Find shorter prompts that mean the same."""

    #: The long one.
    prompt: str
    #: As of `imagine`.
    bot_type: str | None = None


@frozen(kw_only=True)
class Video(Submitting):
    """Set a picture in motion."""

    #: The first frame: a path, a link, or `current`.
    image: str
    #: What is to happen; some servers insist on one.
    prompt: str = ""
    #: The last frame, likewise.
    end_image: str | None = None
    #: Let the last frame be the first one.
    loop: bool | None = None
    #: How much moves.
    motion: str = "low"
    #: `vid_1.1_i2v_480` (the server's default) or `vid_1.1_i2v_720`.
    video_type: str | None = None
    #: Clips to make, 1, 2 or 4; four if not said.
    batch_size: int | None = None


@frozen(kw_only=True)
class Edits(Submitting):
    """Redraw a part of any picture."""

    #: A path, a link, or `current`.
    image: str
    #: What to draw there.
    prompt: str
    #: What to redraw; without one, what is transparent in the picture.
    mask: str | Mask | None = None


@frozen(kw_only=True)
class SwapFace(Submitting):
    """Put the face of one picture into another."""

    #: Whose face: a path, or `current`.
    source: str
    #: Where it goes: a path, or `current`.
    target: str


# --- steps on the task that the branch has come to ---------------------------------------------


@frozen(kw_only=True)
class Click(Submitting):
    """Press a button, or several: then each goes on as a branch of its own."""

    #: In any spelling: `U2`, `vary region`, an emoji, a custom id, or a glob.
    buttons: tuple[str, ...]
    #: Text for the dialog that it opens.
    prompt: str = ""
    #: Region for the dialog: a shape (`rect:0.3,0,0.7,0.35`), or a picture's path.
    mask: str | Mask | None = None
    #: Ask for a dialog where a button opens one only in remix mode.
    enable_remix: bool | None = None


@frozen(kw_only=True)
class Change(Submitting):
    """Make the classic call in place of a click."""

    #: What to do with the grid; or U1-U4, V1-V4 or reroll, which says both.
    action: str
    #: Which of the four pictures.
    index: int = 1


@frozen(kw_only=True)
class Fork(Step):
    """Go on in several ways at once, each with steps of its own; nothing follows."""

    #: Step lists by the names of their branches.
    tails: Mapping[str, tuple[Step, ...]]


@frozen(kw_only=True)
class Choose(Step):
    """Let Python code score the branches that a step above has split into, and keep the best."""

    #: `module:function`, a name that the run was given, or the callable itself.
    scorer: str | Callable[..., Any]
    #: How many to keep.
    best: int = 1


# --- steps that only make files ----------------------------------------------------------------


@frozen(kw_only=True)
class Download(Step):
    """Save the branch's picture, or all its clips."""

    #: Template of the file's path below the output folder, without extension.
    name: str = "{button}-{id}"


@frozen(kw_only=True)
class Split(Step):
    """Save the four pictures of a grid, cut apart, free of charge; only files may follow."""

    #: As of `download`; `{cell}` counts the pictures from 1.
    name: str = "{button}-{id}-{cell}"
