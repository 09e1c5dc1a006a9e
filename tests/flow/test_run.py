"""A flow carried out over its inputs, and gone on with."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import mjflow
from mjflow import ClientClosed, FlowChanged, FlowInvalid, InvalidInput, SubmissionInDoubt
from mjflow.journal.sqlite import SqliteStore
from mjflow.testing import assert_paid_once
from tests.client.worlds import mask
from tests.flow.runs import ANIMALS, UPSCALED, pictures, place, runs_under_way
from tests.virtual import virtual_time

# --- the way through ------------------------------------------------------------------------


@virtual_time
async def test_items_come_as_they_end_and_their_pictures_are_on_disk(tmp_path: Path) -> None:
    """Each with what became of its branches, and where each came from."""
    async with place() as here, here.client() as client:
        found = [item async for item in client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow")]
    assert sorted(item.key for item in found) == ["cat", "dog", "owl"]
    assert all(item.ok for item in found)
    (branch,) = found[0].branches
    assert [one.act for one in branch.lineage] == ["imagine", "U1"]
    assert branch.task is branch.lineage[-1].task
    assert pictures(tmp_path) == ["cat/U1.png", "dog/U1.png", "owl/U1.png"]
    (file,) = branch.files
    assert Path(file.path).stat().st_size == file.size


@virtual_time
async def test_all_items_are_collected_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    """Whichever ended first."""
    async with place() as here, here.client() as client:
        found = await client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
    assert [item.key for item in found] == ["cat", "dog", "owl"]


@virtual_time
async def test_a_run_costs_what_the_client_spends(tmp_path: Path) -> None:
    """Each item says its part."""
    async with place() as here, here.client() as client:
        run = client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow")
        found = await run.collect()
        spent = client.statistics().spent
        assert run.progress.spent == spent
    assert spent.total == pytest.approx(0.45)
    assert [item.spent.total for item in found] == [0.15] * 3


@virtual_time
async def test_a_run_without_a_name_is_one_of_its_own(tmp_path: Path) -> None:
    """Two of them, at the same moment, are two runs that are paid for, each under its own name."""
    async with place() as here, here.client() as client:
        runs = [client.run(UPSCALED, ANIMALS[:1], out=tmp_path / name) for name in ("a", "b")]
        for run in runs:
            await run.collect()
        assert len(here.server.ledger.charges) == 4
    names = [run.name for run in runs]
    assert len(set(names)) == 2
    assert all(name.startswith("upscaled-") for name in names)


@virtual_time
async def test_a_sidecar_tells_the_whole_lineage_also_of_another_life(tmp_path: Path) -> None:
    """The picture is fetched by a client that has never seen its ancestors."""
    async with place() as here:
        async with here.client() as client:
            first = await client.run(UPSCALED, ANIMALS[:1], out=tmp_path, run="flow").collect()
        told = json.loads((tmp_path / "cat" / "U1.png.json").read_text())
        shutil.rmtree(tmp_path / "cat")
        async with here.client() as client:
            again = await client.run(UPSCALED, ANIMALS[:1], out=tmp_path, run="flow").collect()
        assert (again[0].key, again[0].files) == (first[0].key, first[0].files)
        after = json.loads((tmp_path / "cat" / "U1.png.json").read_text())
    differs = {name for name in told if after[name] != told[name]}
    assert differs <= {"saved_at", "url"}
    assert [one["action"] for one in told["parents"]] == ["IMAGINE"]


@virtual_time
async def test_prompts_alone_are_inputs(tmp_path: Path) -> None:
    """A text is a row with the value `prompt`; an async iterable will do as well."""
    flow = mjflow.Flow(name="plain", steps=[{"imagine": "{prompt} at night"}])

    async def prompts() -> AsyncIterator[str]:
        for prompt in ("a cat", "a dog"):
            yield prompt

    async with place() as here, here.client() as client:
        found = await client.run(flow, prompts(), out=tmp_path, run="flow").collect()
        assert [item.branches[0].task.prompt for item in found if item.branches[0].task] == [
            "a cat at night",
            "a dog at night",
        ]


@virtual_time
async def test_items_are_drawn_only_as_there_is_room(tmp_path: Path) -> None:
    """Those that nobody has taken yet count, too."""
    async with place() as here, here.client() as client:
        run = client.run(UPSCALED, ANIMALS, out=tmp_path, limit=1, run="flow")
        seen = []
        async for item in run:
            await asyncio.sleep(600)
            progress = run.progress
            seen.append((item.key, progress.waiting, progress.open, progress.ended))
    assert seen == [("cat", 2, 0, 1), ("dog", 1, 0, 2), ("owl", 0, 0, 3)]


@virtual_time
async def test_a_run_keeps_nothing_of_what_has_ended(tmp_path: Path) -> None:
    """A million items leave no million records behind."""
    async with place() as here, here.client() as client:
        await client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
        assert client.tasks == ()
        assert client.statistics().states == {mjflow.State.SUCCESS: 6}


# --- the next life --------------------------------------------------------------------------


@virtual_time
async def test_the_same_name_goes_on_and_pays_nothing_again(tmp_path: Path) -> None:
    """What has ended is told from the journal."""
    async with place(SqliteStore(tmp_path / "journal.db")) as here:
        async with here.client() as client:
            first = await client.run(UPSCALED, ANIMALS, out=tmp_path / "out", run="flow").collect()
        paid = here.paid
        async with here.client() as client:
            again = await client.run(UPSCALED, ANIMALS, run="flow").collect()
        assert (again, here.paid) == (first, paid)


@virtual_time
async def test_a_run_is_resumed_by_its_name_when_its_files_are_gone(tmp_path: Path) -> None:
    """The flow, its inputs and its masks are in the journal."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "mask.png").write_bytes(mask())
    (home / "flow.yaml").write_text(
        "steps:\n"
        "  - imagine: a {animal}\n"
        "  - click: U1\n"
        "  - click: Vary (Region)\n"
        "    prompt: a crown\n"
        "    mask: mask.png\n"
        "  - download: '{animal}'\n"
    )
    (home / "rows.csv").write_text("animal\ncat\ndog\n")
    async with place() as here:
        async with here.client() as client:
            run = client.run(
                home / "flow.yaml", home / "rows.csv", out=tmp_path / "out", limit=1, run="flow"
            )
            async for item in run:
                assert item.ok
                break
        shutil.rmtree(home)
        async with here.client() as client:
            found = await client.resume("flow").collect()
        assert_paid_once(here.ledger)
        assert [item.ok for item in found] == [True, True]
        assert here.paid == 6
    assert pictures(tmp_path / "out") == ["cat.png", "dog.png"]


