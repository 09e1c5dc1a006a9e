"""The page `api.md`: every public name, with what its docstring says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import attrs

import mjflow
from mjflow._pages.reading import (
    bullet,
    default,
    first_line,
    methods,
    properties,
    prose,
    remarks,
    signature,
    table,
)

_PAGE = """\
# Public names

<!-- Written by `python -m mjflow._pages docs/reference`; do not edit. -->

Every name that `import mjflow` offers, with what its docstring says.
What is not on this page may change without notice.

Durations are seconds, sizes are bytes, amounts are US dollars.
Names are loaded when they are first used, so `import mjflow` alone loads no HTTP library.

{parts}

## Words in the signatures

- `Cells`: four `Saved`, from left to right and from top to bottom.
- `Folder`: a path, as `str` or `os.PathLike`.
- `ImageLike`: the path of a picture file, such a file's bytes, a data URL, or where the text says
  so an http(s) link.
- `MaskLike`: a `Mask`, its text, the path of a picture file, such a file's bytes, or what a flow
  says of one.
- `Observer`: a callable that takes an `Update`; it must not block.
- `OnDialog`: `"auto"`, `"raise"`, or a callable, plain or async, that takes an `OpenDialog`
  and returns an `Answer`, or `None` to leave the dialog to you.
- `PictureLike`: the path of a picture file, or such a file's bytes.
- `Store`, `Transport`: protocols for other journals and transports.
  They stand in `mjflow.journal.store` and `mjflow.transport.base`, and may still change.

## Errors

Each has an entry in [Errors](errors.md).

{errors}

## The version

`mjflow.__version__` is the version as text.
"""

#: The names by what they are for; the errors are listed by themselves.
GROUPS: Mapping[str, Sequence[str]] = {
    "The client": ("Client", "Statistics", "Spent"),
    "A task under way": ("TaskHandle", "State", "Update"),
    "A task at the server": ("Task", "Status", "Button", "Picture", "TaskDetails"),
    "Pictures on disk": ("Saved", "split_grid", "cut_out"),
    "Flows": ("Flow", "Complaint", "Run", "Progress", "ItemResult", "BranchResult", "Scored"),
    "Dialogs": ("Answer", "OpenDialog", "Mask"),
    "Settings": ("Mode", "Prices", "Timeouts", "MemoryStore", "SqliteStore"),
    "Why tasks fail": ("FailureKind",),
}

#: Here only the docstring counts: the methods are for the engine.
_OPAQUE = {"MemoryStore", "SqliteStore"}


def page() -> str:
    """Return the whole page."""
    return _PAGE.format(parts="\n\n".join(_group(head) for head in GROUPS), errors=_errors())


def _group(head: str) -> str:
    return "\n\n".join([f"## {head}", *(_entry(getattr(mjflow, name)) for name in GROUPS[head])])


def _entry(kind: type | Callable[..., Any]) -> str:
    return _class(kind) if isinstance(kind, type) else _function(kind)


def _function(function: Callable[..., Any]) -> str:
    name = function.__name__
    call = f"```python\n{signature(name, function)}\n```"
    return "\n\n".join([f"### {name}", call, prose(function)])


def _class(kind: type) -> str:
    parts = [f"### {kind.__name__}"]
    if not (attrs.has(kind) or issubclass(kind, Enum)) and kind.__name__ not in _OPAQUE:
        parts += _call(kind)
    parts.append(prose(kind))
    if kind.__name__ not in _OPAQUE:
        parts += [*_parts(kind)]
    return "\n\n".join(parts)


def _call(kind: type) -> list[str]:
    """Show how an object is made, unless the library alone makes it."""
    if kind in (mjflow.TaskHandle, mjflow.Run):
        return []
    return [f"```python\n{signature(kind.__name__, kind)}\n```"]


def _parts(kind: type) -> Iterator[str]:
    if values := [*_values(kind)]:
        yield "\n".join(values)
    for name, method in methods(kind):
        head = f"{kind.__name__}.{name}"
        yield f"#### {head}"
        yield f"```python\n{signature(name, method)}\n```"
        yield prose(method)


def _values(kind: type) -> Iterator[str]:
    """Yield an entry for each field, member and property."""
    said = remarks(kind)
    if issubclass(kind, Enum):
        for member in kind:
            yield bullet(f'{member.name} = "{member.value}"', said.get(member.name, ""))
        said = {}
    elif attrs.has(kind):
        for field in (field for field in attrs.fields(kind) if not field.name.startswith("_")):
            yield bullet(_field(kind, field), said.get(field.name, ""))
    for name, found in properties(kind):
        yield bullet(f"{name}: {found.fget.__annotations__['return']}", first_line(found))


def _field(kind: type, field: attrs.Attribute[Any]) -> str:
    # Not `field.type`: cattrs turns that from the source's text into the type itself.
    text = f"{field.name}: {kind.__annotations__[field.name]}"
    if field.default is attrs.NOTHING or isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
        return text
    return f"{text} = {default(field.default)}"


def _errors() -> str:
    grouped = {name for names in GROUPS.values() for name in names}
    kinds = [getattr(mjflow, n) for n in mjflow.__all__ if n not in {*grouped, "__version__"}]
    rows = [
        (f"[`{kind.__name__}`](errors.md#{kind.__name__.lower()})", first_line(kind))
        for kind in kinds
    ]
    return table(("Error", "What it means"), rows)
