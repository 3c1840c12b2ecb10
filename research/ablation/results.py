"""The experiments of the ablation and where their outcomes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.outcomes import KeptOutcomes


@dataclass(frozen=True, order=True, slots=True)
class Experiment:
    """One training."""

    set: str  # with the number of training pictures behind it
    iterations: int
    variant: str
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an experiment; shares are 0..1."""

    experiment: Experiment
    ap50: float
    ap50_95: float
    calibration_error: float
    cpu_seconds: float  # of the training


KEPT = KeptOutcomes(Path(__file__).parents[1] / "results" / "ablation.json", list[Outcome])
