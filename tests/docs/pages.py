"""The pages of the documentation, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@frozen
class Block:
    """A fenced block of a page."""

    language: str
    text: str
    #: Number of the line on which the text begins, from 1.
    line: int


def every_page() -> list[Path]:
    """Return README and all pages of `docs`, in a fixed order."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def name_of(page: Path) -> str:
    """Name a page as people do: by its path from the top of the repository."""
    return page.relative_to(ROOT).as_posix()


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order."""
    for found in _FENCE.finditer(text):
        yield Block(found[1], found[2], text[: found.start(2)].count("\n") + 1)


def without_blocks(text: str) -> str:
    """Return a page's prose: what is in fences is no Markdown."""
    return _FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    """Return the anchors that the headings of a page get when it is shown."""
    return {_anchor(heading) for heading in _HEADING.findall(without_blocks(text))}


def _anchor(heading: str) -> str:
    plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).lower())
    return plain.strip().replace(" ", "-")
