"""The experiments of the classification benchmark."""

from __future__ import annotations

from dataclasses import dataclass

from bench.outcomes import RESULTS, KeptOutcomes

ALL = "all"


@dataclass(frozen=True, order=True, slots=True)
class Experiment:
    """One training of one method."""

    set: str  # name of the folder
    size: str  # pictures a label, or `all`
    seed: int
    method: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an experiment; shares are 0..1."""

    experiment: Experiment
    pictures: int  # trained on
    labels: int
    exclusive: bool
    macro_f1: float  # at the assumed thresholds
    score: float  # top-1 accuracy if exclusive, otherwise mean average precision
    seconds: float  # of the training, wall clock
    cpu_seconds: float
    threads: int  # 0: all cores


KEPT = KeptOutcomes(RESULTS / "classification.json", list[Outcome])
