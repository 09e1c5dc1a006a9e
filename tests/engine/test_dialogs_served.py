"""Every dialog of P§5.3 and P§6 at every kind of server: answered once, and paid once."""

from __future__ import annotations

import pytest

from mjflow import RequestRefused, State
from mjflow.protocol.task import Task

from ..virtual import virtual_time
from .served import (
    ALWAYS,
    ANIMATED,
    BUILDS,
    CROWN,
    DESCRIBED,
    PROFILES,
    REMIXED,
    SHORTENED,
    Press,
    became,
    cents,
    served,
)

#: Cents for a grid, a U and an answer; a click in remix mode costs a gateway's user as much.
GRID, PICK, ANSWER, REMIX = 10, 5, 10, 10

# --- answered once, paid once -------------------------------------------------------------


@pytest.mark.parametrize("press", ALWAYS, ids=str)
@pytest.mark.parametrize("profile", BUILDS)
@virtual_time
async def test_a_button_that_always_asks_is_answered_once(profile: str, press: Press) -> None:
    """The click is free, its answer is paid (P§3.6), and what was given is drawn."""
    async with served(profile) as one:
        done = await press.on(one)
        assert (done.status, done.final_prompt) == ("SUCCESS", press.drawn)
        assert list(one.ledger.answers().values()) == [1]
        assert cents(one.ledger.total) == GRID + PICK + ANSWER
        assert cents(one.client.statistics().spent.total) == GRID + PICK + ANSWER


@pytest.mark.parametrize("press", [*REMIXED, *ANIMATED], ids=str)
@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_a_click_with_a_prompt_opens_a_remix_dialog(profile: str, press: Press) -> None:
    """`enableRemix` asks for it; a gateway charges for the click and the answer (P§3.6)."""
    async with served(profile) as one:
        click = press.on(one)
        done = await click
        assert done.final_prompt.removesuffix(" --v 6.1") == press.drawn.removesuffix(" --v 6.1")
        assert not click.dialog_data_unused
        assert list(one.ledger.answers().values()) == [1]
        before = GRID if press.kind == "grid" else GRID + PICK
        if profile == "gateway":
            assert cents(one.ledger.total) == before + REMIX + ANSWER
            assert one.client.statistics().spent.total == one.ledger.total
        else:
            assert cents(one.ledger.total) == before + ANSWER


@pytest.mark.parametrize("press", [*REMIXED, *ANIMATED], ids=str)
@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_a_bare_click_opens_no_dialog_unless_the_account_asks(
    profile: str, press: Press
) -> None:
    """Without data nobody is asked; in remix mode the offered prompt is sent back (P§5.3)."""
    bare = Press(press.kind, press.button)
    for remix in (False, True):
        async with served(profile, remix=remix) as one:
            done = await bare.on(one)
            assert done.status == "SUCCESS"
            assert done.final_prompt.startswith("a cat --v 6.1")
            assert list(one.ledger.answers().values()) == ([1] if remix else [])


@pytest.mark.parametrize("press", [*DESCRIBED, *SHORTENED], ids=str)
@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_the_texts_of_describe_and_shorten_are_drawn(profile: str, press: Press) -> None:
    """The offered text is drawn unless another one is given; trueai shows the buttons of a
    shorten and refuses them (P§2.5)."""
    async with served(profile) as one:
        parent = one.parent(press.kind)
        texts = (await parent).final_prompt
        click = parent.click(press.button, **press.given)
        done = await became(click)
        if (profile, press.kind) == ("trueai", "shorten"):
            assert type(done) is RequestRefused
            assert (click.state, one.ledger.submits[-1].charged) == (State.REFUSED, 0.0)
            return
        assert isinstance(done, Task)
        if press.drawn:
            assert done.final_prompt == press.drawn
        else:
            assert done.final_prompt.removesuffix(" --v 6.1") in texts
            assert "\n" not in done.final_prompt
        assert list(one.ledger.answers().values()) == [1]


@virtual_time
async def test_imagine_all_draws_four_where_the_server_can() -> None:
    """Its answer is a comma list of ids (P§6.3): each is a task of its own, without a dialog."""
    async with served("trueai") as one:
        click = one.parent("describe").click("Imagine all")
        await click
        drawn = [(await child).final_prompt for child in click.children]
        assert len(set(drawn)) == 4
        assert one.ledger.answers() == {}
        assert cents(one.ledger.total) == 5 + 4 * GRID
        assert cents(one.client.statistics().spent.total) == 5 + 4 * GRID


@virtual_time
async def test_imagine_all_is_refused_where_the_server_cannot() -> None:
    """A plus server shows the button and does not take it (P§6.3); nothing is paid for it."""
    async with served("gateway") as one:
        error = await became(one.parent("describe").click("Imagine all"))
        assert type(error) is RequestRefused
        assert "cannot press it" in error.advice
        assert cents(one.ledger.total) == 5


@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_a_describe_is_repeated_without_a_dialog(profile: str) -> None:
    """`MJ::Picread::Retry` starts at once and gives other texts."""
    async with served(profile) as one:
        first = one.parent("describe")
        again = await first.click("🔄")
        assert again.final_prompt != (await first).final_prompt
        assert one.ledger.answers() == {}


UNROUTED = [*ANIMATED, *DESCRIBED, *SHORTENED, Press("describe", "🔄"), Press("describe", "🎉")]


@pytest.mark.parametrize("press", UNROUTED, ids=str)
@virtual_time
async def test_what_an_old_gateway_does_not_know_costs_nothing(press: Press) -> None:
    """It refuses custom ids that it cannot read (P§2.5), and the error says what would help."""
    async with served("gateway-2025-04") as one:
        parent = one.parent(press.kind)
        await parent
        paid = one.ledger.total
        error = await became(parent.click(press.button, **press.given))
        assert type(error) is RequestRefused
        assert "knows no such button" in error.advice
        assert one.ledger.total == paid


@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_an_account_without_remix_mode_refuses_before_anything_is_paid(profile: str) -> None:
    """`enableRemix` is code 4 there (P§5.3); without a prompt the same button works."""
    async with served(profile, faults=["remix-off"]) as one:
        grid = one.parent("grid")
        error = await became(grid.click("V1", prompt="a dog"))
        assert type(error) is RequestRefused
        assert "Remix mode is off" in error.advice
        assert cents(one.ledger.total) == GRID
        assert (await grid.click("V1")).status == "SUCCESS"


@pytest.mark.parametrize("profile", PROFILES)
@virtual_time
async def test_buttons_behind_a_zoom_get_a_prompt_that_is_valid_there(profile: str) -> None:
    """What the zoomed picture was drawn by says `--zoom`, which nothing else takes (P§11.1)."""
    async with served(profile, remix=True) as one:
        zoomed = one.parent("picture").click("Custom Zoom", prompt="a barn --zoom 1.5 --v 6.1")
        single = zoomed.click("U1")
        behind = [
            zoomed.click("V1"),
            single.click("Vary (Region)", mask=CROWN["mask"]),
            single.click("⬅️"),
            single.click("Custom Zoom"),
        ]
        drawn = [(await click).final_prompt for click in behind]
        assert drawn[:3] == ["a barn --v 6.1"] * 3
        assert "--zoom" in drawn[3]
        assert set(one.ledger.answers().values()) == {1}
