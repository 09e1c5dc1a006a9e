"""What a machine asks for next, and what it says became of the item."""

from __future__ import annotations

import pytest

from mjflow.errors import (
    DownloadFailed,
    InvalidInput,
    MjflowError,
    RequestRefused,
    SubmissionInDoubt,
    TaskLost,
)
from mjflow.flow.flow import Flow
from mjflow.flow.machine.commands import (
    Command,
    Cut,
    Ended,
    Event,
    Failed,
    File,
    Pick,
    Picked,
    Save,
    Stored,
    Stuck,
    Submit,
)
from mjflow.flow.machine.layout import Layout
from mjflow.flow.machine.machine import Machine, OutOfTurn
from mjflow.flow.machine.results import BranchResult
from mjflow.flow.steps import (
    Change,
    Choose,
    Click,
    Describe,
    Download,
    Fork,
    Imagine,
    OnError,
    Resubmit,
    Split,
    Step,
    Video,
    When,
)
from mjflow.protocol.failures import FailureKind
from mjflow.protocol.task import Picture, Task

from .machines import Answer, answered, drive, failed, item_of, keys, machine_of, task_of

GRID = Imagine(prompt="a cat", id="cat")
FOUR = Click(buttons=("U1", "U2", "U3", "U4"))
BEST = Choose(scorer="brightest", best=1)
LOST = Stuck(TaskLost("lost", task_id="7"))
REFUSED = Failed(RequestRefused("no"))


def click(*buttons: str, **said: object) -> Click:
    return Click(buttons=buttons, **said)  # type: ignore[arg-type]


def names(machine: Machine) -> list[str]:
    return [branch.name for branch in machine.result().branches]


def states(machine: Machine) -> dict[str, str]:
    return {branch.name: branch.state for branch in machine.result().branches}


def branch(machine: Machine, name: str) -> BranchResult:
    return next(branch for branch in machine.result().branches if branch.name == name)


def answering(**answers: Event | None) -> Answer:
    """Answer some commands, named by the ends of their keys, and all others well."""

    def answer(command: Command) -> Event | None:
        found = (end for end in answers if command.key.endswith(end))
        end = next(found, None)
        return answered(command) if end is None else answers[end]

    return answer


# --- one branch --------------------------------------------------------------------------------


def test_each_act_waits_for_the_one_that_it_builds_on() -> None:
    """A chain asks for one task after the other."""
    machine = machine_of(GRID, click("U2"), click("Zoom Out 2x"))
    given = []
    while commands := machine.commands():
        given.append([(command.key, command.branch) for command in commands])
        machine.apply(commands[0].key, answered(commands[0]))
    assert given == [
        [("cat", "")],
        [("cat/U2", "U2")],
        [("cat/U2/zoom_2x", "U2 > Zoom Out 2x")],
    ]
    assert machine.ended


def test_the_lineage_tells_every_act_and_its_task() -> None:
    """From the root down to the branch's own task."""
    machine = machine_of(GRID, click("U2"), click("vary region", prompt="a crown"), click("zoom 2"))
    drive(machine)
    (result,) = machine.result().branches
    told = [(ancestor.act, ancestor.task.id.count("/")) for ancestor in result.lineage]
    assert told == [("imagine", 0), ("U2", 1), ("vary_region", 2), ("zoom_2x", 3)]
    assert result.task == result.lineage[-1].task


def test_texts_are_filled_in() -> None:
    """Prompts, pictures, buttons, names and fields of a vendor's own, for this item."""
    machine = machine_of(
        Imagine(prompt="a {animal}", images=("{animal}.png",), extra={"note": ["{animal}", 1]}),
        click("U{cell}", prompt="{{no}} {animal}"),
        Download(name="{animal}/{button}-{item}"),
        animal="cat",
        cell="3",
    )
    imagine, press, save = drive(machine)
    assert isinstance(imagine, Submit)
    assert isinstance(press, Submit)
    assert isinstance(save, Save)
    assert imagine.step == Imagine(prompt="a cat", images=("cat.png",), extra={"note": ["cat", 1]})
    assert press.step == click("U3", prompt="{no} cat")
    assert (save.name, press.branch) == ("cat/{button}-item", "U3")


