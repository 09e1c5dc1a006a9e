"""The small JSON beside each picture: where it came from, for people and for scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from attrs import frozen

from mjflow.media.whole import Whole
from mjflow.protocol.task import Task

#: What is put behind a picture's whole file name, so that `a.png` and `a.webp` have one each.
ENDING = ".json"

# What a cell of a grid has in common with it.
_OF_THE_TASK = (
    *("prompt", "final_prompt", "task_id", "action", "button", "parents", "seed", "mode"),
    *("submitted_at", "started_at", "finished_at"),
)

# Dashes that an editor made long are still dashes (P§11.1).
_SEED = re.compile(r"(?<!\S)(?:--|[—–])seed\s+([0-9]{1,10})(?!\S)", re.IGNORECASE)


@frozen
class Ancestor:
    """A task that a picture descends from."""

    id: str
    #: The server's word, such as `IMAGINE`.
    action: str
    #: What was clicked to make it; `None` for a root.
    button: str | None = None


def sidecar(
    task: Task,
    *,
    lineage: Sequence[Ancestor],
    button: str | None,
    mode: str | None,
    file: str,
    whole: Whole,
    sha256: str,
    saved_at: datetime,
    url: str,
    version: str,
) -> dict[str, object]:
    """
    Tell all about a saved picture, in the order in which a person would ask.

    Args:
        lineage: The tasks it descends from, the root first, its direct parent last.
        button: What was clicked to make it; `None` for a root.
        mode: The speed mode it was submitted in; `None` takes what the server says.
        file: Name of the picture's file, without folders.
        url: Where it was fetched; query and password are left out, for links expire and leak.
        version: mjflow's.
    """
    return {
        "prompt": task.prompt,
        "final_prompt": task.final_prompt,
        "task_id": task.id,
        "action": task.action,
        "button": button,
        "parents": [{"id": one.id, "action": one.action, "button": one.button} for one in lineage],
        "seed": _seed(task),
        "mode": mode or _mode(task),
        "submitted_at": _instant(task.submitted_at),
        "started_at": _instant(task.started_at),
        "finished_at": _instant(task.finished_at),
        "saved_at": _instant(saved_at),
        "file": file,
        "media_type": whole.kind.media_type,
        "size": whole.size,
        "width": whole.width,
        "height": whole.height,
        "sha256": sha256,
        "url": _bare(url),
        "mjflow": version,
    }


def cell_sidecar(
    grid: Mapping[str, object],
    *,
    cell: int,
    cut_from: str | None,
    file: str,
    whole: Whole,
    sha256: str,
    saved_at: datetime,
    version: str,
) -> dict[str, object]:
    """
    Tell all about one of the four pictures cut out of a grid.

    Args:
        grid: What the grid's own sidecar says; empty when nothing is known of it.
        cell: 1-4, from left to right and from top to bottom.
        cut_from: Name of the grid's file, without folders; `None` if it had none.
        file, whole, sha256, saved_at, version: As of `sidecar`, of the cell.
    """
    return {
        **{key: grid.get(key) for key in _OF_THE_TASK},
        "cell": cell,
        "cut_from": cut_from,
        "saved_at": _instant(saved_at),
        "file": file,
        "media_type": whole.kind.media_type,
        "size": whole.size,
        "width": whole.width,
        "height": whole.height,
        "sha256": sha256,
        "url": grid.get("url"),
        "mjflow": version,
    }


def read_sidecar(picture: Path) -> dict[str, object]:
    """Read what stands beside a picture; empty where nothing, or nothing readable, does."""
    try:
        content = json.loads(picture.with_name(picture.name + ENDING).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def render(content: dict[str, object]) -> bytes:
    """Write it as indented UTF-8 JSON that ends with a newline."""
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    # Special case: half a surrogate pair, which JSON can carry and UTF-8 cannot.  What
    # `backslashreplace` makes of it is JSON's own escape.
    return text.encode("utf-8", "backslashreplace")


def _seed(task: Task) -> int | str | None:
    """Give the seed the server tells, else the one that the prompt asked for."""
    if task.seed:
        return int(task.seed) if re.fullmatch("[0-9]{1,10}", task.seed) else task.seed
    for text in (task.final_prompt, task.prompt_en, task.prompt):
        if found := _SEED.findall(text):
            return int(found[-1])
    return None


def _mode(task: Task) -> str | None:
    return task.details.mode.lower() if task.details and task.details.mode else None


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else None


def _bare(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # the picture is saved by now: no junk may spoil that
        return ""
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()
