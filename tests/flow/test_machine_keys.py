"""What commands are called, and what editing a flow does to that."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjflow.flow.machine import keys as naming
from mjflow.flow.machine.commands import Ended, Pick, Picked, Submit
from mjflow.flow.steps import (
    Blend,
    Choose,
    Click,
    Download,
    Fork,
    Imagine,
    OnError,
    Place,
    Resubmit,
    Split,
    Step,
    When,
)
from mjflow.media.masks import Mask
from mjflow.protocol.checks import check_key
from mjflow.protocol.failures import FailureKind
from mjflow.protocol.requests import Mode

from .machines import answered, drive, keys, machine_of, task_of

GRID = Imagine(prompt="a cat")
CROWN = Click(buttons=("Vary (Region)",), prompt="a crown", mask="rect:0,0,1,0.5")

#: What the first test's commands are called.
PINNED = [
    "imagine=ece39d2c",
    "imagine=ece39d2c/download=fd270468",
    "imagine=ece39d2c/U1",
    "imagine=ece39d2c/U3",
    "imagine=ece39d2c/U1/vary_region=c0e3bd0a",
    "imagine=ece39d2c/U3/vary_region=c0e3bd0a",
    "imagine=ece39d2c/choose=best.4e95926d",
    "imagine=ece39d2c/U1/vary_region=c0e3bd0a/left:pan_left",
    "imagine=ece39d2c/U1/vary_region=c0e3bd0a/cells:split=44136fa3",
]


def click(*buttons: str) -> Click:
    return Click(buttons=buttons)


def submits(*steps: Step, **values: str) -> list[str]:
    """Return the keys of all that is paid for."""
    given = drive(machine_of(*steps, **values))
    return [command.key for command in given if isinstance(command, Submit)]


def test_keys_of_today_are_those_of_tomorrow() -> None:
    """A run that began before an update of mjflow finds all that it has paid for."""
    machine = machine_of(
        Imagine(prompt="a {animal}", images=("current.png",)),
        Download(name="{id}"),
        click("U1", "U3"),
        Click(buttons=("vary region",), prompt="a crown", mask=Mask.rect(0.3, 0, 0.7, 0.35)),
        Choose(scorer="brightest", id="best"),
        Fork(tails={"left": (click("pan left"),), "cells": (Split(),)}),
        animal="cat",
    )
    assert keys(drive(machine)) == PINNED


def test_a_step_with_an_id_is_called_by_it() -> None:
    """Whatever else of it is edited; a click also by its button."""
    one = Imagine(prompt="a cat", id="root"), Click(buttons=("U1",), id="pick")
    other = Imagine(prompt="a dog", id="root"), Click(buttons=("U1",), id="pick", prompt="red")
    assert submits(*one) == submits(*other) == ["root", "root/pick.U1"]


@pytest.mark.parametrize(
    "edited",
    [
        Imagine(prompt="a cat", on_error=OnError.RUN),
        Imagine(prompt="a cat", when=When(param={"animal": "cat"})),
        Imagine(prompt="a cat", resubmit=Resubmit(times=3, on=frozenset({FailureKind.UNKNOWN}))),
        Imagine(prompt="a cat", mode=Mode.RELAX),
        Imagine(prompt="a cat", place=Place(7, 1), spots={"prompt": Place(7, 12)}),
        Imagine(prompt="a cat", images=(), bot_type=None),
    ],
)
def test_how_a_step_is_done_is_no_part_of_its_key(edited: Imagine) -> None:
    """What is drawn stays drawn when only that changes."""
    assert submits(edited, animal="cat") == submits(GRID, animal="cat")


@pytest.mark.parametrize(
    "edited",
    [
        Imagine(prompt="a dog"),
        Imagine(prompt="a cat", images=("a.png",)),
        Imagine(prompt="a cat", extra={"a": 1}),
        Blend(images=("a.png", "b.png")),
    ],
)
def test_other_content_is_another_key(edited: Step) -> None:
    """Whatever changes the picture makes it another task."""
    assert submits(edited) != submits(GRID)


def test_a_key_does_not_depend_on_values() -> None:
    """The item's own key tells items apart."""
    step = Imagine(prompt="a {animal}")
    assert submits(step, animal="cat") == submits(step, animal="dog")


@pytest.mark.parametrize(
    "spelling", ["Vary (Region)", "vary region", "🖌️", "inpaint", "MJ::Inpaint::1::abc::SOLO"]
)
def test_all_spellings_of_a_button_are_one_key(spelling: str) -> None:
    """Whoever writes it more nicely does not pay again."""
    assert submits(GRID, click(spelling)) == submits(GRID, click("vary_region"))


@pytest.mark.parametrize(
    ("button", "part"),
    [
        ("U1", "U1"),
        ("Zoom Out 1.5x", "zoom_1.5x"),
        ("zoom", "zoom"),
        ("*Redo*", "*redo*"),
        ("{wanted}", "U4"),
        ("MJ::JOB::upsample::2::0b9c9a0e-8e8b-4b59-a5f6-2f4c5f5d1f50", "U2"),
        ("MJ::JOB::brand_new::1", "brand_new_1"),
        ("a/b:c#d~e%f=g*", "a%2Fb%3Ac%23d%7Ee%25f%3Dg*"),
    ],
)
def test_a_click_is_called_by_its_button(button: str, part: str) -> None:
    """By its canonical name, else by what is written, with nothing in it that means more."""
    assert submits(Imagine(prompt="a cat", id="x"), click(button), wanted="U4") == [
        "x",
        f"x/{part}",
    ]


