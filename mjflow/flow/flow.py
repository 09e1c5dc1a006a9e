"""A flow, read and checked: the same whether it was written in YAML, in JSON or in Python."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import attrs
from attrs import field, frozen

from mjflow.errors import InvalidInput
from mjflow.flow.language import changes, document
from mjflow.flow.language.needs import needs
from mjflow.flow.language.nodes import Node, Report
from mjflow.flow.language.values import node_of, plain
from mjflow.flow.matrix import Cell, Matrix
from mjflow.flow.names import advice
from mjflow.flow.steps import Step
from mjflow.protocol.requests import Mode

__all__ = ["Cell", "Flow", "Matrix"]

#: A step as Python has it: a step's object, or what would stand in YAML.
StepLike = Step | Mapping[str, Any] | str


@frozen(kw_only=True, init=False)
class Flow:
    """
    What a flow says: a list of steps, the values that they are repeated for, and how.

    It can be written in Python as in YAML: `Flow(steps=[{"imagine": "a {animal}"}, {"click":
    "U1"}], matrix={"animal": ["cat", "dog"]})`.  Flows that say the same are equal.
    """

    #: What it is called; a run that nobody names has this name.
    name: str
    steps: tuple[Step, ...]
    #: Speed mode of all steps that have none of their own.
    mode: Mode | None = None
    #: Defaults of values that an item may have of its own.
    vars: Mapping[str, str] = field(factory=dict)
    matrix: Matrix = field(factory=Matrix)
    #: What paths in it are relative to: the folder of its file.
    folder: Path = field(default=Path(), eq=False)
    #: What complaints call it: the path of its file.
    file: str = field(default="", eq=False, repr=False)

    def __init__(
        self,
        steps: Sequence[StepLike],
        *,
        name: str = "flow",
        mode: Mode | str | None = None,
        vars: Mapping[str, Any] | None = None,
        matrix: Matrix | Mapping[str, Any] | None = None,
        folder: str | os.PathLike[str] = "",
        file: str = "",
    ) -> None:
        """
        Make a flow of what would stand in a file.

        Args:
            steps: Mappings as in YAML, words for steps without arguments, or steps' objects.
            folder: What relative paths in it begin at; the working directory if not given.
            file: What complaints call it.

        Raises:
            InvalidInput: Something in it cannot work: `FlowInvalid`, which tells all of it.
        """
        given = {"name": name, "mode": mode, "vars": vars, "matrix": _written(matrix)}
        given = {key: value for key, value in given.items() if value is not None}
        report = Report(file)
        root: Node | None = None
        with report.catching():
            root = node_of({**given, "steps": steps}, "")
        _fill(self, root, report, name, Path(folder), file)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """
        Read a file of YAML, or of JSON if its name ends so; blocking.

        Raises:
            FlowInvalid: It cannot be read, or something in it cannot work; tells all of it, with
                lines and columns.
        """
        path = Path(path)
        report = Report(str(path))
        text = document.load(path, report)
        is_json = True if path.suffix.lower() == ".json" else None
        root = None if text is None else document.parse(text, report, is_json=is_json)
        flow = cls.__new__(cls)
        _fill(flow, root, report, _name_of(path.stem), path.parent, str(path))
        return flow

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        name: str = "flow",
        folder: str | os.PathLike[str] = "",
        file: str = "",
    ) -> Self:
        """
        Read a text: JSON if it begins with `{"`, else YAML.

        Args:
            name: What to call the flow if it does not say so itself.
            folder: What relative paths in it begin at; the working directory if not given.
            file: What complaints call it.

        Raises:
            FlowInvalid: As of `load`.
        """
        report = Report(file or name)
        root = document.parse(text, report)
        flow = cls.__new__(cls)
        _fill(flow, root, report, name, Path(folder), file or name)
        return flow

    # --- what it says ---------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """
        Return it in the shortest form that JSON can hold; `parse` of that is the same flow.

        A callable becomes `module:function`, a mask made of pixels these pixels.
        """
        matrix = _written(self.matrix)
        return {
            "name": self.name,
            **({"mode": self.mode.value} if self.mode else {}),
            **({"vars": dict(self.vars)} if self.vars else {}),
            **({"matrix": matrix} if matrix else {}),
            "steps": [plain(step) for step in self.steps],
        }

    def only_adds(self, older: Flow) -> list[str]:
        """
        Say what is different from an older flow beyond what was added; nothing if this only adds.

        Steps at the end of a list, branches of a fork, cells of the matrix and new variables are
        additions.  How it is done does not count: `mode`, `resubmit` and `on_error` may change,
        and so may the flow's name.
        """
        return changes.beyond(self, older)

    def with_vars(self, values: Mapping[str, str]) -> Self:
        """
        Return the flow with other values of its variables.

        Args:
            values: By name: of a variable, or of a field that has no value yet.

        Raises:
            InvalidInput: There is no such variable, or the matrix has values for it.
        """
        needed = {need.name for need in needs(self.steps)}
        for name in values:
            self._check_var(name, {*self.vars, *needed})
        return attrs.evolve(self, vars={**self.vars, **values})

    def _check_var(self, name: str, names: set[str]) -> None:
        if name in self.matrix.dimensions:
            raise InvalidInput(
                f"the matrix of the flow has values for {name!r}",
                advice="A variable of that name would never be used.",
            )
        if name not in names:
            there = advice(name, sorted(names - self.matrix.dimensions.keys()))
            raise InvalidInput(f"the flow has no variable {name!r}", advice=there or None)


def _fill(
    flow: Flow, root: Node | None, report: Report, name: str, folder: Path, file: str
) -> None:
    """Give a flow its fields, unless something is wrong with them."""
    fields = {} if root is None else document.read(root, report, name=name)
    report.close()
    flow.__attrs_init__(folder=folder, file=file, **fields)


def _written(matrix: Matrix | Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Write a matrix as it stands in a file."""
    if not isinstance(matrix, Matrix):
        return matrix
    written: dict[str, Any] = {name: list(v) for name, v in matrix.dimensions.items()}
    for name in ("include", "exclude"):
        if entries := getattr(matrix, name):
            written[name] = [dict(entry) for entry in entries]
    return written


def _name_of(stem: str) -> str:
    """Make a name of a file's stem, which may have anything in it."""
    visible = "".join(char if char.isprintable() else "_" for char in stem).replace("\\", "_")
    return visible[: document.LONGEST_NAME].strip() or "flow"
