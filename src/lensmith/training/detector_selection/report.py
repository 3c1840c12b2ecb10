"""Collects the trials of detectors, their scores on held-out pictures, and the choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lensmith.inference.artefact import Artefact
from lensmith.training.candidates_report import CandidatesReport
from lensmith.training.detector.validation import BoxValidation
from lensmith.training.hub_detector.candidate import HubCandidate

BUNDLED = "bundled"
WORTHWHILE = (
    0.01  # lead in average precision that makes a detector of the hub, mostly slower, worth it
)


def called(name: str) -> str:
    """In a sentence: of a folder the last part, since rows of the table hold all of it."""
    return Path(name).name if Path(name).is_absolute() else name


@dataclass(frozen=True, slots=True)
class DetectorTrial:
    """A detector trained on some of the training pictures and validated on the others."""

    name: str
    validation: BoxValidation
    seconds: float
    directory: Path  # of its artefact
    candidate: HubCandidate | None  # None for the bundled one

    @property
    def called(self) -> str:
        """In a sentence."""
        return called(self.name) if self.candidate else "the bundled detector"

    @property
    def average_precision(self) -> float:
        return self.validation.average_precision

    def row(self) -> dict[str, Any]:
        return {
            "detector": self.name,
            "average_precision": round(self.average_precision, 4),
            "pictures": self.validation.pictures,
            "seconds": round(self.seconds, 1),
        }


class DetectorReport(CandidatesReport):
    """Filled during training; becomes part of model.json."""

    def __init__(self) -> None:
        super().__init__()
        self._plan = ""

    def set_plan(self, words: str) -> None:
        """Note what is going to be tried."""
        self._plan = words

    def add(self, trial: DetectorTrial) -> None:
        self._tried.append(trial.row())

    def choose(self, bundled: DetectorTrial, others: Sequence[DetectorTrial]) -> DetectorTrial:
        """Choose the bundled detector, unless another is better by `WORTHWHILE`."""
        best = max(others, key=lambda trial: trial.average_precision)
        ahead = best.average_precision >= bundled.average_precision + WORTHWHILE
        chosen, other = (best, bundled) if ahead else (bundled, best)
        self._chosen = chosen.row()
        self._reason = (
            f"{chosen.called}, because of an average precision of {chosen.average_precision:.3f} "
            f"against {other.average_precision:.3f} of {other.called}, on the same "
            f"{bundled.validation.pictures} training pictures that neither had learnt from; "
            f"{WORTHWHILE} more are needed to replace {bundled.called}"
        )
        return chosen

    def keep_trial(self, reason: str) -> None:
        """Note that the model is the one of the trial."""
        self._reason += f"; going on with all pictures failed: {reason}"

    def add_to(self, directory: Path) -> None:
        """Complete model.json."""
        artefact = Artefact.read(directory)
        summary = {"plan": self._plan} | self.summary()
        summary = {name: value for name, value in summary.items() if value}
        replace(artefact, report=artefact.report | summary).write(directory)