def test_steps_without_fields_are_shared_by_all_items() -> None:
    """What is the same for every item is not copied for any."""
    machine = machine_of(GRID, click("U1"))
    imagine, press = drive(machine)
    assert isinstance(imagine, Submit)
    assert isinstance(press, Submit)
    assert imagine.step is GRID


def test_a_text_without_its_value_ends_the_branch() -> None:
    """Nothing is asked for, and the error names the field."""
    machine = machine_of(Imagine(prompt="a {animal}"))
    assert drive(machine) == []
    (result,) = machine.result().branches
    assert isinstance(result.error, InvalidInput)
    assert "animal" in result.error.message


def test_an_act_without_a_task_to_build_on_ends_the_branch() -> None:
    """Its root was skipped."""
    skipped = Imagine(prompt="a cat", when=When(param={"animal": "cat"}))
    for step in (click("U1"), Download(), Video(image="current")):
        machine = machine_of(skipped, step, animal="dog")
        assert drive(machine) == []
        assert isinstance(machine.result().branches[0].error, InvalidInput)


def test_a_task_with_several_clips_is_one_task() -> None:
    """Clips are pictures of a task, and a task is a branch."""
    clips = tuple(Picture(url=f"https://example.com/{n}.mp4") for n in range(4))
    machine = machine_of(GRID, Video(image="current", id="film"), Download())
    given = drive(machine, answering(film=Ended((Task(id="film", video_urls=clips),))))
    assert keys(given)[:2] == ["cat", "cat/film"]
    assert names(machine) == ["video"]


# --- where branches split ----------------------------------------------------------------------


def test_several_buttons_split_a_branch() -> None:
    """Each goes on with the same rest, and has a result of its own."""
    machine = machine_of(GRID, click("U1", "U3"), click("reroll"), Download(name="a"))
    given = drive(machine)
    assert keys(given)[1:5] == ["cat/U1", "cat/U3", "cat/U1/reroll", "cat/U3/reroll"]
    assert [command.step for command in given[1:3] if isinstance(command, Submit)] == [
        click("U1"),
        click("U3"),
    ]
    assert names(machine) == ["U1 > reroll", "U3 > reroll"]


def test_the_same_button_twice_is_two_branches() -> None:
    """Two variations of one picture are two tasks."""
    machine = machine_of(GRID, click("V1", "variation 1"))
    assert keys(drive(machine)) == ["cat", "cat/V1", "cat/V1#2"]
    assert names(machine) == ["V1", "V1 #2"]


def test_a_button_that_starts_several_tasks_splits_a_branch() -> None:
    """What follows builds on each of them."""
    tasks = Ended(tuple(task_of(f"task-{n}") for n in range(3)))
    machine = machine_of(Describe(image="a.png", id="told"), click("Imagine all"), click("U1"))
    given = drive(machine, answering(imagine_all=tasks))
    built = [(c.key, c.parent, c.place) for c in given[2:] if isinstance(c, Submit)]
    assert built == [(f"told/imagine_all/{n + 1}:U1", "told/imagine_all", n) for n in range(3)]
    assert names(machine) == [f"Imagine all {n} > U1" for n in (1, 2, 3)]


def test_a_button_that_starts_no_task_leaves_the_branch_where_it_is() -> None:
    """After a bookmark the grid's buttons are still there."""
    machine = machine_of(GRID, click("bookmark"), click("U1"))
    given = drive(machine, answering(bookmark=Ended(())))
    assert keys(given) == ["cat", "cat/bookmark", "cat/U1"]
    assert [a.act for a in machine.result().branches[0].lineage] == ["imagine", "U1"]


def test_a_fork_goes_on_in_several_ways() -> None:
    """Each tail has steps of its own, and an empty one just ends."""
    fork = Fork(
        tails={
            "large": (click("U1"), click("upscale_2x")),
            "cells": (Split(name="{cell}", id="cut"),),
            "again": (click("U1"),),
            "grid": (),
        }
    )
    machine = machine_of(GRID, fork)
    given = drive(machine)
    assert sorted(keys(given)[1:4]) == ["cat/again:U1", "cat/cells:split=cut", "cat/large:U1"]
    assert names(machine) == ["large > U1 > Upscale (2x)", "cells", "again > U1", "grid"]


