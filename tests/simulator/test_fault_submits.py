"""Faults of submits, clicks and answers: what the client is told, and what is true (P§12)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

import aiohttp
import pytest

from mjflow.simulator import PROFILES, Submit
from mjflow.simulator.faults import CATALOGUE

from .samples import ROOTS, mask, photo
from .wires import Answer, Wire, wired

#: Before anything is done: HTTP status, `code`, and whether the answer is a definite no.
REFUSALS: dict[str, tuple[int, int | None, bool]] = {
    "shape-a": (503, None, True),
    "shape-b": (400, 4, True),
    "shape-c": (200, 9, True),
    "shape-d": (200, None, True),
    "shape-e": (502, None, False),
    "http-502": (502, None, False),
    "html-200": (200, None, True),
    "rate-limited": (429, None, True),
    "minus-one": (200, -1, True),
    "minus-one-quota": (200, -1, True),
    "minus-one-blocked": (200, -1, True),
    "no-account": (200, 3, True),
    "queue-full-23": (200, 23, True),
    "queue-full-9": (200, 9, True),
    "queue-full-429": (429, 30, True),
    "banned-24": (200, 24, True),
    "code-5-without-task": (400, 5, False),
    "expired-key": (401, None, True),
}
#: After it was done: HTTP status and `code`, None where the connection breaks; and whether the
#: gateway charged for it.
LOSSES: dict[str, tuple[int | None, int | None, bool]] = {
    "lost-reply": (None, None, True),
    "cut-reply": (None, None, True),
    "timeout-after-accept": (None, None, True),
    "do-request-failed": (400, 5, False),
    "code-5-with-task": (400, 5, False),
    "empty-200": (200, None, False),
    "insert-failed": (400, 4, True),
}


def where(faults: Iterable[str]) -> list[tuple[str, str]]:
    """Give each fault with each profile in which it can happen."""
    return [(name, profile) for name in faults for profile in CATALOGUE[name].profiles]


def only(wire: Wire) -> Submit:
    """Give the one submit that is on record."""
    [submit] = wire.simulator.ledger.submits
    return submit


@pytest.mark.parametrize(("name", "profile"), where(REFUSALS))
async def test_a_fault_before_acceptance_leaves_nothing(name: str, profile: str) -> None:
    """Neither a task nor a charge; the record says whether that could be known, P§3.6."""
    status, code, knowable = REFUSALS[name]
    async with wired(profile=profile, faults={name: 1}) as wire:
        answer = await wire.submit("imagine", prompt="x", state="mj1.t:")
        submit = only(wire)
        assert (answer.status, submit.status, submit.code) == (status, status, code)
        assert (submit.exists, submit.task_id, submit.charged) == (False, None, 0.0)
        assert (submit.faults, submit.token) == ((name,), "mj1.t")
        assert submit.knowable == knowable
        assert (wire.simulator.tasks, wire.simulator.ledger.entries) == ({}, [])


@pytest.mark.parametrize(("name", "profile"), where(LOSSES))
@pytest.mark.parametrize("act", ["imagine", "describe"])
async def test_a_lost_answer_leaves_a_task_that_runs(name: str, profile: str, act: str) -> None:
    """It exists, is charged where money is taken by then, and can't be known, P§12.9."""
    status, code, charged = LOSSES[name]
    async with wired(profile=profile, faults={name: 1}, speed=10_000) as wire:
        if status is None:
            with pytest.raises(aiohttp.ClientError):
                await wire.submit(act, **ROOTS[act], state="mj1.t:")
        else:
            answer = await wire.submit(act, **ROOTS[act], state="mj1.t:")
            assert answer.status == status
        submit = only(wire)
        assert status is None or submit.code == code
        assert (submit.exists, submit.knowable, submit.faults) == (True, False, (name,))
        assert submit.task_id in wire.simulator.tasks
        price = 0.1 if act == "imagine" else 0.05
        # The others send no bill: what Midjourney draws is booked whatever becomes of the answer.
        assert submit.charged == (price if charged or profile != "gateway" else 0.0)
        assert wire.simulator.ledger.charged(submit.task_id or "") == submit.charged
        assert wire.simulator.ledger.unknowable() == [submit]


@pytest.mark.parametrize("name", ["lost-reply", "cut-reply", "timeout-after-accept"])
async def test_a_task_whose_answer_was_lost_can_be_looked_at(name: str) -> None:
    """It is stored and charged like any other."""
    async with wired(faults={name: 1}, speed=10_000) as wire:
        with pytest.raises(aiohttp.ClientError):
            await wire.submit("imagine", prompt="x")
        wire.wait()
        assert (await wire.fetch(only(wire).task_id or ""))["status"] == "SUCCESS"


@pytest.mark.parametrize("name", ["do-request-failed", "code-5-with-task", "insert-failed"])
async def test_a_task_the_gateway_did_not_store_is_unknown_and_never_refunded(name: str) -> None:
    """The server behind has it, the gateway no row, P§3.6."""
    async with wired(faults={name: 1}) as wire:
        await wire.submit("imagine", prompt="x --stop 1")
        task_id = only(wire).task_id or ""
        wire.wait()
        assert (await wire.looked(task_id)).status == 400
        assert wire.simulator.tasks[task_id].status(wire.simulator.now) == "FAILURE"
        assert wire.simulator.ledger.refunds == []


