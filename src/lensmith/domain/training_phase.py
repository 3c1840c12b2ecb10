"""Phases of a training, as codes; CLI and console have the words."""

from __future__ import annotations

from enum import StrEnum


class TrainingPhase(StrEnum):
    """Phase of a training; of a numbered one `Progress.trial` and `trials` tell the number."""

    WAITING = "waiting"  # for a node of a cluster that has room
    MANIFESTS = "manifests"  # of both datasets are validated
    IMAGES = "images"  # are read
    PLANNING = "planning"
    FEATURES = "features"  # of frozen backbones are compared
    DETECTORS = "detectors"  # of the hub are loaded
    TRIAL = "trial"  # of a detector, without the held-out pictures
    JUDGING_TRIAL = "judging-trial"  # of a detector, on the held-out pictures
    FINE_TUNING_TRIAL = "fine-tuning-trial"  # without one fold
    FULL_FINE_TUNING_TRIAL = "full-fine-tuning-trial"
    FINE_TUNING = "fine-tuning"  # on all pictures
    TRAINING = "training"
    JUDGING = "judging"  # of one detector, on held-out pictures
    EVALUATION = "evaluation"  # on the test set
    RESULTS = "results"  # are written
