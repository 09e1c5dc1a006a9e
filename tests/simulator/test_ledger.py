"""The books: charges, refunds, and the record of every submit (P§3.6)."""

from __future__ import annotations

import pytest

from mjflow.simulator import Entry, Submit

from .samples import mask
from .test_dialogs import opened
from .wires import Wire, wired


async def test_a_charge_is_booked_when_a_task_is_accepted(wire: Wire) -> None:
    """The entry names task, action, price, state and instant."""
    wire.wait(7)
    task_id = await wire.imagine("x", state="mj1.t:mine")
    assert wire.simulator.ledger.entries == [
        Entry("charge", task_id, "IMAGINE", 0.1, "mj1.t:mine", 7.0)
    ]


@pytest.mark.parametrize(
    ("names", "price"),
    [
        (["U1"], 0.05),
        (["V1"], 0.1),
        (["🔄"], 0.1),
        (["U1", "Vary (Strong)"], 0.1),
        (["U1", "Zoom Out 2x"], 0.1),
        (["U1", "➡️"], 0.1),
        (["U1", "Upscale (Creative)"], 0.05),
        (["U1", "Vary (Region)"], 0.0),
        (["U1", "Custom Zoom"], 0.0),
    ],
)
async def test_each_action_has_its_price(wire: Wire, names: list[str], price: float) -> None:
    """A button that only opens a dialog is free, P§3.6."""
    task_id = await wire.finished("x", *names)
    assert wire.simulator.ledger.charged(task_id) == price


async def test_a_dialog_is_paid_by_its_answer_and_remix_twice(wire: Wire) -> None:
    """Vary (Region) costs 0.1 in all, a remixed variation 0.2, P§3.6."""
    region = await opened(wire)
    remixed = await opened(wire, "Vary (Strong)", enableRemix=True)
    for task_id in (region, remixed):
        await wire.submit("modal", taskId=task_id, prompt="x", maskBase64=mask())
    ledger = wire.simulator.ledger
    assert (ledger.charged(region), ledger.charged(remixed)) == (0.1, 0.2)
    actions = [entry.action for entry in ledger.charges if entry.task_id == remixed]
    assert actions == ["HIGH_VARIATION", "MODAL"]


async def test_a_failure_is_refunded_at_the_tick_that_sees_it(wire: Wire) -> None:
    """Both payments for a failed remix come back, each once."""
    task_id = await opened(wire, "Vary (Strong)", enableRemix=True)
    await wire.submit("modal", taskId=task_id, prompt="x --chaos 999")
    for _ in range(9):
        wire.wait(15)
        ledger = wire.simulator.ledger
    ends = wire.simulator.tasks[task_id].ends
    tick = (ends // 15 + 1) * 15
    refunds = [(entry.action, entry.at) for entry in ledger.refunds]
    assert refunds == [("MODAL", tick), ("HIGH_VARIATION", tick + 15)]
    assert (ledger.charged(task_id), ledger.refunded(task_id)) == (0.2, 0.2)


async def test_sums_are_free_of_rounding(wire: Wire) -> None:
    """Fifty times 0.1 is 5.0."""
    for _ in range(50):
        await wire.imagine()
    assert (len(wire.simulator.ledger.charges), wire.simulator.ledger.total) == (50, 5.0)


async def test_every_submit_is_on_record_with_its_state(wire: Wire) -> None:
    """Refused ones too: the record says what was meant for the client."""
    task_id = await wire.imagine("x", state="mj1.one:mine")
    await wire.submit("imagine", prompt="", state="mj1.two:")
    ledger = wire.simulator.ledger
    assert ledger.submits == [
        Submit(0.0, "imagine", "mj1.one:mine", task_id, 200, 1, exists=True, charged=0.1),
        Submit(0.0, "imagine", "mj1.two:", None, 400, 4),
    ]
    assert ledger.by_state("mj1.one") == ledger.submits[:1]
    assert ledger.by_state("mj1") == []


async def test_a_script_elsewhere_can_read_the_books(wire: Wire) -> None:
    """`/_simulator/ledger` needs no key and is up to date."""
    task_id = await wire.imagine("x --stop 1", state="mj1.t:")
    wire.wait()
    answer = await wire.ask("GET", "/_simulator/ledger", headers={"Authorization": ""})
    tick = wire.simulator.ledger.refunds[0].at
    entry = {"task_id": task_id, "action": "IMAGINE", "amount": 0.1, "state": "mj1.t:"}
    assert answer.type == "application/json"
    assert answer.json == {
        "charges": 1,
        "refunds": 1,
        "total": 0.0,
        "answers": {},
        "entries": [
            {"kind": "charge", **entry, "at": 0.0},
            {"kind": "refund", **entry, "at": tick},
        ],
        "submits": [
            {
                "at": 0.0,
                "act": "imagine",
                "state": "mj1.t:",
                "task_id": task_id,
                "status": 200,
                "code": 1,
                "faults": [],
                "parent": "",
                "others": [],
                "exists": True,
                "charged": 0.1,
                "knowable": True,
            }
        ],
    }


async def test_a_queued_task_is_charged_at_once() -> None:
    """Code 22 is paid like 1, P§3.6."""
    async with wired(core_size=1) as wire:
        ids = [await wire.imagine() for _ in range(3)]
        assert [entry.task_id for entry in wire.simulator.ledger.charges] == ids
