"""Sentences about the training of a detector."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from rich.text import Text

from lensmith.cli.connection.printable import printable

TOLD = frozenset(
    {
        "detector",
        "device",
        "recipe",
        "iterations",
        "stopped",
        "loss",
        "found",
        "held_out",
        "calibration",
        "brand",
    }
)
"""Parts of a report that the sentences hold."""

_SHOWN_CONFIDENCES = (0.9, 0.5)


@dataclass(frozen=True, slots=True)
class Recipe:
    frame: tuple[int, int]
    iterations: int
    batch: int
    backbone: str = ""  # none for a detector from the hub: the table of candidates names it
    more_iterations: int = 0  # after the pictures that judged it came back


@dataclass(frozen=True, slots=True)
class HeldOut:
    pictures: int
    average_precision: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of logits."""

    slope: float
    offset: float


@dataclass(frozen=True, slots=True)
class DetectorTraining:
    """A report as `train_detector` or a detector from the hub leaves it.

    Older models lack the last ones.
    """

    recipe: Recipe
    iterations: int
    stopped: str
    loss: float
    found: float | None = None  # share of the boxes in training frames
    held_out: HeldOut | None = None
    calibration: Calibration | None = None
    device: str = ""  # cpu, or cuda for a GPU
    brand: bool = False  # whether the pictures were made around logos


def detector_training(report: Mapping[str, Any]) -> DetectorTraining | None:
    """Convert a report; None if it is not of a detector trained here."""
    try:
        return msgspec.convert(report, DetectorTraining)
    except msgspec.ValidationError:
        return None


def sentences(training: DetectorTraining) -> Iterator[Text]:
    """A line each, the word that it is about in bold."""
    recipe, held_out = training.recipe, training.held_out
    width, height = recipe.frame
    network = f"{recipe.backbone} at " if recipe.backbone else ""
    on_gpu = ", on a GPU" if training.device == "cuda" else ""
    yield _line(
        "Recipe", f"{network}{width} x {height} pixels, {recipe.batch} pictures a step{on_gpu}"
    )
    most = recipe.iterations + recipe.more_iterations
    yield _line("Ended", f"after {training.iterations} of at most {most} steps: {training.stopped}")
    found = "" if training.found is None else f"{_found(training.found)}, "
    yield _line("Learnt", f"{found}loss {training.loss:.3f}")
    if held_out is not None:
        judges = "made scenes" if training.brand else "training pictures"
        yield _line(
            "Held out",
            f"average precision {held_out.average_precision:.3f} on {held_out.pictures} {judges} "
            "that were not learnt from by then",
        )
    if training.calibration is not None:
        yield _line("Calibrated", _calibrated(training.calibration))


def _found(share: float) -> str:
    return f"{share:.1%} of the boxes in training pictures are found"


def _calibrated(calibration: Calibration) -> str:
    """Describe the calibration by what it makes of some confidences."""
    changes = [
        f"{confidence:.0%} became {_scaled(calibration, confidence):.0%}"
        for confidence in _SHOWN_CONFIDENCES
    ]
    return f"confidences say how often boxes are right: {', '.join(changes)}"


def _scaled(calibration: Calibration, confidence: float) -> float:
    logit = math.log(confidence / (1 - confidence))
    return 1 / (1 + math.exp(-(calibration.slope * logit + calibration.offset)))


def _line(about: str, said: str) -> Text:
    return Text.assemble((f"{about}: ", "bold"), printable(said))
