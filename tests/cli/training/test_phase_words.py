"""Phases of a training in words."""

from __future__ import annotations

import pytest

from lensmith.cli.training.phase_words import phase_words
from lensmith.domain.job import Progress
from lensmith.domain.training_phase import TrainingPhase


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(TrainingPhase.JUDGING_TRIAL, trial=1, trials=2), "judging trial 1 of 2"),
        (Progress(TrainingPhase.TRIAL, trial=2, trials=2), "trial 2 of 2"),
        (Progress(TrainingPhase.FINE_TUNING_TRIAL, trial=1), "fine-tuning trial"),
        (Progress("full-fine-tuning-trial", trial=3), "full fine-tuning trial 3"),
        (Progress("training", 3, 10), "training"),
        (Progress("of an older server"), "of an older server"),
    ],
)
def test_phases_are_named_with_their_trial(progress: Progress, words: str) -> None:
    assert phase_words(progress) == words


def test_every_phase_is_written_in_lower_case_words() -> None:
    for phase in TrainingPhase:
        words = phase_words(Progress(phase))
        assert words == words.lower()
        assert words.replace("-", " ").replace(" ", "").isalpha()