def test_a_fork_without_tails_is_no_fork() -> None:
    """The branch goes on behind it."""
    machine = machine_of(GRID, Fork(tails={}), click("U1"))
    assert keys(drive(machine)) == ["cat", "cat/U1"]


def test_a_root_in_mid_list_builds_on_the_branch_only_if_it_says_current() -> None:
    """Its parent is the task whose picture it takes."""
    machine = machine_of(
        GRID,
        click("U1"),
        Video(image="current", id="film"),
        Describe(image="other.png", id="told"),
    )
    given = drive(machine)
    parents = [(c.key, c.parent) for c in given if isinstance(c, Submit)]
    assert parents == [
        ("cat", None),
        ("cat/U1", "cat"),
        ("cat/U1/film", "cat/U1"),
        ("told", None),
    ]
    (result,) = machine.result().branches
    assert (result.name, [a.act for a in result.lineage]) == ("U1 > video > describe", ["describe"])


def test_a_root_in_mid_list_is_done_once_on_each_branch() -> None:
    """Branches that share no task still have keys of their own."""
    machine = machine_of(GRID, click("U1", "U3"), Describe(image="other.png", id="told"))
    assert keys(drive(machine))[3:] == ["U1:told", "U3:told"]


def test_results_are_in_the_order_of_the_flow() -> None:
    """Whoever ends first, fails first or never begins."""
    machine = machine_of(GRID, FOUR, click("reroll"))
    machine.apply(
        machine.commands()[0].key, answered(Submit(key="g", branch="", step=GRID, parent=None))
    )
    for command in machine.commands()[::-1]:
        machine.apply(command.key, REFUSED if "U2" in command.key else answered(command))
    assert names(machine) == ["U1 > reroll", "U2", "U3 > reroll", "U4 > reroll"]


# --- conditions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "done"),
    [
        (When(has_button="upscale subtle"), True),
        (When(has_button="{wanted}"), True),
        (When(has_button="*creative*"), False),
        (When(action="upscale"), True),
        (When(action="IMAGINE"), False),
        (When(param={"animal": "cat"}), True),
        (When(param={"animal": "dog"}), False),
        (When(param={"colour": "red"}), False),
        (When(has_button="Upscale (Subtle)", action="IMAGINE"), False),
    ],
)
def test_a_step_whose_condition_does_not_hold_is_skipped(when: When, done: bool) -> None:
    """The branch goes on without it."""
    machine = machine_of(
        GRID,
        click("U1"),
        click("Upscale (Subtle)", when=when),
        click("reroll"),
        animal="cat",
        wanted="upscale_subtle",
    )
    picture = Ended((task_of("picture", "Upscale (Subtle)", action="UPSCALE"),))
    given = drive(machine, answering(U1=picture))
    middle = ["cat/U1/upscale_subtle"] if done else []
    assert keys(given)[2:-1] == middle
    assert given[-1].key.endswith("/reroll")


def test_a_split_that_is_skipped_passes_on() -> None:
    """The choice behind it has nothing to choose from then."""
    machine = machine_of(GRID, click("U1", "U2", when=When(action="VIDEO")), BEST, click("reroll"))
    assert keys(drive(machine)) == ["cat", "cat/reroll"]


# --- files -------------------------------------------------------------------------------------


def test_a_branch_goes_on_while_its_file_is_saved() -> None:
    """Both are asked for at once."""
    machine = machine_of(GRID, Download(name="grid"), click("U1"))
    (imagine,) = machine.commands()
    machine.apply(imagine.key, answered(imagine))
    save, press = machine.commands()
    assert isinstance(save, Save)
    assert (save.parent, save.place, save.name, press.key) == ("cat", 0, "grid", "cat/U1")
    machine.apply(press.key, answered(press))
    assert not machine.ended


