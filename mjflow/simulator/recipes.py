"""What a task's picture is made of, told by the task and its parents alone."""

from __future__ import annotations

import random
import zlib
from typing import TypeAlias

from attrs import evolve, frozen

from mjflow.simulator.buttons import SHEETS, Click, Kind, Stage
from mjflow.simulator.prompts import Params
from mjflow.simulator.scenes import PALETTES, Scene, Window
from mjflow.simulator.tasks import Task
from mjflow.simulator.uploads import Material, Use

# How far a variation is from its parent, where 1 would be another scene.
STRENGTH = {Kind.LOW_VARIATION: 0.12, Kind.VARIATION: 0.35, Kind.HIGH_VARIATION: 0.8}
PAN_FACTOR = 1.5
ZOOM_FACTORS = {"50": 2.0, "75": 1.5}
DEFAULT_ZOOM = 2.0

# Pixels of the side of a square picture.
CELL_SIDE = 512
SINGLE_SIDE = 1024
UPSCALED_SIDE = 2048


@frozen
class View:
    """A part of a scene."""

    scene: Scene
    window: Window


@frozen
class Framed:
    """A picture with more of the world around it: zoomed out, panned, made square."""

    inner: Node
    outer: View

    @property
    def window(self) -> Window:
        """The part of the plane that is shown."""
        return self.outer.window


@frozen
class Patched:
    """A picture in which the white of a mask was painted anew."""

    base: Node
    mask: bytes
    patch: View

    @property
    def window(self) -> Window:
        """The part of the plane that is shown."""
        return self.base.window


@frozen
class Collage:
    """Pictures a client sent, shown, mixed or painted over."""

    use: Use
    materials: tuple[Material, ...]
    scene: Scene
    window: Window
    #: Which of the four it is, 0 to 3.
    cell: int


Node: TypeAlias = View | Framed | Patched | Collage

#: Buttons whose pictures owe nothing to those of the parent.
FRESH = frozenset(
    {
        Kind.REROLL,
        Kind.DESCRIBE_RETRY,
        Kind.PIC_READER,
        Kind.IMAGINE_ALL,
        Kind.PROMPT_ANALYZER,
    }
)


def nodes_of(task: Task) -> tuple[Node, ...]:
    """Give the pictures of a task: four for a sheet, one otherwise."""
    parent, click = task.parent, task.click
    if parent is None or click is None or click.kind in FRESH:
        return _fresh(task) if task.use is None else _collage(task, task.use)
    sources = nodes_of(parent)
    chosen = int(click.value) - 1 if click.kind is Kind.VARIATION else max(0, task.cell - 1)
    source = sources[chosen if parent.stage in SHEETS else 0]
    if task.stage is Stage.VIDEO:
        return (source,) * 4
    if task.stage is not Stage.GRID:
        return (source,)
    return tuple(_child(task, click, source, _seed(task.job, cell)) for cell in range(4))


def _collage(task: Task, use: Use) -> tuple[Node, ...]:
    views = _fresh(task)
    if task.stage not in SHEETS:
        views = views[:1]
    return tuple(
        Collage(use, task.materials, _scene(view), view.window, cell)
        for cell, view in enumerate(views)
    )


def _child(task: Task, click: Click, source: Node, seed: int) -> Node:
    if click.kind in STRENGTH:
        return _reshaped(_varied(source, seed, STRENGTH[click.kind]), task.aspect)
    if click.kind is Kind.INPAINT:
        return Patched(source, task.mask, _repaint(source, seed))
    scene = evolve(_scene(source), decor=seed)
    return Framed(source, View(scene, _around(task, click, source.window)))


def _fresh(task: Task) -> tuple[Node, ...]:
    palettes = random.Random(_seed(task.job, 9)).sample(range(len(PALETTES)), 4)
    window = Window.of(task.aspect)
    return tuple(
        View(Scene(_seed(task.job, cell), palette), window) for cell, palette in enumerate(palettes)
    )


def _around(task: Task, click: Click, inner: Window) -> Window:
    """Give the larger window of a picture that was zoomed out, panned or made square."""
    if click.kind is Kind.PAN:
        return _panned(inner, click.value)
    if click.kind is Kind.CUSTOM_ZOOM:
        factor = Params.of(task.prompt).zoom or DEFAULT_ZOOM
    else:
        factor = ZOOM_FACTORS.get(click.value, 1.0)
    width, height = inner.width * factor, inner.height * factor
    if width / height < task.aspect:
        width = height * task.aspect
    else:
        height = width / task.aspect
    return evolve(inner, width=width, height=height)


def _panned(inner: Window, direction: str) -> Window:
    if direction in ("left", "right"):
        extra = inner.width * (PAN_FACTOR - 1)
        x = inner.x + (extra if direction == "right" else -extra) / 2
        return evolve(inner, x=x, width=inner.width + extra)
    extra = inner.height * (PAN_FACTOR - 1)
    y = inner.y + (extra if direction == "down" else -extra) / 2
    return evolve(inner, y=y, height=inner.height + extra)


def aspect_after(parent: float, kind: Kind, value: str) -> float:
    """Give the aspect of what a button makes of a picture."""
    if kind is Kind.PAN:
        return parent * PAN_FACTOR if value in ("left", "right") else parent / PAN_FACTOR
    return 1.0 if (kind, value) == (Kind.ZOOM, "100") else parent


def size_of(task: Task) -> tuple[int, int]:
    """Give the width and height of a task's picture in pixels."""
    if task.stage in SHEETS:
        width, height = _pixels(task.aspect, CELL_SIDE)
        return 2 * width, 2 * height
    return _pixels(task.aspect, UPSCALED_SIDE if task.stage is Stage.UPSCALED else SINGLE_SIDE)


def _pixels(aspect: float, side: int) -> tuple[int, int]:
    root = aspect**0.5
    return max(8, round(side * root / 8) * 8), max(8, round(side / root / 8) * 8)


def _scene(node: Node) -> Scene:
    if isinstance(node, View | Collage):
        return node.scene
    return _scene(node.outer if isinstance(node, Framed) else node.base)


def _varied(node: Node, seed: int, strength: float) -> Node:
    if isinstance(node, View | Collage):
        return evolve(node, scene=node.scene.varied(seed, strength))
    if isinstance(node, Framed):
        outer = View(node.outer.scene.varied(seed, strength), node.outer.window)
        return Framed(_varied(node.inner, seed, strength), outer)
    patch = View(node.patch.scene.varied(seed, strength), node.patch.window)
    return Patched(_varied(node.base, seed, strength), node.mask, patch)


def _reshaped(node: Node, aspect: float) -> Node:
    """Give a picture the aspect asked for in remix; a composed one keeps its own."""
    if isinstance(node, View) and abs(node.window.width / node.window.height - aspect) > 1e-6:
        return View(node.scene, evolve(node.window, width=node.window.height * aspect))
    return node


def _repaint(source: Node, seed: int) -> View:
    # Five palettes further is never one of a similar colour.
    palette = (_scene(source).palette + 5) % len(PALETTES)
    return View(Scene(seed, palette), source.window)


def _seed(job: str, number: int) -> int:
    return zlib.crc32(f"{job}:{number}".encode())


def seed_of(task: Task) -> int:
    """Give the seed of a task: that of its prompt, else its own."""
    given = Params.of(task.prompt).given.get("seed", "")
    return int(given) if given.isdigit() else _seed(task.job, 7)