async def test_a_proxy_s_page_comes_under_many_statuses() -> None:
    """502, 504 and the 52x of a CDN, P§8.1."""
    async with wired(faults={"shape-f": 1}) as wire:
        answers = [await wire.submit("imagine", prompt="x") for _ in range(60)]
        assert {answer.type for answer in answers} == {"text/html"}
        assert {answer.status for answer in answers} == {502, 504, *range(520, 527)}
        assert not any(submit.knowable for submit in wire.simulator.ledger.submits)


@pytest.mark.parametrize(
    ("name", "status"),
    [("shape-a", 503), ("shape-b", 400), ("shape-d", 200), ("shape-e", 502), ("rate-limited", 429)],
)
async def test_the_shapes_strike_looks_too(name: str, status: int) -> None:
    """Any request about tasks."""
    async with wired() as wire:
        task_id = await wire.imagine()
        wire.simulator.faults.switch(name)
        assert (await wire.looked(task_id)).status == status
        wire.simulator.faults.clear()
        assert (await wire.looked(task_id)).status == 200


@pytest.mark.parametrize(
    ("name", "headers", "profile"),
    [
        ("refuses-bearer", {"Authorization": "Bearer sk-x"}, "gateway"),
        ("refuses-raw-key", {"Authorization": "sk-x"}, "gateway"),
        ("refuses-secret", {"mj-api-secret": "sk-x"}, "gateway"),
        ("refuses-raw-key", {"Authorization": "x"}, "trueai"),
        ("refuses-secret", {"mj-api-secret": "x"}, "novicezk"),
    ],
)
async def test_a_form_of_the_key_may_be_refused(
    name: str, headers: dict[str, str], profile: str
) -> None:
    """Only the form that is named, P§12.15."""
    forms = {"refuses-bearer", "refuses-raw-key", "refuses-secret"}
    for fault in forms:
        async with wired(profile=profile, faults={fault: 1}) as wire:
            wire.session.headers.clear()
            answer = await wire.ask("POST", "/mj/submit/imagine", {"prompt": "x"}, headers=headers)
            assert answer.status == (401 if fault == name else 200)


async def test_the_banned_word_is_one_of_the_prompt() -> None:
    """As in real life, P§3.3."""
    async with wired(faults={"banned-24": 1}) as wire:
        answer = (await wire.submit("imagine", prompt="sunny hills --v 7")).json
        assert answer["properties"] == {"promptEn": "sunny hills --v 7", "bannedWord": "sunny"}


@pytest.mark.parametrize("profile", PROFILES)
async def test_the_id_may_come_as_a_number(profile: str) -> None:
    """The same digits, P§12.3."""
    async with wired(profile=profile, faults={"result-as-integer": 1}) as wire:
        result = (await wire.submit("imagine", prompt="x")).json["result"]
        assert isinstance(result, int)
        assert [*wire.simulator.tasks] == [str(result)]
        assert only(wire).knowable


async def test_an_id_that_would_lose_its_zero_stays_a_text() -> None:
    """Both faults together never hide a task, P§12.3."""
    async with wired(faults={"result-as-integer": 1, "result-leading-zero": 1}) as wire:
        result = (await wire.submit("imagine", prompt="x")).json["result"]
        assert (type(result), result[0]) == (str, "0")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("name", "pattern"), [("result-leading-zero", r"0\d{15,17}"), ("result-17-digits", r"\d{17}")]
)
async def test_ids_may_have_odd_forms(profile: str, name: str, pattern: str) -> None:
    """A zero in front; more digits than a double holds, P§3.2, P§12.3."""
    async with wired(profile=profile, faults={name: 1}) as wire:
        ids = {await wire.imagine() for _ in range(20)}
        assert len(ids) == 20
        assert all(re.fullmatch(pattern, task_id) for task_id in ids)


async def test_codes_may_come_as_they_are_or_rewritten() -> None:
    """On and off, for 22 and for a remix, P§12.4."""
    expected = {("gateway", "rewrite-off"): (22, 21), ("trueai", "rewrite-on"): (1, 1)}
    for (profile, name), codes in expected.items():
        async with wired(profile=profile, core_size=1, faults={name: 1}) as wire:
            grid = await wire.finished()
            await wire.imagine()
            queued = (await wire.submit("imagine", prompt="x")).json
            dialog = (await wire.click(grid, "V1", enableRemix=True)).json
            assert (queued["code"], dialog["code"]) == codes
            assert dialog["properties"]["remix"] is True


async def test_a_reroll_may_need_an_index() -> None:
    """As at the gateway, so at the server behind, P§12.14."""
    async with wired(profile="novicezk", faults={"index-required": 1}) as wire:
        grid = await wire.imagine()
        wire.wait()
        body = {"taskId": grid, "action": "REROLL"}
        assert (await wire.submit("change", **body)).json["code"] == 4
        assert (await wire.submit("change", **body, index=1)).json["code"] == 1


