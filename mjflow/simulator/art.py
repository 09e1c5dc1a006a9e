"""The painter: turns a scene and a window into pixels."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import TYPE_CHECKING

from mjflow.simulator.scenes import NIGHTS, PALETTES, chance, mix, rgb, terrain, traits_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from mjflow.simulator.scenes import Colour, Scene, Window

# A picture is painted this many times larger and then reduced, which smooths every edge.
FINENESS = 2
# Above this many pixels a picture is painted as it is: its edges are fine enough.
FINE_UP_TO = 1_500_000


def paint(scene: Scene, window: Window, size: tuple[int, int]) -> Image.Image:
    """Paint the part of a scene that a window shows; `size` is in pixels."""
    fineness = FINENESS if size[0] * size[1] <= FINE_UP_TO else 1
    canvas = _Canvas(scene, window, (size[0] * fineness, size[1] * fineness))
    canvas.sky()
    canvas.stars()
    canvas.sun()
    canvas.clouds()
    canvas.land()
    canvas.foreground()
    return canvas.image if fineness == 1 else canvas.image.reduce(fineness)


class _Canvas:
    """The picture being painted, and the way from the plane to its pixels."""

    def __init__(self, scene: Scene, window: Window, size: tuple[int, int]) -> None:
        from PIL import Image, ImageDraw

        self.traits = traits_of(scene)
        self.decor = scene.decor
        number = scene.palette % len(PALETTES)
        self.night = number in NIGHTS
        self.zenith, self.glow, self.light, self.far, self.near = map(rgb, PALETTES[number])
        self.width, self.height = size
        self.left = window.x - window.width / 2
        self.top = window.y - window.height / 2
        self.scale = self.width / window.width
        self.image = Image.new("RGB", size)
        self.draw = ImageDraw.Draw(self.image)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Give the pixel of a point of the plane."""
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def disc(self, x: float, y: float, radius: float, tone: Colour) -> None:
        """Fill a circle; its radius is in units of the plane."""
        px, py = self.at(x, y)
        reach = radius * self.scale
        self.draw.ellipse((px - reach, py - reach, px + reach, py + reach), fill=tone)

    def sky(self) -> None:
        """Fill the picture with the light from the zenith down to the horizon."""
        from PIL import Image

        rows = bytearray()
        for row in range(0, self.height, FINENESS):
            depth = (self.top + row / self.scale) / self.traits.horizon
            rows += bytes(mix(self.zenith, self.glow, min(1.0, max(0.0, depth)) ** 1.4))
        column = Image.frombytes("RGB", (1, len(rows) // 3), bytes(rows))
        self.image.paste(column.resize((self.width, self.height), Image.Resampling.NEAREST))

    def stars(self) -> None:
        """Scatter stars over a night sky."""
        if not self.night:
            return
        cells = 34
        left, top = math.floor(self.left * cells), math.floor(self.top * cells)
        right = math.ceil((self.left + self.width / self.scale) * cells)
        low = math.ceil(min(self.traits.horizon, self.top + self.height / self.scale) * cells)
        for i in range(left, right + 1):
            for j in range(top, low + 1):
                luck = chance(self.traits.noise, i, j)
                if luck < 0.28:
                    y = (j + chance(j, i, self.traits.noise)) / cells
                    tone = mix(self.light, self.glow, 0.2 + luck)
                    self.disc((i + luck * 3.5) / cells, y, 0.0004 + luck * 0.005, tone)

    def sun(self) -> None:
        """Paint the sun or the moon with its halo."""
        from PIL import Image

        x, y, radius = self.traits.sun
        side = max(1, round(radius * self.scale * 10))
        px, py = self.at(x, y)
        halo = _halo().resize((side, side), Image.Resampling.BILINEAR)
        self.image.paste(self.light, (round(px - side / 2), round(py - side / 2)), halo)
        self.disc(x, y, radius, self.light)

    def clouds(self) -> None:
        """Paint clouds high above and far beside the middle of the scene."""
        if not self.decor:
            return
        cell = 0.42
        right, bottom = self.left + self.width / self.scale, self.top + self.height / self.scale
        for i in range(math.floor(self.left / cell) - 1, math.ceil(right / cell) + 1):
            for j in range(math.floor(self.top / cell) - 1, math.ceil(bottom / cell)):
                x = (i + chance(self.decor, i, j)) * cell
                y = (j + chance(j, self.decor, i)) * cell
                if y < self.traits.horizon - 0.3 and (y < 0 or abs(x) > 0.4):
                    self.cloud(x, y, 0.1 + 0.16 * chance(i, j, self.decor))

    def cloud(self, x: float, y: float, wide: float) -> None:
        """Paint one cloud: three flat bars with round ends."""
        tone = mix(self.glow, self.zenith, 0.25 if y > 0 else 0.6)
        for bar, (shift, share) in enumerate(((0.0, 1.0), (-0.22, 0.6), (0.3, 0.45))):
            middle, half = x + shift * wide, wide * share
            low = y + bar * wide * 0.13
            box = (*self.at(middle - half, low), *self.at(middle + half, low + wide * 0.1))
            self.draw.rounded_rectangle(box, (box[3] - box[1]) / 2, fill=tone)

    def foreground(self) -> None:
        """Paint the ground in front of the nearest ridge, where the window goes that low."""
        bottom = self.top + self.height / self.scale
        for number in range(math.ceil((bottom - 1.04) / 0.22)):
            seed = self.traits.noise + self.decor + 31 * number
            tone = mix(self.near, self.far, 0.16 if number % 2 == 0 else 0.03)
            base = 1.16 + 0.22 * number
            self.crested(partial(_bank, seed, base), tone)

    def land(self) -> None:
        """Paint the ridges from the farthest to the nearest, with a lake between them."""
        traits = self.traits
        last = traits.ridges - 1
        for number in range(traits.ridges):
            depth = number / last
            if traits.lake and number == last:
                self.lake(traits.horizon + 0.14)
            if traits.lake and 0.5 < depth < 1:
                continue
            base = traits.horizon + 0.08 + depth**1.3 * (0.9 - traits.horizon)
            self.ridge(number, depth, base)

    def ridge(self, number: int, depth: float, base: float) -> None:
        """Paint one ridge and the pines on the nearest."""
        tone = mix(self.far, self.near, depth**0.8)
        sharp = self.traits.sharp * (1 - depth * 0.7)

        def height(x: float) -> float:
            x = x * (1.3 + depth) + self.traits.shift
            return base - (0.4 - 0.26 * depth) * terrain(self.traits.noise + number, x, sharp)

        self.crested(height, tone)
        if depth == 1 and self.traits.pines:
            self.pines(height, tone)

    def crested(self, height: Callable[[float], float], tone: Colour) -> None:
        """Fill everything below a line, told as height of the plane for each x."""
        step = max(8, self.width // 180)
        line = [
            (px, (height(self.left + px / self.scale) - self.top) * self.scale)
            for px in range(-step, self.width + 2 * step, step)
        ]
        floor = max(self.height, *(py for _, py in line)) + step
        self.draw.polygon([(-step, floor), *line, (line[-1][0], floor)], fill=tone)

    def lake(self, level: float) -> None:
        """Paint water below a level, with the light of the sun lying on it."""
        top = self.at(0, level)[1]
        bottom = self.height + 1
        if top >= bottom:
            return
        water = mix(mix(self.glow, self.zenith, 0.45), self.far, 0.3)
        self.draw.rectangle((0, top, self.width, bottom), fill=water)
        for stripe in range(34):
            y = level + 0.006 + stripe * 0.0105
            half = 0.015 + 0.12 * chance(self.traits.noise, stripe, 7)
            middle = self.traits.sun[0] + 0.08 * (chance(stripe, self.traits.noise, 3) - 0.5)
            tone = mix(self.light, water, 0.1 + stripe / 38)
            self.draw.rectangle(
                (*self.at(middle - half, y), *self.at(middle + half, y + 0.0026)), fill=tone
            )

    def pines(self, height: Callable[[float], float], tone: Colour) -> None:
        """Set pines on a ridge."""
        spacing = 0.022
        seed = self.traits.noise + self.decor
        first = math.floor(self.left / spacing) - 2
        for place in range(first, first + math.ceil(self.width / self.scale / spacing) + 5):
            luck = chance(seed, place, 11)
            if luck < self.traits.pines:
                x = (place + luck) * spacing
                px, foot = self.at(x, height(x) + 0.012)
                self.pine(px, foot, (0.035 + 0.07 * chance(place, 5, seed)) * self.scale, tone)

    def pine(self, px: float, foot: float, tall: float, tone: Colour) -> None:
        """Paint one pine of three tiers, in pixels."""
        for tier in range(3):
            half = tall * (0.2 - 0.045 * tier)
            low = foot - tall * 0.27 * tier
            top = (px, low - tall * 0.5)
            self.draw.polygon([(px - half, low), top, (px + half, low)], fill=tone)


def _bank(seed: int, base: float, x: float) -> float:
    return base - 0.16 * terrain(seed, 1.7 * x, 0.2)


@cache
def _halo() -> Image.Image:
    from PIL import Image

    # The gradient runs from 0 in the middle to 255 in the corners and is about 180 at the
    # middle of an edge, where the halo has to have faded out.
    def fade(value: int) -> int:
        return max(0, 180 - value) ** 2 // 170

    return Image.radial_gradient("L").point([fade(value) for value in range(256)])