@virtual_time
async def test_a_run_that_there_is_not_cannot_be_resumed() -> None:
    """The error names it."""
    async with place() as here, here.client() as client:
        with pytest.raises(InvalidInput, match="there is no run 'nobody'"):
            await client.resume("nobody").collect()


@virtual_time
async def test_a_picture_that_is_gone_is_fetched_again(tmp_path: Path) -> None:
    """Also one that was cut short on disk; nothing is paid for it."""
    async with place() as here:
        async with here.client() as client:
            await client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
        paid = here.paid
        (tmp_path / "cat" / "U1.png").unlink()
        (tmp_path / "dog" / "U1.png").unlink()
        async with here.client() as client:
            found = await client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
        assert all(item.ok for item in found)
        assert here.paid == paid
    assert pictures(tmp_path) == ["cat/U1.png", "dog/U1.png", "owl/U1.png"]


@virtual_time
async def test_a_download_that_failed_is_tried_again_by_the_next_life(tmp_path: Path) -> None:
    """The error says what is missing; the task is not paid again."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "cat").write_text("a file where the folder should be")
    async with place() as here:
        async with here.client() as client:
            (cat,) = await client.run(UPSCALED, ANIMALS[:1], out=out, run="flow").collect()
        assert isinstance(cat.branches[0].error, mjflow.CannotWrite)
        (out / "cat").unlink()
        paid = here.paid
        async with here.client() as client:
            (cat,) = await client.run(UPSCALED, ANIMALS[:1], run="flow").collect()
        assert (cat.ok, here.paid) == (True, paid)
    assert pictures(out) == ["cat/U1.png"]


@virtual_time
async def test_what_is_in_doubt_waits_for_a_person_and_then_goes_on(tmp_path: Path) -> None:
    """The item is stuck, all others end; once it is settled, a resumed run ends it."""
    async with place(faults={"lost-reply": 1.0}) as here:
        async with here.client() as client:
            (cat,) = await client.run(UPSCALED, ANIMALS[:1], out=tmp_path, run="flow").collect()
            assert cat.stuck
            assert isinstance(cat.branches[0].error, SubmissionInDoubt)
            again = await client.run(UPSCALED, ANIMALS[:1], out=tmp_path, run="flow").collect()
            assert [item.stuck for item in again] == [True]
            assert len(here.ledger.submits) == 1
            (doubt,) = await client.doubts()
            here.server.faults.clear()
            await doubt.settle(task_id=here.ledger.submits[0].task_id)
        async with here.client() as client:
            (cat,) = await client.run(UPSCALED, ANIMALS[:1], out=tmp_path, run="flow").collect()
        assert cat.ok
        assert here.paid == 2


@virtual_time
async def test_a_person_may_submit_it_once_more_after_the_run(tmp_path: Path) -> None:
    """The run's own lease is given back by then; the next run goes on with what came of it."""
    async with place(faults={"lost-reply": 1.0}) as here, here.client() as client:
        await client.run(UPSCALED, ANIMALS[:1], out=tmp_path, run="flow").collect()
        here.server.faults.clear()
        (doubt,) = await client.doubts()
        assert await doubt.settle("resubmit") is not mjflow.State.WITHDRAWN
        (cat,) = await client.run(UPSCALED, ANIMALS[:1], out=tmp_path, run="flow").collect()
        assert cat.ok
        assert cat.spent == mjflow.Spent(charged=0.15, in_doubt=0.1)