def test_files_are_told_in_the_order_of_the_steps_and_once() -> None:
    """Those from before a split belong to all branches behind it."""
    machine = machine_of(
        GRID, Download(name="grid"), Split(name="cell"), click("U1", "U2"), Download(name="one")
    )
    given = drive(machine)
    kinds = [type(command) for command in given[1:3]]
    assert kinds == [Save, Cut]
    first, second, *_ = (file.path.rpartition("/")[2] for file in machine.result().files)
    assert (first.partition("=")[0], second.partition("=")[0]) == ("download", "split")
    assert [len(b.files) for b in machine.result().branches] == [3, 3]
    assert len(machine.result().files) == 4


def test_a_file_that_cannot_be_saved_does_not_stop_its_branch() -> None:
    """What is paid for goes on; the branch tells of it in the end."""
    machine = machine_of(GRID, Download(id="grid"), click("U1"))
    drive(machine, answering(**{"download=grid": Failed(DownloadFailed("gone"))}))
    (result,) = machine.result().branches
    assert (result.name, str(result.error)[:4], result.state) == ("U1", "gone", "failed")
    assert result.task == task_of("cat/U1")


def test_files_of_a_branch_that_failed_count() -> None:
    """They are on disk, whatever came later."""
    machine = machine_of(GRID, Download(), click("U1"))
    drive(machine, answering(U1=REFUSED))
    (result,) = machine.result().branches
    assert (len(result.files), result.state) == (1, "failed")


def test_a_file_that_is_stuck_waits() -> None:
    """The next life of the run saves it."""
    machine = machine_of(GRID, Download(id="grid"), click("U1"))
    drive(machine, answering(**{"download=grid": Stuck(MjflowError("closed"))}))
    assert (machine.stuck, states(machine)) == (True, {"U1": "stuck"})


# --- failures ----------------------------------------------------------------------------------


def test_a_failure_ends_its_branch_and_no_other() -> None:
    """And all that would have come of it."""
    machine = machine_of(GRID, click("U1", "U2"), click("V1", "V2"))
    given = drive(machine, answering(U1=REFUSED))
    assert keys(given)[3:] == ["cat/U2/V1", "cat/U2/V2"]
    assert states(machine) == {"U1": "failed", "U2 > V1": "done", "U2 > V2": "done"}
    assert not machine.result().ok
    assert [failure.name for failure in machine.result().failures] == ["U1"]


def test_a_failure_may_stop_the_item() -> None:
    """What is out is still seen through, and nothing more is begun."""
    machine = machine_of(GRID, click("U1", "U2", on_error=OnError.ITEM), click("reroll"))
    drive(machine, answering(U1=None, U2=None))
    machine.apply("cat/U2", REFUSED)
    assert (machine.commands(), machine.ended, machine.fatal) == ([], False, None)
    machine.apply("cat/U1", answered(Submit(key="u", branch="", step=GRID, parent=None)))
    assert (machine.commands(), machine.ended) == ([], True)
    result = machine.result()
    assert [(b.name, b.state, b.error) for b in result.branches] == [
        ("U1 > reroll", "failed", REFUSED.error),
        ("U2", "failed", REFUSED.error),
    ]


def test_a_failure_may_stop_the_run() -> None:
    """The machine says so, with the error."""
    machine = machine_of(GRID, click("U1", on_error=OnError.RUN))
    drive(machine, answering(U1=REFUSED))
    assert machine.fatal is REFUSED.error


def test_a_stopped_item_still_gives_out_what_a_former_life_did() -> None:
    """What may be paid for is seen through, in whatever order the journal is read."""
    machine = machine_of(GRID, click("U1", "U2", on_error=OnError.ITEM), click("reroll"))
    drive(machine, answering(U1=None, U2=None))
    machine.apply("cat/U2", REFUSED)
    machine.apply("cat/U1", Ended((task_of("one"),)))
    assert machine.commands(before={"cat", "cat/U1", "cat/U2"}) == []
    assert keys(machine.commands(before={"cat/U1/reroll"})) == ["cat/U1/reroll"]


