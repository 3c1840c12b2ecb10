"""A training in the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from lensmith.cli.training.view import show_training, sparkline
from lensmith.domain.job import Progress, TrainingPoint
from lensmith.domain.project_version import VersionStatus
from lensmith.domain.training_report import (
    BUNDLED,
    Calibration,
    Choice,
    ChoiceReason,
    ClassifierPlan,
    ClassifierTraining,
    DetectorPlan,
    DetectorTraining,
    EndReason,
    HeldOut,
    Method,
    Recipe,
    Skipped,
    SkipReason,
    TrainingPlan,
    TrainingReport,
    Trial,
)
from lensmith.operations.lensmith.version_training import TrainingState

COMPLETED = VersionStatus.TRAINING_COMPLETED


def shown(width: int = 80, **changes: Any) -> list[str]:
    state: dict[str, Any] = {
        "project_version_arn": "arn",
        "status": VersionStatus.TRAINING_IN_PROGRESS,
        "status_message": "The model is being trained.",
        "queue_position": None,
        "attempt": 1,
        "progress": None,
        "seconds": 0.0,
        "history": [],
        "report": None,
        **changes,
    }
    output = io.StringIO()
    show_training(Console(file=output, width=width), "flowers v1", TrainingState(**state))
    return [line.rstrip() for line in output.getvalue().splitlines()]


def test_a_curve_is_a_line_of_blocks() -> None:
    assert sparkline([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) == "▁▂▃▄▅▆▇█"
    assert sparkline([4.0, 4.0]) == "▁▁"
    assert sparkline([9.0, 7.0, 2.0, 0.0], width=2) == "█▁"


def test_waiting() -> None:
    assert "waiting, number 2 in line" in shown(queue_position=2)
    assert "beginning" in shown()


def test_under_way() -> None:
    lines = shown(
        progress=Progress(
            "training",
            30,
            120,
            0.25,
            0.5,
            45.0,
            plan=TrainingPlan(detector=DetectorPlan(("a/b",), 8, 2)),
        ),
        seconds=15.0,
        attempt=2,
        history=[
            TrainingPoint(1.0, "training", 5, 1.0, None),
            TrainingPoint(2.0, "training", 10, 0.25, 0.5),
        ],
    )
    assert lines[1] == (
        "training: 30 of 120, loss 0.250, metric 0.500, 45 s left, 15 s so far, attempt 2"
    )
    assert " ".join(lines[2:4]) == (
        "Plan: a/b and the bundled detector, each trained on 8 pictures and validated on 2 others; "
        "then the best, on all 10"
    )
    assert lines[4] == "loss     1.000 █▁ 0.250"
    assert len(lines) == 5  # one value makes no curve


CLASSIFIER = TrainingReport(
    seed=0,
    training_images=60,
    plan=TrainingPlan(ClassifierPlan(("lite0", "lite2[x]"), folds=4)),
    trials=(
        Trial("lite0", Method.REGRESSION, 1.0, 0.5, 0.01, accuracy=0.91234567, folds=4),
        Trial("lite2[x]", Method.PROTOTYPES, None, 0.4, 0.01, accuracy=0.95, folds=4),
    ),
    skipped=(
        Skipped(SkipReason.UNUSABLE, "owner/[model]", detail="no weights\x1b[2J"),
        Skipped(SkipReason.BUDGET, method=Method.FULL_FINE_TUNING),
    ),
    choice=Choice(
        Trial("lite2[x]", Method.PROTOTYPES, None, 0.4, 0.01, accuracy=0.95, folds=4),
        ChoiceReason.ONE_STANDARD_ERROR,
        fine_tuning=Skipped(SkipReason.TOO_FEW_PICTURES, method=Method.FINE_TUNING, number=20),
    ),
    classifier=ClassifierTraining(True, 4, 5, temperature=1.1),
)


def test_a_larger_input_is_told_from_the_native_one() -> None:
    trial = replace(CLASSIFIER.trials[0], input_size=(448, 448))
    lines = shown(
        200, status=COMPLETED, report=replace(CLASSIFIER, trials=(trial, *CLASSIFIER.trials))
    )
    (header,) = [line for line in lines if "pixels" in line]
    assert header.split()[:2] == ["backbone", "pixels"]
    assert [line.split()[:2] for line in lines if line.startswith("lite0 ")] == [
        ["lite0", "448"],
        ["lite0", "-"],
    ]


def test_afterwards() -> None:
    lines = shown(200, status=COMPLETED, seconds=61.4, report=CLASSIFIER)
    text = "\n".join(lines)
    assert "61 s of training" in text
    assert lines[2] == "Plan: frozen features of lite0, lite2[x], validated on 4 folds"
    assert "Candidates: standard error 0.01, folds 4" in text
    assert "0.9123" in text
    assert "regression, C 1" in text
    assert "Chosen: lite2[x], prototypes; the plainest head and the strongest backbone" in text
    assert "fine-tuning was left out: it needs 20 pictures" in " ".join(lines)
    assert "Left out: owner/[model]: no weights?[2J" in text
    assert "Left out: full fine-tuning: a larger LENSMITH_TRAINING_BUDGET allows it" in text
    assert "training images" in text


def detector(**changes: Any) -> DetectorTraining:
    recipe = Recipe((512, 384), 1050, 4, "lite0")
    training = DetectorTraining(recipe, 812, 1.2345, EndReason.LEARNT, recall=0.9012)
    return replace(training, **changes)


def test_a_detector_is_described_in_sentences() -> None:
    before = [
        "Recipe: lite0 at 512 x 384 pixels, 4 pictures a step",
        "Ended: after 812 of at most 1050 steps: the training pictures are learnt",
        "Learnt: 90.1% of the boxes in training pictures are found, loss 1.234",
    ]
    report = TrainingReport(seed=0, training_images=150, detector=detector())
    assert shown(status=COMPLETED, report=report)[1:] == [
        *before,
        "seed             0",
        "training images  150",
    ]
    validated = detector(held_out=HeldOut(22, 0.8712), calibration=Calibration(0.8123, -0.3211))
    lines = shown(status=COMPLETED, report=replace(report, detector=validated))[1:]
    assert lines[:3] == before
    assert " ".join(lines[3:7]) == (
        "Held out: average precision 0.871 on 22 training pictures that were not learnt from by "
        "then "
        "Calibrated: confidences say how often boxes are right: 90% became 81%, 50% became 42%"
    )
    scenes = replace(report, detector=replace(validated, logos=True))
    assert "on 22 made scenes" in " ".join(shown(status=COMPLETED, report=scenes)[4:8])


@pytest.mark.parametrize(("device", "words"), [("cpu", ""), ("cuda", ", on a GPU")])
def test_the_gpu_that_trained_a_detector_is_named(device: str, words: str) -> None:
    lines = shown(status=COMPLETED, report=TrainingReport(device=device, detector=detector()))[1:]
    assert lines[0] == f"Recipe: lite0 at 512 x 384 pixels, 4 pictures a step{words}"
    assert not any("device" in line for line in lines)


@pytest.mark.parametrize("width", [80, 120])
def test_a_detector_from_the_hub_with_a_long_name(width: int) -> None:
    folder = f"/srv/models/{'detectors-for-warehouses/' * 4}checkpoint-12000"
    trials = tuple(
        Trial(name, average_precision=ap, pictures=24, seconds=411.2 + ap)
        for name, ap in ((folder, 0.8123), ("owner/model@0c1f4a2b", 0.7991), (BUNDLED, 0.7712))
    )
    report = TrainingReport(
        training_images=120,
        trials=trials,
        choice=Choice(trials[0], ChoiceReason.AVERAGE_PRECISION, runner_up=trials[2], lead=0.01),
        detector=DetectorTraining(
            Recipe((736, 544), 720, 4, more_iterations=240),
            811,
            7.3123,
            EndReason.OUT_OF_TIME,
            folder,
        ),
    )
    lines = shown(width, status=COMPLETED, report=report)
    assert max(map(len, lines)) <= width
    table = [line.split() for line in lines]
    assert folder in "".join(cells[0] for cells in table if cells)
    figures = [cells[-2:] for cells in table if cells and cells[-1] == "412"]
    assert figures == [["0.8123", "412"], ["0.7991", "412"], ["0.7712", "412"]]
    assert any(line.startswith("Candidates: pictures 24") for line in lines)
    chosen = " ".join(lines[lines.index("Recipe: 736 x 544 pixels, 4 pictures a step") - 4 :])
    assert "because of an average precision of 0.812 against 0.771 of the bundled" in chosen
    assert lines[-4:] == [
        "Recipe: 736 x 544 pixels, 4 pictures a step",
        "Ended: after 811 of at most 960 steps: the time is used up",
        "Learnt: loss 7.312",
        "training images  120",
    ]


def test_a_report_without_facts() -> None:
    assert shown(status=COMPLETED, report=TrainingReport())[1:] == []
