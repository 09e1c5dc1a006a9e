"""What is given in Python, turned into nodes; and steps, written as what JSON can hold."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from enum import Enum
from typing import Any

from mjflow.flow.language.forms import FORM_OF, Form
from mjflow.flow.language.nodes import (
    At,
    Listing,
    Node,
    Nothing,
    Table,
    Text,
    Thing,
    Wrong,
    path_of,
)
from mjflow.flow.language.special import Again, Condition
from mjflow.flow.steps import Fork, Place, Resubmit, Step, When


def node_of(value: Any, at: At) -> Node:
    """
    Turn what somebody gave into nodes.

    Args:
        at: Where it stands, such as `steps[2].click`.

    Raises:
        Wrong: It is nothing that a flow can be made of.
    """
    match value:
        case None:
            return Nothing(at)
        case bool():
            return Text(str(value).lower(), at, plain=True)
        case Enum():
            return Text(str(value), at)
        case str():
            return Text(value, at)
        case int() | float():
            return Text(repr(value), at, plain=True)
        case Step():
            return _step(value, at)
        case Resubmit():
            return node_of(Again().plain(value), at)
        case When():
            return node_of(Condition().plain(value), at)
        case Mapping():
            return Table(tuple((_key(key, at), _part(v, at, key)) for key, v in value.items()), at)
        case os.PathLike():
            return Text(os.fsdecode(value), at)
        case Set():
            return node_of(sorted(value), at)
        case Sequence() if not isinstance(value, bytes | bytearray):
            return Listing(tuple(_part(one, at, n) for n, one in enumerate(value)), at)
        case _:
            return Thing(value, at)


def _part(value: Any, at: At, part: str | int) -> Node:
    return node_of(value, path_of(at, part) if isinstance(at, str) else at)


def _key(key: Any, at: At) -> Text:
    if not isinstance(key, str):
        raise Wrong(at, f"keys are texts, not {key!r}")
    return Text(key, path_of(at, key) if isinstance(at, str) else at)


def _step(step: Step, at: At) -> Table:
    """Write a step as a table in which masks, callables and further steps are left as they are."""
    begin: At = step.place or at
    pairs = {}
    for name, value in _arguments(step).items():
        here = step.spots.get(name, begin)
        pairs[name] = node_of(value, here if isinstance(here, Place) else path_of(here, name))
    return _table(FORM_OF[type(step)], pairs, begin)


def _table(form: Form, pairs: Mapping[str, Node], at: At) -> Table:
    """Put the arguments in their places around the verb."""
    if form.main:
        first, rest = pairs[form.main], [name for name in pairs if name != form.main]
    else:
        inner = [name for name in pairs if form.keys[name].required]
        first = Table(tuple((Text(name, pairs[name].at), pairs[name]) for name in inner), at)
        rest = [name for name in pairs if name not in inner]
    entries = [(Text(form.verb, at), first)]
    entries += [(Text(name, pairs[name].at), pairs[name]) for name in rest]
    return Table(tuple(entries), at)


def _arguments(step: Step) -> dict[str, Any]:
    """Return what has to be written of a step: its main argument, and what is not as ever."""
    form = FORM_OF[type(step)]
    return {
        key.name: getattr(step, key.name)
        for key in form.keys.values()
        if key.name == form.main or not key.is_default(getattr(step, key.name))
    }


def plain(step: Step) -> dict[str, Any]:
    """Write a step in the shortest way, with nothing that JSON cannot hold."""
    form = FORM_OF[type(step)]
    pairs = {name: form.keys[name].kind.plain(v) for name, v in _arguments(step).items()}
    if isinstance(step, Fork):
        pairs["tails"] = {name: [plain(one) for one in tail] for name, tail in step.tails.items()}
    if form.main:
        return {form.verb: pairs.pop(form.main), **pairs}
    inner = {name: pairs.pop(name) for name in list(pairs) if form.keys[name].required}
    return {form.verb: inner, **pairs}
