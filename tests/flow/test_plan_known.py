"""A plan against an earlier run: only what is new is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from mjflow.flow import Flow
from mjflow.flow.items import Item, items
from mjflow.flow.planning.forecast import foresee
from mjflow.flow.planning.known import known_keys
from mjflow.flow.planning.plan import Plan, plan
from mjflow.fsm.events import Event
from mjflow.journal.memory import MemoryStore
from mjflow.journal.store import Intent, Mark, Note
from mjflow.protocol.dialect import GATEWAY
from mjflow.protocol.verdicts import Cause

from .plans import flow_of

STEPS = ("imagine: 'a {animal}'", "click: [U1, U2]", "click: Zoom Out 2x", "download")
NAMESPACE, RUN = "https://example.com", "night-1"


def rows(number: int) -> list[dict[str, str]]:
    return [{"animal": f"cat {n}"} for n in range(number)]


def keys_of(flow: Flow, item: Item) -> list[str]:
    """Give the keys of all that is done for an item."""
    forecast = foresee(flow, item, GATEWAY, mode=None, lag=0.0)
    return [deed.key for deed in forecast.deeds]


def known_of(flow: Flow, done: Sequence[Item], keep: slice = slice(None)) -> frozenset[str]:
    """Give the journal's keys of items, or of a part of each."""
    return frozenset(
        f"@{RUN}/{item.key}/{key}" for item in done for key in keys_of(flow, item)[keep]
    )


def planned(flow: Flow, all_items: Sequence[Item], known: frozenset[str]) -> Plan:
    return plan(flow, all_items, run=RUN, known=known)


def test_keys_are_those_of_the_machine() -> None:
    """The journal's keys are foreseen as the run will write them."""
    flow = flow_of("{imagine: a cat, id: cat}", "click: [U1, U3]", "{download: x, id: file}")
    assert keys_of(flow, Item("only", {})) == [
        "cat",
        "cat/U1",
        "cat/U3",
        "cat/U1/download=file",
        "cat/U3/download=file",
    ]


def test_items_added_to_a_run_are_all_that_costs() -> None:
    """Twenty prompts more cost twenty prompts."""
    flow = flow_of(*STEPS)
    before, after = list(items(flow, rows(200))), list(items(flow, rows(220)))
    made = planned(flow, after, known_of(flow, before))
    assert (made.items, made.new_items, made.bill.tasks) == (220, 20, 20 * 5)
    assert made.bill.cost == plan(flow, after[200:]).bill.cost


def test_steps_added_to_a_run_are_all_that_costs() -> None:
    """What stands before them is done."""
    older, newer = flow_of(*STEPS), flow_of(*STEPS, "click: U4")
    done = list(items(older, rows(10)))
    made = planned(newer, done, known_of(older, done))
    assert (made.new_items, made.bill.tasks) == (10, 20)
    assert [line.action for line in made.bill.lines if line.tasks] == ["UPSCALE"]


def test_items_half_done_cost_the_rest() -> None:
    """By the step: an item that stopped at its first branches goes on from there."""
    flow = flow_of(*STEPS)
    done = list(items(flow, rows(10)))
    made = planned(flow, done, known_of(flow, done[:4], slice(0, 3)))
    assert (made.new_items, made.bill.tasks) == (10, 10 * 5 - 4 * 3)


def test_a_run_that_is_done_costs_nothing() -> None:
    """Nothing is left to be done."""
    flow = flow_of(*STEPS)
    done = list(items(flow, rows(3)))
    made = planned(flow, done, known_of(flow, done))
    assert (made.new_items, made.bill.tasks, made.bill.seconds) == (0, 0, 0.0)
    assert made.bill.requests.total == 0


def test_another_run_is_another_matter() -> None:
    """Keys are those of one run."""
    flow = flow_of(*STEPS)
    done = list(items(flow, rows(3)))
    made = plan(flow, done, run="night-2", known=known_of(flow, done))
    assert made.new_items == 3


@pytest.mark.parametrize("best", [1, 2])
def test_whoever_was_chosen_the_rest_is_known(best: int) -> None:
    """No plan knows which branches a scorer has kept, but how many."""
    flow = flow_of(
        "{imagine: a cat, id: cat}",
        "click: [U1, U2, U3, U4]",
        f"{{choose: a:b, best: {best}}}",
        "click: Zoom Out 2x",
        "{download: x, id: file}",
    )
    done = list(items(flow))
    begin = [key for key in keys_of(flow, done[0]) if key.count("/") < 2]
    chosen = ["U4", "U2"][:best]
    after = [f"cat/{one}/zoom_2x" for one in chosen]
    files = [f"{key}/download=file" for key in after]
    known = [f"@{RUN}/only/{key}" for key in (*begin, *after, *files)]
    assert planned(flow, done, frozenset(known)).bill.tasks == 0
    assert planned(flow, done, frozenset(known)).new_items == 0
    only_begun = frozenset(f"@{RUN}/only/{key}" for key in begin)
    assert planned(flow, done, only_begun).bill.tasks == best


# --- from a journal ------------------------------------------------------------------------------

REFUSED: dict[str, object] = {"cause": Cause.INVALID.value, "reason": "no"}
NOTES: dict[str, tuple[tuple[Event, dict[str, object]], ...]] = {
    "sent": (),
    "accepted": ((Event.ACCEPTED, {"ids": ["1"]}),),
    "refused": ((Event.REFUSED, REFUSED),),
    "withdrawn": ((Event.WITHDRAWN, {"reason": "closed"}),),
    "rejected": ((Event.REJECTED, {"reason": "full"}),),
}


async def test_a_journal_tells_what_is_not_paid_again() -> None:
    """What was taken, or refused for good, is known; what was withdrawn is asked for again."""
    store, now = MemoryStore(), datetime.now(UTC)
    for name, notes in NOTES.items():
        intent = Intent(
            namespace=NAMESPACE,
            key=f"@{RUN}/{name}/imagine",
            attempt=1,
            token=name,
            digest=name,
            payload=b"",
            written_at=now,
        )
        await store.intend(intent)
        for event, data in notes:
            note = Note(event=event, payload=msgspec.json.encode(data), written_at=now)
            await store.note(name, note)
    await store.mark(
        Mark(namespace=NAMESPACE, key=f"@{RUN}/sent/download=1", payload=b"{}", written_at=now)
    )
    found = await known_keys(store, NAMESPACE, RUN)
    assert {key.split("/", 1)[1] for key in found} == {
        "sent/imagine",
        "sent/download=1",
        "accepted/imagine",
        "refused/imagine",
    }
    assert await known_keys(store, NAMESPACE, "night-2") == frozenset()
