"""
Tasks out of plain values, plain values out of requests: the converters behind `codec`.

How a field is read follows from its declared type (`_READERS`), with few exceptions by name.
No reader ever fails: an oddity in one field becomes that field's empty value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import attrs
import msgspec
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn_from_attrs, make_dict_unstructure_fn, override

from mjflow.protocol import wire
from mjflow.protocol.requests import Request, Submit
from mjflow.protocol.status import Status
from mjflow.protocol.task import Button, Picture, Task, TaskDetails
from mjflow.protocol.token import unwrap

_Record = TypeVar("_Record", bound=attrs.AttrsInstance)
_Sent = TypeVar("_Sent", bound=Submit)
#: The second argument is the declared type, which cattrs passes and no reader needs.
_Reader = Callable[[object, object], Any]

#: Names that are not simply the camelCase of ours.
_WIRE_NAMES = {
    "submitted_at": "submitTime",
    "started_at": "startTime",
    "finished_at": "finishTime",
}


def structure_task(raw: Mapping[str, Any]) -> Task:
    """Make a task of an object off the wire that has an id."""
    token, user_state = unwrap(wire.text(raw.get("state")))
    properties = wire.mapping(raw.get("properties"))
    fields = {
        **raw,
        "state": user_state,
        "token": token,
        "properties": properties,
        "finalPrompt": properties.get("finalPrompt"),
        "finalZhPrompt": properties.get("finalZhPrompt"),
        "details": _details(raw),
        "raw": raw,
    }
    return _structure_task(fields, Task)


def unstructure_request(request: Request) -> dict[str, Any]:
    """Make the object that goes over the wire, without `extra` and what is not set."""
    fields: dict[str, Any] = _outward.unstructure(request)
    return fields


def structure_request(of: type[_Sent], fields: Mapping[str, Any]) -> _Sent:
    """Make again the request that `unstructure_request` took apart; other fields are `extra`."""
    known = {_wire_name(field): field.name for field in attrs.fields(of) if field.name != "extra"}
    own: dict[str, Any] = {
        known[name]: tuple(value) if isinstance(value, list) else value
        for name, value in fields.items()
        if name in known
    }
    return of(**own, extra={name: value for name, value in fields.items() if name not in known})


def _wire_name(field: attrs.Attribute[Any]) -> str:
    first, *rest = field.name.split("_")
    plain = first + "".join(word.capitalize() for word in rest)
    return _WIRE_NAMES.get(field.name) or str(field.metadata.get("wire", plain))


# Readers of what is more than a plain value


def _details(raw: Mapping[str, Any]) -> TaskDetails | None:
    """Read what only trueai sends; its answers always have both keys, if with null (P§4.3)."""
    marked = "instanceId" in raw or "interactionMetadataId" in raw
    return _structure_details(raw, TaskDetails) if marked else None


def _buttons(value: object, _: object) -> tuple[Button, ...]:
    """Read buttons, by msgspec when they are as they should be; links are left out."""
    if not isinstance(value, list):
        return ()
    try:
        named = [{**entry, "custom_id": entry["customId"]} for entry in value]
        buttons = msgspec.convert(named, tuple[Button, ...])
    except (KeyError, TypeError, msgspec.ValidationError):
        entries = [_NO_BUTTON | entry for entry in value if isinstance(entry, dict)]
        buttons = tuple([_structure_button(entry, Button) for entry in entries])
    return tuple([button for button in buttons if button.custom_id])


def _two(value: object, _: object) -> int:
    """Read a button's type or style, which is 2 unless told otherwise (P§4.5)."""
    return value if isinstance(value, int) else 2


def _pictures(value: object, _: object) -> tuple[Picture, ...]:
    return tuple(_each_picture(value)) if isinstance(value, list) else ()


def _each_picture(entries: list[Any]) -> Iterator[Picture]:
    for entry in entries:
        fields = {"url": entry} if isinstance(entry, str) else wire.mapping(entry)
        if url := wire.text(fields.get("url")):
            yield Picture(url=url, thumbnail=wire.optional_text(fields.get("thumbnail")))


def _texts(value: object, _: object) -> tuple[str, ...]:
    return tuple(map(wire.text, value)) if isinstance(value, list) else ()


def _optional_mapping(value: object, _: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else None


def _status(value: object, _: object) -> Status:
    return Status.read(value)


def _as_is(value: Any, _: object) -> Any:
    return value


# The converters

#: By declared type; a field of another type fails the import of this module.
_READERS: Mapping[Any, _Reader] = {
    str: wire.text,
    str | None: wire.optional_text,
    int: _two,
    int | None: wire.whole,
    float | None: wire.number,
    bool | None: wire.flag,
    datetime | None: wire.instant,
    Status: _status,
    Mapping[str, Any]: _as_is,
    Mapping[str, Any] | None: _optional_mapping,
    tuple[str, ...]: _texts,
    tuple[Button, ...]: _buttons,
    tuple[Picture, ...]: _pictures,
    TaskDetails | None: _as_is,
    Any: _as_is,
}
_FIELD_READERS: Mapping[tuple[type, str], _Reader] = {(Task, "progress"): wire.percent}


def _structurer(
    of: type[_Record], *, all_keys: bool = False
) -> Callable[[Mapping[str, Any], Any], _Record]:
    """Make a function that reads a class; with `all_keys` a missing one is a `KeyError`."""
    fields = attrs.fields(attrs.resolve_types(of))
    overrides = {
        field.name: override(
            rename=_wire_name(field),
            struct_hook=_FIELD_READERS.get((of, field.name)) or _READERS[field.type],
        )
        for field in fields
    }
    wanted = [field.evolve(default=attrs.NOTHING) if all_keys else field for field in fields]
    return make_dict_structure_fn_from_attrs(wanted, of, _inward, **overrides)  # type: ignore[arg-type]


def _unstructurer(of: type[Any]) -> Callable[[Any], dict[str, Any]]:
    overrides = {
        field.name: override(
            rename=_wire_name(field),
            omit_if_default=not field.metadata.get("always", False),
            omit=field.name == "extra",
        )
        for field in attrs.fields(of)
    }
    return make_dict_unstructure_fn(of, _outward, **overrides)  # type: ignore[arg-type]


# Plain validation: the detailed one explains failures of readers, and these have none.
_inward = Converter(detailed_validation=False)
_structure_button = _structurer(Button, all_keys=True)
_NO_BUTTON = {_wire_name(field): None for field in attrs.fields(Button)}
_structure_details = _structurer(TaskDetails)
_structure_task = _structurer(Task)

_outward = Converter()
_outward.register_unstructure_hook_factory(attrs.has, _unstructurer)
