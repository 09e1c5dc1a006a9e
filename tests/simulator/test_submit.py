"""What a submit is answered with (P§2, P§3)."""

from __future__ import annotations

import pytest

from .wires import LONG, Wire, wired

INSTANCE = "1118138338562560102"


async def test_an_imagine_is_accepted_with_code_1_as_text(wire: Wire) -> None:
    """The answer is compact JSON that calls itself plain text, P§1."""
    answer = await wire.submit("imagine", prompt="a cute cat", state="mj1.t:")
    task_id = answer.json["result"]
    assert (answer.status, answer.type) == (200, "text/plain")
    assert answer.json == {
        "code": 1,
        "description": "提交成功",
        "properties": {"discordInstanceId": INSTANCE},
        "result": task_id,
    }
    assert b'"code":1,' in answer.raw


async def test_ids_are_strings_of_16_to_18_digits(wire: Wire) -> None:
    """Ids are digits alone and differ, P§3.2."""
    ids = [await wire.imagine() for _ in range(60)]
    assert {len(task_id) for task_id in ids} == {16, 17, 18}
    assert all(task_id.isdigit() for task_id in ids)
    assert len(set(ids)) == 60


async def test_a_task_beyond_the_places_is_queued_as_code_1_with_its_place() -> None:
    """The gateway rewrites 22 to 1 and leaves `numberOfQueues`, P§3.4."""
    async with wired(core_size=2, queue_size=2) as wire:
        codes, places = [], []
        for _ in range(5):
            answer = (await wire.submit("imagine", prompt="x")).json
            codes.append(answer["code"])
            places.append(answer["properties"].get("numberOfQueues"))
        assert codes == [1, 1, 1, 1, 23]
        assert places == [None, None, 1, 2, None]


async def test_a_full_queue_makes_no_task_and_costs_nothing() -> None:
    """Code 23 has no id, P§3.3."""
    async with wired(core_size=1, queue_size=0) as wire:
        await wire.imagine()
        answer = await wire.submit("imagine", prompt="x")
        assert answer.json == {
            "code": 23,
            "description": "队列已满，请稍后尝试",
            "properties": {"discordInstanceId": INSTANCE},
            "result": None,
        }
        assert len(wire.simulator.tasks) == len(wire.simulator.ledger.charges) == 1


async def test_a_queued_task_starts_when_a_place_becomes_free() -> None:
    """Places are given in the order of submits."""
    async with wired(core_size=1) as wire:
        first, second, third = [await wire.imagine() for _ in range(3)]
        wire.wait(3 * LONG)
        tasks = wire.simulator.tasks
        assert tasks[second].begun == tasks[first].ends
        assert tasks[third].begun == tasks[second].ends


async def test_a_forbidden_word_is_named(wire: Wire) -> None:
    """Code 24 carries the word, matched whole and in any case, P§11.2."""
    answer = await wire.submit("imagine", prompt="a Nude body")
    assert answer.json == {
        "code": 24,
        "description": "可能包含敏感词",
        "properties": {"promptEn": "a Nude body", "bannedWord": "nude"},
        "result": None,
    }
    assert (await wire.submit("imagine", prompt="denuded hills")).json["code"] == 1


@pytest.mark.parametrize("body", [{}, {"prompt": ""}, {"prompt": None}])
async def test_an_empty_prompt_is_refused_by_the_gateway(
    wire: Wire, body: dict[str, object]
) -> None:
    """Shape B, with a blank at the end of the text, P§8.1."""
    answer = await wire.submit("imagine", **body)
    assert answer.status == 400
    assert answer.json == {
        "code": 4,
        "description": "prompt_is_required ",
        "type": "upstream_error",
    }


async def test_a_blank_prompt_is_refused_by_the_server_behind(wire: Wire) -> None:
    """Only a prompt that is exactly empty stops at the gateway, P§2.2."""
    answer = await wire.submit("imagine", prompt="  \n")
    assert (answer.status, answer.json["code"], answer.json["result"]) == (200, 4, None)


