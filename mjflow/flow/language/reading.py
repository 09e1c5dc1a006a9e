"""
The reader of step lists: nodes in, steps out, and a complaint for each thing that is wrong.

A step that cannot be read keeps its place in the list as a *draft*, so that the rules about what
may follow what (`flow.language.order`) are checked all the same, and everything is told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from attrs import define, field, frozen

from mjflow.errors import InvalidInput
from mjflow.flow import steps
from mjflow.flow.language.forms import BY_VERB, CHANGES, FORMS, MODAL, MODAL_KEYS, Form
from mjflow.flow.language.kinds import Identifier, text_of
from mjflow.flow.language.nodes import At, Listing, Node, Nothing, Report, Table, Text, Wrong, what
from mjflow.flow.names import advice
from mjflow.flow.steps import Place, Step
from mjflow.protocol.buttons import as_change, known

_VERBS = (*(form.verb for form in FORMS), MODAL)
_EXAMPLE = 'A step is a verb and what it is about, such as `imagine: "a cat"` or `click: U1`.'


@define
class Draft:
    """A step as far as it could be read."""

    at: At
    #: `None` where not even the verb is known.
    form: Form | None = None
    #: `None` where something in it is wrong.
    step: Step | None = None
    tails: Mapping[str, list[Draft]] = field(factory=dict)


@frozen
class Written:
    """The parts of a step in its table: the verb, and the arguments by name."""

    verb: Text
    arguments: Mapping[str, tuple[Text, Node]]


class Steps:
    """Reads step lists, and tells a report of what is wrong."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def listed(self, node: Node) -> list[Draft]:
        """Read a list of steps."""
        if not isinstance(node, Listing):
            self._report.tell(
                node.at,
                f"steps are a list, not {what(node)}",
                "Put a - in front of each step.",
            )
            return []
        if not node.entries:
            self._report.tell(node.at, "this list of steps is empty", _EXAMPLE)
        drafts: list[Draft] = []
        for entry in node.entries:
            try:
                self._next(entry, drafts)
            except Wrong as error:
                self._report.wrong(error)
                drafts.append(Draft(entry.at))
        return drafts

    def _next(self, entry: Node, drafts: list[Draft]) -> None:
        table = _table_of(entry)
        verb = _verb_of(table)
        if verb.value == MODAL:
            self._modal(table, verb, drafts[-1] if drafts else None)
            return
        drafts.append(self._step(table, verb, BY_VERB[verb.value]))

    def _step(self, table: Table, verb: Text, form: Form) -> Draft:
        draft = Draft(table.at, form)
        told = len(self._report)
        values: dict[str, Any] = {}
        written = self._arguments(table, verb, form)
        for name, (_, node) in written.items():
            with self._report.catching():
                values[name] = self._value(form, name, node, draft)
        missing = [k.name for k in form.keys.values() if k.required and k.name not in written]
        if missing and len(self._report) == told:
            self._report.tell(
                verb.at, f"{form.verb} lacks its {' and '.join(missing)}", _lacking(form, missing)
            )
        if form.kind is steps.Change and "action" in values:
            with self._report.catching():
                _settle_change(values, written)
        if len(self._report) == told:
            draft.step = form.kind(**values, **_places(table, written))
        return draft

    def _value(self, form: Form, name: str, node: Node, draft: Draft) -> Any:
        if name != "tails":
            return form.keys[name].kind.read(node)
        draft.tails = self._tails(node)
        return {
            name: tuple(one.step for one in tail if one.step) for name, tail in draft.tails.items()
        }

    def _tails(self, node: Node) -> dict[str, list[Draft]]:
        if not isinstance(node, Table) or not node.entries:
            raise Wrong(
                node.at,
                f"a fork has a list of steps for each branch, not {what(node)}",
                "Write fork: {large: [...], wide: [...]}, with names of your own.",
            )
        tails = {}
        for name, tail in node.entries:
            with self._report.catching():
                Identifier().read(name)
            tails[name.value] = self.listed(tail)
        return tails

    # --- arguments ------------------------------------------------------------------------

    def _arguments(self, table: Table, verb: Text, form: Form) -> dict[str, tuple[Text, Node]]:
        found: dict[str, tuple[Text, Node]] = {}
        for key, node in _pairs(table, verb, form):
            if key.value not in form.keys:
                self._report.tell(key.at, *_unknown(key.value, form))
            elif key.value in found:
                self._report.tell(key.at, f"{key.value} is said twice")
            else:
                found[key.value] = (key, node)
        return found

    # --- modal ----------------------------------------------------------------------------

    def _modal(self, table: Table, verb: Text, before: Draft | None) -> None:
        """Read the answer of a dialog into the click above it."""
        if before is None or before.form is None or before.form.kind is not steps.Click:
            raise Wrong(
                verb.at,
                "modal answers the dialog of a click, and there is none right above it",
                "Put it below the click, or give prompt and mask with the click.",
            )
        for key, node in _modal_pairs(table, verb):
            with self._report.catching():
                self._answer(key, node, before)

    def _answer(self, key: Text, node: Node, before: Draft) -> None:
        if key.value not in MODAL_KEYS:
            there = advice(key.value, list(MODAL_KEYS), there="It has")
            raise Wrong(key.at, f"there is no key {key.value!r} in modal", there)
        value = MODAL_KEYS[key.value].read(node)
        click = before.step
        if not isinstance(click, steps.Click):
            return
        if getattr(click, key.value):
            raise Wrong(key.at, f"the click above has its {key.value} already")
        spots = {**click.spots, key.value: node.at} if isinstance(node.at, Place) else click.spots
        before.step = attrs.evolve(click, **{key.value: value, "spots": spots})


