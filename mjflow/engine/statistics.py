"""A client's books at one moment."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from mjflow.engine.engine import Engine
from mjflow.engine.spend import Spent
from mjflow.errors import MjflowError
from mjflow.fsm.states import State


@frozen(kw_only=True)
class Statistics:
    """A client's books at one moment."""

    #: How many tasks are in each state, those that have ended included.
    states: Mapping[State, int]
    #: Looks sent so far.
    looks: int
    #: Seconds the last look was late: more than a moment means that `request_budget` is too small.
    lag: float
    #: Tasks that hold a place in the in-flight window.
    in_flight: int
    #: The window's size; infinite when unbounded.
    window: float
    #: Why nothing is submitted just now; `None` while all is well.
    paused: MjflowError | None
    spent: Spent


def statistics_of(engine: Engine) -> Statistics:
    """Read an engine's books."""
    return Statistics(
        states=engine.tracker.states(),
        looks=engine.poller.looks,
        lag=engine.poller.lag,
        in_flight=engine.admission.window.taken,
        window=engine.admission.window.limit,
        paused=engine.admission.breaker.reason,
        spent=engine.spend.snapshot(),
    )
