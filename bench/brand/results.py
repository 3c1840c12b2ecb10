"""The experiments of this benchmark and where their outcomes are kept."""

from __future__ import annotations

from dataclasses import dataclass

from bench.outcomes import RESULTS, KeptOutcomes


@dataclass(frozen=True, order=True, slots=True)
class Experiment:
    """One training."""

    marks: str  # names of the set's marks, with commas between
    seed: int  # of the training; the set is the same for all


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the exported model does on the scenes."""

    experiment: Experiment
    labels: int
    pictures: int
    scenes: int
    ap50: float
    ap50_95: float
    macro_f1: float
    by_label: dict[str, float]  # AP50
    by_size: dict[str, float]  # AP50
    boxes_by_size: dict[str, int]
    close_scenes: int
    close_ap50: float  # of scenes with one mark of a third to three quarters of their side
    empty_scenes: int
    false_alarms: int  # boxes above the assumed thresholds in the empty scenes
    seconds: float
    cpu_seconds: float
    threads: int
    iterations: int
    frame: tuple[int, int]
    stopped: str


KEPT = KeptOutcomes(RESULTS / "brand.json", list[Outcome])
