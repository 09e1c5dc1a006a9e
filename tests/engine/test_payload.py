"""What a journal keeps of a request is the request, to be sent again as it was."""

from __future__ import annotations

import pytest
from attrs import evolve

from mjflow.engine.act import Classic, Click, Options
from mjflow.engine.payload import asked, payload_of
from mjflow.errors import InvalidInput
from mjflow.protocol import codec
from mjflow.protocol.requests import (
    Action,
    Blend,
    Change,
    Describe,
    Edits,
    Imagine,
    Mode,
    Shorten,
    Submit,
    SwapFace,
    Video,
)
from mjflow.protocol.token import wrap

from ..wires import UUID

REGION = f"MJ::Inpaint::1::{UUID}::SOLO"

REQUESTS: list[Submit] = [
    Imagine(prompt="a cat\n猫 --v 6.1"),
    Imagine(
        prompt="a cat",
        base64_array=("data:image/png;base64,AA==", "data:image/png;base64,AB=="),
        account_filter={"modes": ["FAST"]},
        bot_type="NIJI_JOURNEY",
        notify_hook="https://hook.example",
        extra={"noStorage": True, "tools": [1, {"a": None}], "share": 0.5},
    ),
    Blend(base64_array=("data:image/png;base64,AA==",) * 2, dimensions="PORTRAIT"),
    Describe(base64="data:image/png;base64,AA==", language="zh"),
    Shorten(prompt="a cat"),
    Video(),
    Video(prompt="a cat", extend="extend", task_id="7", index=0, loop=False, batch_size=2),
    Edits(prompt="a crown", image="https://cdn.example/1.png", mask_base64="data:,"),
    SwapFace(source_base64="data:,a", target_base64="data:,b"),
    Action(task_id="7", custom_id=REGION, enable_remix=True, extra={"strong": False}),
    Change(task_id="7", action="VARIATION", index=3),
    Change(task_id="7", action="REROLL"),
]


@pytest.mark.parametrize("state", ["", "mine: with a colon"])
@pytest.mark.parametrize("mode", [None, *Mode])
@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_a_request_comes_back_as_it_was(request_: Submit, mode: Mode | None, state: str) -> None:
    """With its mode and the caller's state; only the token is gone."""
    sent = evolve(request_, state=wrap("t" * 20, state))
    back = asked(payload_of(sent, mode))
    assert back is not None
    assert (back.request, back.state, back.mode) == (request_, state, mode)
    assert codec.digest(back.request) == codec.digest(request_)
    assert codec.encode(back.request) == codec.encode(request_)


def test_the_act_of_a_click_names_its_button() -> None:
    """By what usually stands on it, for the label was never written."""
    click = Action(task_id="7", custom_id=REGION, enable_remix=True, extra={"strong": False})
    back = asked(payload_of(click, Mode.FAST))
    assert back is not None
    act = back.act(Options(deadline=7.0))
    assert act.what == Click(button="Vary (Region)", enable_remix=True)
    assert (act.options, act.extra) == (Options(deadline=7.0, mode=Mode.FAST), {"strong": False})
    assert back.button is not None
    assert (back.button.custom_id, back.button.name) == (REGION, "Vary (Region)")


def test_the_act_of_a_change_is_a_change() -> None:
    """It has no button of its own."""
    back = asked(payload_of(Change(task_id="7", action="UPSCALE", index=2), None))
    assert back is not None
    assert (back.act(Options()).what, back.button) == (Classic(action="UPSCALE", index=2), None)


def test_the_act_of_a_root_is_its_request() -> None:
    """With the caller's own state beside it."""
    back = asked(payload_of(Shorten(prompt="a cat", state=wrap("t", "mine")), None))
    assert back is not None
    act = back.act(Options())
    assert (act.what, act.state) == (Shorten(prompt="a cat"), "mine")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"null",
        b"{}",
        b'{"path":1,"mode":null,"body":{}}',
        b'{"path":"/mj/submit/imagine","mode":null,"body":{}}',
        b'{"path":"/mj/submit/imagine","mode":null,"body":[]}',
        b'{"path":"/mj/submit/imagine","mode":"warp","body":{"prompt":"a cat"}}',
        b'{"path":"/mj/submit/upload-discord-images","mode":null,"body":{}}',
    ],
    ids=repr,
)
def test_what_is_no_request_for_a_task_is_none(payload: bytes) -> None:
    """An upload, or what another version has written, is nobody's act."""
    assert asked(payload) is None


def test_what_is_not_to_be_had_in_json_is_told() -> None:
    """Before an intent is written."""
    with pytest.raises(InvalidInput):
        payload_of(Imagine(prompt="a cat", extra={"x": object()}), None)
