"""Sentences about the training of a detector."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.text import Text

from lensmith.cli.terminal.printable import printable
from lensmith.cli.training.report_words import ENDINGS
from lensmith.domain.training_report import Calibration, Cut, DetectorTraining

_SHOWN_CONFIDENCES = (0.9, 0.5)


def sentences(training: DetectorTraining, device: str) -> Iterator[Text]:
    """Yield a line each, the word that it is about in bold."""
    recipe, held_out = training.recipe, training.held_out
    width, height = recipe.input_size
    network = f"{recipe.backbone} at " if recipe.backbone else ""
    on_gpu = ", on a GPU" if device == "cuda" else ""
    yield _line(
        "Recipe", f"{network}{width} x {height} pixels, {recipe.batch} pictures a step{on_gpu}"
    )
    most = recipe.iterations + recipe.more_iterations
    ending = f": {ENDINGS[training.ending]}" if training.ending else ""
    yield _line("Ended", f"after {training.iterations} of at most {most} steps{ending}")
    if training.cut is not None and training.cut.iterations:
        yield _line("Cut", cut_words(training.cut, training.recall))
    found = "" if training.recall is None else f"{_found(training.recall)}, "
    yield _line("Learnt", f"{found}loss {training.loss:.3f}")
    if held_out is not None:
        judges = "made scenes" if training.logos else "training pictures"
        yield _line(
            "Held out",
            f"average precision {held_out.average_precision:.3f} on {held_out.pictures} {judges} "
            "that were not learnt from by then",
        )
    if training.calibration is not None:
        yield _line("Calibrated", _calibrated(training.calibration))


def cut_words(cut: Cut, recall: float | None) -> str:
    """Say what the time budget left out, and what that may have cost."""
    missing = (
        ""
        if recall is None or cut.wanted_recall is None or recall >= cut.wanted_recall
        else f"; a training is done once {cut.wanted_recall:.0%} of the boxes in training pictures "
        f"are found, this one found {recall:.0%}"
    )
    return (
        f"{cut.iterations} steps were left out, about {math.ceil(cut.seconds / 60)} more minutes "
        f"at its pace{missing}. LENSMITH_TRAINING_BUDGET allows more time, and fewer trainings at "
        "once give it more cores"
    )


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
