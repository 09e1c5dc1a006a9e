"""What can be asked of a server, as values; `codec` alone knows how they look on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import quote

from attrs import field, frozen

from mjflow.protocol import checks


class Kind(StrEnum):
    """What a request means for money and for the task it names."""

    #: Starts a task from nothing: imagine.
    ROOT = "root"
    #: Starts a task from a finished one: action, change.
    CLICK = "click"
    #: Answers a dialog: modal.
    ANSWER = "answer"
    #: Costs a fee and starts no task: upload.
    UPLOAD = "upload"
    #: Reads; costs nothing and may be repeated.
    READ = "read"


class Mode(StrEnum):
    """Speed mode; which path prefix it has is the dialect's business (P§1)."""

    RELAX = "relax"
    FAST = "fast"
    TURBO = "turbo"


@frozen
class Route:
    """Where a request goes; `path` begins with `/mj` and stands behind the speed prefix."""

    kind: Kind
    method: str
    path: str
    #: What users call it: the name of the client's method.
    act: str


@frozen(kw_only=True)
class _Paid:
    """What every request that may be paid for can carry (P§2.1)."""

    notify_hook: str | None = field(default=None, validator=checks.hook)
    #: Echoed by the server; mjflow puts a token in front of the caller's text.
    state: str = field(default="", metadata={"always": True})
    #: Fields of one vendor, passed on as they are.
    extra: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class _Root(_Paid):
    """An act that builds on no task."""

    #: `{"modes": ["FAST"], ...}`; most gateways drop it (P§2.1).
    account_filter: Mapping[str, Any] | None = None
    #: `MID_JOURNEY` or `NIJI_JOURNEY`.
    bot_type: str | None = None


@frozen(kw_only=True)
class Imagine(_Root):
    """Draw a grid of four from a prompt (P§2.2)."""

    route: ClassVar = Route(Kind.ROOT, "POST", "/mj/submit/imagine", "imagine")
    #: The price list's word for it.
    action: ClassVar = "IMAGINE"

    prompt: str
    #: Reference pictures as data URLs.
    base64_array: tuple[str, ...] = field(default=(), repr=False)


@frozen(kw_only=True)
class Blend(_Root):
    """Blend two to five pictures into a grid (P§2.7)."""

    route: ClassVar = Route(Kind.ROOT, "POST", "/mj/submit/blend", "blend")
    action: ClassVar = "BLEND"

    #: Two to five data URLs.
    base64_array: tuple[str, ...] = field(repr=False)
    #: `PORTRAIT` 2:3, `SQUARE` 1:1 or `LANDSCAPE` 3:2; the server's default is square.
    dimensions: str | None = None


@frozen(kw_only=True)
class Describe(_Root):
    """Find four prompts that could have drawn a picture (P§2.8)."""

    route: ClassVar = Route(Kind.ROOT, "POST", "/mj/submit/describe", "describe")
    action: ClassVar = "DESCRIBE"

    #: The picture as a data URL.
    base64: str | None = field(default=None, repr=False)
    #: The picture's link, instead; trueai only.
    link: str | None = None
    #: `zh` to have it translated too; trueai only.
    language: str | None = None


@frozen(kw_only=True)
class Shorten(_Root):
    """Find shorter prompts that mean the same (P§2.9)."""

    route: ClassVar = Route(Kind.ROOT, "POST", "/mj/submit/shorten", "shorten")
    action: ClassVar = "SHORTEN"

    prompt: str


@frozen(kw_only=True)
class Video(_Root):
    """Set a picture in motion, or make a clip longer (P§2.10)."""

    route: ClassVar = Route(Kind.ROOT, "POST", "/mj/submit/video", "video")
    action: ClassVar = "VIDEO"

    prompt: str = field(default="", metadata={"always": True})
    #: `low` or `high`; sent always, because some resellers insist (P§2.10).
    motion: str = field(default="low", metadata={"always": True})
    #: The first frame: a link or a data URL; none when a clip is made longer.
    image: str | None = field(default=None, repr=False)
    end_image: str | None = field(default=None, repr=False)
    #: The last frame is the first one.
    loop: bool | None = None
    #: `extend`, with `task_id` and `index`, to make a clip longer.
    extend: str | None = field(default=None, metadata={"wire": "action"})
    #: The finished video task.
    task_id: str | None = field(default=None, validator=checks.task_id)
    #: Which of its clips, 0-3: zero-based, unlike buttons.
    index: int | None = None
    #: `vid_1.1_i2v_480` (default) or `vid_1.1_i2v_720`.
    video_type: str | None = None
    #: Clips to make: 1, 2 or 4.
    batch_size: int | None = None