def _table_of(entry: Node) -> Table:
    """Make a table of a step that is only a word."""
    if isinstance(entry, Table) and entry.entries:
        return entry
    if isinstance(entry, Text):
        word, _, rest = entry.value.strip().partition(" ")
        form = BY_VERB.get(entry.value.strip())
        if form and form.bare:
            return Table(((Text(form.verb, entry.at), Nothing(entry.at)),), entry.at)
        meant = word.rstrip(":") if word.rstrip(":") in BY_VERB else None
        hint = f"Write `{meant}: {rest or '...'}`." if meant else _EXAMPLE
        raise Wrong(entry.at, f"{what(entry)} is no step", hint)
    raise Wrong(entry.at, f"a step is missing here: there is {what(entry)}", _EXAMPLE)


def _verb_of(table: Table) -> Text:
    names = [key for key, _ in table.entries]
    verbs = [key for key in names if key.value in BY_VERB or key.value == MODAL]
    if not verbs:
        raise Wrong(names[0].at, *_no_verb([key.value for key in names]))
    if len(verbs) > 1:
        both = " and ".join(key.value for key in verbs)
        raise Wrong(
            verbs[1].at, f"this step has two verbs: {both}", "Put a - in front of each step."
        )
    return verbs[0]


def _no_verb(names: list[str]) -> tuple[str, str]:
    keys = {key for form in FORMS for key in form.keys}
    strange = next((name for name in names if name not in keys), None)
    if strange is None:
        return f"this step has no verb, only {', '.join(names)}", f"Verbs are {', '.join(_VERBS)}."
    return f"no step is called {strange!r}", advice(strange, _VERBS)


def _pairs(table: Table, verb: Text, form: Form) -> Iterator[tuple[Text, Node]]:
    """Yield the arguments of a step: the verb's own, then those beside it."""
    for key, node in table.entries:
        if key is not verb:
            continue
        if isinstance(node, Table) and not _is_argument(node, form):
            yield from node.entries
        elif isinstance(node, Nothing):
            continue
        elif not form.main:
            raise Wrong(node.at, f"{form.verb} takes keys and values", _lacking(form, []))
        else:
            yield Text(form.main, key.at), node
    yield from (pair for pair in table.entries if pair[0] is not verb)


def _is_argument(node: Table, form: Form) -> bool:
    """Tell a table that is the argument itself from one that holds the arguments."""
    if form.main == "tails":
        return True
    # `imagine: {animal}`: a text that should have been quoted.
    return len(node.entries) == 1 and isinstance(node.entries[0][1], Nothing)


def _unknown(name: str, form: Form) -> tuple[str, str]:
    """Say what to do about a key that the verb does not take."""
    others = [other.verb for other in FORMS if name in other.keys]
    names = list(form.keys)
    meant = advice(name, names, there=f"{form.verb} has")
    if others:
        meant = f"It belongs to {', '.join(others)}."
    return f"{form.verb} has no key {name!r}", meant or f"{form.verb} has: {', '.join(names)}."


def _lacking(form: Form, missing: list[str]) -> str:
    """Show how a step is written."""
    if not form.main:
        inner = ", ".join(f"{key.name}: ..." for key in form.keys.values() if key.required)
        return f"Write `{form.verb}: {{{inner}}}`."
    others = "".join(f", {name}: ..." for name in missing if name != form.main)
    return f"Write `{form.verb}: ...{others}`."


def _modal_pairs(table: Table, verb: Text) -> Iterator[tuple[Text, Node]]:
    for key, node in table.entries:
        if key is not verb:
            yield key, node
        elif isinstance(node, Table):
            yield from node.entries
        elif not isinstance(node, Nothing):
            yield Text("prompt", key.at), node
        elif len(table.entries) == 1:
            raise Wrong(key.at, "modal lacks its prompt or mask", "Write `modal: a golden crown`.")


def _places(table: Table, written: Mapping[str, tuple[Text, Node]]) -> dict[str, Any]:
    if not isinstance(table.at, Place):
        return {}
    spots = {name: node.at for name, (_, node) in written.items() if isinstance(node.at, Place)}
    return {"place": table.at, "spots": spots}


def _settle_change(values: dict[str, Any], written: Mapping[str, tuple[Text, Node]]) -> None:
    """Read `change: U2` as the action and the index that it stands for."""
    node = written["action"][1]
    text = text_of(node).strip()
    if text.upper() in CHANGES:
        values["action"] = text.upper()
        return
    try:
        meant = as_change(known(text))
    except InvalidInput:
        meant = None
    if meant is None:
        there = advice(text, (*CHANGES, "U1", "V1"), there="It takes")
        raise Wrong(node.at, f"the classic call cannot do {text!r}", there)
    if "index" in written:
        raise Wrong(written["index"][0].at, f"{text} has its index already")
    values["action"], values["index"] = meant