@pytest.mark.parametrize(
    ("event", "tries"),
    [
        (failed(FailureKind.TRANSIENT), 3),
        (failed(FailureKind.MODERATION), 1),
        (REFUSED, 1),
        (Stuck(TaskLost("lost")), 1),
    ],
)
def test_a_task_that_failed_is_paid_once_more_where_the_flow_says_so(
    event: Event, tries: int
) -> None:
    """Under a key of its own, as often as it says, and only for the causes that it names."""
    machine = machine_of(Imagine(prompt="a cat", id="cat", resubmit=Resubmit(times=2)))
    given = drive(machine, lambda _: event)
    assert keys(given) == ["cat", "cat~2", "cat~3"][:tries]


def test_what_follows_builds_on_the_try_that_worked() -> None:
    """Its key is part of theirs."""
    machine = machine_of(Imagine(prompt="a cat", id="cat", resubmit=Resubmit(times=2)), click("U1"))
    given = drive(machine, lambda c: failed() if c.key == "cat" else answered(c))
    assert keys(given) == ["cat", "cat~2", "cat~2/U1"]


def test_what_is_stuck_waits_and_all_else_goes_on() -> None:
    """The result tells why, and that a resumed run goes on with it."""
    doubt = Stuck(SubmissionInDoubt("no answer", token="abc"))
    machine = machine_of(GRID, click("U1", "U2"), click("reroll"))
    drive(machine, answering(U1=doubt))
    assert (machine.stuck, machine.ended, machine.result().stuck) == (True, True, True)
    assert states(machine) == {"U1": "stuck", "U2 > reroll": "done"}
    assert branch(machine, "U1").error is doubt.error


def test_a_split_of_something_that_failed_is_one_failure() -> None:
    """All that was to come of it never was."""
    machine = machine_of(GRID, FOUR, Fork(tails={"a": (click("reroll"),), "b": ()}))
    drive(machine, lambda _: REFUSED)
    assert states(machine) == {"": "failed"}


# --- choices -----------------------------------------------------------------------------------


def picking(*places: int) -> Answer:
    return lambda command: Picked(places) if isinstance(command, Pick) else answered(command)


def test_a_choice_waits_for_all_and_goes_on_with_the_best() -> None:
    """The others are set aside, and the candidates are as the flow has them."""
    machine = machine_of(GRID, FOUR, BEST, click("reroll"))
    given = drive(machine, picking(2))
    pick = next(command for command in given if isinstance(command, Pick))
    told = [(c.branch, c.key, c.task.id) for c in pick.candidates]
    assert told == [(f"U{n}", f"cat/U{n}", f"cat/U{n}") for n in (1, 2, 3, 4)]
    assert (pick.branch, pick.best, pick.scorer) == ("", 1, "brightest")
    assert keys(given)[-1] == "cat/U3/reroll"
    assert states(machine) == {
        "U1": "dropped",
        "U2": "dropped",
        "U3 > reroll": "done",
        "U4": "dropped",
    }
    assert machine.result().ok


@pytest.mark.parametrize(
    ("dead", "best", "candidates"),
    [
        ("", 1, [1, 2, 3, 4]),
        ("2", 1, [1, 3, 4]),
        ("123", 1, []),
        ("2", 3, []),
        ("1234", 1, []),
    ],
)
def test_a_choice_is_made_among_those_that_are_left(
    dead: str, best: int, candidates: list[int]
) -> None:
    """Nobody is asked if all of them may go on."""
    machine = machine_of(GRID, FOUR, Choose(scorer="brightest", best=best))
    dying = answering(**{f"U{n}": REFUSED for n in dead})
    given = drive(machine, lambda c: picking(0)(c) if isinstance(c, Pick) else dying(c))
    picks = [command for command in given if isinstance(command, Pick)]
    assert [c.branch for p in picks for c in p.candidates] == [f"U{n}" for n in candidates]
    failures = [b.name for b in machine.result().failures]
    assert failures == [f"U{n}" for n in dead]
    assert machine.ended


