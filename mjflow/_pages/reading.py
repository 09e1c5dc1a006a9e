"""What the code says of itself, as Markdown: docstrings, `#:` remarks, signatures."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any

#: Characters of a signature that stays on one line.
_WIDE = 88
#: Characters of a default that is shown.
_SHORT = 24

_REMARK = re.compile(r"((?:^ +#: .*\n)+) +(?:self\.)?(\w+)\b *[:=]", re.MULTILINE)
_OWN = re.compile(r"^ +self\.([a-z]\w*) = ", re.MULTILINE)
_SECTION = re.compile(r"(Args|Returns|Raises.*):")
# The facts of the wire are numbered in notes that users do not have.
_CITATION = re.compile(r"\s*\(P§[^)]*\)")
_HEADS = {"Args": "Arguments"}


def remarks(kind: type) -> dict[str, str]:
    """Return what the `#:` lines of a class say of its fields, members and attributes."""
    return {
        name: _tidy(" ".join(line.strip().removeprefix("#: ") for line in lines.splitlines()))
        for lines, name in _REMARK.findall(inspect.getsource(kind))
    }


def own_attributes(kind: type) -> tuple[str, ...]:
    """Name the public attributes that a class sets on itself, and its properties, in order."""
    own = _OWN.findall(inspect.getsource(kind))
    return (*dict.fromkeys(own), *(name for name, _ in properties(kind)))


def properties(kind: type) -> Iterator[tuple[str, property]]:
    """Yield the public properties of a class in the order of its source."""
    for name, member in vars(kind).items():
        if isinstance(member, property) and not name.startswith("_"):
            yield name, member


def methods(kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the public methods of a class in the order of its source, those of a base first."""
    bases = [base for base in reversed(kind.__mro__) if inspect.isabstract(base)]
    for name, member in [pair for one in (*bases, kind) for pair in vars(one).items()]:
        function = member.__func__ if isinstance(member, classmethod) else member
        if inspect.isfunction(function) and not name.startswith("_"):
            yield name, getattr(kind, name)


def first_line(documented: object) -> str:
    """Return the sentence a docstring begins with."""
    return _doc(documented).partition("\n")[0]


def prose(documented: object) -> str:
    """Turn a docstring into Markdown; its sections become lists."""
    lines = _doc(documented).splitlines()
    starts = [at for at, line in enumerate(lines) if _SECTION.fullmatch(line)]
    bounds = [*starts, len(lines)]
    text = "\n".join(lines[: bounds[0]]).rstrip()
    sections = [_section(lines[a:b]) for a, b in zip(starts, bounds[1:], strict=True)]
    return "\n\n".join([text, *sections])


def bullet(code: str, text: str) -> str:
    """Write one entry of a list: a piece of code, and what it means."""
    return f"- `{code}`: {text}" if text else f"- `{code}`"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def signature(name: str, function: Callable[..., Any]) -> str:
    """Write a call as its source does, one argument to a line when it is long."""
    found = inspect.signature(function)
    arguments = list(_arguments(found))
    result = "" if found.return_annotation in ("None", found.empty) else found.return_annotation
    arrow = f" -> {result}" if result else ""
    begin = "async " if inspect.iscoroutinefunction(function) else ""
    line = f"{begin}{name}({', '.join(arguments)}){arrow}"
    if len(line) <= _WIDE:
        return line
    inner = "".join(f"    {argument},\n" for argument in arguments)
    return f"{begin}{name}(\n{inner}){arrow}"


def _arguments(found: inspect.Signature) -> Iterator[str]:
    starred = False
    for parameter in found.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        yield _argument(parameter)


def _argument(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_KEYWORD:
        return f"**{parameter.name}"
    text = f"{parameter.name}: {parameter.annotation}".replace("'", '"')
    if parameter.default is parameter.empty:
        return text
    return f"{text} = {default(parameter.default)}"


def default(value: object) -> str:
    """Write a default, or three dots for a long one."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHORT else "..."


def _doc(documented: object) -> str:
    return _tidy(inspect.cleandoc(getattr(documented, "__doc__", None) or ""))


def _tidy(text: str) -> str:
    """Leave out what only readers of the source can follow: citations, double spaces."""
    return re.sub(r"(?<=\S)  +(?=\S)", " ", _CITATION.sub("", text))


def _section(lines: Sequence[str]) -> str:
    """Turn `Args:` and its like into a bold word and a list."""
    head = lines[0].removesuffix(":")
    entries: list[str] = []
    for line in lines[1:]:
        if not line.strip():
            continue
        if line.startswith(" " * 5):
            entries[-1] += f"\n  {line.strip()}"
        else:
            names, _, text = line.strip().partition(": ")
            entries.append(bullet(names, text) if text else f"- {names}")
    return f"**{_HEADS.get(head, head)}**\n\n" + "\n".join(entries)
