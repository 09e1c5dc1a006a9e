"""What the acts came to: the tour and the errands, each played once at each kind of server."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from attrs import frozen

from mjflow import Task
from mjflow.simulator.tasks import Task as ServersTask
from mjflow.testing import assert_paid_once, run
from tests.contract.cases import step_outcome
from tests.contract.chains import Step
from tests.contract.errands import ADMIN, ERRANDS, KEY
from tests.contract.oracle import submits_of
from tests.contract.stage import Performance, Truth, flat_pictures, perform, stage
from tests.contract.tour import STOPS, Stop, tour

#: What an act comes to that has no task to build on.
NOWHERE = "-"


@frozen
class Visit:
    """One stop of a tour, and what it came to."""

    stop: Stop
    #: In the words of the table.
    came_to: str
    #: What the server calls the task, `""` if there is none.
    action: str
    #: What it cost, in USD; `None` if nothing was sent.
    price: float | None
    #: Whether a dialog was answered.
    asked: bool


@frozen
class Tour:
    """A tour at one kind of server."""

    visits: tuple[Visit, ...]
    performance: Performance


@functools.cache
def toured(profile: str) -> Tour:
    """Take the tour."""
    performance = perform(profile, tour())
    (story,) = performance.stories
    stops = zip(STOPS, story.steps, strict=True)
    visits = tuple(_visit(stop, step, story.steps, performance.truth) for stop, step in stops)
    return Tour(visits, performance)


def _visit(stop: Stop, step: Step, steps: tuple[Step, ...], truth: Truth) -> Visit:
    sent = submits_of(step, truth)
    task = servers_task(step, truth)
    lost = step.move.on is not None and not steps[step.move.on].well
    return Visit(
        stop,
        came_to=NOWHERE if lost else task.stage.value if task else step_outcome(step),
        action=step.outcome.action if isinstance(step.outcome, Task) else "",
        price=round(sum(one.charged for one in sent), 6) if sent else None,
        asked=any(one.act == "modal" and one.exists for one in sent),
    )


def servers_task(step: Step, truth: Truth) -> ServersTask | None:
    """Give the server's own record of the task that a step ended with."""
    return truth.tasks[step.outcome.id] if isinstance(step.outcome, Task) else None


@functools.cache
def errands(profile: str) -> Mapping[str, str]:
    """Run the errands; give what each came to by its title."""
    with flat_pictures():
        return run(_errands(profile))


async def _errands(profile: str) -> Mapping[str, str]:
    came_to = {}
    for errand in ERRANDS:
        async with stage(profile, keys=[KEY], admins=[ADMIN]) as (client, server):
            came_to[errand.title] = await errand.run(client, server)
            assert_paid_once(server.ledger)
    return came_to
