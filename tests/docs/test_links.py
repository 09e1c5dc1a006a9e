"""Links between the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .pages import DOCS, ROOT, anchors, every_page, name_of, read, without_blocks

_LINK = re.compile(r"\]\((?!https?://)([^)\s]+)\)")


@pytest.mark.parametrize("page", every_page(), ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """A link names a file that is there, and a heading that is in it."""
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


@pytest.mark.parametrize("page", [page for page in every_page() if page != DOCS / "index.md"])
def test_every_page_is_found_from_the_index(page: Path) -> None:
    """The index, or the README above it, leads to every page by links."""
    reached: set[Path] = set()
    waiting = [ROOT / "README.md", DOCS / "index.md"]
    while waiting:
        here = waiting.pop()
        if here in reached or here not in every_page():
            continue
        reached.add(here)
        waiting += [(here.parent / link.partition("#")[0]).resolve() for link in links(here)]
    assert page in reached


def test_a_dead_link_is_noticed() -> None:
    """A missing file, or a missing heading, is a dead link."""
    index = DOCS / "index.md"
    dead = ["nowhere.md", "glossary.md#nothing", "#nothing"]
    assert [leads_somewhere(index, link) for link in dead] == [False] * 3


def links(page: Path) -> list[str]:
    return _LINK.findall(without_blocks(read(page)))


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or anchor in anchors(read(target))
