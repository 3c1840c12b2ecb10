"""Draws backgrounds for synthetic scenes: textures, shapes, and parts of two photographs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import Size
from lensmith.training.data.augment import Floats

TEXTURES, TEXTURE_SIDE = 16, 640
PHOTOGRAPH_PROBABILITY = 0.25


class BackgroundSource(Protocol):
    """Makes backgrounds of one size."""

    @property
    def input_size(self) -> Size: ...

    def next(self) -> Floats:
        """Return float32 [h, w, 3] in 0..255, to be painted on."""
        ...


class Backgrounds:
    """Endless pictures without marks, of one size."""

    def __init__(self, input_size: Size, rng: Generator) -> None:
        # A second of imports that no other detector needs.
        from sklearn.datasets import load_sample_images

        self.input_size = input_size
        self._rng = rng
        self._textures = [_texture(rng) for _ in range(TEXTURES)]
        self._photographs: Sequence[Pixels] = load_sample_images().images
        self._drawn: tuple[Callable[[], Pixels], ...] = (self._leaves, self._bands, self._cells)

    def next(self) -> Floats:
        """Return float32 [h, w, 3] in 0..255, to be painted on."""
        if self._rng.random() < PHOTOGRAPH_PROBABILITY:
            plain = self._photograph()
        else:
            plain = self._drawn[int(self._rng.integers(len(self._drawn)))]()
        return self._textured(plain.astype(np.float32))

    def _textured(self, colours: Floats) -> Floats:
        """Roughen an image: brighter and darker in clouds and grains, each channel a little."""
        strength = self._rng.uniform(0, 50)
        tint = self._rng.uniform(0.85, 1.15, 3).astype(np.float32)
        grain = self._window(self._textures[self._rng.integers(TEXTURES)])
        return (colours + grain[..., None] * (tint * np.float32(strength))).clip(0, 255)

    def _window(self, texture: Floats) -> Floats:
        width, height = self.input_size
        if texture.shape[0] < height or texture.shape[1] < width:
            repeats = -(-height // texture.shape[0]), -(-width // texture.shape[1])
            texture = np.tile(texture, repeats)
        top = self._rng.integers(texture.shape[0] - height + 1)
        left = self._rng.integers(texture.shape[1] - width + 1)
        part = texture[top : top + height, left : left + width]
        return part[:: self._sign(), :: self._sign()]

    def _sign(self) -> int:
        return -1 if self._rng.random() < 0.5 else 1

    def _photograph(self) -> Pixels:
        """Crop a part of a photograph, sometimes with its channels in another order."""
        pixels = self._photographs[int(self._rng.integers(len(self._photographs)))]
        height, width = pixels.shape[:2]
        fraction = np.sqrt(self._rng.uniform(0.05, 1))
        fit = min(width / self.input_size[0], height / self.input_size[1]) * fraction
        across, down = self.input_size[0] * fit, self.input_size[1] * fit
        left, top = self._rng.uniform(0, width - across), self._rng.uniform(0, height - down)
        part = Image.fromarray(pixels).resize(
            self.input_size, Image.Resampling.BILINEAR, box=(left, top, left + across, top + down)
        )
        order = self._rng.permutation(3) if self._rng.random() < 0.4 else np.arange(3)
        return np.asarray(part)[:, :: self._sign(), order]

    def _leaves(self) -> Pixels:
        """Draw things in front of things: the sizes and edges of a natural scene (dead leaves)."""
        palette = self._palette(6)
        picture = Image.new("RGB", self.input_size, palette[0])
        canvas = ImageDraw.Draw(picture)
        for side in sorted(self._sides(int(self._rng.integers(5, 90))), reverse=True):
            colour = palette[self._rng.integers(len(palette))]
            self._leaf(canvas, side, colour)
        return np.asarray(picture)

    def _leaf(self, canvas: ImageDraw.ImageDraw, side: float, colour: tuple[int, ...]) -> None:
        x, y = (float(self._rng.uniform(-0.1, 1.1) * length) for length in self.input_size)
        kind = self._rng.integers(4)
        if kind == 0:
            flat = float(self._rng.uniform(0.4, 1))
            canvas.ellipse((x - side, y - side * flat, x + side, y + side * flat), fill=colour)
        elif kind == 1:
            canvas.line(
                [(x, y), (x + self._rng.normal(0, 2 * side), y + side)],
                fill=colour,
                width=max(1, int(side * self._rng.uniform(0.02, 0.3))),
            )
        else:
            corners = self._rng.integers(3, 7)
            angles = np.sort(self._rng.uniform(0, 2 * np.pi, corners))
            reach = side * self._rng.uniform(0.6, 1.2, corners)
            points = np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], 1)
            canvas.polygon([(float(px), float(py)) for px, py in points], fill=colour)

    def _sides(self, count: int) -> list[float]:
        """Draw side lengths from a fiftieth to half the frame, small ones far more often."""
        low, high = min(self.input_size) * 0.02, min(self.input_size) * 0.5
        fractions = self._rng.random(count)
        sides: list[float] = (1 / (1 / low + fractions * (1 / high - 1 / low))).tolist()
        return sides

    def _bands(self) -> Pixels:
        """Paint a gradient, sometimes cut into stripes."""
        width, height = self.input_size
        angle = self._rng.uniform(0, 2 * np.pi)
        xs, ys = np.arange(width) / width, np.arange(height) / height
        along = np.add.outer(ys * np.sin(angle), xs * np.cos(angle)).astype(np.float32)
        if self._rng.random() < 0.5:
            along = 0.5 + 0.5 * np.sin(along * self._rng.uniform(6, 120))
            along = along if self._rng.random() < 0.5 else np.round(along)
        fraction = along.clip(0, 1)[..., None]
        one, other = np.array(self._palette(2), np.float32)
        mixed: Pixels = (one * fraction + other * (1 - fraction)).astype(np.uint8)
        return mixed

    def _cells(self) -> Pixels:
        """Draw rows of things beside each other, as shelves, walls and pages have them."""
        palette = self._palette(5)
        picture = Image.new("RGB", self.input_size, palette[0])
        canvas = ImageDraw.Draw(picture)
        across, down = self._rng.integers(12, 120, 2).tolist()
        gap = int(self._rng.integers(0, 8))
        shift = int(self._rng.integers(0, across))
        for row, top in enumerate(range(0, self.input_size[1], down)):
            for left in range(-shift * (row % 2), self.input_size[0], across):
                colour = palette[self._rng.integers(len(palette))]
                corners = (left + gap, top + gap, left + across, top + down)
                if corners[2] > corners[0] and corners[3] > corners[1]:
                    canvas.rectangle(corners, fill=colour)
        return np.asarray(picture.rotate(float(self._rng.normal(0, 8))))

    def _palette(self, count: int) -> list[tuple[int, ...]]:
        """Draw colours around a common one, some far from it."""
        middle = self._rng.uniform(20, 235, 3)
        spread = self._rng.uniform(10, 90)
        drawn = (middle + self._rng.normal(0, spread, (count, 3))).clip(0, 255)
        grey = drawn.mean(1, keepdims=True)
        drawn = grey + (drawn - grey) * self._rng.uniform(0.1, 1)
        return [tuple(colour) for colour in drawn.astype(int).tolist()]


def _texture(rng: Generator) -> Floats:
    """Make noise of many scales [side, side], deviation 1; the dominant scales are drawn."""
    texture = np.zeros((TEXTURE_SIDE, TEXTURE_SIDE), np.float32)
    fall = rng.uniform(0.3, 1.1)
    for octave in range(2, 10):
        cells = 2**octave
        noise = Image.fromarray(rng.standard_normal((cells, cells)).astype(np.float32))
        scaled = noise.resize((TEXTURE_SIDE, TEXTURE_SIDE), Image.Resampling.BICUBIC)
        texture += np.asarray(scaled) * np.float32(0.5 ** (fall * octave))
    normal: Floats = texture / texture.std()
    return normal
