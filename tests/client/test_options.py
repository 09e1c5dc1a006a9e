"""Settings: of a client, of a view of it, of one call."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mjflow import Client, InvalidInput, MissingKey, State, TaskLost
from tests.engine.watched import Watched
from tests.scripted import BASE, DONE, GRID, RUNNING, opened
from tests.virtual import virtual_time


def server_of(row: dict[str, Any]) -> Watched:
    server = Watched()
    server.takes_all()
    server.takes_all("action")
    server.every_task({**row, "buttons": [{"customId": c, "label": b} for c, b in GRID]})
    return server


# --- views --------------------------------------------------------------------------------


@virtual_time
async def test_a_view_has_other_defaults_and_the_same_engine() -> None:
    """One wheel, one window, one set of books for all views of a client."""
    server = server_of(DONE)
    async with opened(server) as client:
        fast = client.with_options(mode="fast")
        await fast.imagine("a cat", key="order-17")
        await client.imagine("a dog")
        assert fast.statistics() == client.statistics()
        assert [handle.key for handle in client.tasks] == ["order-17"]
    assert [sent.path for sent in server.sent] == [
        "/mj-fast/mj/submit/imagine",
        "/mj/submit/imagine",
    ]


@virtual_time
async def test_a_view_of_a_view_keeps_what_it_does_not_change() -> None:
    """And the first view is not changed by it."""
    server = server_of(DONE)
    async with opened(server) as client:
        fast = client.with_options(mode="fast", deadline=10.0)
        both = fast.with_options(deadline=None)
        await both.imagine("a cat")
        assert (both._options.deadline, fast._options.deadline) == (None, 10.0)
    assert server.sent[0].path.startswith("/mj-fast/")


@virtual_time
async def test_a_call_overrides_its_client_and_a_click_its_handle() -> None:
    """The nearest word counts: a chain keeps the mode it began with, until a click says another."""
    server = server_of(DONE)
    async with opened(server, mode="fast") as client:
        grid = client.imagine("a cat", mode="turbo")
        await grid.click("U1")
        await grid.click("U2", mode="relax")
        await client.with_options(mode="fast").click(grid, "U3")
    assert [sent.path.removesuffix(f"/mj/submit/{sent.route}") for sent in server.sent] == [
        "/mj-turbo",
        "/mj-turbo",
        "",
        "/mj-fast",
    ]


@virtual_time
async def test_a_deadline_is_a_matter_of_each_call() -> None:
    """Short for this one, none for that one."""
    async with opened(server_of(RUNNING)) as client:
        short = client.imagine("a cat", deadline=10.0)
        long = client.imagine("a dog", deadline=None)
        with pytest.raises(TaskLost):
            await short
        assert long.state is State.IN_PROGRESS


# --- wrong ones ---------------------------------------------------------------------------


@virtual_time
async def test_an_unknown_option_is_named_with_those_there_are() -> None:
    """In a view, a call and a click alike; nothing is sent."""
    server = server_of(DONE)
    async with opened(server) as client:
        handle = client.imagine("a cat")
        for use in (client.with_options, client.attach):
            with pytest.raises(InvalidInput, match="there is no option 'timeout'") as raised:
                use(**({"task_id": "7"} if use == client.attach else {}), timeout=5)
            assert "deadline" in raised.value.advice
        with pytest.raises(InvalidInput):
            client.imagine("a cat", timeout=5)
        with pytest.raises(InvalidInput):
            handle.click("U1", timeout=5)
        await handle
    assert server.routes == ["imagine"]


@virtual_time
async def test_a_wrong_mode_is_refused_before_anything_is_sent() -> None:
    """Of a name that nobody knows, or that this server does not have."""
    server = server_of(DONE)
    async with opened(server) as client:
        with pytest.raises(InvalidInput, match="the modes are: relax, fast, turbo"):
            client.imagine("a cat", mode="warp")
        with pytest.raises(InvalidInput, match="the modes are"):
            client.with_options(mode="warp")
    async with opened(server, dialect="novicezk") as client:
        with pytest.raises(InvalidInput, match="has no fast mode"):
            client.imagine("a cat", mode="fast")
    assert server.sent == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "warp"}, "the modes are"),
        ({"dialect": "klingon"}, "there is no dialect 'klingon'"),
        ({"max_in_flight": 0}, "at least 1"),
        ({"max_in_flight": "many"}, "max_in_flight"),
        ({"request_budget": 0}, "above 0"),
        ({"submit_rate": -1}, "above 0"),
        ({"poll_interval": 0}, "more than 0 seconds"),
        ({"base_url": "mj.example"}, "https://mj.example"),
        ({"journal": ""}, "the journal's path is empty"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_wrong_setting_is_refused_at_once(settings: dict[str, Any], message: str) -> None:
    """The error says which, and what would be right."""
    with pytest.raises(InvalidInput) as raised:
        Client(**{"base_url": BASE, "api_key": "sk-test", **settings})
    assert message in str(raised.value)


def test_a_missing_key_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The advice names the variable."""
    monkeypatch.delenv("MJFLOW_API_KEY", raising=False)
    with pytest.raises(MissingKey, match="MJFLOW_API_KEY"):
        Client(BASE)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("deadline", "5"),
        ("deadline", 0),
        ("deadline", float("nan")),
        ("admission_timeout", -1.0),
        ("admission_timeout", True),
        ("on_dialog", "maybe"),
        ("mode", "warp"),
    ],
)
@virtual_time
async def test_a_value_that_cannot_be_is_refused_before_anything_is_sent(
    option: str, value: object
) -> None:
    """A typing error in an option must not come to light after the task is paid."""
    server = server_of(DONE)
    async with opened(server) as client:
        with pytest.raises(InvalidInput, match=option if option != "mode" else "warp"):
            client.imagine("a cat", **{option: value})  # type: ignore[arg-type]
        with pytest.raises(InvalidInput):
            Client("http://127.0.0.1:9", **{option: value})  # type: ignore[arg-type]
    assert server.sent == []


async def test_an_act_begun_where_no_loop_runs_is_refused() -> None:
    """In another thread, say: nothing is taken on that nobody would carry."""
    async with Client(BASE, "sk-test") as client:
        with pytest.raises(InvalidInput, match="no event loop runs here"):
            await asyncio.to_thread(client.imagine, "a cat")
        assert client.tasks == ()