@pytest.mark.parametrize(
    ("prefix", "prompt", "mode"),
    [
        ("", "x", "FAST"),
        ("/mj-fast", "x --relax", "FAST"),
        ("/mj-turbo", "x", "TURBO"),
        ("/mj-relax", "x", "RELAX"),
        ("/anything", "x", "FAST"),
        ("", "x --turbo", "TURBO"),
        ("", "x --relax --v 7", "RELAX"),
    ],
)
async def test_the_path_then_the_prompt_choose_the_speed(
    wire: Wire, prefix: str, prompt: str, mode: str
) -> None:
    """Every first segment is routed; a known prefix goes before a flag, P§1."""
    answer = await wire.ask("POST", f"{prefix}/mj/submit/imagine", {"prompt": prompt})
    task = wire.simulator.tasks[answer.json["result"]]
    spans = {"FAST": (30, 60), "TURBO": (10, 20), "RELAX": (60, 600)}
    assert task.mode == mode
    assert spans[mode][0] <= task.run <= spans[mode][1]


async def test_a_task_is_known_under_every_prefix(wire: Wire) -> None:
    """Speed prefixes name no other server, P§1."""
    task_id = await wire.imagine()
    answer = await wire.ask("GET", f"/mj-turbo/mj/task/{task_id}/fetch")
    assert answer.json["id"] == task_id


async def test_hooks_filters_and_unknown_fields_change_nothing(wire: Wire) -> None:
    """The gateway drops `accountFilter` and `notifyHook`, and passes the rest on, P§2.1."""
    answer = await wire.submit(
        "imagine",
        prompt="x",
        notifyHook="http://127.0.0.1:9/hook",
        accountFilter={"modes": ["RELAX"]},
        noStorage=True,
    )
    assert wire.simulator.tasks[answer.json["result"]].mode == "FAST"


@pytest.mark.parametrize(
    ("action", "index", "made"),
    [("UPSCALE", 3, "UPSCALE"), ("VARIATION", 1, "VARIATION"), ("REROLL", 1, "REROLL")],
)
async def test_change_presses_a_button_by_its_name(
    wire: Wire, action: str, index: int, made: str
) -> None:
    """The classic call gives the same tasks as a click, P§2.3."""
    grid = await wire.finished()
    answer = await wire.submit("change", taskId=grid, action=action, index=index)
    row = await wire.fetch(answer.json["result"])
    assert (answer.json["code"], row["action"]) == (1, made)


async def test_change_of_anything_but_a_grid_is_refused_behind(wire: Wire) -> None:
    """U and V exist on grids alone, P§2.3."""
    single = await wire.finished("x", "U1")
    answer = await wire.submit("change", taskId=single, action="UPSCALE", index=1)
    assert (answer.status, answer.json["code"]) == (200, 4)


async def test_children_carry_the_prompt_of_their_parent(wire: Wire) -> None:
    """A click has no prompt of its own, P§4.1."""
    single = await wire.finished("a cute cat --v 6.1", "U2")
    assert (await wire.fetch(single))["prompt"] == "a cute cat --v 6.1"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"prompt": "x --chaos 101"}, "[Invalid parameter]"),
        ({"prompt": "x --ar wide"}, "[Invalid parameter]"),
        ({"prompt": "x --ar 0:1"}, "[Invalid parameter]"),
        ({"prompt": "x --zoom 2"}, "[Invalid parameter]"),
        ({"prompt": "x", "base64Array": ["data:image/png;base64,!!"]}, "Invalid link"),
        ({"prompt": "x", "base64": "bm8gcGljdHVyZQ=="}, "Invalid link"),
    ],
)
async def test_what_midjourney_does_not_like_fails_late(
    wire: Wire, body: dict[str, object], reason: str
) -> None:
    """The submit is accepted and charged, the task fails and is refunded, P§11.1."""
    answer = await wire.submit("imagine", **body)
    assert answer.json["code"] == 1
    wire.wait()
    row = await wire.fetch(answer.json["result"])
    assert row["status"] == "FAILURE"
    assert reason in row["failReason"]
    assert wire.simulator.ledger.total == 0


@pytest.mark.parametrize(
    "picture",
    ["https://example.org/a.png", "data:image/jpeg;base64,/9j/4AAQ", "iVBORw0KGgoAAAAN"],
)
async def test_links_data_urls_and_bare_base64_are_pictures(wire: Wire, picture: str) -> None:
    """All three forms are taken, P§11.3."""
    task_id = await wire.imagine("x", base64Array=[picture])
    assert wire.simulator.tasks[task_id].failure == ""