def test_choices_close_splits_like_brackets() -> None:
    """The first joins what the nearest split above it made, the second what the one above did."""
    machine = machine_of(GRID, click("U1", "U2"), click("V1", "V2"), BEST, BEST, click("reroll"))
    given = drive(machine, picking(1))
    chosen = [[c.branch for c in p.candidates] for p in given if isinstance(p, Pick)]
    assert chosen == [
        ["U1 > V1", "U1 > V2"],
        ["U2 > V1", "U2 > V2"],
        ["U1 > V2", "U2 > V2"],
    ]
    assert keys(given)[-1] == "cat/U2/V2/reroll"


def test_a_choice_joins_the_tasks_of_one_button_too() -> None:
    """Imagine all splits, and all its grids come together again."""
    tasks = Ended(tuple(task_of(f"task-{n}") for n in range(4)))
    machine = machine_of(Describe(image="a.png"), click("Imagine all"), BEST)
    given = drive(machine, lambda c: tasks if "all" in c.key[-4:] else picking(3)(c))
    (pick,) = (command for command in given if isinstance(command, Pick))
    assert [c.task.id for c in pick.candidates] == [f"task-{n}" for n in range(4)]
    assert [(c.key, c.place) for c in pick.candidates[:2]] == [
        (given[1].key, 0),
        (given[1].key, 1),
    ]


@pytest.mark.parametrize("steps", [(GRID, BEST), (BEST, GRID), (GRID, click("U1"), BEST)])
def test_a_choice_with_nothing_split_above_passes_on(steps: tuple[Step, ...]) -> None:
    """There is nothing to choose from."""
    machine = machine_of(*steps)
    assert [c for c in drive(machine) if isinstance(c, Pick)] == []
    assert machine.result().ok


def test_a_branch_that_skips_a_choice_goes_on_without_it() -> None:
    """The others are chosen among."""
    machine = machine_of(
        GRID, FOUR, Choose(scorer="brightest", when=When(action="UPSCALE")), click("reroll")
    )

    def answer(command: Command) -> Event:
        action = "UPSCALE" if command.key.endswith(("U1", "U2")) else "OTHER"
        ended = Ended((task_of(command.key, action=action),))
        return ended if isinstance(command, Submit) else picking(0)(command) or LOST

    given = drive(machine, answer)
    (pick,) = (command for command in given if isinstance(command, Pick))
    assert [c.branch for c in pick.candidates] == ["U1", "U2"]
    assert list(states(machine)) == ["U1 > reroll", "U2", "U3 > reroll", "U4 > reroll"]


def test_a_scorer_that_fails_ends_all_that_it_was_to_choose_from() -> None:
    """With its error."""
    machine = machine_of(GRID, FOUR, BEST)
    error = MjflowError("no such picture")
    drive(machine, lambda c: Failed(error) if isinstance(c, Pick) else answered(c))
    assert [b.error for b in machine.result().branches] == [error] * 4


def test_a_choice_is_not_made_without_a_branch_that_is_stuck() -> None:
    """The next life would choose otherwise; all wait, and say for what."""
    machine = machine_of(GRID, FOUR, BEST)
    given = drive(machine, answering(U2=LOST))
    assert [command for command in given if isinstance(command, Pick)] == []
    assert (machine.ended, set(states(machine).values())) == (True, {"stuck"})
    assert {branch.error for branch in machine.result().branches} == {LOST.error}


def test_those_who_wait_tell_of_the_first_that_is_stuck() -> None:
    """Of the flow's order, not of time's."""
    first, second = LOST, Stuck(TaskLost("also lost"))
    machine = machine_of(GRID, FOUR, BEST)
    drive(machine, answering(U2=None, U3=None))
    machine.apply("cat/U3", second)
    machine.apply("cat/U2", first)
    told = [branch.error for branch in machine.result().branches]
    assert told == [first.error, first.error, second.error, first.error]


