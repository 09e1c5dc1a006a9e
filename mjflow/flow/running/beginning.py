"""From a call of `run` or `resume` to a run."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from secrets import token_hex
from typing import Any

from mjflow.config import mode_named
from mjflow.engine.act import Options, changed
from mjflow.engine.engine import Engine
from mjflow.errors import InvalidInput
from mjflow.flow.planning.plan import plan as planned
from mjflow.flow.running.header import Header
from mjflow.flow.running.preparing import FlowLike, InputsLike, Wanted, flow_of
from mjflow.flow.running.run import Run
from mjflow.flow.running.runs import check_name, new_name
from mjflow.flow.running.scoring import Scorer

logger = logging.getLogger("mjflow.flow")


def run(
    engine: Engine,
    usual: Options,
    name: str | None,
    flow: FlowLike | None,
    inputs: InputsLike,
    options: Mapping[str, Any],
    *,
    out: str | os.PathLike[str] | None,
    vars: Mapping[str, str] | None = None,
    scorers: Mapping[str, Scorer] | None,
    max_cost: float | None,
    max_tasks: float | None,
    limit: int,
    plan: bool,
) -> Run:
    """
    Make a run of what somebody asks for; nothing happens before it is iterated over.

    Args:
        usual: The client's own options.
        flow: `None` goes on with what the run of this name began with.

    Raises:
        InvalidInput: Something in it cannot work.
    """
    given = None if flow is None else flow_of(flow)
    if name is None:
        assert given is not None
        name = f"{new_name(given.name, datetime.now(UTC))}-{token_hex(3)}"
    check_name(name)
    if limit < 1:
        raise InvalidInput(f"limit is {limit!r}; it must be at least 1")
    wanted = Wanted(
        flow=given.with_vars(vars) if given and vars else given,
        inputs=inputs,
        out=out,
        mode=mode_named(options.get("mode")),
        usual_mode=usual.mode,
        max_cost=_amount(max_cost, "max_cost"),
        max_tasks=_amount(max_tasks, "max_tasks"),
        scorers=scorers or {},
    )
    chosen = changed(usual, {"admission_timeout": None, **options})
    return Run(name, engine, chosen, wanted, partial(_check, engine) if plan else None, limit)


def _check(engine: Engine, header: Header) -> None:
    """Find out what is wrong before anything is paid; blocking."""
    made = planned(
        header.flow,
        header.items(),
        dialect=engine.api.dialect,
        prices=engine.spend.prices,
        mode=header.mode,
        files=header.files,
    )
    for warning in made.warnings:
        logger.warning("%s", warning)
    made.check()


def _amount(value: Any, name: str) -> Any:
    if value is None or (isinstance(value, int | float) and value >= 0):
        return value
    raise InvalidInput(f"{name} is {value!r}; it must be a number from 0")
