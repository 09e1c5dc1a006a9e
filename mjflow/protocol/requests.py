"""What can be asked of a server, as values; `codec` alone knows how they look on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import quote

from attrs import field, frozen


class Kind(StrEnum):
    """What a request means for money and for the task it names."""

    #: Starts a task from nothing: imagine.
    ROOT = "root"
    #: Starts a task from a finished one: action, change.
    CLICK = "click"
    #: Answers a dialog: modal.
    ANSWER = "answer"
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


@frozen(kw_only=True)
class Imagine:
    """Draw a grid of four from a prompt (P§2.2)."""

    route: ClassVar = Route(Kind.ROOT, "POST", "/mj/submit/imagine")
    #: The price list's word for it.
    action: ClassVar = "IMAGINE"

    prompt: str
    #: Reference pictures as data URLs.
    base64_array: tuple[str, ...] = field(default=(), repr=False)
    bot_type: str | None = None
    #: `{"modes": ["FAST"], ...}`; most gateways drop it (P§2.1).
    account_filter: Mapping[str, Any] | None = None
    notify_hook: str | None = None
    state: str = ""
    #: Fields of one vendor, passed on as they are.
    extra: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class Action:
    """Click a button of a finished task (P§2.5)."""

    route: ClassVar = Route(Kind.CLICK, "POST", "/mj/submit/action")

    task_id: str
    custom_id: str
    #: Ask for a remix dialog on buttons that open one only in remix mode.
    enable_remix: bool | None = None
    choose_same_channel: bool | None = None
    account_filter: Mapping[str, Any] | None = None
    notify_hook: str | None = None
    state: str = ""
    extra: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class Change:
    """The classic button call, for servers without buttons (P§2.3)."""

    route: ClassVar = Route(Kind.CLICK, "POST", "/mj/submit/change")

    task_id: str
    #: `UPSCALE`, `VARIATION` or `REROLL`.
    action: str
    #: 1-4; sent with REROLL too, because gateways insist (P§2.3).
    index: int = 1
    notify_hook: str | None = None
    state: str = ""
    extra: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class Modal:
    """Answer a dialog (P§2.6)."""

    route: ClassVar = Route(Kind.ANSWER, "POST", "/mj/submit/modal")
    action: ClassVar = "MODAL"

    task_id: str
    prompt: str = ""
    #: A PNG as a data URL: black keeps, white repaints (P§11.3).
    mask_base64: str | None = field(default=None, repr=False)
    notify_hook: str | None = None
    state: str = ""
    extra: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class Fetch:
    """Read one task (P§2.14)."""

    route: ClassVar = Route(Kind.READ, "GET", "/mj/task/{task_id}/fetch")

    task_id: str


@frozen(kw_only=True)
class ListByCondition:
    """Read many tasks by id; in spite of the name only ids count (P§2.16)."""

    route: ClassVar = Route(Kind.READ, "POST", "/mj/task/list-by-condition")

    ids: tuple[str, ...]


Submit = Imagine | Action | Change
Paying = Submit | Modal
Read = Fetch | ListByCondition
Request = Paying | Read


def path_of(request: Request) -> str:
    """Return the request's path, ids percent-encoded (an id is an opaque string, P§3.2)."""
    if isinstance(request, Fetch):
        return request.route.path.format(task_id=quote(request.task_id, safe=""))
    return request.route.path