# --- other flows, other inputs --------------------------------------------------------------


@virtual_time
async def test_a_run_goes_on_with_what_was_added(tmp_path: Path) -> None:
    """A step at the end, a row more: only these are paid."""
    longer = mjflow.Flow(
        name="upscaled",
        steps=[
            *({"imagine": "a {animal}"}, {"click": "U1"}, {"download": "{animal}/{button}"}),
            {"click": "Upscale (Subtle)"},
        ],
    )
    async with place() as here:
        async with here.client() as client:
            await client.run(UPSCALED, ANIMALS[:2], out=tmp_path, run="flow").collect()
        assert here.paid == 4
        async with here.client() as client:
            found = await client.run(longer, ANIMALS, out=tmp_path, run="flow").collect()
            assert [len(item.branches[0].lineage) for item in found] == [3, 3, 3]
            assert here.paid == 9
            resumed = await client.resume("flow").collect()
        assert resumed == found


@pytest.mark.parametrize(
    ("flow", "rows", "told"),
    [
        ([{"imagine": "one {animal}"}, {"click": "U1"}], ANIMALS, "step 1"),
        ([{"imagine": "a {animal}"}], ANIMALS, "step 2 is gone"),
        ([{"imagine": "a {animal}"}, {"click": "U1"}], ANIMALS[1:], "the item 'cat' is gone"),
        (
            [{"imagine": "a {animal}"}, {"click": "U1"}],
            [{"id": "cat", "animal": "lion"}, *ANIMALS[1:]],
            "animal of the item 'cat' was 'cat', and is 'lion' now",
        ),
    ],
)
@virtual_time
async def test_a_run_that_has_become_another_one_is_refused(
    flow: list[dict[str, str]], rows: list[dict[str, str]], told: str, tmp_path: Path
) -> None:
    """Nothing is sent; the error says what is different."""
    steps = [{"imagine": "a {animal}"}, {"click": "U1"}]
    async with place() as here, here.client() as client:
        await client.run(mjflow.Flow(steps), ANIMALS, out=tmp_path, run="flow").collect()
        paid = here.paid
        with pytest.raises(FlowChanged) as caught:
            await client.run(mjflow.Flow(flow), rows, run="flow").collect()
        assert told in caught.value.message
        assert here.paid == paid
        assert len(await client.resume("flow").collect()) == 3


@virtual_time
async def test_a_file_that_has_become_another_one_is_refused(tmp_path: Path) -> None:
    """Its picture was paid for as it was."""
    (tmp_path / "mask.png").write_bytes(mask())
    steps = [
        *({"imagine": "a cat"}, {"click": "U1"}),
        {"click": "Vary (Region)", "prompt": "a crown", "mask": "mask.png"},
    ]
    flow = mjflow.Flow(steps, folder=tmp_path)
    async with place() as here, here.client() as client:
        await client.run(flow, out=tmp_path, run="flow").collect()
        (tmp_path / "mask.png").write_bytes(mask(512))
        with pytest.raises(FlowChanged, match=r"the file 'mask\.png' is another one"):
            await client.run(flow, run="flow").collect()


# --- before anything is paid ----------------------------------------------------------------


@virtual_time
async def test_a_flow_that_cannot_work_is_refused_before_anything_is_paid() -> None:
    """All that is wrong is told at once, and there is no run of that name."""
    flow = mjflow.Flow([{"imagine": "a cat"}, {"click": "Upscale (Subtle)"}])
    async with place() as here, here.client() as client:
        with pytest.raises(FlowInvalid):
            await client.run(flow, run="flow").collect()
        assert here.ledger.submits == []
        with pytest.raises(InvalidInput, match="there is no run"):
            await client.resume("flow").collect()


