"""From what somebody asks for to what a run begins with: read, compared, and found to be sound."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from mjflow.engine.race import each
from mjflow.engine.threads import in_thread
from mjflow.errors import InvalidInput
from mjflow.flow.flow import Flow
from mjflow.flow.items import items
from mjflow.flow.language import inputs
from mjflow.flow.language.inputs import Inputs, Row, RowLike, row_of
from mjflow.flow.running.header import Header, decoded
from mjflow.flow.running.library import kept_for
from mjflow.flow.running.scoring import Scorer, scorer_of
from mjflow.flow.steps import Choose, Fork, Step
from mjflow.protocol.requests import Mode

#: A flow, the path of its file, or what would stand in one.
FlowLike = Flow | str | os.PathLike[str] | Mapping[str, Any]
#: Rows, or the path of their file.
InputsLike = Inputs | str | os.PathLike[str] | Iterable[RowLike] | AsyncIterable[RowLike] | None

#: Where pictures go when nobody says.
OUT = Path("mjflow-out")
#: Rows that are drawn in one go.
_AT_ONCE = 1000


@frozen(kw_only=True)
class Wanted:
    """What somebody asks for."""

    #: `None` goes on with what the run began with.
    flow: Flow | None = None
    inputs: InputsLike = None
    out: str | os.PathLike[str] | None = None
    mode: Mode | None = None
    #: What a new run has where neither this nor the flow says anything.
    usual_mode: Mode | None = None
    max_cost: float | None = None
    max_tasks: float | None = None
    scorers: Mapping[str, Scorer] = field(factory=dict)


@frozen(kw_only=True)
class Prepared:
    """What a life of a run begins with."""

    header: Header
    #: Of every choice in the flow, its scorer.
    scorers: Mapping[str | Scorer, Scorer]
    #: How many items there are.
    count: int
    #: As it is to stand in the journal.
    payload: bytes = field(repr=False)
    #: Whether there is anything in it that no life of the run has begun with.
    is_new: bool


async def prepare(wanted: Wanted, name: str, before: bytes | None) -> Prepared:
    """
    Read what is wanted, and go on from what the run of this name began with, if it did.

    Args:
        before: What is in the journal.

    Raises:
        FlowInvalid: The flow or its inputs cannot work.
        FlowChanged: The run began with something else.
        InvalidInput: There is no such run to go on with.
        JournalUnusable: What it began with cannot be read.
    """
    rows = await _drawn(wanted.inputs)
    return await in_thread(_prepared, evolve(wanted, inputs=rows), name, before)


async def _drawn(given: InputsLike) -> InputsLike:
    """Draw rows from whatever Python has them in, on the event loop as all of the caller's code."""
    if given is None or isinstance(given, Inputs | str | os.PathLike):
        return given
    rows: list[Row] = []
    async for row in each(given):
        rows.append(row_of(row, len(rows) + 1))
        if len(rows) % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return rows


def _prepared(wanted: Wanted, name: str, before: bytes | None) -> Prepared:
    older = None if before is None else decoded(before)
    header = _header(wanted, name, older)
    scorers = {
        step.scorer: scorer_of(step.scorer, wanted.scorers) for step in _choices(header.flow.steps)
    }
    return Prepared(
        header=header,
        scorers=scorers,
        count=sum(1 for _ in header.items()),
        payload=header.encoded(),
        is_new=older is None or (header.flow, header.rows) != (older.flow, older.rows),
    )


def _header(wanted: Wanted, name: str, older: Header | None) -> Header:
    if wanted.flow is not None:
        header = _read(wanted)
        if older is None:
            return evolve(header, mode=wanted.mode or wanted.usual_mode)
        return header.behind(older)
    if older is None:
        raise InvalidInput(
            f"there is no run {name!r} here",
            advice="`mjflow runs` lists the runs of a journal; a server has runs of its own.",
        )
    return evolve(
        older,
        out=_absolute(wanted.out) or older.out,
        mode=wanted.mode or older.mode,
        max_cost=older.max_cost if wanted.max_cost is None else wanted.max_cost,
        max_tasks=older.max_tasks if wanted.max_tasks is None else wanted.max_tasks,
    )


def _read(wanted: Wanted) -> Header:
    assert wanted.flow is not None
    flow, rows = wanted.flow, _rows(wanted.inputs)
    items(flow, rows)  # says which values are missing, and where
    return Header(
        flow=flow,
        rows=rows.rows if isinstance(rows, Inputs) else rows,
        files=kept_for(flow.steps, flow.folder),
        out=_absolute(wanted.out),
        mode=wanted.mode,
        max_cost=wanted.max_cost,
        max_tasks=wanted.max_tasks,
    )


def flow_of(given: FlowLike) -> Flow:
    """
    Read a flow; blocking for a path.

    Raises:
        FlowInvalid: It cannot be read, or something in it cannot work.
    """
    if isinstance(given, Flow):
        return given
    if isinstance(given, Mapping):
        return Flow(**given)
    return Flow.load(given)


def _rows(given: Any) -> Inputs | tuple[Mapping[str, str], ...] | None:
    if given is None or isinstance(given, Inputs):
        return given
    if isinstance(given, str | os.PathLike):
        return inputs.read(given)
    return tuple(given)


def _absolute(path: str | os.PathLike[str] | None) -> Path | None:
    return None if path is None else Path(path).absolute()


def _choices(steps: Sequence[Step]) -> Iterator[Choose]:
    for step in steps:
        if isinstance(step, Choose):
            yield step
        elif isinstance(step, Fork):
            for tail in step.tails.values():
                yield from _choices(tail)