def test_what_is_said_with_a_click_is_part_of_its_key() -> None:
    """Another prompt or another mask is another picture."""
    found = {
        submits(GRID, Click(buttons=("vary region",), prompt=prompt, mask=mask))[-1]
        for prompt in ("", "a crown", "a hat")
        for mask in (None, "crown.png", Mask.rect(0, 0, 1, 0.5), Mask.rect(0, 0, 1, 0.4))
    }
    assert len(found) == 12


# --- editing -----------------------------------------------------------------------------------

CHAIN: Sequence[Step] = (GRID, click("U1", "U3"), CROWN, click("U1"))


@pytest.mark.parametrize("at", range(1, len(CHAIN) + 1))
def test_a_download_in_the_middle_changes_no_other_key(at: int) -> None:
    """Nothing builds on a file."""
    edited = (*CHAIN[:at], Download(name="new"), *CHAIN[at:])
    assert submits(*edited) == submits(*CHAIN)


def test_a_click_in_the_middle_changes_what_builds_on_it() -> None:
    """And nothing before it, nor beside it."""
    edited = (*CHAIN[:3], click("V1"), *CHAIN[3:])
    assert submits(*edited)[:5] == submits(*CHAIN)[:5]
    assert set(submits(*edited)[7:]).isdisjoint(submits(*CHAIN))


def test_a_button_more_changes_no_other_key() -> None:
    """Wherever in the list it is put."""
    edited = (GRID, click("U2", "U3", "U1"), *CHAIN[2:])
    assert set(submits(*CHAIN)) < set(submits(*edited))


def test_a_tail_more_changes_no_other_key() -> None:
    """Tails are known by their names."""
    old = Fork(tails={"a": (click("U1"),), "b": (click("U1"),)})
    new = Fork(tails={"c": (click("U1"),), "b": (click("U1"),), "a": (click("U1"),)})
    assert set(submits(GRID, old)) < set(submits(GRID, new))


def test_a_root_that_uses_nothing_of_its_branch_keeps_its_key() -> None:
    """An act above it on which it does not build may be edited."""
    root = Imagine(prompt="a hat", id="hat")
    keys_of = [submits(first, click("U1"), root)[-1] for first in (GRID, Imagine(prompt="a dog"))]
    assert keys_of == ["hat", "hat"]


def test_equal_steps_are_counted() -> None:
    """On one way from the root; what stands between them does not count."""
    twice = Imagine(prompt="a cat", id="x")
    assert submits(twice, Download(), click("U1"), twice, twice) == ["x", "x/U1", "x#2", "x#3"]
    saves = drive(machine_of(twice, Download(id="d"), Download(id="d")))
    assert keys(saves)[1:] == ["x/download=d", "x/download=d#2"]


def test_twins_of_a_split_without_tasks_are_told_apart() -> None:
    """Both are still on the grid, and press the same button next."""
    machine = machine_of(Imagine(prompt="a cat", id="x"), click("❤️", "like"), click("U1"))
    given = drive(machine, lambda c: Ended(()) if "bookmark" in c.key[-10:] else answered(c))
    assert keys(given) == [
        "x",
        "x/bookmark",
        "x/bookmark#2",
        "x/bookmark:U1",
        "x/bookmark#2:U1",
    ]


def test_a_choice_among_others_is_another_choice() -> None:
    """What was decided for four says nothing about five, nor about three of them."""

    def pick(*buttons: str, dead: str = "-") -> str:
        machine = machine_of(GRID, click(*buttons), Choose(scorer="brightest"))
        given = drive(machine, lambda c: Ended(()) if c.key.endswith(dead) else answered(c))
        return next(command.key for command in given if isinstance(command, Pick))

    assert len({pick("U1", "U2"), pick("U1", "U2", "U3"), pick("U1", "U3")}) == 3


def test_a_choice_is_called_by_its_scorer() -> None:
    """A function of Python by its module and name, so that the next life finds it again."""

    def brightness(_: object) -> float:
        return 1.0

    named, other = Choose(scorer=brightness), Choose(scorer="brightest")
    again = Choose(scorer=brightness, best=1)
    assert naming.mark_apart(named) == naming.mark_apart(again)
    assert naming.mark_apart(named) != naming.mark_apart(other)


# --- bounds ------------------------------------------------------------------------------------


def test_keys_stay_short_however_long_the_branch() -> None:
    """Thirty clicks with data, on buttons that nobody knows, and none is like another."""
    steps = [
        Click(buttons=(f"MJ::JOB::{'new_' * 60}{n}", f"*{'x' * 300}{n}*"), prompt=f"{n}")
        for n in range(30)
    ]
    chosen = [each for step in steps for each in (step, Choose(scorer="best"))]
    machine = machine_of(GRID, *chosen)
    given = drive(machine, lambda c: Picked((1,)) if isinstance(c, Pick) else answered(c))
    assert max(map(len, keys(given))) < 1_100
    assert len(set(keys(given))) == len(given) == 1 + 30 * 3


@given(st.text(), st.text())
def test_any_text_is_one_word_of_a_key(one: str, other: str) -> None:
    """It is visible and short, means nothing more, and different texts stay different."""
    word = naming.word(one)
    check_key(f"x{word}")
    assert len(word) <= 60
    assert set(word.partition("=")[0]).isdisjoint("/:#~=")
    assert (word == naming.word(other)) == (one == other)


def test_tasks_of_one_button_are_told_apart_only_if_there_are_several() -> None:
    """One task is just the button's."""

    def built(number: int) -> list[str]:
        tasks = tuple(task_of(str(n)) for n in range(number))
        machine = machine_of(Imagine(prompt="a cat", id="x"), click("Imagine all"), click("U1"))
        return keys(drive(machine, lambda c: Ended(tasks) if "all" in c.key[-4:] else answered(c)))

    assert built(1)[2:] == ["x/imagine_all/U1"]
    assert built(2)[2:] == ["x/imagine_all/1:U1", "x/imagine_all/2:U1"]
