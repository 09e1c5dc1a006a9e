"""What each kind of server has, and how it says that it has it not (P§1, P§2)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from attrs import evolve

from mjflow.simulator import PROFILES, Simulator
from mjflow.simulator.profiles import BUILDS, profile_of

from .samples import ROOTS, photo
from .wires import KEYS, Wire, wired

#: P§2.1, for the builds that are simulated: gateway, trueai, novicezk.
SUBMITS = {
    "imagine": (1, 1, 1),
    "change": (1, 0, 1),
    "simple-change": (1, 0, 1),
    "action": (1, 1, 0),
    "modal": (1, 1, 0),
    "blend": (1, 1, 1),
    "describe": (1, 1, 1),
    "shorten": (1, 1, 0),
    "video": (1, 1, 0),
    "edits": (1, 1, 0),
    "edit": (0, 1, 0),
    "retexture": (0, 1, 0),
    "upload-discord-images": (1, 1, 0),
    "swap": (1, 1, 0),
}
READS = {
    ("GET", "/mj/task/1/fetch"): (1, 1, 1),
    ("GET", "/mj/task/1/image-seed"): (1, 1, 0),
    ("POST", "/mj/task/1/cancel"): (0, 1, 0),
    ("POST", "/mj/task/list-by-condition"): (1, 1, 1),
    ("POST", "/mj/task/list-by-ids"): (0, 1, 0),
    ("GET", "/mj/task/list"): (0, 1, 1),
    ("GET", "/mj/task/queue"): (0, 0, 1),
    ("GET", "/mj/image/1"): (1, 0, 0),
}


def unrouted(profile: str, answer: Any) -> bool:
    """Tell whether an answer is what the server says to a path it does not have, P§2.19."""
    if profile == "gateway":
        return (answer.status, answer.type) == (200, "text/html")
    # trueai's own 404 has no body either, but only for what is no task.
    return answer.status == 404 and b'"code":3' not in answer.raw


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("act", SUBMITS)
async def test_each_server_routes_its_submits_and_no_others(profile: str, act: str) -> None:
    """The matrix of P§2.1."""
    async with wired(profile=profile) as wire:
        answer = await wire.submit(act, taskId="1", prompt="x", customId="MJ::JOB::reroll::0::1")
        routed = not unrouted(profile, answer)
        assert routed == bool(SUBMITS[act][[*PROFILES].index(profile)])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("method", READS)
async def test_each_server_routes_its_reads_and_no_others(
    profile: str, method: tuple[str, str]
) -> None:
    """The matrix of P§2.1."""
    async with wired(profile=profile) as wire:
        body: Any = {"ids": []} if method[0] == "POST" else None
        answer = await wire.ask(*method, body)
        routed = not unrouted(profile, answer)
        assert routed == bool(READS[method][[*PROFILES].index(profile)])


@pytest.mark.parametrize(
    ("profile", "prefix", "status"),
    [
        ("gateway", "/mj-relax", 200),
        ("gateway", "/anything", 200),
        ("trueai", "/mj-relax", 200),
        ("trueai", "/mj-fast", 200),
        ("trueai", "/anything", 404),
        ("novicezk", "/mj-fast", 404),
    ],
)
async def test_speed_prefixes_are_the_server_s(profile: str, prefix: str, status: int) -> None:
    """A gateway routes any first segment, trueai three, novicezk none, P§1."""
    async with wired(profile=profile) as wire:
        answer = await wire.ask("POST", f"{prefix}/mj/submit/imagine", {"prompt": "x"})
        assert answer.status == status
        if status == 200 and prefix != "/anything":
            task = wire.simulator.tasks[answer.json["result"]]
            assert task.mode == prefix.removeprefix("/mj-").upper()


@pytest.mark.parametrize(
    ("profile", "answer"),
    [
        ("gateway", (400, '{"code":4,"description":"task_no_found ","type":"upstream_error"}')),
        ("trueai", (204, "")),
        ("novicezk", (200, "")),
    ],
)
async def test_an_unknown_id_is_denied_in_the_server_s_way(
    profile: str, answer: tuple[int, str]
) -> None:
    """400 with code 4, 204, or an empty 200, P§2.14."""
    async with wired(profile=profile) as wire:
        found = await wire.looked("404")
        assert (found.status, found.raw.decode()) == answer


@pytest.mark.parametrize(
    ("profile", "pattern"),
    [
        ("gateway", r"\d{16,18}"),
        ("trueai", r"1700000000000\d{3}"),
        ("novicezk", r"1700000000000\d{3}"),
        ("novicezk-2.3.5", r"\d{16}"),
    ],
)
async def test_ids_have_the_form_of_the_server(profile: str, pattern: str) -> None:
    """Random digits, or the time in milliseconds and three digits, P§3.2."""
    async with wired(profile=profile, core_size=50) as wire:
        ids = [await wire.imagine() for _ in range(40)]
        assert [task_id for task_id in ids if not re.fullmatch(pattern, task_id)] == []
        assert len({*ids}) == 40


async def test_ids_never_meet_however_many_share_a_millisecond() -> None:
    """Real ones may, P§3.2; here they are moved on."""
    async with wired(profile="trueai") as wire:
        ids = {await wire.imagine() for _ in range(1010)}
        assert len(ids) == 1010


@pytest.mark.parametrize(
    ("profile", "headers", "status"),
    [
        ("trueai", {"Authorization": "good"}, 204),
        ("trueai", {"mj-api-secret": "good"}, 204),
        ("trueai", {"Authorization": "Bearer good"}, 401),
        ("trueai", {"Authorization": "Bearer good", "mj-api-secret": "good"}, 401),
        ("trueai", {"Authorization": "bad", "mj-api-secret": "good"}, 401),
        ("trueai", {}, 401),
        ("novicezk", {"mj-api-secret": "good"}, 200),
        ("novicezk", {"mj-api-secret": "bad"}, 401),
        ("novicezk", {"Authorization": "good"}, 401),
        ("novicezk", {"Authorization": "Bearer good"}, 401),
        ("novicezk", {}, 401),
    ],
)
async def test_a_key_is_looked_for_where_the_server_does(
    profile: str, headers: dict[str, str], status: int
) -> None:
    """trueai takes a value as it stands and knows no Bearer; novicezk one header, P§1."""
    async with wired(profile=profile, keys={"good"}) as wire:
        wire.session.headers.clear()
        answer = await wire.ask("GET", "/mj/task/1/fetch", headers=headers)
        assert answer.status == status
        texts = {"trueai": b"Authorization header missing.", "novicezk": b""}
        assert answer.raw == (texts[profile] if status == 401 else b"")


@pytest.mark.parametrize("profile", PROFILES)
async def test_without_a_list_of_keys_none_is_needed(profile: str) -> None:
    """Only what can never be a key is refused: a Bearer at trueai, P§12.15."""
    async with wired(profile=profile) as wire:
        wire.session.headers.clear()
        for headers in ({}, KEYS[profile], {"mj-api-secret": "any"}):
            body = {"prompt": "x"}
            answer = await wire.ask("POST", "/mj/submit/imagine", body, headers=headers)
            assert answer.status == 200
        bearer = {"Authorization": "Bearer any"}
        answer = await wire.ask("POST", "/mj/submit/imagine", {"prompt": "x"}, headers=bearer)
        assert answer.status == (401 if profile == "trueai" else 200)


@pytest.mark.parametrize(
    ("profile", "type_"),
    [
        ("gateway", "text/plain"),
        ("trueai", "application/json"),
        ("novicezk", "application/json"),
    ],
)
async def test_only_a_gateway_calls_its_answers_text_and_numbers_them(
    profile: str, type_: str
) -> None:
    """Its own header names the request, P§1."""
    async with wired(profile=profile) as wire:
        answer = await wire.submit("imagine", prompt="x")
        assert answer.type == type_
        assert ("X-Oneapi-Request-Id" in answer.headers) == (profile == "gateway")


@pytest.mark.parametrize(
    ("profile", "body", "status", "code"),
    [
        ("trueai", b"{", 200, -1),
        ("trueai", b'{"prompt": ["x"]}', 200, -1),
        ("trueai", b'{"taskId": 1320098173412546, "prompt": "x"}', 200, -1),
        ("novicezk", b"{", 400, None),
        ("novicezk", b'{"prompt": "x", "state": 7}', 200, 1),
    ],
)
async def test_a_body_that_does_not_fit_is_answered_in_the_server_s_way(
    profile: str, body: bytes, status: int, code: int | None
) -> None:
    """trueai wraps it as -1 with 200, novicezk's framework has JSON of its own, P§8.3, P§8.4."""
    async with wired(profile=profile) as wire:
        headers = {"Content-Type": "application/json"}
        answer = await wire.ask("POST", "/mj/submit/imagine", data=body, headers=headers)
        assert (answer.status, answer.json.get("code")) == (status, code)
        if code == -1:
            assert set(answer.json) == {"success", "code", "message", "timestamp"}
        if status == 400:
            assert set(answer.json) == {"timestamp", "status", "error", "path"}


