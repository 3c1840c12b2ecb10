"""Draws colours of logos: their own, one colour, light on dark, dark on light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from lensmith.training.brand.logos import Logo
from lensmith.training.data.augment import LUMINANCE, Floats

MIN_CONTRAST = 42.0  # between ink and background, in luminance or half as much in the channels
TRIES = 6
WHITE, BLACK = np.full(3, 248, np.float32), np.full(3, 16, np.float32)


@dataclass(frozen=True, slots=True)
class LogoColour:
    """Two colours between which a logo's tones lie, or its own colours with jittered gains."""

    light: Floats  # [3]; the only one that a logo of one tone shows
    dark: Floats  # [3]
    gains: Floats | None = None  # [3] of the channels of a logo that keeps its colours

    def colours(self, own: Floats | None) -> Floats:
        """Choose colours of the ink: [h, w, 3], or [3] for a logo of one tone."""
        if own is None:
            return self.light
        if self.gains is not None:
            return own * self.gains
        tone = (own @ (LUMINANCE / np.float32(255)))[..., None]
        ink: Floats = self.dark + (self.light - self.dark) * tone
        return ink


def choose_colour(
    logo: Logo, around: Floats, rng: Generator, own_colour_probability: float
) -> LogoColour:
    """Draw a colour with enough contrast to the colour [3] around it."""
    for _ in range(TRIES):
        if rng.random() < own_colour_probability:
            gains = rng.uniform(0.8, 1.2, 3).astype(np.float32)
            ink, seen = LogoColour(logo.colour * gains, BLACK, gains), logo.colour * gains
        else:
            ink = LogoColour(*_two_tones(rng))
            seen = ink.colours(None if logo.is_flat else logo.colour)
        if contrast(seen, around) >= MIN_CONTRAST:
            return ink
    lightest, darkest = sorted((WHITE, BLACK), key=lambda one: contrast(one, around), reverse=True)
    return LogoColour(lightest, darkest)


def plate_colour(logo: Logo, rng: Generator) -> Floats:
    """Draw the colour of the sign behind a logo: often white, or that of the logo's own picture."""
    kind = rng.random()
    if kind < 0.3:
        return WHITE
    if kind < 0.45:
        return BLACK
    if kind < 0.65 and logo.background is not None:
        return logo.background
    return logo.colour if kind < 0.75 else _any_colour(rng)


def contrast(one: Floats, other: Floats) -> float:
    """Compute the distance of two colours; a difference of hue alone counts half."""
    difference = one - other
    return float(max(abs(difference @ LUMINANCE), np.abs(difference).max() / 2))


def _two_tones(rng: Generator) -> tuple[Floats, Floats]:
    """Draw two colours, half the time one of them nearly white or black."""
    kind = rng.random()
    near = rng.uniform(-12, 12, 3).astype(np.float32)
    if kind < 0.25:
        return WHITE + near, _any_colour(rng)
    if kind < 0.5:
        return BLACK + near, _any_colour(rng)
    return _any_colour(rng), _any_colour(rng)


def _any_colour(rng: Generator) -> Floats:
    return rng.uniform(0, 255, 3).astype(np.float32)
