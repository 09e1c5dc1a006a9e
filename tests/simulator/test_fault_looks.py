"""Faults of looks and of pictures (P§12.1, P§12.5, P§12.6, P§12.11, P§12.12)."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from mjflow.simulator import PROFILES

from .samples import mask
from .wires import Wire, wired


async def running(wire: Wire) -> str:
    """Submit a prompt and let it run for a while, to a known progress."""
    task_id = await wire.imagine()
    wire.wait(30)
    return task_id


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("progress-null", {"progress": None}),
        ("progress-empty", {"progress": ""}),
        ("progress-words", {"progress": "(Waiting to start)"}),
        ("status-unknown", {"status": "REVIEWING"}),
        ("unread-rows", {"status": "", "buttons": None, "properties": None, "startTime": 0}),
    ],
)
async def test_a_running_task_may_be_shown_oddly(
    profile: str, name: str, shown: dict[str, Any]
) -> None:
    """In a fetch and in a list; without the fault it is as before."""
    async with wired(profile=profile) as wire:
        task_id = await running(wire)
        plain = await wire.fetch(task_id)
        wire.simulator.faults.switch(name)
        for row in (await wire.fetch(task_id), *(await wire.rows(task_id))):
            assert {key: row[key] for key in shown} == shown
        wire.simulator.faults.clear()
        plain.pop("imageUrl")
        row = await wire.fetch(task_id)
        assert {key: row[key] for key in plain} == plain


@pytest.mark.parametrize("name", ["unread-rows", "status-unknown", "progress-backwards"])
async def test_some_faults_of_looks_spare_what_has_ended(name: str) -> None:
    """Else no wait could end."""
    async with wired(profile="trueai", faults={name: 1}) as wire:
        task_id = await wire.finished()
        row = await wire.fetch(task_id)
        assert (row["status"], row["progress"]) == ("SUCCESS", "100%")
        assert wire.simulator.faults.struck[name] == 0


async def test_progress_may_run_backwards() -> None:
    """Half of what it was before, P§12.11."""
    async with wired(profile="trueai") as wire:
        task_id = await running(wire)
        before = int((await wire.fetch(task_id))["progress"].rstrip("%"))
        wire.simulator.faults.switch("progress-backwards")
        assert (await wire.fetch(task_id))["progress"] == f"{before // 2}%"


@pytest.mark.parametrize("profile", ["trueai", "novicezk"])
async def test_a_failure_may_be_a_hundred_per_cent_done(profile: str) -> None:
    """As the gateway always shows it, P§12.11."""
    async with wired(profile=profile) as wire:
        task_id = await wire.imagine("x --stop 1")
        wire.wait()
        assert (await wire.fetch(task_id))["progress"] is None
        wire.simulator.faults.switch("failure-100")
        assert (await wire.fetch(task_id))["progress"] == "100%"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("unknown-as-400", 400, b"task_no_found"),
        ("unknown-as-empty", 200, b""),
        ("unknown-as-204", 204, b""),
    ],
)
async def test_an_unknown_id_may_be_denied_in_another_way(
    profile: str, name: str, status: int, body: bytes
) -> None:
    """In each of the three, P§12.6; a known one is shown."""
    async with wired(profile=profile, faults={name: 1}) as wire:
        task_id = await wire.imagine()
        answer = await wire.looked("404")
        assert answer.status == status
        assert body in answer.raw
        assert bool(answer.raw) == bool(body)
        assert (await wire.looked(task_id)).json["id"] == task_id


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_link_may_change_with_every_look(profile: str) -> None:
    """Also after SUCCESS; every one of them leads to the picture, P§12.12."""
    async with wired(profile=profile, faults={"rand-links": 1}) as wire:
        task_id = await wire.imagine()
        wire.wait()
        links = [(await wire.fetch(task_id))["imageUrl"] for _ in range(3)]
        assert len({*links}) == 3
        files = {(await wire.file(link)).raw for link in links}
        assert len(files) == 1


async def test_a_link_may_lead_to_localhost() -> None:
    """A gateway that does not know its own address, P§12.12."""
    async with wired(faults={"localhost-links": 1}) as wire:
        task_id = await wire.finished()
        link = (await wire.fetch(task_id))["imageUrl"]
        assert link == f"http://localhost:3000/mj/image/{task_id}"


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_link_may_come_before_its_picture(profile: str) -> None:
    """Before the first per cent there is nothing behind it, P§12.12."""
    async with wired(profile=profile, faults={"preview-early": 1}) as wire:
        task_id = await wire.imagine()
        link = (await wire.fetch(task_id))["imageUrl"]
        assert link
        assert (await wire.file(link)).status in (404, 500)


async def test_a_list_may_show_an_answered_dialog_twice() -> None:
    """The first row is still MODAL, as at a gateway, P§12.5."""
    async with wired(profile="trueai", faults={"two-rows": 1}) as wire:
        single = await wire.finished("x", "U1")
        task_id = (await wire.click(single, "Vary (Region)")).json["result"]
        assert len(await wire.rows(task_id)) == 1
        await wire.submit("modal", taskId=task_id, prompt="x", maskBase64=mask())
        wire.wait(120)
        rows = await wire.rows(task_id)
        assert [(row["id"], row["status"]) for row in rows] == [
            (task_id, "MODAL"),
            (task_id, "SUCCESS"),
        ]


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_list_may_come_shuffled_or_repeated(profile: str) -> None:
    """No order is promised, P§2.16."""
    async with wired(profile=profile) as wire:
        ids = [await wire.imagine(str(number)) for number in range(8)]
        wire.simulator.faults.switch("rows-shuffled")
        shuffled = [row["id"] for row in await wire.rows(*ids)]
        assert (sorted(shuffled), shuffled == ids) == (sorted(ids), False)
        wire.simulator.faults.clear()
        wire.simulator.faults.switch("rows-repeated")
        assert [row["id"] for row in await wire.rows(*ids)] == ids + ids


@pytest.mark.parametrize(
    ("profile", "body"),
    [("gateway", "new_api_error"), ("trueai", '"success":false'), ("novicezk", '"status":500')],
)
async def test_a_server_breaks_in_its_own_shape(profile: str, body: str) -> None:
    """HTTP 500 everywhere, P§8."""
    async with wired(profile=profile, faults={"server-error": 1}) as wire:
        answer = await wire.looked(await wire.imagine())
        assert (answer.status, body in answer.raw.decode()) == (500, True)


async def picture_of(wire: Wire) -> str:
    """Finish a task and give the link to its picture."""
    task_id = await wire.finished()
    return str((await wire.fetch(task_id))["imageUrl"])


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_picture_may_be_missing_once(profile: str) -> None:
    """404 the first time only."""
    async with wired(profile=profile, faults=["image-404=1:1"]) as wire:
        link = await picture_of(wire)
        assert [(await wire.file(link)).status for _ in range(2)] == [404, 200]


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_web_page_may_come_for_a_picture(profile: str) -> None:
    """HTTP 200, and no picture."""
    async with wired(profile=profile, faults={"image-html": 1}) as wire:
        answer = await wire.file(await picture_of(wire))
        assert (answer.status, answer.type) == (200, "text/html")


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_picture_may_be_cut(profile: str) -> None:
    """The connection breaks, and looks are spared."""
    async with wired(profile=profile, faults={"image-cut": 1}) as wire:
        link = await picture_of(wire)
        with pytest.raises(aiohttp.ClientPayloadError):
            await wire.file(link)


async def test_a_picture_may_be_slow() -> None:
    """It comes, after twenty virtual seconds."""
    async with wired(faults={"image-slow": 1}, speed=1000) as wire:
        link = await picture_of(wire)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        assert (await wire.file(link)).status == 200
        assert loop.time() - begun >= 0.02


@pytest.mark.parametrize("profile", ["trueai", "novicezk"])
async def test_a_link_is_good_for_a_day_and_then_replaced(profile: str) -> None:
    """A look after that has a fresh one; the old is 404, P§4.4."""
    async with wired(profile=profile) as wire:
        link = await picture_of(wire)
        task_id = next(iter(wire.simulator.tasks))
        wire.wait(3600)
        assert (await wire.fetch(task_id))["imageUrl"] == link
        wire.wait(86_400)
        assert (await wire.file(link)).status == 404
        fresh = (await wire.fetch(task_id))["imageUrl"]
        assert (await wire.file(fresh)).status == 200


async def test_a_link_may_run_out_soon() -> None:
    """Half a minute after a look; its `ex` says when, in hexadecimal seconds."""
    async with wired(profile="trueai", faults={"links-expire": 1}) as wire:
        link = await picture_of(wire)
        expires = int(link.partition("?ex=")[2].partition("&")[0], 16)
        assert expires == 1_700_000_000 + int(wire.simulator.now) + 30
        assert (await wire.file(link)).status == 200
        wire.wait(31)
        assert (await wire.file(link)).status == 404


async def test_a_link_nobody_gave_leads_nowhere() -> None:
    """Unknown tasks, unsigned links and tasks without a picture are 404; others show one."""
    async with wired(profile="trueai") as wire:
        task_id = await wire.finished()
        waiting = await wire.imagine()
        for link in ("404/x.png?ex=ffffffff", f"{task_id}/x.png", f"{waiting}/x.png?ex=ffffffff"):
            assert (await wire.file(f"/attachments/{link}")).status == 404
        answer = await wire.file(f"/attachments/{task_id}/9.mp4?ex=ffffffff")
        assert (answer.status, answer.type) == (200, "image/png")