@pytest.mark.parametrize("name", ["Animate (High motion)", "1️⃣"])
async def test_a_gateway_may_not_read_every_button(name: str) -> None:
    """As in April 2025, P§12.14; what it can read it still reads."""
    async with wired(faults={"refuses-custom-ids": 1}) as wire:
        if name == "1️⃣":
            parent = str((await wire.made("describe", base64=photo()))["id"])
        else:
            parent = await wire.finished("x", "U1")
        answer = await wire.click(parent, name)
        assert answer.status == 400
        assert "unknown_action" in answer.json["error"]["message"]
        assert wire.simulator.faults.struck["refuses-custom-ids"] == 1


async def test_remix_may_be_off_at_the_account() -> None:
    """Asking for it is code 4 then, P§5.3; a click that does not ask is fine."""
    async with wired(profile="trueai", faults={"remix-off": 1}) as wire:
        grid = await wire.finished()
        assert (await wire.click(grid, "V1", enableRemix=True)).json["code"] == 4
        assert (await wire.click(grid, "V1")).json["code"] == 1


@pytest.mark.parametrize(("profile", "code", "price"), [("gateway", 1, 0.1), ("trueai", 21, 0.05)])
async def test_a_second_click_may_lead_to_the_first_task(
    profile: str, code: int, price: float
) -> None:
    """A gateway rewrites the 21 and charges again, P§3.4, P§3.6."""
    async with wired(profile=profile, faults={"duplicate-21": 1}) as wire:
        grid = await wire.finished()
        first = (await wire.click(grid, "U1")).json["result"]
        again = (await wire.click(grid, "U1")).json
        assert (again["code"], again["result"]) == (code, first)
        assert "status" in again["properties"]
        assert wire.simulator.ledger.charged(first) == price
        assert (await wire.click(grid, "U2")).json["result"] != first


async def opened(wire: Wire) -> str:
    """Open a dialog and give the id of its task."""
    single = await wire.finished("x", "U1")
    return str((await wire.click(single, "Vary (Region)", state="mj1.c:")).json["result"])


async def answered(wire: Wire, task_id: str) -> Answer:
    """Answer a dialog."""
    return await wire.submit(
        "modal", taskId=task_id, prompt="a crown", maskBase64=mask(), state="mj1.c:"
    )


@pytest.mark.parametrize("profile", ["gateway", "trueai"])
async def test_an_answer_may_start_a_task_of_its_own(profile: str) -> None:
    """The old id stays MODAL, the new one runs, and the answers are counted as one, P§12.5."""
    async with wired(profile=profile, faults={"modal-new-id": 1}) as wire:
        old = await opened(wire)
        new = (await answered(wire, old)).json["result"]
        assert new != old
        for _ in range(9):
            wire.wait(15)
        assert ((await wire.fetch(old))["status"], (await wire.fetch(new))["status"]) == (
            "MODAL",
            "SUCCESS",
        )
        ledger = wire.simulator.ledger
        assert (ledger.answers(), ledger.charged(new), ledger.charged(old)) == ({old: 1}, 0.1, 0.0)
        assert [submit.task_id for submit in ledger.tokens()["mj1.c"]] == [old, new]
        assert (await wire.fetch(new))["state"] == "mj1.c:"


@pytest.mark.parametrize("profile", ["gateway", "trueai"])
async def test_an_answered_dialog_may_show_modal_to_the_end(profile: str) -> None:
    """Nobody must answer it again for that, P§12.5."""
    async with wired(profile=profile, faults={"modal-stays-stale": 1}) as wire:
        task_id = await opened(wire)
        await answered(wire, task_id)
        seen = set()
        for _ in range(9):
            wire.wait(15)
            seen |= {row["status"] for row in await wire.rows(task_id)}
        assert seen - {""} == {"MODAL", "SUCCESS"}


@pytest.mark.parametrize("name", ["lost-reply@answers", "empty-200@answers", "cut-reply@answers"])
async def test_a_lost_answer_to_an_answer_is_on_record_beside_the_click(name: str) -> None:
    """One token, two submits: the dialog is known, its answer is not."""
    async with wired(faults=[name]) as wire:
        task_id = await opened(wire)
        with suppress(aiohttp.ClientError):
            await answered(wire, task_id)
        click, answer = wire.simulator.ledger.tokens()["mj1.c"]
        assert (click.act, click.knowable) == ("action", True)
        assert (answer.act, answer.knowable, answer.exists) == ("modal", False, True)
        assert (answer.parent, answer.task_id) == (task_id, task_id)


async def test_a_lost_answer_to_an_upload_hides_links() -> None:
    """There is no id to look for; the fee is taken, P§2.12."""
    async with wired(faults={"lost-reply": 1}) as wire:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await wire.submit("upload-discord-images", base64Array=[photo()])
        submit = only(wire)
        assert (submit.exists, submit.task_id, submit.knowable) == (True, None, False)
        assert submit.charged == 0.05
