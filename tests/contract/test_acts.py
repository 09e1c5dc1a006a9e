"""Every act, every button and every other call, at every kind of server."""

from __future__ import annotations

import pytest

from mjflow import Task
from tests.contract.acts import errands, servers_task, toured
from tests.contract.errands import ERRANDS
from tests.contract.oracle import wrongs
from tests.contract.stage import perform
from tests.contract.tour import PROFILES, STOPS, tour

#: Older builds, which offer less.
BUILDS = ("gateway-2025-04", "novicezk-2.3.5")


@pytest.mark.parametrize("profile", PROFILES)
def test_each_act_comes_to_what_it_must(profile: str) -> None:
    """Each method and each button gives the result or the error that the table says."""
    seen = {visit.stop.path: visit.came_to for visit in toured(profile).visits}
    assert seen == {stop.path: stop.expected[profile] for stop in STOPS}


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_is_wrong_with_any_act(profile: str) -> None:
    """The server's own record bears out every result and every error."""
    assert wrongs(toured(profile).performance) == []


@pytest.mark.parametrize("build", BUILDS)
def test_nothing_is_wrong_with_any_act_at_an_older_build(build: str) -> None:
    """What it does not offer is an error, and nothing is paid for it."""
    assert wrongs(perform(build, tour())) == []


@pytest.mark.parametrize("profile", ["gateway", "trueai"])
def test_every_button_that_is_shown_is_pressed(profile: str) -> None:
    """Whatever a finished task of the tour offers was pressed on one of its kind."""
    performance = toured(profile).performance
    (story,) = performance.stories
    shown, pressed = set(), set()
    for step in story.steps:
        task = servers_task(step, performance.truth)
        if task is not None and isinstance(step.outcome, Task):
            shown |= {(task.stage, one.label or one.emoji) for one in step.outcome.buttons}
        parent = None if step.move.on is None else story.steps[step.move.on]
        owner = parent and servers_task(parent, performance.truth)
        if owner:
            pressed.add((owner.stage, step.move.name))
    assert shown - pressed == set()


@pytest.mark.parametrize("profile", PROFILES)
def test_each_other_call_comes_to_what_it_must(profile: str) -> None:
    """Reading, attaching, answering by id, the classic call, seeds, uploads, cancelling."""
    assert errands(profile) == {one.title: one.expected[profile] for one in ERRANDS}
