"""What may follow what in a flow."""

from __future__ import annotations

import pytest

from mjflow import Flow

from .complaints import told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- click: U1", "f:2:3: click needs a task, and nothing stands before it"),
        ("- split", "f:2:3: split needs a task"),
        ("- fork: {a: [{imagine: x, images: current}]}", "f:2:3: fork needs a task"),
        ("- imagine: x\n  images: current", "f:2:3: there is no current picture yet"),
        ("- imagine: x\n  when: {param: {a: b}}", "f:3:9: the first step cannot be skipped"),
        (
            "- imagine: x\n- imagine: y",
            "f:3:3: imagine stands in mid-list and takes no notice…images: current",
        ),
        ("- imagine: x\n- video: {image: a.png}", "f:3:3: video stands in mid-list…image: current"),
        (
            "- imagine: x\n- shorten: y",
            "f:3:3: shorten takes no picture, so it can only be the first step",
        ),
        ("- imagine: x\n- fork: {a: [{imagine: y}]}", "f:3:14: imagine stands in mid-list"),
        (
            "- imagine: x\n- fork: {a: [split]}\n- click: U1",
            "f:4:3: click stands behind a fork, and nothing follows one",
        ),
        (
            "- imagine: x\n- split\n- click: U1",
            "f:4:3: click stands behind a split, which only makes files",
        ),
        ("- imagine: x\n- split\n- fork: {a: [click: U1]}", "f:4:3: fork stands behind a split"),
        (
            "- imagine: x\n  id: a\n- click: U1\n  id: a",
            "f:5:7: another step has the id 'a' already",
        ),
        (
            "- imagine: x\n  id: a\n- fork: {t: [{click: U1, id: a}]}",
            "f:4:30: another step has the id 'a' already",
        ),
        ("- imagine: x\n- choose: a:b", "f:3:3: there is nothing to choose from"),
        ("- imagine: x\n- click: U1\n- choose: a:b", "f:4:3: there is nothing to choose from"),
        (
            "- imagine: x\n- click: [U1, U2]\n- fork: {t: [choose: a:b]}",
            "f:4:14: there is nothing to choose from",
        ),
    ],
)
def test_the_order_of_steps_is_checked(text: str, expected: str) -> None:
    """What can be known without a server: what begins, what follows, what splits."""
    told(f"steps:\n{text}\n", expected)


@pytest.mark.parametrize(
    "text",
    [
        "- imagine: x\n- split\n- download",
        "- imagine: x\n- download\n- click: U1",
        "- describe: a.png\n- click: Imagine all\n- choose: a:b",
        "- imagine: x\n- click: 'U*'\n- choose: a:b",
        "- imagine: x\n- fork: {a: [{click: [U1, U2]}, {choose: 'a:b'}]}",
    ],
)
def test_what_may_follow_is_let_pass(text: str) -> None:
    """The rules refuse nothing that could work."""
    Flow.parse(f"steps:\n{text}\n")
