"""What an engine is told when it is made."""

from __future__ import annotations

from attrs import frozen

from mjflow.engine.collisions import Collisions
from mjflow.engine.lanes import Lanes
from mjflow.protocol.dialect import Dialect
from mjflow.protocol.prices import Prices


@frozen(kw_only=True)
class EngineSettings:
    """What an engine needs to know, once and for all."""

    #: What keys are unique in.
    namespace: str
    #: `None` to find it out by the server's answers.
    dialect: Dialect | None
    #: Whether there is no key.
    keyless: bool
    #: Seconds between two looks at a task; `None` takes the dialect's.
    poll_interval: float | None
    lanes: Lanes
    collisions: Collisions
    #: Submits per second; `None` for no limit.
    submit_rate: float | None
    #: Looks per second; `None` for no limit.
    request_budget: float | None
    prices: Prices
    #: Server seconds per real second; 1 for every real server.
    speed: float = 1.0
