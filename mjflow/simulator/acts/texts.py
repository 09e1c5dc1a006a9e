"""Submits that end in texts: describe a picture, shorten a prompt."""

from __future__ import annotations

import random
import zlib

from mjflow.simulator.acts.words import BAD_LINK, banned, misformed, problem
from mjflow.simulator.buttons import Stage, keycap
from mjflow.simulator.prompts import DEFAULT_VERSION, Params
from mjflow.simulator.uploads import Material, Use
from mjflow.simulator.upstream import Answer, Order, Upstream
from mjflow.simulator.wire import rejected

_SUBJECTS = ("a quiet valley", "distant mountains", "a lake at the foot of hills", "pine forests")
_LIGHTS = ("under a low sun", "at dusk", "in morning mist", "beneath a starry sky")
_STYLES = ("flat illustration", "gouache painting", "travel poster", "soft gradient landscape")
_SHAPES = ("--ar 1:1", "--ar 3:2", "--ar 2:3", "--ar 4:3")
# How much of a long prompt its shorter forms keep.
_SHARES = (0.8, 0.65, 0.5, 0.35, 0.2)
# A prompt of fewer words can't be shortened into five.
_LEAST = 2


def describe(upstream: Upstream, order: Order) -> Answer:
    """Find four prompts for a picture, P§2.8."""
    sent = upstream.pictures([order.body.get("base64"), order.body.get("link")])[:1]
    if not sent:
        return Answer(rejected(4, "base64不能为空"))
    if misformed(upstream, [order.body.get("base64")]):
        return Answer(rejected(4, "base64格式错误"))
    task = upstream.root(order, "DESCRIBE", "", 1.0, DEFAULT_VERSION, Stage.DESCRIBED)
    task.materials, task.use = sent, Use.SHOW
    if not sent[0].whole:
        task.failure = BAD_LINK
    task.texts = described(sent[0], task.job)
    return upstream.start(task, order.now)


def described(picture: Material, job: str) -> tuple[str, ...]:
    """Make four numbered prompts that depend on the picture and the job."""
    rng = random.Random(f"{picture.number}:{job}")
    parts = [rng.sample(words, 4) for words in (_SUBJECTS, _LIGHTS, _STYLES)]
    shape = _SHAPES[picture.number % len(_SHAPES)]
    return tuple(
        f"{keycap(number)} {what} {light}, {style} {shape}"
        for number, (what, light, style) in enumerate(zip(*parts, strict=True), start=1)
    )


def shorten(upstream: Upstream, order: Order) -> Answer:
    """Find up to five shorter forms of a prompt, P§2.9."""
    prompt = order.text("prompt")
    if not prompt:
        return Answer(rejected(4, "prompt不能为空"))
    if answer := banned(upstream, prompt):
        return answer
    version = Params.of(prompt).version
    task = upstream.root(order, "SHORTEN", prompt, 1.0, version, Stage.SHORTENED)
    task.texts = shortened(prompt)
    task.failure = problem(upstream, prompt)
    return upstream.start(task, order.now)


def shortened(prompt: str) -> tuple[str, ...]:
    """Make shorter forms of a prompt, numbered, the longest first."""
    words, flag, rest = prompt.partition("--")
    kept = words.split()
    if len(kept) < _LEAST:
        return (f"{keycap(1)} {prompt}",)
    # Which words matter is told by the words themselves, so that every form holds the next.
    order = sorted(range(len(kept)), key=lambda place: zlib.crc32(kept[place].encode()))
    sizes = dict.fromkeys(max(1, round(len(kept) * share)) for share in _SHARES)
    return tuple(
        f"{keycap(number)} {' '.join(kept[place] for place in sorted(order[:size]))}"
        f"{f' {flag}{rest}' if flag else ''}"
        for number, size in enumerate(sizes, start=1)
    )