@pytest.mark.parametrize(
    ("profile", "status"), [("gateway", 400), ("trueai", 200), ("novicezk", 400)]
)
@pytest.mark.parametrize("data", [b"{", b"[1]", b'{"ids": "1"}'])
async def test_a_look_at_nothing_readable_is_an_error(
    profile: str, status: int, data: bytes
) -> None:
    """In the server's own shape, P§2.16, P§8.3, P§8.4."""
    async with wired(profile=profile) as wire:
        headers = {"Content-Type": "application/json"}
        answer = await wire.ask("POST", "/mj/task/list-by-condition", data=data, headers=headers)
        assert answer.status == status
        assert answer.json.get("code") == {"gateway": 4, "trueai": -1}.get(profile)


@pytest.mark.parametrize(("profile", "status"), [("trueai", 200), ("novicezk", 415)])
async def test_a_body_without_its_type_is_refused(profile: str, status: int) -> None:
    """Without `application/json` nothing is read, P§8.3, P§8.4."""
    async with wired(profile=profile) as wire:
        data, headers = b'{"prompt": "x"}', {"Content-Type": "text/plain"}
        answer = await wire.ask("POST", "/mj/submit/imagine", data=data, headers=headers)
        assert answer.status == status
        assert wire.simulator.tasks == {}


