"""What holds for every flow, whatever comes of its steps and in whatever order."""

from __future__ import annotations

from random import Random

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mjflow.errors import InvalidInput
from mjflow.flow.machine.commands import Stuck, Submit
from mjflow.flow.machine.results import BranchResult, ItemResult
from mjflow.flow.steps import (
    Change,
    Choose,
    Click,
    Download,
    Fork,
    Imagine,
    OnError,
    Resubmit,
    Split,
    Step,
    When,
)

from .machines import Life, World, machine_of
from .model import NO_TASK, End, Model

VALUES = {"animal": "cat"}

conditions = st.none() | st.sampled_from(
    [
        When(has_button="vary region"),
        When(has_button="V*"),
        When(action="UPSCALE"),
        When(param=VALUES),
        When(param={"animal": "dog"}),
    ]
)
# Most steps are wanted: a flow that skips all of them says little.
whens = st.one_of(st.none(), st.none(), conditions)
resubmits = st.integers(0, 2).map(lambda times: Resubmit(times=times))
prompts = st.sampled_from(["a cat", "a dog"])
images = st.sampled_from([(), ("current",)])
buttons = st.lists(
    st.sampled_from(["U1", "upscale 1", "U2", "Imagine all", "*redo*", "❤️"]), min_size=1, max_size=3
)


def steps(errors: st.SearchStrategy[OnError]) -> st.SearchStrategy[list[Step]]:
    """Lists of steps, with forks within forks."""
    common = {"when": whens, "on_error": errors}
    acts = common | {"resubmit": resubmits}
    click = st.builds(Click, buttons=buttons.map(tuple), **acts)
    choose = st.builds(Choose, scorer=st.just("brightest"), best=st.integers(1, 2), **common)
    one: st.SearchStrategy[Step] = st.one_of(
        click,
        st.builds(Click, buttons=st.just(("U1",)), prompt=prompts, **acts),
        st.builds(Imagine, prompt=prompts, images=images, **acts),
        st.builds(Change, action=st.just("UPSCALE"), index=st.integers(1, 2), **acts),
        choose,
        st.builds(Download, name=st.sampled_from(["one", "two"]), **common),
        st.builds(Split, **common),
    )
    few, some = st.lists(one, max_size=2), st.lists(one, min_size=1, max_size=5)

    def nested(inner: st.SearchStrategy[list[Step]]) -> st.SearchStrategy[list[Step]]:
        tails = st.dictionaries(st.sampled_from("abc"), inner.map(tuple))
        fork = st.builds(Fork, tails=tails, **common)
        bracket = st.builds(
            lambda split, within, join: [split, *within, join], click, inner, choose
        )
        end = st.builds(lambda before, end, after: [*before, end, *after], some, fork, few)
        return bracket | bracket.flatmap(lambda begun: few.map(lambda rest: begun + rest)) | end

    first = st.sampled_from([[Imagine(prompt="a cat")]] * 7 + [[]])
    return st.builds(list.__add__, first, st.recursive(some, nested, max_leaves=6))


flows = steps(st.just(OnError.BRANCH))
stopping_flows = steps(st.sampled_from(OnError))
worlds = st.builds(World, st.integers(0, 2**16), trouble=st.sampled_from([0.0, 0.3, 1.0]))
chances = st.randoms(use_true_random=False)


def life(written: list[Step], world: World) -> Life:
    """Begin with a machine in a world."""
    return Life(machine_of(*written, **VALUES), world)


def plain(result: BranchResult) -> End:
    """Tell what became of a branch as the model does."""
    error = result.error
    message = error.message if error else None
    return End(
        name=result.name,
        tasks=tuple(ancestor.task.id for ancestor in result.lineage),
        files=tuple(file.path for file in result.files),
        error=NO_TASK.message if isinstance(error, InvalidInput) else message,
        stuck=result.stuck,
        dropped=result.dropped,
    )


def plain_all(result: ItemResult) -> list[End]:
    return [plain(branch) for branch in result.branches]


@given(flows, worlds, chances)
def test_it_ends_as_the_steps_read_whatever_the_order(
    written: list[Step], world: World, chance: Random
) -> None:
    """A machine driven in any order comes to what a plain reading of the list comes to."""
    driven = life(written, world)
    driven.live(chance)
    assert driven.machine.ended
    model = Model(world, VALUES)
    assert plain_all(driven.machine.result()) == model.run(written)


@given(flows, worlds, chances)
def test_every_act_is_submitted_once_in_each_of_its_tries(
    written: list[Step], world: World, chance: Random
) -> None:
    """There are as many submits as acts, each under a key of its own."""
    driven = life(written, world)
    driven.live(chance)
    model = Model(world, VALUES)
    model.run(written)
    submits = [key for key, command in driven.given.items() if isinstance(command, Submit)]
    assert (len(submits), len(set(model.acts))) == (len(model.acts), len(model.acts))


@given(flows, worlds, chances)
def test_every_branch_has_an_error_or_came_to_its_end(
    written: list[Step], world: World, chance: Random
) -> None:
    """Nothing is left that neither ended nor says why, and what is stuck says so."""
    driven = life(written, world)
    driven.live(chance)
    result = driven.machine.result()
    odd = [branch for branch in result.branches if not branch.ok and branch.error is None]
    assert odd == []
    assert driven.machine.stuck == any(isinstance(event, Stuck) for _, event in driven.events)
    assert driven.machine.stuck == result.stuck


@given(flows, worlds, chances, st.integers(0, 30))
def test_a_resumed_item_ends_as_one_that_went_through(
    written: list[Step], world: World, chance: Random, most: int
) -> None:
    """What was known at any moment, and then the rest in any order, is the whole."""
    former, resumed = life(written, world), life(written, world)
    former.live(chance, most)
    resumed.replay(former.events)
    resumed.live(chance)
    assert plain_all(resumed.machine.result()) == Model(world, VALUES).run(written)


@given(flows, worlds, chances)
def test_what_was_stuck_goes_on_in_the_next_life(
    written: list[Step], world: World, chance: Random
) -> None:
    """A life in which everything moves makes up for one in which some of it did not."""
    moving = evolve(world, sticky=False)
    former, resumed = life(written, world), life(written, moving)
    former.live(chance)
    resumed.replay((key, event) for key, event in former.events if not isinstance(event, Stuck))
    resumed.live(chance)
    model = Model(moving, VALUES)
    assert plain_all(resumed.machine.result()) == model.run(written)


@given(stopping_flows, worlds, chances, st.integers(0, 30))
def test_a_stopped_item_sees_through_what_was_begun(
    written: list[Step], world: World, chance: Random, most: int
) -> None:
    """It ends too, and the next life asks for all that the former had asked for."""
    former, resumed = life(written, world), life(written, world)
    former.live(chance, most)
    resumed.replay(former.events, before=former.given)
    resumed.live(chance, before=former.given)
    assert resumed.machine.ended
    assert set(former.given) <= set(resumed.given)
    assert [b for b in resumed.machine.result().branches if not b.ok and b.error is None] == []


@given(stopping_flows, worlds)
@settings(max_examples=50)
def test_equal_inputs_give_equal_machines(written: list[Step], world: World) -> None:
    """The same events in the same order give the same commands, keys and results."""
    one, other = life(written, world), life(written, world)
    one.live(Random(world.seed))
    other.live(Random(world.seed))
    assert list(one.given.items()) == list(other.given.items())
    assert plain_all(one.machine.result()) == plain_all(other.machine.result())
    assert str(one.machine.fatal) == str(other.machine.fatal)
