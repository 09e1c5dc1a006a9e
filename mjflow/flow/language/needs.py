"""Which values the steps of a flow need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from mjflow.flow import templates
from mjflow.flow.language.forms import FORM_OF
from mjflow.flow.language.kinds import FileName, Kind
from mjflow.flow.language.nodes import At
from mjflow.flow.steps import Fork, Step


@frozen
class Need:
    """A value that a step needs."""

    name: str
    step: Step
    #: The argument in which it is named.
    argument: str
    #: Where that stands in Python, such as `steps[2].click`.
    path: str

    @property
    def at(self) -> At:
        """Where it stands, in its file if it has one."""
        return self.step.at(self.argument) or self.path


def needs(steps: Sequence[Step], path: str = "steps") -> Iterator[Need]:
    """Yield every value that some steps need, in their order."""
    for at, step in enumerate(steps):
        yield from _needs(step, f"{path}[{at}]")


def _needs(step: Step, path: str) -> Iterator[Need]:
    form = FORM_OF[type(step)]
    for key in form.keys.values():
        here = f"{path}.{form.verb if key.name == form.main else key.name}"
        known = _known(key.kind)
        for text in key.kind.texts(getattr(step, key.name)):
            for name in templates.fields(text):
                if name not in known:
                    yield Need(name, step, key.name, here)
    if step.when is not None:
        for name in step.when.param:
            yield Need(name, step, "when", f"{path}.when")
    if isinstance(step, Fork):
        for branch, tail in step.tails.items():
            yield from needs(tail, f"{path}.fork.{branch}")


def _known(kind: Kind) -> Sequence[str]:
    """Return what the picture and the run fill in themselves."""
    names_files = isinstance(kind, FileName)
    return (*templates.PICTURE_FIELDS, *templates.RUN_FIELDS) if names_files else ()
