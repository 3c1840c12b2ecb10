"""What every method of the classification benchmark is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import isolated
from bench.classification.sets import LabelledImage

Scores = NDArray[np.float64]
"""[pictures, labels], larger where a label is more likely."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One training: what to learn from and what to score afterwards."""

    labels: tuple[str, ...]
    training: tuple[LabelledImage, ...]
    testing: tuple[Path, ...]
    exclusive: bool  # one label a picture
    seed: int
    threads: int  # 0: all cores


@dataclass(frozen=True, slots=True)
class Learnt:
    """Scores on the test pictures, and what the training took; predicting is not counted."""

    scores: Scores
    seconds: float
    cpu_seconds: float


Method = Callable[[Lesson], Learnt]


class Stopwatch(isolated.Stopwatch):
    """Of the training alone."""

    def learnt(self, scores: Callable[[], Scores]) -> Learnt:
        """Stop, then ask for the scores."""
        wall, cpu = self.read()
        return Learnt(scores(), wall, cpu)
