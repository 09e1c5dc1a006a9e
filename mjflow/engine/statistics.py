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
    #: Tasks looked at so far, each time counted.
    looks: int
    #: Requests that took: fewer, where the server can be asked for many tasks at once.
    requests: int
    #: Requests for looks per second, in the last ten seconds or so.
    request_rate: float
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
        requests=engine.poller.requests,
        request_rate=engine.poller.rate.rate(engine.clock.now()),
        lag=engine.poller.lag,
        in_flight=engine.admission.lanes.taken,
        window=engine.admission.lanes.limit,
        paused=engine.admission.paused,
        spent=engine.spend.snapshot(),
    )
