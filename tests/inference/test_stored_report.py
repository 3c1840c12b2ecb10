"""Reports of models that were trained before the report had a layout."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lensmith.domain.training_report import (
    Calibration,
    EndReason,
    HeldOut,
    Method,
    Recipe,
    Skipped,
    SkipReason,
    TrainingReport,
    Trial,
)
from lensmith.inference.stored_report import stored_report

CLASSIFIER = {
    "seed": 0,
    "labels_exclude_each_other": True,
    "fewest_pictures_a_label": 4,
    "most_pictures_a_label": 9,
    "recipe": {"candidates": ["efficientnet-lite0"], "views": 8, "folds": 4},
    "plan": "frozen features of efficientnet-lite0, judged by 4 folds",
    "chosen": {
        "backbone": "efficientnet-lite0",
        "method": "regression, C 3",
        "log_loss": 0.2,
        "spread": 0.01,
        "score": 0.9,
        "folds": 4,
        "pictures": 24,
        "features": "frozen features",
        "views": 8,
        "temperature": 0.7,
    },
    "reason": "the plainest head",
    "tried": [
        {
            "backbone": "efficientnet-lite0",
            "method": "regression, C 3",
            "log_loss": 0.2,
            "spread": 0.01,
            "score": 0.9,
            "folds": 4,
            "pictures": 24,
        }
    ],
    "left_out": ["owner/model: no weights."],
    "score": "accuracy",
    "budget_seconds": 60,
    "fitting_seconds": 12.5,
    "f1_score": 0.875,
}
DETECTOR = {
    "seed": 0,
    "device": "cpu",
    "recipe": {"backbone": "lite0", "frame": [512, 384], "iterations": 1050, "batch": 4},
    "iterations": 812,
    "stopped": "the training pictures are learnt",
    "loss": 1.2345,
    "found": 0.9012,
    "held_out": {"pictures": 22, "average_precision": 0.8712},
    "calibration": {"slope": 0.8, "offset": -0.3},
    "tried": [{"detector": "bundled", "average_precision": 0.8, "pictures": 9, "seconds": 3.5}],
    "training_images": 150,
}


def test_a_report_reads_as_it_was_written() -> None:
    report = TrainingReport(seed=3, skipped=(Skipped(SkipReason.TIME, "lite2"),))
    assert stored_report(msgspec.json.decode(msgspec.json.encode(report))) == report


def test_an_older_classifier() -> None:
    report = stored_report(CLASSIFIER)
    trial = Trial(
        "efficientnet-lite0", Method.REGRESSION, 3.0, 0.2, 0.01, accuracy=0.9, folds=4, pictures=24
    )
    assert (report.layout, report.seed, report.budget_seconds) == (0, 0, 60)
    assert report.f1_score == 0.875
    assert report.trials == (trial,)
    assert report.choice is not None
    assert report.choice.trial == trial
    assert report.classifier is not None
    assert (report.classifier.exclusive, report.classifier.max_pictures_a_label) == (True, 9)
    assert (report.classifier.temperature, report.classifier.views) == (0.7, 8)


def test_an_older_detector() -> None:
    report = stored_report(DETECTOR)
    assert report.trials == (Trial("bundled", average_precision=0.8, pictures=9, seconds=3.5),)
    training = report.detector
    assert training is not None
    assert training.recipe == Recipe((512, 384), 1050, 4, "lite0")
    assert (training.iterations, training.ending) == (812, EndReason.LEARNT)
    assert (training.loss, training.recall) == (1.2345, 0.9012)
    assert training.held_out == HeldOut(22, 0.8712)
    assert training.calibration == Calibration(0.8, -0.3)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        {"layout": 99, "plan": "?"},
        {"seed": "?"},
        {"recipe": {"frame": "?"}, "iterations": 5, "stopped": "at once"},
        {"tried": ["?"], "chosen": 1, "labels_exclude_each_other": "?"},
        {"tried": [{"method": "regression, C ?"}], "chosen": {"method": "a, C ?"}},
    ],
)
def test_nothing_keeps_a_model_from_serving(stored: Any) -> None:
    assert isinstance(stored_report(stored), TrainingReport)
