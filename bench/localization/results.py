"""Experiments of the benchmark of detectors; some share a training with a shorter one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bench.outcomes import RESULTS, KeptOutcomes
from bench.training_facts import UNKNOWN
from lensmith.domain.training_report import EndReason

LENSMITH, FROZEN, PROBE, NEAREST = METHODS = "lensmith", "frozen", "probe", "nearest"
OUT_OF_TIME = "the time is used up"  # of outcomes that were kept before the ending had a code
CUT_SHORT = frozenset({OUT_OF_TIME, EndReason.OUT_OF_TIME.value, UNKNOWN})


@dataclass(frozen=True, order=True, slots=True)
class Experiment:
    """One training."""

    set: str  # name of the folder, with the number of training pictures behind it if not all
    minutes: float  # time budget
    seed: int
    method: str = LENSMITH


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an experiment; shares are 0..1."""

    experiment: Experiment
    pictures: int  # trained on
    ap50: float
    ap50_95: float
    macro_f1: float  # at the assumed thresholds
    calibration_error: float  # of boxes against correctness at IoU 0.5
    seconds: float  # of the training, wall clock
    cpu_seconds: float
    threads: int
    iterations: int
    frame: tuple[int, int]  # width, height of the network input
    stopped: str  # why the training ended
    trained_for: float  # minutes of the experiment whose training this is


KEPT = KeptOutcomes(RESULTS / "localization.json", list[Outcome])


def same_training(experiment: Experiment, outcomes: Iterable[Outcome]) -> Outcome | None:
    """Return the outcome of a shorter training that did not need all its time, if there is one.

    Lengths of training are counted in iterations, so more time would have changed nothing.
    """
    for one in outcomes:
        is_same = replace(one.experiment, minutes=experiment.minutes) == experiment
        if is_same and one.experiment.minutes < experiment.minutes and one.stopped not in CUT_SHORT:
            return replace(one, experiment=experiment)
    return None
