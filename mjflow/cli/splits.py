"""`split`: a grid into its four pictures, from a file or straight from the server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mjflow.cli.bundles import Server, Terms
from mjflow.cli.disk import check_folder
from mjflow.cli.options import DEFAULT_OUT
from mjflow.cli.report import Report
from mjflow.cli.results import counted
from mjflow.cli.session import Session
from mjflow.engine.splits import DEFAULT_NAME, cells_template
from mjflow.engine.threads import in_thread
from mjflow.errors import InvalidInput
from mjflow.media.grids import ONLY_GRIDS, split_grid
from mjflow.media.kinds import KINDS
from mjflow.media.sidecar import read_sidecar
from mjflow.media.store import Saved
from mjflow.protocol.grammar import Stage
from mjflow.protocol.stages import stage_of
from mjflow.protocol.task import Task


async def split(
    report: Report, source: str, out: Path | None, name: str | None, server: Server
) -> None:
    """
    Cut a grid into four files, and tell where they are.

    Raises:
        InvalidInput: It is no grid, or the template is wrong; nothing was fetched or written.
    """
    if _is_file(source):
        saved, told = await in_thread(_split_file, Path(source), out, name)
        _tell(report, saved, told.get("task_id"))
    else:
        await _split_task(report, source, out or DEFAULT_OUT, name, server)


def _is_file(source: str) -> bool:
    """Whether a file is meant: one that is there, or what has the looks of one."""
    endings = tuple(kind.extension for kind in KINDS)
    return Path(source).exists() or "/" in source or source.lower().endswith((*endings, ".jpeg"))


# --- a file -------------------------------------------------------------------------------


def _split_file(
    path: Path, out: Path | None, name: str | None
) -> tuple[tuple[Saved, ...], Mapping[str, object]]:
    told = read_sidecar(path)
    return split_grid(path, out, _stems(name, _fields(told, path)), told=told), told


def _stems(name: str | None, fields: Mapping[str, object]) -> str | list[str] | None:
    """Fill a name template in: once for each cell, if it names the cell."""
    if name is None:
        return None
    template = cells_template(name)
    stems = [template.fill({**fields, "cell": cell}) for cell in range(1, 5)]
    return stems if "cell" in template.fields else stems[0]


def _fields(told: Mapping[str, object], path: Path) -> dict[str, object]:
    """Give the values of the fields of a name template, as far as the sidecar tells them."""
    parents = told.get("parents")
    parent = parents[-1] if isinstance(parents, list) and parents else {}
    return {
        "id": told.get("task_id") or path.stem,
        "button": told.get("button") or str(told.get("action") or "grid").lower(),
        "action": str(told.get("action") or "grid").lower(),
        "prompt": told.get("prompt"),
        "parent": parent.get("id") if isinstance(parent, dict) else None,
        "key": None,
    }


# --- a task -------------------------------------------------------------------------------


async def _split_task(
    report: Report, task_id: str, out: Path, name: str | None, server: Server
) -> None:
    template = DEFAULT_NAME if name is None else name
    cells_template(template)
    session = Session(report, Terms(server=server), out=out)
    async with session as client:
        await check_folder(out)
        # One free look, so that an id that nobody knows is told of at once.
        await client.get(task_id)
        step = session.follow(client.attach(task_id), task_id, wanted=False)
        _check_grid(await step.handle, out)
        step.wanted = True
        saved = await step.handle.split(out, name=template)
        step.wanted = False
        report.rest()
        _tell(report, saved, task_id)


def _check_grid(task: Task, out: Path) -> None:
    """Refuse a task that ended with something else; what it is can be had otherwise."""
    if stage_of(task) is not Stage.GRID:
        raise InvalidInput(
            f"task {task.id} is no grid",
            advice=f"{ONLY_GRIDS} What it is: mjflow show {task.id} --out {out}",
        )


def _tell(report: Report, saved: tuple[Saved, ...], task_id: object) -> None:
    for cell in saved:
        report.saved(cell, task_id if isinstance(task_id, str) else None)
    report.say(f"{counted(saved)} in {saved[0].path.parent}")
