"""
Scenes: what there is to paint, as numbers.

A scene is a small world on an endless plane; a window says which part of it is shown.
The same scene in a larger window is therefore a true zoom: what was in the picture stays,
and the world goes on around it.  Everything is derived from integers, so that two
processes with the same seed paint the same picture.
"""

from __future__ import annotations

import math
import random
from typing import TypeAlias

from attrs import evolve, frozen

Colour: TypeAlias = tuple[int, int, int]

# Zenith, horizon, sun or moon, farthest ridge, nearest ridge.
PALETTES: tuple[tuple[str, str, str, str, str], ...] = (
    ("#27476e", "#f6c28b", "#fff1d0", "#b98a86", "#1d2636"),
    ("#0b1030", "#4a4e8f", "#f4f1de", "#3c4278", "#080b1c"),
    ("#5fa8d3", "#f1f7ee", "#fffbe6", "#a5c4d4", "#23404f"),
    ("#5b2a86", "#ff9a8b", "#ffe5b4", "#a8577e", "#22122f"),
    ("#0f3d3e", "#e2dcc8", "#fff8e7", "#7fa99b", "#0b2024"),
    ("#b33951", "#ffd6a5", "#fff3c4", "#c7727a", "#3a1426"),
    ("#12263a", "#80ded9", "#eafdf8", "#4d8b94", "#081620"),
    ("#8fb8de", "#fde2e4", "#ffffff", "#bcbfd9", "#454a6d"),
    ("#3d2c2e", "#e9b872", "#fff0c9", "#9c6b4f", "#1e1414"),
    ("#20123a", "#e05780", "#ffd9da", "#7b2e67", "#130a22"),
    ("#31572c", "#ecf39e", "#ffffe8", "#90a955", "#13260f"),
    ("#1b263b", "#a9bcd0", "#f8fbff", "#6d819c", "#0d1321"),
)
NIGHTS = frozenset({1, 6, 9, 11})


@frozen
class Scene:
    """One landscape, told by a few numbers."""

    seed: int
    palette: int
    #: The variations it went through, as (seed, strength).
    drifts: tuple[tuple[int, float], ...] = ()
    #: Seeds what differs only far from the middle: clouds, pines, the ground in front.
    decor: int = 0

    def varied(self, seed: int, strength: float) -> Scene:
        """Give a scene in the same colours that differs by `strength` (1: a new one)."""
        if strength >= 1:
            return Scene(seed, self.palette, decor=self.decor)
        return evolve(self, drifts=(*self.drifts, (seed, strength)))


@frozen
class Window:
    """A part of the plane: its centre, width and height; a square picture shows 1 by 1."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def of(cls, aspect: float) -> Window:
        """Give the window of a fresh picture, `aspect` wide for each unit of height."""
        return cls(0.0, 0.5, aspect, 1.0)


@frozen
class Traits:
    """The numbers a scene is painted from; lengths are in units of the plane."""

    horizon: float
    sun: tuple[float, float, float]
    ridges: int
    sharp: float
    shift: float
    lake: bool
    pines: float
    noise: int


def traits_of(scene: Scene) -> Traits:
    """Derive what a scene looks like from its seed, then apply its drifts in order."""
    rng = random.Random(scene.seed)
    horizon = rng.uniform(0.5, 0.64)
    traits = Traits(
        horizon=horizon,
        sun=(rng.uniform(-0.34, 0.34), horizon - rng.uniform(0.2, 0.38), rng.uniform(0.035, 0.1)),
        ridges=rng.randint(4, 6),
        sharp=rng.random(),
        shift=rng.uniform(0, 900),
        lake=rng.random() < 0.4,
        pines=rng.choice((0.0, 0.45, 0.7)),
        noise=rng.getrandbits(30),
    )
    for seed, strength in scene.drifts:
        traits = _drifted(traits, random.Random(seed), strength)
    return traits


def _drifted(traits: Traits, rng: random.Random, strength: float) -> Traits:
    x, y, radius = traits.sun
    return evolve(
        traits,
        horizon=traits.horizon + strength * rng.uniform(-0.06, 0.06),
        sun=(
            x + strength * rng.uniform(-0.5, 0.5),
            y + strength * rng.uniform(-0.08, 0.08),
            radius * (1 + strength * rng.uniform(-0.5, 0.7)),
        ),
        shift=traits.shift + strength * rng.uniform(-2.5, 2.5),
    )


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Blend two colours; `share` 0 gives the first, 1 the second."""
    share = min(1.0, max(0.0, share))
    r, g, b = (round(a + (z - a) * share) for a, z in zip(one, other, strict=True))
    return r, g, b


def rgb(name: str) -> Colour:
    """Read a colour written as `#rrggbb`."""
    return int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16)


def chance(a: int, b: int, c: int) -> float:
    """Give a number from 0 to 1 that depends on three integers alone."""
    mixed = (a * 374761393 + b * 668265263 + c * 2147483647 + 144665) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 16)) & 0xFFFFFF) / 0x1000000


def terrain(seed: int, x: float, sharp: float) -> float:
    """Give the height of a ridge at `x`, 0 to about 1; `sharp` makes peaks of its hills."""
    total, weight = 0.0, 0.55
    for octave in range(4):
        cell = math.floor(x)
        part = x - cell
        left, right = chance(seed, cell, octave), chance(seed, cell + 1, octave)
        # Straight lines between the grid points give crags, an S-curve gives hills.
        curve = sharp * part + (1 - sharp) * part * part * (3 - 2 * part)
        total += weight * (left + (right - left) * curve)
        weight *= 0.48
        x = x * 2.7 + 13.1
    return total
