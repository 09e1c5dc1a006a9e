"""Steps with numbers on them, so that a machine's commands can be traced to where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

import attrs
from attrs import define, evolve, field, frozen

from mjflow.flow import templates
from mjflow.flow.language.forms import FORM_OF
from mjflow.flow.planning.findings import Where
from mjflow.flow.steps import Click, Fork, Place, Step, When


@frozen
class Stamped:
    """A step of the flow, and where it stands."""

    step: Step
    file: str
    #: Where it stands in Python: `steps[2]`.
    path: str

    def where(self, argument: str = "") -> Where:
        """Say where the step, or one of its arguments, is written."""
        place = self.step.at(argument)
        if place is not None:
            return Where(self.file, place)
        form = FORM_OF[type(self.step)]
        key = form.verb if argument in ("", form.main) else argument
        return Where(", ".join(filter(None, (self.file, f"{self.path}.{key}"))))


@define
class Stamps:
    """The steps of a flow by their numbers."""

    _file: str
    _stamped: list[Stamped] = field(factory=list)

    def __iter__(self) -> Iterator[Stamped]:
        return iter(self._stamped)

    @property
    def first(self) -> Stamped:
        """The first of all steps."""
        return self._stamped[0]

    def of(self, step: Step) -> Stamped:
        """Find the original of a numbered step."""
        assert step.place is not None
        return self._stamped[step.place.line]

    def put(self, steps: Sequence[Step], path: str = "steps") -> tuple[Step, ...]:
        """
        Number steps; they are otherwise the same, and so are their keys.

        What an act is called by the server, no condition asks for any more: servers differ in it,
        so whoever foresees a run takes it for true.
        """
        return tuple(self._put(step, f"{path}[{at}]") for at, step in enumerate(steps))

    def _put(self, step: Step, path: str) -> Step:
        number = len(self._stamped)
        self._stamped.append(Stamped(step, self._file, path))
        stamp = evolve(step, place=Place(number, 0), when=_without_action(step.when))
        if isinstance(stamp, Fork):
            tails = {
                name: self.put(tail, f"{path}.fork.{name}") for name, tail in stamp.tails.items()
            }
            return evolve(stamp, tails=tails)
        return stamp


def _without_action(when: When | None) -> When | None:
    return None if when is None else attrs.evolve(when, action=None)


def decisive(steps: Sequence[Step]) -> frozenset[str]:
    """Name the values on which it depends what is done: those that conditions and buttons name."""
    names: set[str] = set()
    for step in steps:
        names.update(_named(step))
        if isinstance(step, Fork):
            names.update(*map(decisive, step.tails.values()))
    return frozenset(names)


def _named(step: Step) -> Iterator[str]:
    if step.when is not None:
        yield from step.when.param
        yield from templates.fields(step.when.has_button or "")
    if isinstance(step, Click):
        for text in step.buttons:
            yield from templates.fields(text)


def filled_in(values: Mapping[str, str], names: Set[str]) -> tuple[str | None, ...]:
    """Return an item's values of these names."""
    return tuple(map(values.get, sorted(names)))
