"""How often something happens lately."""

from __future__ import annotations

import pytest

from mjflow.timing.meter import Meter


def test_nothing_happens_at_no_rate() -> None:
    """A new meter shows nothing."""
    assert Meter().rate(1e6) == 0.0


def test_what_happens_steadily_is_told_as_it_is() -> None:
    """After a few times its memory."""
    meter = Meter()
    for tick in range(2000):
        meter.mark(tick / 20)
    assert meter.rate(100.0) == pytest.approx(20.0, rel=0.05)


def test_what_happened_is_forgotten() -> None:
    """A third is left after one memory, nothing worth mentioning after ten."""
    meter = Meter(memory=10.0)
    meter.mark(0.0, count=100)
    assert meter.rate(0.0) == 10.0
    assert meter.rate(10.0) == pytest.approx(3.68, rel=0.01)
    assert meter.rate(100.0) < 0.001


def test_a_clock_that_stands_still_is_no_trouble() -> None:
    """Everything that happens in one instant counts."""
    meter = Meter(memory=1.0)
    for _ in range(7):
        meter.mark(5.0)
    assert meter.rate(5.0) == 7.0
