"""Prices: what an act and a click cost, and how sure that is (P§3.6)."""

from __future__ import annotations

import math

import pytest

from mjflow.errors import InvalidInput
from mjflow.protocol.prices import DEFAULT, Price, Prices
from mjflow.protocol.requests import Imagine, Modal, Mode


@pytest.mark.parametrize(
    ("action", "amount"),
    [
        ("IMAGINE", 0.1),
        ("VARIATION", 0.1),
        ("REROLL", 0.1),
        ("BLEND", 0.1),
        ("MODAL", 0.1),
        ("ZOOM", 0.1),
        ("SHORTEN", 0.1),
        ("HIGH_VARIATION", 0.1),
        ("LOW_VARIATION", 0.1),
        ("PAN", 0.1),
        ("UPSCALE", 0.05),
        ("DESCRIBE", 0.05),
        ("SWAP_FACE", 0.05),
        ("UPLOAD", 0.05),
        ("INPAINT", 0.0),
        ("CUSTOM_ZOOM", 0.0),
    ],
)
def test_default_price_of_every_act_that_the_sources_price(action: str, amount: float) -> None:
    """The default list is the gateway's, for paths without a prefix and for relax."""
    assert DEFAULT.price(action) == Price(amount)
    assert DEFAULT.price(action, Mode.RELAX) == Price(amount)


@pytest.mark.parametrize("action", ["VIDEO", "EDITS", "PIC_READER", ""])
def test_price_of_an_act_that_no_source_prices_is_an_estimate(action: str) -> None:
    """An unknown act counts for something, but is marked."""
    assert DEFAULT.price(action) == Price(0.1, known=False)


@pytest.mark.parametrize("mode", [Mode.FAST, Mode.TURBO])
def test_price_in_a_mode_that_no_source_prices_is_an_estimate(mode: Mode) -> None:
    """What resellers take for speed is not known by default."""
    assert DEFAULT.price("UPSCALE", mode) == Price(0.05, known=False)


@pytest.mark.parametrize(
    ("button", "click", "answered"),
    [
        ("U2", Price(0.05), Price(0.15)),
        ("V1", Price(0.1), Price(0.2)),
        ("reroll", Price(0.1), Price(0.2)),
        ("vary_region", Price(0.0), Price(0.1)),
        ("MJ::Inpaint::xxx", Price(0.0), Price(0.1)),
        ("custom_zoom", Price(0.0), Price(0.1)),
        ("zoom_1.5x", Price(0.1), Price(0.2)),
        ("make_square", Price(0.1), Price(0.2)),
        ("pan_left", Price(0.1), Price(0.2)),
        ("vary_strong", Price(0.1), Price(0.2)),
        ("vary_subtle", Price(0.1), Price(0.2)),
        ("upscale_creative", Price(0.05), Price(0.15)),
        ("describe_retry", Price(0.05), Price(0.15)),
        ("imagine_all", Price(0.4, known=False), Price(0.5, known=False)),
        ("animate_high", Price(0.1, known=False), Price(0.2, known=False)),
        ("bookmark", Price(0.0, known=False), Price(0.1, known=False)),
        ("sparkle", Price(0.1, known=False), Price(0.2, known=False)),
    ],
)
def test_price_of_a_click_and_of_its_dialog(button: str, click: Price, answered: Price) -> None:
    """A remix dialog is paid twice; Vary (Region) and Custom Zoom are paid by the answer alone."""
    alone = DEFAULT.price_of_click(button)
    both = DEFAULT.price_of_click(button, answered=True)

    assert [alone.amount, both.amount] == pytest.approx([click.amount, answered.amount])
    assert [alone.known, both.known] == [click.known, answered.known]


def test_prices_are_found_by_the_action_of_a_request() -> None:
    """Requests carry the price list's own words."""
    assert [DEFAULT.price(kind.action) for kind in (Imagine, Modal)] == [Price(0.1), Price(0.1)]


def test_overridden_prices_replace_and_join_the_present_ones() -> None:
    """Own prices count as known, also for modes; the default list stays as it was."""
    mine = DEFAULT.overridden({"UPSCALE": 0.02, "VIDEO": 0.6}, {Mode.TURBO: 2.0})

    assert mine.price("UPSCALE") == Price(0.02)
    assert mine.price("VIDEO", Mode.TURBO) == Price(1.2)
    assert mine.price("IMAGINE", Mode.FAST) == Price(0.1, known=False)
    assert mine.price_of_click("U1", Mode.TURBO) == Price(0.04)
    assert DEFAULT.price("UPSCALE") == Price(0.05)


@pytest.mark.parametrize("amount", [-0.1, math.nan, math.inf])
def test_prices_refuse_what_is_no_amount(amount: float) -> None:
    """A price below zero, or none at all, would disarm the cost brake."""
    with pytest.raises(InvalidInput, match="by_action of UPSCALE"):
        DEFAULT.overridden({"UPSCALE": amount})
    with pytest.raises(InvalidInput, match="by_mode of fast"):
        Prices(by_action={}, by_mode={Mode.FAST: amount})


def test_price_adds_up_and_stays_honest() -> None:
    """A sum is known only if all of it is."""
    assert Price(1.0) + Price(2.0) == Price(3.0)
    assert Price(1.0) + Price(2.0, known=False) == Price(3.0, known=False)
    assert Price(1.5) * 2 == Price(3.0)
