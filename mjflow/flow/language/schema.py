"""
The JSON Schema of flows, made from the classes of steps: for editors, which complete by it.

It allows all that the document takes in the words that the reference uses.  What one key has to do
with another, and what may follow what, only the document knows.
"""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

from mjflow.flow.language.document import KEYS, RESERVED
from mjflow.flow.language.forms import FORMS, MODAL, MODAL_KEYS, Form
from mjflow.flow.language.kinds import TEXT, Kind, Schema
from mjflow.flow.language.regions import Region
from mjflow.flow.language.special import Again, Buttons, Condition
from mjflow.flow.steps import Step, When
from mjflow.protocol.requests import Mode

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REMARK = re.compile(r"((?:^ +#: .*\n)+) +(\w+): ", re.MULTILINE)

#: What the keys at the top are for.
TOP = {
    "name": "What it is called; the file's name if not said.",
    "mode": "Speed mode of all steps that have none of their own.",
    "vars": "Values for fields, where an item has none of its own.",
    "matrix": "The flow is done for every combination of these values.",
    "steps": "What is done, from top to bottom.",
}
#: What `include` and `exclude` are for.
PARTS = {
    "include": "Values added to the combinations they do not contradict; or a cell of its own.",
    "exclude": "Combinations to leave out: those that have all of these values.",
}
# Kinds that are written out once.
_SHARED: dict[type[Any], str] = {
    Again: "_resubmit",
    Buttons: "_buttons",
    Condition: "_when",
    Region: "_mask",
}
_MODAL = "Answer the dialog of the click right above."


def schema() -> Schema:
    """Return the schema of a flow's file."""
    steps = {form.verb: _step(form) for form in FORMS}
    shared = {name: kind().schema() for kind, name in _SHARED.items()}
    bare: Schema = {"enum": [form.verb for form in FORMS if form.bare]}
    refs = [{"$ref": f"#/$defs/{verb}"} for verb in (*steps, MODAL)]
    return {
        "$schema": _DIALECT,
        "title": "A flow of mjflow",
        "type": "object",
        "properties": {"$schema": {"type": "string"}, **_top()},
        "patternProperties": {"^x-": True},
        "required": ["steps"],
        "additionalProperties": False,
        "$defs": {
            "steps": {"type": "array", "minItems": 1, "items": {"anyOf": [*refs, bare]}},
            **steps,
            MODAL: _modal(),
            **shared,
        },
    }


def text() -> str:
    """Return the schema as the text of a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _top() -> Schema:
    names = {"not": {"enum": list(RESERVED)}}
    values: Schema = {"type": "object", "propertyNames": names, "additionalProperties": TEXT}
    cells = {"type": "array", "items": {**values, "minProperties": 1}}
    dimension = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
    kinds: Schema = {
        "name": TEXT,
        "mode": {"enum": [mode.value for mode in Mode]},
        "vars": values,
        "matrix": {
            "type": "object",
            "propertyNames": names,
            "properties": {name: {**cells, "description": PARTS[name]} for name in PARTS},
            "additionalProperties": dimension,
        },
        "steps": {"$ref": "#/$defs/steps"},
    }
    return {name: {**kinds[name], "description": TOP[name]} for name in KEYS}


# --- steps ------------------------------------------------------------------------------------


def _step(form: Form) -> Schema:
    said = remarks(form.kind)
    keys = {name: {**_kind(key.kind), "description": said[name]} for name, key in form.keys.items()}
    verbs = {verb: _argument(form, keys) for verb in (form.verb, *form.also)}
    beside = keys if form.verb not in keys else {k: v for k, v in keys.items() if k != form.verb}
    return {
        "description": summary(form.kind),
        "type": "object",
        "properties": {**verbs, **beside},
        "additionalProperties": False,
        "anyOf": [{"required": [verb]} for verb in verbs],
    }


def _kind(kind: Kind) -> Schema:
    name = _SHARED.get(type(kind))
    return {"$ref": f"#/$defs/{name}"} if name else kind.schema()


def _argument(form: Form, keys: Schema) -> Schema:
    """Describe what stands behind the verb: its main argument, or a table of all of them."""
    if form.main == "tails":
        tails: Schema = keys["tails"]
        return tails
    table = {"type": "object", "properties": keys, "additionalProperties": False}
    ways = [keys[form.main]] if form.main else []
    return {"anyOf": [*ways, table, {"type": "null"}], "description": summary(form.kind)}


def _modal() -> Schema:
    keys = {name: _kind(kind) for name, kind in MODAL_KEYS.items()}
    table = {"type": "object", "properties": keys, "additionalProperties": False}
    return {
        "description": _MODAL,
        "type": "object",
        "properties": {MODAL: {"anyOf": [keys["prompt"], table, {"type": "null"}]}, **keys},
        "required": [MODAL],
        "additionalProperties": False,
    }


def summary(kind: type[Step]) -> str:
    """Return the sentence that a class of steps begins with."""
    return inspect.cleandoc(kind.__doc__ or "").partition("\n")[0]


def remarks(kind: type[Step] | type[When]) -> dict[str, str]:
    """Return what the `#:` lines of a class and its bases say of each key."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, Step | When):
            for lines, name in _REMARK.findall(inspect.getsource(base)):
                found[name] = " ".join(
                    line.strip().removeprefix("#: ") for line in lines.splitlines()
                )
    return found
