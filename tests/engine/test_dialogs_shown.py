"""What is shown of a dialog after its answer, and what is found when the reply got lost (P§5.4)."""

from __future__ import annotations

import asyncio

import pytest

from mjflow import AnswerInDoubt, State
from mjflow.protocol.task import Task

from ..virtual import virtual_time
from .served import ALWAYS, ASKING, PROFILES, Press, became, served


@pytest.mark.parametrize("faults", [["modal-new-id"], ["modal-stays-stale"], ["two-rows"]], ids=str)
@pytest.mark.parametrize("press", ASKING, ids=str)
@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_an_answered_dialog_is_never_answered_again(
    profile: str, press: Press, faults: list[str]
) -> None:
    """Same id or new id, stale or seen twice (P§5.4): one answer, one payment, one result."""
    async with served(profile, remix=True, faults=faults) as one:
        click = press.on(one)
        done = await click
        assert done.status == "SUCCESS"
        assert list(one.ledger.answers().values()) == [1]
        assert (len(click.ids) == 2) is (faults == ["modal-new-id"])
        charges = [entry.action for entry in one.ledger.charges]
        assert charges.count("MODAL") == 1


@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_two_handles_on_one_dialog_answer_it_once(profile: str) -> None:
    """A server that gives the first click's dialog to the second, too (P§3.4)."""
    async with served(profile, faults=["duplicate-21"]) as one:
        single = one.parent("picture")
        clicks = [single.click("Custom Zoom", prompt="a barn --zoom 2") for _ in range(2)]
        tasks = [await click for click in clicks]
        assert tasks[0].id == tasks[1].id
        assert list(one.ledger.answers().values()) == [1]


#: Accepted, and the reply got lost in one way or another: the task can be seen.
SEEN = ["lost-reply", "timeout-after-accept", "cut-reply", "empty-200"]
#: The same, of what a gateway itself does to a reply.
SEEN_BEHIND = [*SEEN, "do-request-failed", "code-5-with-task", "insert-failed"]
#: Never accepted, but the reply does not say so.
UNSEEN = ["http-502", "shape-e", "shape-f"]


@pytest.mark.parametrize(
    ("profile", "fault"),
    [*(("gateway", name) for name in SEEN_BEHIND), *(("trueai", name) for name in SEEN)],
)
@virtual_time
async def test_an_answer_that_arrived_is_found_by_looking(profile: str, fault: str) -> None:
    """No reply tells, and yet the wait ends with the picture, without a second answer."""
    async with served(profile, faults=[f"{fault}@answers=1:1"]) as one:
        done = await became(ALWAYS[0].on(one))
        assert isinstance(done, Task)
        assert done.final_prompt == ALWAYS[0].drawn
        assert list(one.ledger.answers().values()) == [1]
        assert [submit.knowable for submit in one.ledger.submits] == [True, True, True, False]


@pytest.mark.parametrize("fault", UNSEEN)
@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_an_answer_that_never_arrived_stays_in_doubt(profile: str, fault: str) -> None:
    """Absence proves nothing: the waiters are told, and only their word sends it again."""
    async with served(profile, faults=[f"{fault}@answers=1:1"]) as one:
        click = ALWAYS[0].on(one)
        error = await became(click)
        assert isinstance(error, AnswerInDoubt)
        assert one.ledger.answers() == {}
        await asyncio.sleep(600.0)
        assert click.state is State.ANSWER_IN_DOUBT
        await click.settle("resubmit")
        done = await became(click)
        assert isinstance(done, Task)
        assert list(one.ledger.answers().values()) == [1]


@pytest.mark.parametrize("noise", [["rows-repeated"], ["rows-shuffled"], ["rows-repeated=0.5"]])
@virtual_time
async def test_rows_that_are_repeated_are_no_proof_of_an_answer(noise: list[str]) -> None:
    """A list may name a task twice (P§12); only the answer's own row counts."""
    async with served("gateway", faults=["http-502@answers=1:1", *noise]) as one:
        click = ALWAYS[0].on(one)
        assert isinstance(await became(click), AnswerInDoubt)
        await asyncio.sleep(120.0)
        assert click.state is State.ANSWER_IN_DOUBT