@frozen(kw_only=True)
class Edits(_Root):
    """Redraw the transparent part of a picture (P§2.11)."""

    route: ClassVar = Route(Kind.ROOT, "POST", "/mj/submit/edits", "edits")
    action: ClassVar = "EDITS"

    prompt: str
    #: A link or a data URL; what is transparent is redrawn.
    image: str = field(repr=False)
    mask_base64: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class SwapFace(_Root):
    """Put the face of one picture into another (P§2.13)."""

    route: ClassVar = Route(Kind.ROOT, "POST", "/mj/insight-face/swap", "swap_face")
    action: ClassVar = "SWAP_FACE"

    #: Whose face, as a data URL.
    source_base64: str = field(repr=False)
    #: Where it goes, as a data URL.
    target_base64: str = field(repr=False)


@frozen(kw_only=True)
class Upload:
    """Store pictures and get links to them; a fee, and no task (P§2.12)."""

    route: ClassVar = Route(Kind.UPLOAD, "POST", "/mj/submit/upload-discord-images", "upload")
    action: ClassVar = "UPLOAD"

    #: Data URLs.
    base64_array: tuple[str, ...] = field(repr=False)
    extra: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class Action(_Paid):
    """Click a button of a finished task (P§2.5)."""

    route: ClassVar = Route(Kind.CLICK, "POST", "/mj/submit/action", "click")

    task_id: str = field(validator=checks.task_id)
    custom_id: str
    #: Ask for a remix dialog on buttons that open one only in remix mode.
    enable_remix: bool | None = None
    choose_same_channel: bool | None = None
    account_filter: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Change(_Paid):
    """The classic button call, for servers without buttons (P§2.3)."""

    route: ClassVar = Route(Kind.CLICK, "POST", "/mj/submit/change", "change")

    task_id: str = field(validator=checks.task_id)
    #: `UPSCALE`, `VARIATION` or `REROLL`.
    action: str
    #: 1-4; sent with REROLL too, because gateways insist (P§2.3).
    index: int = field(default=1, metadata={"always": True})


@frozen(kw_only=True)
class Modal(_Paid):
    """Answer a dialog (P§2.6)."""

    route: ClassVar = Route(Kind.ANSWER, "POST", "/mj/submit/modal", "modal")
    action: ClassVar = "MODAL"

    task_id: str = field(validator=checks.task_id)
    prompt: str = ""
    #: A PNG as a data URL: black keeps, white repaints (P§11.3).
    mask_base64: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Fetch:
    """Read one task (P§2.14)."""

    route: ClassVar = Route(Kind.READ, "GET", "/mj/task/{task_id}/fetch", "get")

    task_id: str = field(validator=checks.task_id)


@frozen(kw_only=True)
class ListByCondition:
    """Read many tasks by id; in spite of the name only ids count (P§2.16)."""

    route: ClassVar = Route(Kind.READ, "POST", "/mj/task/list-by-condition", "list")

    ids: tuple[str, ...]


@frozen(kw_only=True)
class ListAll:
    """Read the newest tasks of all users; only servers without a gateway have it (P§2.16)."""

    route: ClassVar = Route(Kind.READ, "GET", "/mj/task/list", "list_all")


@frozen(kw_only=True)
class ImageSeed:
    """Read a task's seed; the server may take a minute over it (P§2.15)."""

    route: ClassVar = Route(Kind.READ, "GET", "/mj/task/{task_id}/image-seed", "seed")

    task_id: str = field(validator=checks.task_id)


@frozen(kw_only=True)
class Cancel:
    """Ask the server to stop a task; few servers let users do that (P§2.17)."""

    route: ClassVar = Route(Kind.READ, "POST", "/mj/task/{task_id}/cancel", "cancel")

    task_id: str = field(validator=checks.task_id)


Root = Imagine | Blend | Describe | Shorten | Video | Edits | SwapFace
Submit = Root | Action | Change
Paying = Submit | Modal
#: All that costs money; an upload starts no task, so its answers mean other things.
Charged = Paying | Upload
Read = Fetch | ListByCondition | ListAll | ImageSeed | Cancel
Request = Charged | Read


def kind_of(request: Charged) -> Kind:
    """Tell what a request means for money; a clip made longer starts from a task, as clicks do."""
    if isinstance(request, Video) and request.task_id is not None:
        return Kind.CLICK
    return request.route.kind


def path_of(request: Request) -> str:
    """Return the request's path, ids percent-encoded (an id is an opaque string, P§3.2)."""
    if isinstance(request, Fetch | ImageSeed | Cancel):
        return request.route.path.format(task_id=quote(request.task_id, safe=""))
    return request.route.path
