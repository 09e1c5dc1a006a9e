"""Tasks whose whole life is in their id."""

from __future__ import annotations

import pytest

from benchmarks import lives


@pytest.fixture(params=[0, 5_000_000, 999_999_500, 1_000_000_200])
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stop the clock at some instant, in milliseconds; the last digits of an end may wrap."""
    instant = [request.param]
    monkeypatch.setattr(lives, "now", lambda: instant[0])
    return instant


def test_a_task_lives_as_long_as_its_id_says(clock: list[int]) -> None:
    """What is left of it falls from its whole life to nothing, and below."""
    task_id = lives.born(7, 2.0)
    seen = []
    for _ in range(4):
        seen.append((lives.left(task_id), lives.share_lived(task_id)))
        clock[0] += 1000
    assert seen == [(2000, 0.0), (1000, 0.5), (0, 1.0), (-1000, 1.5)]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("life", [0.0, 0.001, 90.0, 1e6])
def test_ids_have_one_length(life: float) -> None:
    """The server finds an id by its place in the request."""
    assert [len(lives.born(1, life)), len(lives.undying(99_999))] == [lives.DIGITS] * 2


def test_an_undying_task_never_changes(clock: list[int]) -> None:
    """An hour later it is where it was."""
    task_id = lives.undying(1)
    clock[0] += 3_600_000
    assert lives.share_lived(task_id) == 0.0


def test_lives_are_the_same_for_the_same_seed() -> None:
    """All contestants wait for the same tasks, none shorter or longer than it should be."""
    drawn = lives.lifetimes(500, seed=1)
    assert drawn == lives.lifetimes(500, seed=1)
    assert drawn != lives.lifetimes(500, seed=2)
    assert lives.SHORTEST_LIFE <= min(drawn) < 42 < max(drawn) <= lives.LONGEST_LIFE
