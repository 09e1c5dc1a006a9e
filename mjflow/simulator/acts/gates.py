"""
What the gateway checks before it passes a submit on: one function for each act.

A gate reads the request, finds the row it builds on, and names the action the gateway
books it under; what it refuses never reaches the server behind.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from mjflow.simulator.rows import Row
from mjflow.simulator.wire import Json, Refused, Reply, shape_a, shape_b

# The type the gateway reads each field as; anything else is a binding error.
FIELDS: dict[str, type] = {
    "prompt": str,
    "customId": str,
    "botType": str,
    "notifyHook": str,
    "action": str,
    "index": int,
    "state": str,
    "taskId": str,
    "base64Array": list,
    "content": str,
    "maskBase64": str,
}
_GO_NAMES = {str: "string", int: "int", list: "[]string"}
# The actions for which some channel offers a model.
ACTIONS = frozenset({"UPSCALE", "VARIATION", "REROLL"})


@frozen
class Passage:
    """A submit that may go on, with what the gateway books it under."""

    action: str
    prompt: str


@frozen
class Request:
    """A submit as the gateway reads it, with the way to the user's rows."""

    body: Json
    request_id: str
    now: float
    #: Finds the first row of an id, if the user may see it.
    find: Callable[[str], Row | None]
    #: Tells whether custom ids of animate, PicReader and the like are understood.
    reads_all: Callable[[], bool] = lambda: True

    def text(self, name: str) -> str:
        """Give a text field, `""` where it is missing or null."""
        return self.body.get(name) or ""

    def origin(self, task_id: str, *, finished: bool) -> Row:
        """Find the row a submit builds on, or refuse."""
        row = self.find(task_id)
        if row is None:
            raise Refused(shape_b(4, "task_not_found"))
        if finished and row.status(self.now) != "SUCCESS":
            raise Refused(shape_b(4, "task_status_not_success"))
        return row


def imagine(request: Request) -> Passage:
    """Refuse a prompt that is exactly empty; one of blanks is the server's to refuse."""
    if not request.text("prompt"):
        raise Refused(shape_b(4, "prompt_is_required"))
    return Passage("IMAGINE", request.text("prompt"))


def action(request: Request) -> Passage:
    """Read the action out of the custom id, P§2.5."""
    custom_id = request.text("customId")
    if not custom_id:
        raise Refused(shape_b(4, "custom_id_is_required"))
    return _on(request, _booked(custom_id, request))


def change(request: Request) -> Passage:
    """Demand an action and an index that is not zero, also for REROLL, P§2.3."""
    wanted = request.text("action")
    if not wanted:
        raise Refused(shape_b(4, "action_is_required"))
    if wanted not in ACTIONS:
        raise Refused(no_channel(wanted, request.request_id))
    if request.text("taskId") and not request.body.get("index"):
        raise Refused(shape_b(4, "index_is_required"))
    return _on(request, wanted)


def modal(request: Request) -> Passage:
    """Let any known task pass, whatever its status, P§2.6."""
    return _on(request, "MODAL", finished=False)


def simple_change(request: Request) -> Passage:
    """Refuse: the gateway wires it to the change mode without an action, P§2.4."""
    raise Refused(no_channel("", request.request_id))


def plain(booked: str) -> Callable[[Request], Passage]:
    """Make a gate that lets everything pass."""
    return lambda request: Passage(booked, request.text("prompt"))


def video(request: Request) -> Passage:
    """Demand that a clip to make longer is of a finished task of the user, P§2.10."""
    return _on(request, "VIDEO")


def swap(request: Request) -> Passage:
    """Demand both pictures, P§2.13; the row has a prompt of its own."""
    if not (request.text("sourceBase64") and request.text("targetBase64")):
        raise Refused(shape_b(4, "sour_base64_and_target_base64_is_required"))
    return Passage("SWAP_FACE", "InsightFace")


def _on(request: Request, booked: str, *, finished: bool = True) -> Passage:
    task_id = request.text("taskId")
    if not task_id:
        # Passed on as it is: only the server behind asks for the id.
        return Passage(booked, request.text("prompt"))
    return Passage(booked, request.origin(task_id, finished=finished).prompt)


def _booked(custom_id: str, request: Request) -> str:
    request_id = request.request_id
    parts = custom_id.split("::")
    place = 2 if parts[1:2] == ["JOB"] else 1
    if len(parts) <= place:
        raise Refused(_panic(request_id))
    part = parts[place]
    if "upsample" in part or part == "variation":
        if len(parts) <= 3:
            raise Refused(_panic(request_id))
        if not parts[3].isdigit():
            raise Refused(shape_a(400, "Invalid request, index_parse_failed", request_id))
    booked = _action_of(part)
    if booked is None and (later := _later_action_of(parts[1:])) and request.reads_all():
        booked = later
    if booked is None:
        raise Refused(shape_a(400, f"Invalid request, unknown_action:{custom_id}", request_id))
    return booked


def _panic(request_id: str) -> Reply:
    """Give the answer of a gateway that looked for a part which is not there."""
    text = "Panic detected, error: runtime error: index out of range"
    return shape_a(500, text, request_id, "new_api_panic")


def _action_of(part: str) -> str | None:
    exact = {
        "variation": "VARIATION",
        "low_variation": "LOW_VARIATION",
        "high_variation": "HIGH_VARIATION",
        "Outpaint": "ZOOM",
        "CustomZoom": "CUSTOM_ZOOM",
        "Inpaint": "INPAINT",
    }
    if part in exact:
        return exact[part]
    contained = {"upsample": "UPSCALE", "pan": "PAN", "reroll": "REROLL"}
    return next((booked for word, booked in contained.items() if word in part), None)


def _later_action_of(parts: list[str]) -> str | None:
    """Read what the sources of no build do; what such builds book is our guess (P§13)."""
    named = {
        "video_virtual_upscale": "UPSCALE",
        "PicReader": "PIC_READER",
        "Picread": "DESCRIBE",
        "PromptAnalyzer": "IMAGINE",
    }
    if any(part.startswith("animate_") for part in parts):
        return "VIDEO"
    return next((named[part] for part in parts if part in named), None)


def no_channel(wanted: str, request_id: str) -> Reply:
    """Give the answer where no channel offers the model of an action."""
    text = f"当前分组 default 下对于模型 mj_{wanted.lower()} 无可用渠道"
    return shape_a(503, text, request_id)


def bind(body: object, request_id: str) -> Json:
    """Check the types of the fields the gateway reads; the others pass as they are."""
    if not isinstance(body, dict):
        raise Refused(_unbound("MidjourneyRequest", body, dict, request_id))
    for name, kind in FIELDS.items():
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, kind) or isinstance(value, bool):
            raise Refused(_unbound(f"MidjourneyRequest.{name}", value, kind, request_id))
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise Refused(_unbound(f"MidjourneyRequest.{name}", 0, str, request_id))
    return body


def _unbound(place: str, value: object, kind: type, request_id: str) -> Reply:
    names = {str: "string", bool: "bool", list: "array", dict: "object"}
    found = names.get(type(value), "number")
    wanted = _GO_NAMES.get(kind, "dto.MidjourneyRequest")
    text = f"json: cannot unmarshal {found} into Go struct field {place} of type {wanted}"
    return shape_a(400, f"Invalid request, {text}", request_id)
