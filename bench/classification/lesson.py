"""What every method of the classification benchmark is given, and what it gives back."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lensmith.training.example import Example

Scores = NDArray[np.float64]
"""[pictures, labels], larger where a label is more likely."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One training: what to learn from and what to score afterwards."""

    labels: tuple[str, ...]
    training: tuple[Example, ...]
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


class Stopwatch:
    """Wall time, and CPU time of this process and of the children it waited for."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), _cpu_seconds()

    def learnt(self, scores: Callable[[], Scores]) -> Learnt:
        """Stop, then ask for the scores."""
        wall, cpu = time.monotonic() - self._wall, _cpu_seconds() - self._cpu
        return Learnt(scores(), wall, cpu)


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