def test_a_choice_that_is_stuck_holds_the_choices_around_it() -> None:
    """All of them wait for the next life."""
    machine = machine_of(GRID, click("U1", "U2"), click("V1", "V2"), BEST, BEST)
    drive(machine, lambda c: LOST if isinstance(c, Pick) and "U1" in c.key else picking(0)(c))
    assert states(machine) == {
        "U1 > V1": "stuck",
        "U1 > V2": "stuck",
        "U2 > V1": "stuck",
        "U2 > V2": "dropped",
    }


# --- turns -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "event"),
    [
        ("dog", Ended((task_of("1"),))),
        ("cat", Stored((File("a", 1, "b"),))),
        ("cat", Picked((0,))),
    ],
)
def test_an_event_out_of_turn_is_a_bug_of_the_caller(key: str, event: Event) -> None:
    """Nothing changes by it."""
    machine = machine_of(GRID)
    machine.commands()
    with pytest.raises(OutOfTurn):
        machine.apply(key, event)
    machine.apply("cat", Ended((task_of("1"),)))
    assert machine.ended


def test_a_command_is_answered_once_and_only_after_it_was_given() -> None:
    """Neither before nor again."""
    machine = machine_of(GRID)
    with pytest.raises(OutOfTurn):
        machine.apply("cat", REFUSED)
    machine.commands()
    machine.apply("cat", REFUSED)
    with pytest.raises(OutOfTurn):
        machine.apply("cat", REFUSED)


def test_before_its_end_a_result_tells_that_things_wait() -> None:
    """Whoever breaks a run off can tell of all items."""
    machine = machine_of(GRID, FOUR, BEST)
    assert (machine.ended, states(machine)) == (False, {"": "stuck"})
    drive(machine, answering(U4=None))
    assert (machine.ended, set(states(machine).values())) == (False, {"stuck"})
    assert not machine.result().ok


def test_a_flow_may_be_laid_out_beforehand() -> None:
    """Items of one layout go through the same steps as those of the flow."""
    flow = Flow([{"imagine": "a cat"}, {"click": "U1"}])
    one, other = Machine(flow, item_of()), Machine(Layout.of(flow), item_of())
    assert keys(drive(one)) == keys(drive(other))
    assert one.result() == other.result()


def test_the_name_of_the_run_is_for_files() -> None:
    """So are the item's key and the branch's name, over values that are called so."""
    layout = Layout.of_steps([GRID, click("vary region"), Download(name="{run}/{item}/{branch}")])
    machine = Machine(layout, item_of("order-1", item="value"), run="night-1")
    save = drive(machine)[-1]
    assert isinstance(save, Save)
    assert save.name == "night-1/order-1/Vary (Region)"


def test_an_open_command_knows_its_step() -> None:
    """As the flow has it, before anything is filled in."""
    machine = machine_of(Imagine(prompt="a {animal}", id="x"), FOUR, BEST, animal="cat")
    machine.commands()
    assert machine.step_of("x") == Imagine(prompt="a {animal}", id="x")


def test_a_change_call_is_called_as_its_button() -> None:
    """For people; it is another act all the same."""
    machine = machine_of(
        GRID, Change(action="VARIATION", index=2, id="v"), Change(action="REROLL", id="r")
    )
    drive(machine)
    assert names(machine) == ["V2 > reroll"]


def test_a_result_in_plain_values() -> None:
    """As the command line and exports tell it."""
    machine = machine_of(GRID, click("U1", "U2"), Download(id="it"), animal="cat")
    drive(machine, answering(U2=failed()))
    result = machine.result().as_json()
    one, two = result.pop("branches")
    assert {name: result[name] for name in ("item", "values", "ok", "stuck")} == {
        "item": "item",
        "values": {"animal": "cat"},
        "ok": False,
        "stuck": False,
    }
    assert one == {
        "branch": "U1",
        "state": "done",
        "lineage": [
            {"act": "imagine", "id": "cat", "action": ""},
            {"act": "U1", "id": "cat/U1", "action": ""},
        ],
        "files": [{"path": "cat/U1/download=it", "size": 1, "sha256": "ab"}],
        "error": None,
    }
    assert (two["state"], two["error"]["error"], two["error"]["message"]) == (
        "failed",
        "TaskFailed",
        "it broke",
    )
