"""How each kind of server reads a body, and what it refuses in it (P§1, P§8.2 to P§8.4)."""

from __future__ import annotations

import msgspec

from mjflow.simulator.calls import Call
from mjflow.simulator.voices import Voice
from mjflow.simulator.wire import Json, Refused, shape_b

# The type a field is read as; any other field passes as it is.
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
# The longest `state` and hook trueai takes (P§4.3).
LONGEST_STATE = 255


def gateway_fields(call: Call, voice: Voice) -> Json:
    """
    Read the fields of a submit as the gateway does, P§1.

    A body that does not say that it is JSON has no fields.
    """
    if not call.raw and not call.is_json:
        raise Refused(voice.untyped(call.request_id))
    if not call.is_json:
        return {}
    return bind(_decoded(call, voice), call, voice)


def direct_fields(call: Call, voice: Voice, *, lenient: bool) -> Json:
    """
    Read the fields of a submit as a server does that is spoken to directly.

    A lenient one takes numbers where it wants texts.
    """
    if not call.is_json:
        raise Refused(voice.untyped(call.request_id))
    body = _decoded(call, voice)
    if lenient and isinstance(body, dict):
        texts = {name for name, kind in FIELDS.items() if kind is str}
        body = {
            name: str(value) if name in texts and type(value) in (int, float) else value
            for name, value in body.items()
        }
    return bind(body, call, voice)


def _decoded(call: Call, voice: Voice) -> object:
    if not call.raw:
        raise Refused(voice.unreadable("EOF", call.request_id))
    try:
        return msgspec.json.decode(call.raw)
    except msgspec.DecodeError as error:
        raise Refused(voice.unreadable(str(error), call.request_id)) from None


def bind(body: object, call: Call, voice: Voice) -> Json:
    """Check the types of the fields that are read; the others pass as they are."""
    if not isinstance(body, dict):
        raise _unbound(call, voice, "MidjourneyRequest", body, dict)
    for name, kind in FIELDS.items():
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, kind) or isinstance(value, bool):
            raise _unbound(call, voice, f"MidjourneyRequest.{name}", value, kind)
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise _unbound(call, voice, f"MidjourneyRequest.{name}", 0, str)
    return body


def _unbound(call: Call, voice: Voice, place: str, value: object, kind: type) -> Refused:
    names = {str: "string", bool: "bool", list: "array", dict: "object"}
    found = names.get(type(value), "number")
    wanted = _GO_NAMES.get(kind, "dto.MidjourneyRequest")
    text = f"json: cannot unmarshal {found} into Go struct field {place} of type {wanted}"
    return Refused(voice.unreadable(text, call.request_id))


def gateway_ids(call: Call) -> list[str]:
    """Read the ids of a look at many tasks; any other condition is ignored, P§2.16."""
    try:
        return msgspec.json.decode(call.raw, type=_Condition).ids or []
    except msgspec.DecodeError:
        # A misleading text, and a misleading code.
        raise Refused(shape_b(4, "do_request_failed")) from None


def direct_ids(call: Call, voice: Voice, *, lenient: bool) -> list[str]:
    """Read the ids of a look at many tasks, as a server does that is spoken to directly."""
    body = _decoded(call, voice)
    ids = (body.get("ids") or []) if isinstance(body, dict) else None
    if not isinstance(ids, list):
        raise Refused(voice.unreadable("ids", call.request_id))
    if lenient:
        return [str(task_id) for task_id in ids]
    if not all(isinstance(task_id, str) for task_id in ids):
        raise Refused(voice.unreadable("ids", call.request_id))
    return [task_id.strip() for task_id in ids]


class _Condition(msgspec.Struct):
    ids: list[str] | None = None
