"""The kinds of value that only one key has: conditions, masks, scorers and the like."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

from attrs import frozen

from mjflow.flow import templates
from mjflow.flow.language.kinds import (
    TEXT,
    Kind,
    Schema,
    Whole,
    checked,
    known_keys,
    table_of,
    text_of,
    word_of,
)
from mjflow.flow.language.nodes import Listing, Node, Nothing, Table, Text, Thing, Wrong, what
from mjflow.flow.names import advice
from mjflow.flow.steps import Resubmit, When
from mjflow.protocol import misses
from mjflow.protocol.failures import FailureKind
from mjflow.protocol.grammar import TABLE
from mjflow.protocol.requests import Blend, Describe, Edits, Imagine, Shorten, SwapFace, Video
from mjflow.protocol.spellings import is_custom_id, is_glob, meanings

#: Causes for which a task may be paid once more; of the others it would fail again.
CAUSES = (
    FailureKind.TRANSIENT,
    FailureKind.CAPACITY,
    FailureKind.TIMEOUT,
    FailureKind.UNKNOWN,
)
_ROOTS = (Imagine, Blend, Describe, Shorten, Video, Edits, SwapFace)
#: The wire's words for what a task can be.
ACTIONS = tuple(
    sorted({root.action for root in _ROOTS} | {row.traits.action for row in TABLE} - {"BOOKMARK"})
)

_TIMES = Whole(0, 10)
_RESUBMIT_KEYS = ("times", "on")
_WHEN_KEYS = ("has_button", "action", "param")


def button_of(node: Node, text: str) -> str:
    """
    Return the spelling of a button that somebody knows, or of which only a task can tell.

    Raises:
        Wrong: No button is called so.
    """
    open_to_tasks = templates.fields(text) or is_custom_id(text) or is_glob(text)
    if open_to_tasks or meanings(text):
        return text
    error = misses.unheard_of(text)
    raise Wrong(node.at, error.message, error.advice)


@frozen
class Buttons(Kind):
    """One button, or several."""

    takes = "a button, or a list of buttons"

    def read(self, node: Node) -> tuple[str, ...]:
        """Take any spelling of a button."""
        entries = node.entries if isinstance(node, Listing) else (node,)
        if not entries:
            raise Wrong(node.at, "this list is empty", "Name a button, such as U1.")
        return tuple(button_of(one, checked(one, text_of(one))) for one in entries)

    def plain(self, value: Any) -> Any:
        """Write one button as it is, and several as a list."""
        return value[0] if len(value) == 1 else list(value)

    def schema(self) -> Schema:
        """Offer the common ones."""
        button = {"anyOf": [{"enum": list(misses.COMMON_NAMES)}, TEXT]}
        return {"anyOf": [button, {"type": "array", "items": button, "minItems": 1}]}

    def texts(self, value: Any) -> Iterable[str]:
        """Return them all."""
        return tuple(value)


@frozen
class Again(Kind):
    """How often a failed task is paid for once more, and why."""

    takes = "a number, or [`{times, on}`](#resubmit)"

    def read(self, node: Node) -> Resubmit:
        """Take `{times: 2, on: [transient]}`, or the number alone."""
        if isinstance(node, Text):
            return Resubmit(times=_TIMES.read(node))
        table = table_of(node, "resubmit: {times: 2, on: [transient, capacity]}")
        found = known_keys(table, _RESUBMIT_KEYS, "resubmit")
        if "times" not in found:
            raise Wrong(node.at, "resubmit says how often: times is missing")
        times = _TIMES.read(found["times"])
        return (
            Resubmit(times=times, on=_causes(found["on"]))
            if "on" in found
            else Resubmit(times=times)
        )

    def plain(self, value: Any) -> Any:
        """Write the number alone where the causes are the usual ones."""
        if value.on == Resubmit().on:
            return value.times
        return {"times": value.times, "on": sorted(value.on)}

    def schema(self) -> Schema:
        """Allow both."""
        times = _TIMES.schema()
        causes = {"enum": [cause.value for cause in CAUSES]}
        on = {"anyOf": [causes, {"type": "array", "items": causes, "minItems": 1}]}
        table = {
            "type": "object",
            "properties": {"times": times, "on": on},
            "required": ["times"],
            "additionalProperties": False,
        }
        return {"anyOf": [times, table]}


def _causes(node: Node) -> frozenset[FailureKind]:
    entries = node.entries if isinstance(node, Listing) else (node,)
    if not entries:
        raise Wrong(node.at, "this list is empty", "Without `on` it is all the usual causes.")
    return frozenset(map(_cause, entries))


def _cause(node: Node) -> FailureKind:
    text = text_of(node).strip().casefold()
    kind = next((kind for kind in FailureKind if kind == text), None)
    if kind in CAUSES:
        return kind
    if kind is not None:
        raise Wrong(node.at, f"a task that failed for {text!r} is not resubmitted", kind.advice)
    raise Wrong(
        node.at,
        f"{text!r} is no cause of failures",
        advice(text, [cause.value for cause in CAUSES]),
    )


@frozen
class Condition(Kind):
    """What has to hold for a step not to be skipped."""

    takes = "[`{has_button, action, param}`](#when)"

    def read(self, node: Node) -> When:
        """Take `{has_button: ..., action: ..., param: {...}}`."""
        table = table_of(node, "when: {has_button: Vary (Region)}")
        found = known_keys(table, _WHEN_KEYS, "when")
        if not found:
            raise Wrong(node.at, "this condition is empty", "It has has_button, action or param.")
        return When(
            has_button=_has_button(found.get("has_button")),
            action=word_of(found["action"], ACTIONS) if "action" in found else None,
            param=_params(found["param"]) if "param" in found else {},
        )

    def plain(self, value: Any) -> Any:
        """Write what is there."""
        if value is None:
            return None
        pairs = {name: getattr(value, name) for name in _WHEN_KEYS}
        return {name: dict(v) if name == "param" else v for name, v in pairs.items() if v}

    def schema(self) -> Schema:
        """Name the keys."""
        params = {"type": "object", "additionalProperties": TEXT}
        return {
            "type": "object",
            "properties": {
                "has_button": TEXT,
                "action": {"enum": list(ACTIONS)},
                "param": params,
            },
            "minProperties": 1,
            "additionalProperties": False,
        }

    def texts(self, value: Any) -> Iterable[str]:
        """Return the button and the values."""
        if value is None:
            return ()
        return (*filter(None, [value.has_button]), *value.param.values())


def _has_button(node: Node | None) -> str | None:
    return None if node is None else button_of(node, checked(node, text_of(node)))


def _params(node: Node) -> dict[str, str]:
    table = table_of(node, "param: {animal: cat}")
    return {name.value: checked(value, text_of(value)) for name, value in table.entries}


@frozen
class Scorer(Kind):
    """Who chooses: `module:function`, a name that the run is given, or a callable."""

    takes = "`module:function`, or a name that the run is given"

    def read(self, node: Node) -> str | Callable[..., Any]:
        """Take a callable as it is."""
        if isinstance(node, Thing):
            if not callable(node.value):
                raise Wrong(node.at, f"this takes a callable, not {what(node)}")
            scorer: Callable[..., Any] = node.value
            return scorer
        text = text_of(node).strip()
        if not _SCORER.fullmatch(text):
            raise Wrong(
                node.at,
                f"{text!r} names no scorer",
                "Write module:function, or a name under which the run is given a callable.",
            )
        return text

    def plain(self, value: Any) -> Any:
        """Write a callable as `module:function`."""
        if isinstance(value, str):
            return value
        module = getattr(value, "__module__", None) or type(value).__module__
        name = getattr(value, "__qualname__", None) or type(value).__qualname__
        return f"{module}:{name}".replace(".<locals>", "").replace("<lambda>", "lambda_")

    def schema(self) -> Schema:
        """A text."""
        return {"type": "string", "pattern": _SCORER.pattern}


_SCORER = re.compile(r"^[^\W\d]\w*(?:\.[^\W\d]\w*)*(?::[^\W\d]\w*(?:\.[^\W\d]\w*)*)?$")


@frozen
class Extra(Kind):
    """Fields of one vendor, as they go over the wire once the fields of their texts are filled."""

    takes = "keys and values"

    def read(self, node: Node) -> dict[str, Any]:
        """Take any table; what looks like a number or a flag of JSON and has no quotes is one."""
        value = _json(table_of(node, "extra: {style: raw}"))
        assert isinstance(value, dict)
        return value

    def plain(self, value: Any) -> Any:
        """Write it as it is."""
        return dict(value)

    def schema(self) -> Schema:
        """Any table."""
        return {"type": "object"}

    def texts(self, value: Any) -> Iterable[str]:
        """Return all texts, however deep."""
        if isinstance(value, str):
            return (value,)
        inner = value.values() if isinstance(value, Mapping) else value
        if not isinstance(inner, Iterable):
            return ()
        return chain.from_iterable(map(self.texts, inner))


def _json(node: Node) -> Any:
    match node:
        case Text(value, _, True) if _LITERAL.fullmatch(value):
            return json.loads(value)
        case Text(value):
            return checked(node, value)
        case Nothing():
            return None
        case Listing(entries):
            return [_json(entry) for entry in entries]
        case Table(entries):
            return {name.value: _json(value) for name, value in entries}
        case _:
            raise Wrong(node.at, f"this cannot be sent: {what(node)}")


_LITERAL = re.compile(r"true|false|-?(?:0|[1-9]\d{0,40})(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


@frozen
class Tails(Kind):
    """Step lists by name; the document reads them."""

    takes = "a list of steps for each name"

    def read(self, node: Node) -> Any:
        """Refuse: it takes a reader of steps."""
        raise Wrong(node.at, "a fork cannot stand here")

    def schema(self) -> Schema:
        """Name the tails' steps."""
        steps = {"$ref": "#/$defs/steps"}
        return {"type": "object", "minProperties": 1, "additionalProperties": steps}
