"""Words for the phases of a training."""

from __future__ import annotations

from lensmith.domain.job import Progress
from lensmith.domain.training_phase import TrainingPhase

_WORDS = {
    TrainingPhase.WAITING: "waiting for a node with room",
    TrainingPhase.MANIFESTS: "checking datasets",
    TrainingPhase.IMAGES: "reading images",
    TrainingPhase.FEATURES: "comparing networks",
    TrainingPhase.DETECTORS: "loading detectors",
    TrainingPhase.JUDGING_TRIAL: "judging trial",
    TrainingPhase.FINE_TUNING_TRIAL: "fine-tuning trial",
    TrainingPhase.FULL_FINE_TUNING_TRIAL: "full fine-tuning trial",
    TrainingPhase.EVALUATION: "testing",
    TrainingPhase.RESULTS: "writing results",
}


def phase_words(progress: Progress) -> str:
    """Name the phase, with the number of its trial; a code without words stands for itself."""
    words = {code.value: text for code, text in _WORDS.items()}.get(progress.phase, progress.phase)
    if progress.trial is None or (progress.trials is None and progress.trial == 1):
        return words
    of = "" if progress.trials is None else f" of {progress.trials}"
    return f"{words} {progress.trial}{of}"
