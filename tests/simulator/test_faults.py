"""Faults: each by its name, by rate and by count (P§12)."""

from __future__ import annotations

import aiohttp
import pytest

from mjflow.simulator import FAULTS, Fault

from .wires import Wire, wired


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("fails", Fault("fails")),
        ("fails=0.3", Fault("fails", 0.3)),
        ("fails=1:1", Fault("fails", 1.0, 1)),
        (" fails = 0.5:20", Fault("fails", 0.5, 20)),
    ],
)
def test_a_fault_is_read_from_a_command_line(text: str, fault: Fault) -> None:
    """`name`, `name=RATE` and `name=RATE:COUNT`."""
    assert Fault.parse(text) == fault


@pytest.mark.parametrize("text", ["", "typo", "fails=2", "fails=x", "fails=1:-1", "fails=1:x"])
def test_a_fault_that_makes_no_sense_is_refused(text: str) -> None:
    """Unknown names and numbers out of range are errors."""
    with pytest.raises(ValueError, match=r"unknown fault|must be|could not|invalid literal"):
        Fault.parse(text)


def test_an_unknown_fault_names_those_there_are() -> None:
    """The error lists all names."""
    with pytest.raises(ValueError, match="expired-key, refuses-bearer, "):
        Fault("typo")


async def test_a_rate_strikes_about_as_often_and_a_count_no_more() -> None:
    """Dice are seeded; after `count` strikes the fault is over."""
    async with wired(faults=["queue-full=0.3", "http-502=1:2"]) as wire:
        codes = [(await wire.submit("imagine", prompt="x")).status for _ in range(2)]
        assert codes == [502, 502]
        answers = [(await wire.submit("imagine", prompt="x")).json["code"] for _ in range(300)]
        assert 60 <= answers.count(23) <= 120
        assert wire.simulator.faults.struck["http-502"] == 2


async def test_faults_can_be_switched_while_the_simulator_runs(wire: Wire) -> None:
    """`switch` turns one on with a fresh count, `clear` turns all off."""
    faults = wire.simulator.faults
    faults.switch("http-502=1:1")
    assert (await wire.submit("imagine", prompt="x")).status == 502
    assert (await wire.submit("imagine", prompt="x")).status == 200
    faults.switch(Fault("http-502", count=1))
    assert (await wire.submit("imagine", prompt="x")).status == 502
    faults.switch("http-502")
    faults.clear()
    assert (await wire.submit("imagine", prompt="x")).status == 200


@pytest.mark.parametrize(
    ("name", "status", "content_type", "text"),
    [
        ("http-502", 502, "text/html", "502 Bad Gateway"),
        ("queue-full", 200, "text/plain", '"code":23'),
        ("queue-full-429", 429, "application/json", '"code":30'),
        ("expired-key", 401, "application/json", "该令牌已过期"),
    ],
)
async def test_a_fault_before_acceptance_makes_nothing(
    name: str, status: int, content_type: str, text: str
) -> None:
    """No task, no charge; on the record where the gateway came to read it."""
    async with wired(faults={name: 1.0}) as wire:
        answer = await wire.submit("imagine", prompt="x", state="mj1.t:")
        assert (answer.status, answer.type) == (status, content_type)
        assert text in answer.raw.decode()
        assert wire.simulator.tasks == {}
        assert wire.simulator.ledger.charges == []


async def test_a_lost_reply_leaves_a_paid_task_that_runs() -> None:
    """The connection breaks before the first byte of the answer, P§12.9."""
    async with wired(faults=[Fault("lost-reply", count=1)]) as wire:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await wire.submit("imagine", prompt="x", state="mj1.t:")
        [submit] = wire.simulator.ledger.by_state("mj1.t")
        assert submit.faults == ("lost-reply",)
        assert submit.task_id is not None
        assert wire.simulator.ledger.charged(submit.task_id) == 0.1
        wire.wait()
        assert (await wire.fetch(submit.task_id))["status"] == "SUCCESS"