@virtual_time
async def test_a_value_that_there_is_not_is_told_before_anything_is_paid() -> None:
    """In any row."""
    async with place() as here, here.client() as client:
        with pytest.raises(InvalidInput, match="row 2 has no value 'animal'"):
            await client.run(UPSCALED, [{"animal": "cat"}, {"beast": "dog"}], run="flow").collect()
        assert here.ledger.submits == []


@pytest.mark.parametrize("name", ["", "a/b", "/", " night", "x" * 101, "a\nb", "a\0", "\ud83d"])
@virtual_time
async def test_a_name_that_no_run_can_have_is_refused(name: str) -> None:
    """At the call: it is a part of keys, where a slash stands behind it."""
    async with place() as here, here.client() as client:
        with pytest.raises(InvalidInput, match="no name for a run"):
            client.run(UPSCALED, ANIMALS, run=name)
        with pytest.raises(InvalidInput, match="no name for a run"):
            client.resume(name)


@virtual_time
async def test_runs_whose_names_begin_alike_are_apart(tmp_path: Path) -> None:
    """Nothing in a name means anything: each has a history of its own."""
    names = ["a", "aa", "a%", "a_", "a-1", "@a", "~a", "A", "*", "猫"]
    async with place(SqliteStore(tmp_path / "journal.db")) as here:
        async with here.client() as client:
            for name in names:
                run = client.run(UPSCALED, ANIMALS[:1], out=tmp_path / "out", run=name)
                assert [item.ok for item in await run.collect()] == [True]
        assert here.paid == 2 * len(names)
        async with here.client() as client:
            found = [(await client.resume(name).collect())[0] for name in names]
        assert here.paid == 2 * len(names)
    ids = [item.branches[0].lineage[-1].task.id for item in found]
    assert len(set(ids)) == len(names)


@virtual_time
async def test_arguments_that_cannot_work_are_refused() -> None:
    """At the call."""
    async with place() as here, here.client() as client:
        with pytest.raises(InvalidInput, match="limit is 0"):
            client.run(UPSCALED, ANIMALS, limit=0, run="flow")
        with pytest.raises(InvalidInput, match="max_cost is -1"):
            client.run(UPSCALED, ANIMALS, max_cost=-1, run="flow")
        with pytest.raises(InvalidInput, match="no option 'lease'"):
            client.run(UPSCALED, ANIMALS, lease=None, run="flow")


# --- the end --------------------------------------------------------------------------------


@virtual_time
async def test_a_run_is_gone_through_once() -> None:
    """A second time is a mistake: it says what to do instead."""
    async with place() as here, here.client() as client:
        run = client.run(mjflow.Flow([{"imagine": "a cat"}]), run="flow")
        await run.collect()
        with pytest.raises(InvalidInput, match="gone through once"):
            await run.collect()


@virtual_time
async def test_whoever_leaves_stops_the_run(tmp_path: Path) -> None:
    """Nothing more is submitted, no task is left, and another run of that name may begin."""
    async with place() as here, here.client(max_in_flight=1) as client:
        run = client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow")
        async for item in run:
            assert item.ok
            break
        await asyncio.sleep(3600)
        submits = len(here.ledger.submits)
        assert runs_under_way() == []
        await asyncio.sleep(3600)
        assert len(here.ledger.submits) == submits < 6
        found = await client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()
        assert [item.ok for item in found] == [True] * 3
        assert_paid_once(here.ledger)


@virtual_time
async def test_a_client_that_closes_ends_the_run() -> None:
    """Whoever reads it is told how to go on."""
    async with place() as here:
        async with here.client() as client:
            reading = asyncio.create_task(client.run(UPSCALED, ANIMALS, run="flow").collect())
            await asyncio.sleep(5)
        with pytest.raises(ClientClosed, match="the run 'flow' was left") as caught:
            await reading
        assert "by this name" in caught.value.advice


@virtual_time
async def test_what_the_inputs_raise_comes_out(tmp_path: Path) -> None:
    """Nothing was begun by then, and the client is none the worse for it."""

    def rows() -> Iterator[dict[str, str]]:
        yield ANIMALS[0]
        raise LookupError("the database is gone")

    async with place() as here, here.client() as client:
        with pytest.raises(LookupError):
            await client.run(UPSCALED, rows(), out=tmp_path, run="flow").collect()
        assert here.ledger.submits == []
        assert len(await client.run(UPSCALED, ANIMALS, out=tmp_path, run="flow").collect()) == 3
