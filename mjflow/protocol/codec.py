"""
Requests into bytes, bytes into tasks.

House rule: camelCase, epoch milliseconds and nulls exist here and in the two modules behind it
(`wire`, `structure`), nowhere above.

A poll that brings nothing new is the commonest thing that ever happens, so there are two ways
in: `peek` reads four fields and leaves the rest unread, `read_task` builds the whole `Task`.
Both take and refuse the same bodies and agree on what they share.  Only an id is demanded; any
other field may be missing or of any type, lest an oddity hide a status that somebody waits for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal, NoReturn, get_args

import msgspec

from mjflow.errors import InvalidInput, ReplyUnreadable
from mjflow.protocol import wire
from mjflow.protocol.grammar import canonical
from mjflow.protocol.requests import Action, Request, Submit
from mjflow.protocol.structure import structure_request, structure_task, unstructure_request
from mjflow.protocol.task import Button, Task
from mjflow.protocol.wire import percent

__all__ = [
    "Peek",
    "build_task",
    "check_extra",
    "decode",
    "digest",
    "encode",
    "peek",
    "peek_all",
    "percent",
    "read_task",
    "read_tasks",
]

# Requests

#: What belongs to the attempt rather than to what is asked for.
_NOT_CONTENT = frozenset({"state", "notifyHook"})


def encode(request: Request) -> bytes:
    """
    Write a request's body: JSON for a POST, nothing for a GET.

    Fields that are not set are left out.  `extra` adds fields, but replaces none that is set.

    Raises:
        InvalidInput: `extra` would replace a field, or something is not to be had in JSON.
    """
    return _to_json(_content(request)) if request.route.method == "POST" else b""


def digest(request: Request) -> str:
    """
    Sum up what is asked for, as SHA-256 in hex, without `state` and the address to notify.

    A button counts by its name: its id may change while the task stands (P§2.5).

    Raises:
        InvalidInput: As `encode`.
    """
    content = {k: v for k, v in _content(request).items() if k not in _NOT_CONTENT}
    if isinstance(request, Action):
        content["customId"] = canonical(Button(custom_id=request.custom_id))
    ordered = _to_json([request.route.path, content], order="deterministic")
    return hashlib.sha256(ordered).hexdigest()


_SUBMITS: Mapping[str, type[Submit]] = {kind.route.path: kind for kind in get_args(Submit)}


def decode(path: str, body: bytes) -> Submit | None:
    """Read back the submit that `encode` wrote; `None` where no submit goes to this path."""
    kind = _SUBMITS.get(path)
    if kind is None:
        return None
    return structure_request(kind, msgspec.json.decode(body, type=dict[str, Any]))


def check_extra(request: Request) -> None:
    """
    Make sure that the request can carry its `extra`.

    Raises:
        InvalidInput: It would replace a field, or is not to be had in JSON.
    """
    _content(request)
    _to_json(_extra(request))


def _extra(request: Request) -> dict[str, Any]:
    return dict(getattr(request, "extra", {}))


def _content(request: Request) -> dict[str, Any]:
    fields, extra = unstructure_request(request), _extra(request)
    if replaced := sorted(fields.keys() & extra.keys()):
        raise InvalidInput(
            f"extra= cannot replace what the request sets: {', '.join(replaced)}",
            advice="Give it by the argument that stands for it.",
        )
    return {**fields, **extra}


def _to_json(value: Any, order: Literal["deterministic"] | None = None) -> bytes:
    try:
        return msgspec.json.encode(value, order=order)
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "a text has broken characters (half a surrogate pair)",
            advice="Read it from where it comes as UTF-8, or leave out what is broken.",
        ) from error
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidInput(
            f"the request cannot be written as JSON: {error}",
            advice="Use texts, numbers, lists and dicts with texts as keys.",
        ) from error


# Whole tasks


def read_task(body: bytes) -> Task:
    """
    Read one task off the wire.

    Raises:
        ReplyUnreadable: It is not a task; `NotAnApi` when it is a web page.
    """
    raw = wire.load(body)
    return build_task(raw) if isinstance(raw, dict) else _not_a_task(raw)


def read_tasks(body: bytes) -> list[Task]:
    """
    Read a list of tasks; rows without an id are left out, null is an empty list.

    Raises:
        ReplyUnreadable: It is not a list, or has rows and not one of them is a task.
    """
    return [structure_task(row) for row in _rows(wire.load(body))]


def build_task(raw: Mapping[str, Any]) -> Task:
    """
    Build a task of an object off the wire, as it also comes with a webhook (P§7).

    Raises:
        ReplyUnreadable: It has no id.
    """
    if wire.identifier(raw.get("id")) is None:
        _not_a_task(raw)
    return structure_task(raw)


def _rows(value: object) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list):
        _not_a_task(value)
    rows = [row for row in value if isinstance(row, dict) and wire.identifier(row.get("id"))]
    if value and not rows:
        _not_a_task(value[0])
    return rows


def _not_a_task(value: object) -> NoReturn:
    fields = wire.mapping(value)
    said = wire.text(fields.get("message")) or wire.text(fields.get("description"))
    told = f": {wire.clean(said)}" if said else ""
    raise ReplyUnreadable(f"the server's answer is JSON, but not a task{told}")


# Peeks


class Peek(msgspec.Struct, frozen=True, gc=False):
    """The fields that tell whether anything happened, as the wire has them."""

    id: str
    #: For `Status.read`.
    status: str | None = None
    #: For `percent`.
    progress: str | None = None
    image_url: str | None = msgspec.field(default=None, name="imageUrl")


_decode_peek = msgspec.json.Decoder(Peek).decode
_decode_peeks = msgspec.json.Decoder(list[Peek]).decode


def peek(body: bytes) -> Peek:
    """
    Read only what tells whether a task has changed.

    Raises:
        ReplyUnreadable: It is not a task; `NotAnApi` when it is a web page.
    """
    try:
        seen = _decode_peek(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _peek_at(wire.load(body))
    return seen if _is_id(seen.id) else _peek_at(wire.load(body))


def peek_all(body: bytes) -> list[Peek]:
    """
    Read only what tells which tasks of a list have changed; rows as `read_tasks` has them.

    Raises:
        ReplyUnreadable: It is not a list, or has rows and not one of them is a task.
    """
    try:
        seen = _decode_peeks(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [_peek_at(row) for row in _rows(wire.load(body))]
    unusual = [row.id for row in seen if not row.id.isalnum()]
    if all(map(_is_id, unusual)):
        return seen
    return [_peek_at(row) for row in _rows(wire.load(body))]


def _is_id(word: str) -> bool:
    """Ask what `wire.identifier` asks of a text, quickly for the usual ids (P§3.2)."""
    return word.isalnum() or wire.identifier(word) is not None


def _peek_at(raw: object) -> Peek:
    fields = wire.mapping(raw)
    task_id = wire.identifier(fields.get("id"))
    if task_id is None:
        _not_a_task(raw)
    return Peek(
        id=task_id,
        status=_word(fields.get("status")),
        progress=_word(fields.get("progress")),
        image_url=_word(fields.get("imageUrl")),
    )


def _word(value: object) -> str | None:
    return None if value is None else wire.text(value)