async def test_a_rejected_submit_has_no_reply_to_lose() -> None:
    """Only what was accepted can be in doubt."""
    async with wired(faults={"lost-reply": 1.0}) as wire:
        assert (await wire.submit("imagine", prompt="gore")).json["code"] == 24
        assert wire.simulator.faults.struck["lost-reply"] == 0


async def test_do_request_failed_hides_a_task_that_runs_unpaid() -> None:
    """Code 5: the server behind has it, the gateway has neither row nor charge, P§3.6."""
    async with wired(faults={"do-request-failed": 1.0}) as wire:
        answer = await wire.submit("imagine", prompt="x", state="mj1.t:")
        assert (answer.status, answer.json["code"]) == (400, 5)
        [task_id] = wire.simulator.tasks
        assert (await wire.fetch(task_id))["description"] == "task_no_found "
        assert wire.simulator.ledger.charges == []
        assert wire.simulator.ledger.submits[0].task_id == task_id


async def test_a_read_may_end_before_its_length() -> None:
    """Half of the body comes, of a look as of a picture."""
    async with wired() as wire:
        task_id = await wire.finished()
        wire.simulator.faults.switch("cut-body")
        for read in (wire.fetch, wire.rows, wire.picture):
            with pytest.raises(aiohttp.ClientPayloadError, match="received"):
                await read(task_id)


async def test_a_read_may_meet_an_error_of_the_server(wire: Wire) -> None:
    """HTTP 500 in shape A; the task goes on."""
    task_id = await wire.imagine()
    wire.simulator.faults.switch("server-error=1:2")
    answer = await wire.ask("GET", f"/mj/task/{task_id}/fetch")
    assert (answer.status, answer.json["error"]["type"]) == (500, "new_api_error")
    body = {"ids": [task_id]}
    assert (await wire.ask("POST", "/mj/task/list-by-condition", body)).status == 500
    assert (await wire.fetch(task_id))["status"] == ""


async def test_a_task_may_fail_and_is_refunded() -> None:
    """The reason is one that may pass, P§8.5."""
    async with wired(faults={"fails": 1.0}) as wire:
        task_id = await wire.finished()
        row = await wire.fetch(task_id)
        assert row["status"] == "FAILURE"
        assert row["failReason"].startswith("[Internal Server Error]")
        assert wire.simulator.ledger.refunded(task_id) == 0.1


async def test_a_task_may_never_end() -> None:
    """Its row stands still, past the hour too, and keeps its price, P§5.5."""
    async with wired(faults={"never-ends": 1.0}) as wire:
        task_id = await wire.imagine()
        wire.wait(30)
        status = (await wire.fetch(task_id))["status"]
        assert status in ("SUBMITTED", "IN_PROGRESS")
        wire.wait(7200)
        assert (await wire.fetch(task_id))["status"] == status
        assert wire.simulator.ledger.total == 0.1


async def test_a_task_may_be_forgotten() -> None:
    """It is known right after the submit, and unknown a while later."""
    async with wired(faults={"forgets": 1.0}) as wire:
        task_id = await wire.imagine()
        assert (await wire.fetch(task_id))["id"] == task_id
        wire.wait(10)
        assert (await wire.fetch(task_id))["description"] == "task_no_found "
        assert await wire.rows(task_id) == []


async def test_a_refresh_may_be_slow() -> None:
    """The gateway looks at the task once a minute."""
    async with wired(faults={"slow-refresh": 1.0}) as wire:
        task_id = await wire.imagine("x --turbo")
        wire.wait(59.9)
        assert (await wire.fetch(task_id))["status"] == ""
        wire.wait(0.1)
        assert (await wire.fetch(task_id))["status"] == "SUCCESS"


def test_every_fault_is_described() -> None:
    """The registry says where each strikes and what it does, in one line."""
    occasions = (
        *("any request: ", "a submit: ", "a click: ", "an answer: ", "a look: ", "a task: "),
        *("a picture: ", "a webhook: ", "a look or a picture: "),
    )
    assert [name for name, text in FAULTS.items() if not text.startswith(occasions)] == []
    assert [name for name, text in FAULTS.items() if "\n" in text or len(text) > 90] == []
