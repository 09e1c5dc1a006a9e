"""Who answers a dialog: `on_dialog`, a person, or nobody; and what none will ever take."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mjflow import Answer, Client, ModalRequired, OpenDialog, State, UnknownButton
from mjflow.errors import InvalidInput, MjflowError
from mjflow.protocol.task import Task

from ..client.worlds import world
from ..virtual import virtual_time
from .served import ASKING, CROWN, PROFILES, Press, became, cents, served


def plain(dialog: OpenDialog) -> Answer:
    return Answer(prompt="a fox --v 6.1", mask=CROWN["mask"] if "mask" in dialog.wants else None)


async def slow(dialog: OpenDialog) -> Answer:
    await asyncio.sleep(90.0)
    return plain(dialog)


def fails(dialog: OpenDialog) -> Answer:
    raise LookupError("no such thing")


#: What `on_dialog` may be, and whether anything is answered.
POLICIES: list[tuple[Any, bool]] = [
    (plain, True),
    (slow, True),
    (fails, False),
    (lambda _: "junk", False),
    (lambda _: None, False),
    ("raise", False),
]


@pytest.mark.parametrize(
    ("policy", "answers"), POLICIES, ids=["plain", "slow", "fails", "junk", "none", "raise"]
)
@pytest.mark.parametrize("press", ASKING, ids=str)
@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_on_dialog_decides_over_every_dialog(
    profile: str, press: Press, policy: Any, answers: bool
) -> None:
    """Whoever is asked answers once or not at all; a dialog left open can be answered later."""
    async with served(profile, remix=True, on_dialog=policy) as one:
        click = one.parent(press.kind).click(press.button)
        done = await became(click)
        if not answers:
            assert isinstance(done, ModalRequired)
            assert click.state is State.MODAL
            assert one.ledger.answers() == {}
            done = await became(
                click.modal("a fox", CROWN["mask"] if "Region" in str(press) else None)
            )
        assert isinstance(done, Task)
        assert done.final_prompt.startswith("a fox")
        assert list(one.ledger.answers().values()) == [1]


@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_an_attached_dialog_waits_for_a_person(profile: str) -> None:
    """Whatever `on_dialog` is; two handles on one dialog pay once."""
    async with served(profile, on_dialog=plain) as one:
        click = one.parent("picture").click("Custom Zoom", on_dialog="raise")
        assert isinstance(await became(click), ModalRequired)
        task_id = click.id
        assert task_id is not None
    dialect = "trueai" if profile == "trueai" else "gateway"
    url = one.simulator.base_url
    async with one.simulator, Client(url, "sk-test", dialect=dialect, on_dialog=plain) as other:
        assert isinstance(await became(other.attach(task_id)), ModalRequired)
        assert one.ledger.answers() == {}
        handles = [other.modal(task_id, "a fox --zoom 2") for _ in range(2)]
        assert [type(await became(handle)) for handle in handles] == [Task, Task]
    assert list(one.ledger.answers().values()) == [1]


# --- known before anything is paid --------------------------------------------------------

USELESS: list[tuple[str, dict[str, Any]]] = [
    ("U1", {"prompt": "a dog"}),
    ("Upscale (Subtle)", {"prompt": "a dog"}),
    ("Zoom Out 2x", {"prompt": "a dog"}),
    ("U3", {"mask": CROWN["mask"]}),
    ("V1", dict(CROWN)),
    ("Custom Zoom", dict(CROWN)),
    ("Custom Zoom", {"prompt": "a barn --zoom 3"}),
]


@pytest.mark.parametrize(("button", "given"), USELESS, ids=lambda one: str(one)[:40])
@virtual_time
async def test_data_that_no_dialog_will_take_is_refused_by_the_call(
    button: str, given: dict[str, Any]
) -> None:
    """Nobody waits for what the click builds on to learn that."""
    async with served("gateway") as one:
        parent = one.parent("grid")
        with pytest.raises(InvalidInput):
            parent.click(button, **given)
        assert len(one.client.tasks) == 1


@pytest.mark.parametrize("button", ["*", "a new button", "MJ::JOB::sparkle::1::x"])
@virtual_time
async def test_data_for_what_is_unknown_is_left_to_the_server(button: str) -> None:
    """The task's own buttons decide."""
    async with served("gateway") as one:
        handle = one.parent("grid").click(button, prompt="a dog", mask=CROWN["mask"])
        assert isinstance(await became(handle), MjflowError)
        assert cents(one.ledger.total) == 10


@virtual_time
async def test_a_dialog_takes_no_mask_that_it_has_no_use_for() -> None:
    """Told to the waiters before the answer leaves; the dialog stays open."""
    async with served("gateway", on_dialog="raise") as one:
        click = one.parent("picture").click("Custom Zoom")
        assert isinstance(await became(click), ModalRequired)
        error = await became(click.modal("a barn", CROWN["mask"]))
        assert isinstance(error, InvalidInput)
        assert (click.state, one.ledger.answers()) == (State.MODAL, {})
        assert isinstance(await became(click.modal("a barn")), Task)


@virtual_time
async def test_a_server_without_buttons_refuses_the_call() -> None:
    """Handles chain without waiting, so it is told before what leads there is paid."""
    async with world(simulator={"profile": "novicezk"}, dialect="novicezk") as one:
        grid = one.client.imagine("a cat")
        single = grid.click("U1")
        with pytest.raises(UnknownButton, match="so Vary \\(Region\\) is not possible there"):
            single.click("Vary (Region)", **CROWN)
        assert (await single).status == "SUCCESS"
        assert cents(one.simulator.ledger.total) == 15


@virtual_time
async def test_a_server_that_is_found_out_refuses_in_time() -> None:
    """While nobody knows what it is, the click is taken on, and ends with the same error."""
    async with world(simulator={"profile": "novicezk"}, dialect="auto") as one:
        zoom = one.client.imagine("a cat").click("Custom Zoom")
        error = await became(zoom)
        assert isinstance(error, UnknownButton)
        assert "so Custom Zoom is not possible there" in error.message
        with pytest.raises(UnknownButton):
            one.client.imagine("a dog").click("Custom Zoom")
