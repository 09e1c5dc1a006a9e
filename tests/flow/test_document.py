"""Flows as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from mjflow import Flow
from mjflow.flow import (
    Blend,
    Change,
    Choose,
    Click,
    Describe,
    Download,
    Edits,
    Fork,
    Imagine,
    Matrix,
    OnError,
    Resubmit,
    Shorten,
    Split,
    Step,
    SwapFace,
    Video,
    When,
)
from mjflow.protocol.failures import FailureKind
from mjflow.protocol.requests import Mode

from .portraits import PORTRAITS, STEPS


def steps_of(text: str, *, before: str = "- imagine: x\n") -> tuple[Step, ...]:
    """Read some steps behind a first one, and leave that out."""
    flow = Flow.parse(f"steps:\n{before}{text}")
    return flow.steps[1:] if before else flow.steps


def test_the_flow_of_the_design_is_read() -> None:
    """All of it."""
    flow = Flow.parse(PORTRAITS, file="portraits.yaml")
    expected = Flow(
        STEPS, name="portraits", mode="fast", matrix={"animal": ["cat", "dog"]}, file="other"
    )
    assert flow == expected
    assert (flow.mode, flow.vars) == (Mode.FAST, {})
    assert flow.matrix == Matrix(dimensions={"animal": ("cat", "dog")})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- imagine: a {x}", Imagine(prompt="a {x}")),
        (
            "- imagine: {prompt: a, bot_type: NIJI_JOURNEY}",
            Imagine(prompt="a", bot_type="NIJI_JOURNEY"),
        ),
        (
            "- imagine:\n  prompt: a\n  images: [a.png, b.png]",
            Imagine(prompt="a", images=("a.png", "b.png")),
        ),
        ("- imagine: a\n  images: a.png", Imagine(prompt="a", images=("a.png",))),
        ("- imagine: >\n    a\n    b\n", Imagine(prompt="a b\n")),
        ("- imagine: a --ar 16:9", Imagine(prompt="a --ar 16:9")),
        ("- imagine: 2024-01-01", Imagine(prompt="2024-01-01")),
        ("- imagine: no", Imagine(prompt="no")),
        ("- imagine: 1e3", Imagine(prompt="1e3")),
        ("- imagine: 0x10", Imagine(prompt="0x10")),
        ("- imagine: a  # a comment", Imagine(prompt="a")),
        ("- imagine: a#1", Imagine(prompt="a#1")),
        ("- imagine: cat #comment", Imagine(prompt="cat")),
        (
            "- blend: [a.png, b.png]\n  dimensions: Portrait",
            Blend(images=("a.png", "b.png"), dimensions="portrait"),
        ),
        ("- describe: photo.png\n  language: zh", Describe(image="photo.png", language="zh")),
        ("- shorten: a long one", Shorten(prompt="a long one")),
        ("- video: it moves\n  image: a.png", Video(prompt="it moves", image="a.png")),
        (
            "- video: {image: a.png, end_image: b.png, loop: yes, motion: HIGH, batch_size: 2}",
            Video(image="a.png", end_image="b.png", loop=True, motion="high", batch_size=2),
        ),
        (
            '- video: ""\n  image: a.png\n  motion: "{motion}"',
            Video(image="a.png", motion="{motion}"),
        ),
        (
            "- edits: a hat\n  image: a.png\n  mask: m.png",
            Edits(prompt="a hat", image="a.png", mask="m.png"),
        ),
        ("- swap_face: {source: a.png, target: b.png}", SwapFace(source="a.png", target="b.png")),
        (
            "- swap-face:\n    source: a.png\n    target: b.png",
            SwapFace(source="a.png", target="b.png"),
        ),
    ],
)
def test_root_steps_are_read(text: str, expected: Step) -> None:
    """In each form that people write, every scalar as the text that it is."""
    assert steps_of(text, before="") == (expected,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- click: U1", Click(buttons=("U1",))),
        (
            "- click: [U1, vary region, '*redo*', MJ::JOB::upsample::1::x]",
            Click(buttons=("U1", "vary region", "*redo*", "MJ::JOB::upsample::1::x")),
        ),
        ("- click: U{n}", Click(buttons=("U{n}",))),
        ("- click: 🔄", Click(buttons=("🔄",))),
        ("- click: {buttons: U1, enable_remix: true}", Click(buttons=("U1",), enable_remix=True)),
        ("- click: V1\n- modal: a crown", Click(buttons=("V1",), prompt="a crown")),
        (
            "- click: V1\n- modal:\n    prompt: a crown\n    mask: m.png",
            Click(buttons=("V1",), prompt="a crown", mask="m.png"),
        ),
        (
            "- click: V1\n  prompt: a crown\n- modal: {mask: m.png}",
            Click(buttons=("V1",), prompt="a crown", mask="m.png"),
        ),
        ("- change: U2", Change(action="UPSCALE", index=2)),
        ("- change: v3", Change(action="VARIATION", index=3)),
        ("- change: reroll", Change(action="REROLL")),
        ("- change: {action: upscale, index: 4}", Change(action="UPSCALE", index=4)),
        ("- change: VARIATION\n  index: '2'", Change(action="VARIATION", index=2)),
        (
            "- fork: {big: [click: U1], wide: [{click: U2}, split]}",
            Fork(
                tails={"big": (Click(buttons=("U1",)),), "wide": (Click(buttons=("U2",)), Split())}
            ),
        ),
        ("- download", Download()),
        ("- download:", Download()),
        ("- download: '{id}'\n  id: last", Download(name="{id}", id="last")),
        ("- split", Split()),
        ("- split: '{button}/{cell}'", Split(name="{button}/{cell}")),
        (
            "- imagine: more\n  images: [current, a.png]",
            Imagine(prompt="more", images=("current", "a.png")),
        ),
        ("- video: {image: current}", Video(image="current")),
        ("- describe: current", Describe(image="current")),
        (
            "- swap_face: {source: a.png, target: current}",
            SwapFace(source="a.png", target="current"),
        ),
        ("- edits: a\n  image: current", Edits(prompt="a", image="current")),
    ],
)
def test_branch_steps_are_read(text: str, expected: Step) -> None:
    """So are those that build on something."""
    assert steps_of(text) == (expected,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("choose: scorers:sharpest", Choose(scorer="scorers:sharpest")),
        ("choose: best", Choose(scorer="best")),
        (
            "choose: {scorer: my.scorers:Best.one, best: 2}",
            Choose(scorer="my.scorers:Best.one", best=2),
        ),
        ("choose: best\n  best: 2", Choose(scorer="best", best=2)),
    ],
)
def test_choices_are_read(text: str, expected: Step) -> None:
    """Behind what splits the branch."""
    assert steps_of(f"- click: [U1, U2]\n- {text}")[1:] == (expected,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: first.click-1", {"id": "first.click-1"}),
        ("mode: RELAX", {"mode": Mode.RELAX}),
        ("on_error: item", {"on_error": OnError.ITEM}),
        ("resubmit: 2", {"resubmit": Resubmit(times=2)}),
        (
            "resubmit: {times: 1, on: timeout}",
            {"resubmit": Resubmit(times=1, on=frozenset({FailureKind.TIMEOUT}))},
        ),
        (
            "resubmit: {times: 1, on: [Unknown, capacity]}",
            {
                "resubmit": Resubmit(
                    times=1, on=frozenset({FailureKind.UNKNOWN, FailureKind.CAPACITY})
                )
            },
        ),
        ("when: {has_button: U1}", {"when": When(has_button="U1")}),
        (
            "when: {action: upscale, param: {animal: cat}}",
            {"when": When(action="UPSCALE", param={"animal": "cat"})},
        ),
        (
            "extra: {a: 1, b: '1', c: true, d: 1.5, e: no, f: [x, null], g: 2024-01-01, "
            "h: '{x}', i: }",
            {
                "extra": {
                    "a": 1,
                    "b": "1",
                    "c": True,
                    "d": 1.5,
                    "e": "no",
                    "f": ["x", "null"],
                    "g": "2024-01-01",
                    "h": "{x}",
                    "i": None,
                }
            },
        ),
    ],
)
def test_keys_that_all_acts_have_are_read(text: str, expected: dict[str, Any]) -> None:
    """Beside the verb, or within its table."""
    click = Click(buttons=("U1",), **expected)
    assert steps_of(f"- click: U1\n  {text}") == (click,)
    assert steps_of(f"- click:\n    buttons: U1\n    {text}") == (click,)


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("{rect: [0.3, 0, 0.7, 0.35]}", "rect:0.3,0,0.7,0.35"),
        ("{rect: '0.3,0,0.7,0.35'}", "rect:0.3,0,0.7,0.35"),
        ("rect:0.3,0,0.7,0.35", "rect:0.3,0,0.7,0.35"),
        ("{ellipse: [0.5, 0.5, 0.1, 0.1]}", "ellipse:0.5,0.5,0.1,0.1"),
        ("{polygon: [[0, 0], [1, 0], [0.5, 1]]}", "polygon:0,0 1,0 0.5,1"),
        ("{rect: [0, 0, 1, 0.5], invert: true, feather: 0.02}", "not:rect:0,0,1,0.5+feather=0.02"),
        (
            "[{rect: [0, 0, 1, 0.5]}, 'ellipse:0.5,0.5,0.1,0.1']",
            "rect:0,0,1,0.5+ellipse:0.5,0.5,0.1,0.1",
        ),
        (
            "{union: [{rect: [0, 0, 1, 0.5]}, {file: m.png}], resized: yes}",
            "rect:0,0,1,0.5+file:m.png+resized",
        ),
        ("{file: masks/m.png}", "file:masks/m.png"),
        ("{alpha: '{animal}.png', invert: false}", "alpha:{animal}.png"),
        ("masks/{animal}.png", "masks/{animal}.png"),
    ],
)
def test_masks_become_one_line(mask: str, expected: str) -> None:
    """However they are written; files are not looked at."""
    assert steps_of(f"- click: U1\n  mask: {mask}") == (Click(buttons=("U1",), mask=expected),)