@pytest.mark.parametrize("profile", ["trueai", "novicezk"])
async def test_a_body_over_30_mb_is_refused(profile: str) -> None:
    """The framework cuts it, P§1."""
    async with wired(profile=evolve(PROFILES[profile], body_limit=1000)) as wire:
        answer = await wire.submit("imagine", prompt="x" * 2000)
        assert answer.status == 413


@pytest.mark.parametrize("name", BUILDS)
def test_older_builds_have_names_of_their_own(name: str) -> None:
    """They are found like the profiles, and are of the same families."""
    assert profile_of(name).family == name.partition("-")[0]
    assert name not in PROFILES


async def test_the_april_build_lacks_films_and_reads_fewer_buttons() -> None:
    """No video, no edits, no Animate, no lower-case bearer, P§2.1, P§2.5."""
    async with wired(profile="gateway-2025-04") as wire:
        for act in ("video", "edits"):
            assert (await wire.submit(act, **ROOTS[act])).type == "text/html"
        single = await wire.finished("x", "U1")
        answer = await wire.click(single, "Animate (High motion)")
        assert answer.status == 400
        assert "unknown_action" in answer.json["error"]["message"]
        assert {"videoUrl", "videoUrls"} & set(await wire.fetch(single)) == set()


async def test_novicezk_2_3_5_answers_a_second_click_with_the_first_task() -> None:
    """Code 21 with the status of what exists, for U and V; REROLL is none of its actions."""
    async with wired(profile="novicezk-2.3.5") as wire:
        grid = await wire.imagine()
        wire.wait()
        body = {"taskId": grid, "action": "UPSCALE", "index": 2}
        first = (await wire.submit("change", **body)).json
        wire.wait()
        again = (await wire.submit("change", **body)).json
        assert (first["code"], again["code"], again["result"]) == (1, 21, first["result"])
        assert again["properties"]["status"] == "SUCCESS"
        assert again["properties"]["imageUrl"].endswith(
            (await wire.fetch(first["result"]))["imageUrl"]
        )
        assert (await wire.submit("change", taskId=grid, action="REROLL")).json["code"] == 4
        assert "properties" not in await wire.fetch(grid)


async def test_a_profile_can_be_made_by_hand() -> None:
    """A profile is data; what is changed of it holds."""
    made = evolve(PROFILES["gateway"], name="mine", rewrites_codes=False)
    async with wired(profile=made, core_size=1) as wire:
        await wire.imagine()
        assert (await wire.submit("imagine", prompt="x")).json["code"] == 22
        assert wire.simulator.profile.family == "gateway"


def test_an_unknown_profile_names_all() -> None:
    """Older builds are named too."""
    with pytest.raises(ValueError, match="there are: gateway, trueai, novicezk, gateway-2025-04"):
        Simulator(profile="typo")


@pytest.mark.parametrize(
    ("profile", "prompt", "filters", "mode"),
    [
        ("trueai", "x --turbo", {"modes": ["RELAX"]}, "RELAX"),
        ("trueai", "x --turbo", {"modes": []}, "TURBO"),
        ("trueai", "x", {"modes": "RELAX"}, "FAST"),
        ("gateway", "x", {"modes": ["RELAX"]}, "FAST"),
        ("novicezk", "x", {"modes": ["RELAX"]}, "FAST"),
    ],
)
async def test_only_trueai_obeys_the_filter_s_mode(
    profile: str, prompt: str, filters: Any, mode: str
) -> None:
    """Path, then filter, then prompt; a gateway drops the filter, P§1, P§2.1."""
    async with wired(profile=profile) as wire:
        task_id = await wire.imagine(prompt, accountFilter=filters)
        assert wire.simulator.tasks[task_id].mode == mode


async def test_a_picture_must_be_a_data_url_at_novicezk() -> None:
    """Bare base64 and links are code 4 there, P§11.3."""
    async with wired(profile="novicezk") as wire:
        for picture in ("https://example.org/a.png", "iVBORw0KGgo="):
            answer = await wire.submit("imagine", prompt="x", base64Array=[picture])
            assert answer.json["code"] == 4
        assert (await wire.submit("imagine", prompt="x", base64Array=[photo()])).json["code"] == 1


def other_users(wire: Wire) -> dict[str, str]:
    """Give the headers of somebody else."""
    return dict.fromkeys(wire.session.headers, "other")


@pytest.mark.parametrize("profile", ["trueai", "novicezk"])
async def test_whoever_has_a_key_reads_every_task(profile: str) -> None:
    """Tasks belong to nobody, P§2.14."""
    async with wired(profile=profile) as wire:
        task_id = await wire.imagine()
        path = f"/mj/task/{task_id}/fetch"
        answer = await wire.ask("GET", path, headers=other_users(wire))
        assert answer.json["id"] == task_id
