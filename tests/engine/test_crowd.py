"""Many acts at once, and a server in every mood: the bounds hold and nobody is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mjflow import MjflowError, QueueFull, SubmissionInDoubt, Task
from mjflow.handle import TaskHandle
from mjflow.protocol.requests import Mode
from mjflow.protocol.verdicts import Outcome

from .. import scripted
from ..scripted import DONE, LOST, RUNNING, Scripted, Sent, accepted, opened, outcome
from ..virtual import virtual_time
from .test_lanes import mode_of

BOUNDS = {"turbo": 1, "fast": 2, "default": 2}
MOODS = {
    "yes": None,
    "full": scripted.queue_full(),
    "busy": scripted.saturated(),
    "away": scripted.code_3(),
    "lost": LOST,
    "no": scripted.invalid(),
}


@frozen
class Asked:
    prompt: str
    mode: Mode
    caller: str
    spill_over: bool
    #: Seconds before it is asked for.
    pause: float


asked = st.builds(
    Asked,
    prompt=st.sampled_from(["a cat", "a dog", "an owl"]),
    mode=st.sampled_from(list(Mode)),
    caller=st.sampled_from(["ann", "bob"]),
    spill_over=st.booleans(),
    pause=st.sampled_from([0.0, 0.0, 3.0]),
)


class Moody(Scripted):
    """Answers as it likes, and then takes all; knows what runs, and complains of what is amiss."""

    def __init__(self, moods: list[str]) -> None:
        super().__init__()
        self._moods = [MOODS[mood] for mood in moods]
        self._looks = iter(range(1_000_000))
        self.running: dict[str, Sent] = {}
        self.complaints: list[str] = []
        self.always("imagine", self._answer)

    def _answer(self, sent: Sent) -> Outcome:
        answer = self._moods.pop() if self._moods else None
        if answer is not None:
            return answer
        self._forget_ended()
        task_id = self.next_id()
        self.running[task_id] = sent
        self._check(sent)
        self.shows(task_id, *[RUNNING] * (next(self._looks) % 4), DONE)
        return accepted(task_id)

    def _forget_ended(self) -> None:
        for task_id in list(self.running):
            if len(self._rows[task_id]) == 1 and task_id in self.looks:
                del self.running[task_id]

    def _check(self, sent: Sent) -> None:
        here = Counter(mode_of(one) for one in self.running.values())
        bound = BOUNDS.get(mode_of(sent), BOUNDS["default"])
        if here[mode_of(sent)] > bound:
            self.complaints.append(f"{here} in flight")
        twins = Counter(one.body["prompt"] for one in self.running.values())
        if twins[sent.body["prompt"]] > 1:
            self.complaints.append(f"{sent.body['prompt']} twice in flight")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts=st.lists(asked, max_size=15), moods=st.lists(st.sampled_from(list(MOODS)), max_size=20))
def test_whatever_is_asked_and_answered_the_bounds_hold(
    acts: list[Asked], moods: list[str]
) -> None:
    """Every act ends, no lane is overfull, no twins meet, and no place is left behind."""
    _crowd(acts, moods)


@virtual_time
async def _crowd(acts: list[Asked], moods: list[str]) -> None:
    server = Moody(moods)
    bounds: dict[str, Any] = {
        "max_in_flight": BOUNDS,
        "collisions": "serialise",
        "admission_timeout": 600.0,
    }
    async with opened(server, **bounds) as client:
        handles: list[TaskHandle] = []
        for act in acts:
            await asyncio.sleep(act.pause)
            options: dict[str, Any] = {
                "mode": act.mode,
                "caller": act.caller,
                "spill_over": act.spill_over,
            }
            handles.append(client.imagine(act.prompt, **options))
        ends = [await outcome(handle) for handle in handles]
        assert all(isinstance(end, Task | MjflowError) for end in ends)
        admission = client._engine.admission
        assert (admission.lanes.taken, admission._collisions._gates) == (0, {})
        lasting = [end for end in ends if not isinstance(end, Task)]
        assert len(lasting) <= len([mood for mood in moods if mood in ("lost", "no")])
        assert not any(isinstance(end, QueueFull) for end in lasting)
        in_doubt = [end for end in lasting if isinstance(end, SubmissionInDoubt)]
        assert len(in_doubt) <= moods.count("lost")
        for act, handle in zip(acts, handles, strict=True):
            assert handle.mode == act.mode or act.spill_over
    assert server.complaints == []
