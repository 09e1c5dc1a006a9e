"""What is wrong in a step is told with its place."""

from __future__ import annotations

import pytest

from .complaints import told


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- imagin: x", "f:3:3: no step is called 'imagin'. Did you mean 'imagine'?"),
        ("- clack: x", "f:3:3: no step is called 'clack'"),
        ("- click U1", "f:3:3: 'click U1' is no step. Write `click: U1`."),
        ("- click", "f:3:3: 'click' is no step. Write `click: ...`."),
        ("- foo", "f:3:3: 'foo' is no step. A step is a verb"),
        ("-", "f:3:2: a step is missing here"),
        ("- {}", "f:3:3: a step is missing here"),
        ("- [click: U1]", "f:3:3: a step is missing here: there is a list"),
        ("- prompt: x", "f:3:3: this step has no verb, only prompt"),
        (
            "- click: U1\n  split:",
            "f:4:3: this step has two verbs: click and split. Put a - in front",
        ),
        ("- click: U1\n  promt: x", "f:4:3: click has no key 'promt'. Did you mean 'prompt'?"),
        (
            "- click: U1\n  images: x",
            "f:4:3: click has no key 'images'. It belongs to imagine, blend.",
        ),
        ("- click: {button: U1}", "f:3:11: click has no key 'button'. Did you mean 'buttons'?"),
        ("- click:", "f:3:3: click lacks its buttons. Write `click: ...`."),
        ("- click: U1\n  buttons: U2", "f:4:3: buttons is said twice"),
        ("- click: []", "f:3:10: this list is empty"),
        ("- click: U9", "f:3:10: no button is called 'U9'"),
        (
            "- click: vary regoin",
            "f:3:10: no button is called 'vary regoin'. Did you mean 'vary_region'?",
        ),
        ("- click: [U1, {x: y}]", "f:3:15: this takes a text, not a table of keys"),
        ("- click: U1\n  prompt: a {b", "f:4:11: a { stands alone in 'a {b'"),
        ("- click: U1\n  prompt: a {0}", "f:4:11: {0} is no field"),
        ("- click: U1\n  prompt: a {x.y}", "f:4:11: {x.y} is no field…write {x}"),
        ("- click: U1\n  id: a b", "f:4:7: 'a b' is no name for a step or a branch"),
        ("- click: U1\n  id: a/b", "f:4:7: 'a/b' is no name for a step or a branch"),
        ("- click: U1\n  mode: fats", "f:4:9: 'fats' is none of: relax, fast, turbo"),
        ("- click: U1\n  on_error: stop", "f:4:13: 'stop' is none of: branch, item, run"),
        ("- click: U1\n  enable_remix: maybe", "f:4:17: 'maybe' is neither true nor false"),
        ("- click: U1\n  when: U1", "f:4:9: this takes keys and values, not 'U1'"),
        ("- click: U1\n  when: {}", "f:4:9: this condition is empty"),
        (
            "- click: U1\n  when: {has_buton: U1}",
            "f:4:10: there is no key 'has_buton' in when. Did you mean 'has_button'?",
        ),
        ("- click: U1\n  when: {has_button: U9}", "f:4:22: no button is called 'U9'"),
        (
            "- click: U1\n  when: {action: UPSCAL}",
            "f:4:18: 'UPSCAL' is none of: …Did you mean 'UPSCALE'?",
        ),
        ("- click: U1\n  when: {param: x}", "f:4:17: this takes keys and values, not 'x'"),
        ("- click: U1\n  resubmit: often", "f:4:13: 'often' is no whole number"),
        ("- click: U1\n  resubmit: 11", "f:4:13: this is a number from 0 to 10, not 11"),
        (
            "- click: U1\n  resubmit: {on: timeout}",
            "f:4:13: resubmit says how often: times is missing",
        ),
        (
            "- click: U1\n  resubmit: {times: 1, on: timout}",
            "f:4:28: 'timout' is no cause of failures. Did you mean 'timeout'?",
        ),
        (
            "- click: U1\n  resubmit: {times: 1, on: moderation}",
            "f:4:28: a task that failed for 'moderation' is not resubmitted. Change the prompt",
        ),
        ("- click: U1\n  resubmit: {times: 1, on: []}", "f:4:28: this list is empty"),
        ("- click: U1\n  extra: x", "f:4:10: this takes keys and values, not 'x'"),
        ("- click: U1\n  extra: {a: ['{']}", "f:4:15: a { stands alone"),
        ("- change: U5", "f:3:11: the classic call cannot do 'U5'"),
        ("- change: vary region", "f:3:11: the classic call cannot do 'vary region'"),
        ("- change: U1\n  index: 2", "f:4:3: U1 has its index already"),
        ("- change: {action: UPSCALE, index: 5}", "f:3:36: this is a number from 1 to 4, not 5"),
        (
            "- change: UPSCALE\n  index: '{n}'",
            "f:4:10: '{n}' is no whole number, and a field cannot stand for it",
        ),
        ("- video: x", "f:3:3: video lacks its image. Write `video: ..., image: ...`."),
        ("- video: x\n  image: current\n  motion: fast", "f:5:11: 'fast' is none of: low, high"),
        ("- video: x\n  image: current\n  batch_size: 3", "f:5:15: this is one of 1, 2, 4, not 3"),
        (
            "- swap_face: a.png",
            "f:3:14: swap_face takes keys and values. Write `swap_face: {source: ...",
        ),
        ("- swap_face: {source: current}", "f:3:3: swap_face lacks its target"),
        ("- blend: []", "f:3:10: this list is empty"),
        ("- imagine: ''\n  images: current", "f:3:12: this text is empty"),
        ("- fork: [click: U1]", "f:3:9: a fork has a list of steps for each branch, not a list"),
        ("- fork: {}", "f:3:9: a fork has a list of steps for each branch"),
        ("- fork: {a b: [split]}", "f:3:10: 'a b' is no name for a step or a branch"),
        ("- fork: {a: []}", "f:3:13: this list of steps is empty"),
        ("- fork: {a: split}", "f:3:13: steps are a list, not 'split'"),
        ("- download: ../x", "f:3:13: …has an empty or dotted part"),
        ("- download: a//b", "f:3:13: …has an empty or dotted part"),
        ("- download: '{id!r}'", "f:3:13: {id!r} is no field"),
        (
            "- modal: x",
            "f:3:3: modal answers the dialog of a click, and there is none right above it",
        ),
        ("- click: U1\n- modal:", "f:4:3: modal lacks its prompt or mask"),
        (
            "- click: U1\n- modal: {promt: x}",
            "f:4:11: there is no key 'promt' in modal. Did you mean 'prompt'?",
        ),
        ("- click: U1\n  prompt: x\n- modal: y", "f:5:3: the click above has its prompt already"),
        (
            "- click: U1\n- modal: y\n  when: {has_button: U1}",
            "f:5:3: there is no key 'when' in modal",
        ),
        ("- click: U1\n  mask: {rect: [0, 0, 1]}", "f:4:9: …"),
        ("- click: U1\n  mask: {rect: [0, 0, 2, 1]}", "f:4:9: …"),
        (
            "- click: U1\n  mask: {rct: [0, 0, 1, 1]}",
            "f:4:10: there is no key 'rct' in a mask. Did you mean 'rect'?",
        ),
        (
            "- click: U1\n  mask: {rect: [0, 0, 1, 1], file: x}",
            "f:4:9: a mask has one shape, not 2",
        ),
        ("- click: U1\n  mask: {invert: true}", "f:4:9: a mask has one shape, not 0"),
        (
            "- click: U1\n  mask: {file: m.png, invert: maybe}",
            "f:4:9: 'maybe' is neither true nor false",
        ),
        ("- click: U1\n  mask: {union: x}", "f:4:17: the parts of a mask are a list"),
        (
            "- click: U1\n  mask: [{file: m.png, feather: 0.1}, rect:0,0,1,0.5]",
            "f:4:10: only the whole mask is inverted",
        ),
        ("- click: U1\n  mask: ''", "f:4:9: this mask is empty"),
        (
            "- click: U1\n  mask: data:image/png;base64,xx",
            "f:4:9: the pixels of this mask cannot be read",
        ),
        ("- click: [U1, U2]\n- choose: 3", "f:4:11: '3' names no scorer"),
        ("- click: [U1, U2]\n- choose: a b", "f:4:11: 'a b' names no scorer"),
        (
            "- click: [U1, U2]\n- choose: a:b\n  best: 0",
            "f:5:9: this is a number from 1 to 100, not 0",
        ),
    ],
)
def test_a_step_is_checked(step: str, expected: str) -> None:
    """Each key by itself."""
    told(f"steps:\n- imagine: x\n{step}\n", expected)
