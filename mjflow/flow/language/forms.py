"""How each step is written: its verb, what its verb's own value means, and the keys beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import attrs
from attrs import field, frozen

from mjflow.engine.roots import BATCHES, DIMENSIONS, MOTIONS
from mjflow.flow import steps
from mjflow.flow.language.kinds import FileName, Flag, Identifier, Kind, Line, Lines, Whole, Word
from mjflow.flow.language.regions import Region
from mjflow.flow.language.special import Again, Buttons, Condition, Extra, Scorer, Tails
from mjflow.flow.steps import OnError, Resubmit, Step, When
from mjflow.media.masks import Mask
from mjflow.protocol.requests import Mode

#: What the classic call can do (P§2.3).
CHANGES = ("UPSCALE", "VARIATION", "REROLL")

_MODES = Word([mode.value for mode in Mode], Mode)
_BY_TYPE: tuple[tuple[Any, Kind], ...] = (
    (str, Line()),
    (str | None, Line()),
    (tuple[str, ...], Lines()),
    (bool | None, Flag()),
    (Mode | None, _MODES),
    (OnError, Word([word.value for word in OnError], OnError)),
    (Resubmit, Again()),
    (When | None, Condition()),
    (Mapping[str, Any], Extra()),
    (str | Mask | None, Region()),
    (str | Callable[..., Any], Scorer()),
    (Mapping[str, tuple[Step, ...]], Tails()),
)
_BY_NAME: Mapping[tuple[type[Step], str], Kind] = {
    (steps.Blend, "dimensions"): Line(tuple(word.lower() for word in DIMENSIONS)),
    (steps.Video, "prompt"): Line(empty=True),
    (steps.Video, "motion"): Line(MOTIONS),
    (steps.Video, "batch_size"): Whole(1, 4, BATCHES),
    (steps.Click, "buttons"): Buttons(),
    (steps.Click, "prompt"): Line(empty=True),
    (steps.Change, "action"): Line(),
    (steps.Change, "index"): Whole(1, 4),
    (steps.Choose, "best"): Whole(1, 100),
    (steps.Download, "name"): FileName(),
    (steps.Split, "name"): FileName(),
}
_NOT_WRITTEN = ("place", "spots")


@frozen
class Key:
    """A key that a step may have."""

    name: str
    kind: Kind
    default: Any

    @property
    def required(self) -> bool:
        """Whether a step cannot do without it."""
        return self.default is attrs.NOTHING

    def is_default(self, value: Any) -> bool:
        """Tell whether a value need not be written."""
        made = self.default
        return bool((made.factory() if isinstance(made, attrs.Factory) else made) == value)  # type: ignore[arg-type]


@frozen
class Form:
    """How a step is written."""

    verb: str
    kind: type[Step]
    #: The key that the verb's own value stands for, `""` if it has to be a table.
    main: str
    #: The verb in other letters.
    also: tuple[str, ...]
    keys: Mapping[str, Key] = field(repr=False)

    @property
    def bare(self) -> bool:
        """Whether it may stand alone, without an argument."""
        return not any(key.required for key in self.keys.values())


def _form(kind: type[Step], main: str, *also: str) -> Form:
    hints = get_type_hints(kind)
    keys = {
        one.name: Key(one.name, _kind(kind, one.name, hints[one.name]), one.default)
        for one in attrs.fields(kind)
        if one.name not in _NOT_WRITTEN
    }
    verb = "swap_face" if kind is steps.SwapFace else kind.__name__.lower()
    return Form(verb, kind, main, also, keys)


def _kind(step: type[Step], name: str, hint: Any) -> Kind:
    if name == "id":
        return Identifier()
    by_name = _BY_NAME.get((step, name))
    return by_name or next(kind for one, kind in _BY_TYPE if one == hint)


#: All verbs, in the order in which the reference has them.
FORMS: tuple[Form, ...] = (
    _form(steps.Imagine, "prompt"),
    _form(steps.Blend, "images"),
    _form(steps.Describe, "image"),
    _form(steps.Shorten, "prompt"),
    _form(steps.Video, "prompt"),
    _form(steps.Edits, "prompt"),
    _form(steps.SwapFace, "", "swap-face"),
    _form(steps.Click, "buttons"),
    _form(steps.Change, "action"),
    _form(steps.Fork, "tails"),
    _form(steps.Choose, "scorer"),
    _form(steps.Download, "name"),
    _form(steps.Split, "name"),
)
FORM_OF: Mapping[type[Step], Form] = {form.kind: form for form in FORMS}
#: By every way to write it.
BY_VERB: Mapping[str, Form] = {verb: form for form in FORMS for verb in (form.verb, *form.also)}

#: The dialog's answer as a step of its own, read into the click above it.
MODAL = "modal"
MODAL_KEYS: Mapping[str, Kind] = {"prompt": Line(empty=True), "mask": Region()}

#: Steps that begin a flow; in mid-list one of their pictures is `current`.
ROOTS: Mapping[type[Step], tuple[str, ...]] = {
    steps.Imagine: ("images",),
    steps.Blend: ("images",),
    steps.Describe: ("image",),
    steps.Shorten: (),
    steps.Video: ("image", "end_image"),
    steps.Edits: ("image",),
    steps.SwapFace: ("source", "target"),
}
#: Steps that only make files.
FILES = (steps.Download, steps.Split)


def pictures_of(step: Step) -> tuple[str, ...]:
    """Return the pictures that a root step is given: paths, links, and `current`."""
    given: list[str] = []
    for name in ROOTS.get(type(step), ()):
        value = getattr(step, name)
        given += [value] if isinstance(value, str) else value or ()
    return tuple(given)
