"""A training in the terminal."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from lensmith.cli.training.view import show_training, sparkline
from lensmith.domain.job import Progress, TrainingPoint
from lensmith.domain.project_version import VersionStatus
from lensmith.operations.lensmith.version_training import TrainingState


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
        progress=Progress("training", 30, 120, 0.25, 0.5, 45.0, plan="all that fits"),
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
    assert lines[2] == "Plan: all that fits"
    assert lines[3] == "loss     1.000 █▁ 0.250"
    assert len(lines) == 4  # one value makes no curve


def test_afterwards() -> None:
    report = {
        "seed": 0,
        "recipe": {"folds": 4},
        "tried": [
            {"backbone": "lite0", "strength": 1.0, "score": 0.91234567, "spread": None},
            {"backbone": "lite2[x]", "strength": 10.0, "score": 0.95, "folds": [0.9, 1.0]},
        ],
        "chosen": {"backbone": "lite2[x]", "strength": 10.0, "temperature": 1.1},
        "reason": "it was [best]",
        "plan": "lite0 and lite2[x]",
        "left_out": ["owner/[model]: no weights\x1b[2J."],
        "training_images": 60,
    }
    text = "\n".join(shown(status=VersionStatus.TRAINING_COMPLETED, seconds=61.4, report=report))
    assert "61 s of training" in text
    assert "0.9123" in text
    assert "lite2[x]" in text
    assert "Chosen: it was [best]" in text
    assert text.count("Plan: lite0 and lite2[x]") == 1
    assert "Left out: owner/[model]: no weights?[2J." in text
    assert "training images" in text
    assert "recipe" not in text
    assert "folds" not in text


def test_what_candidates_share_stands_above_them() -> None:
    rows = [
        {"backbone": name, "score": 0.5, "folds": 4, "pictures": 60} for name in ("lite0", "lite2")
    ]
    lines = shown(status=VersionStatus.TRAINING_COMPLETED, report={"tried": rows})
    table = [line.strip() for line in lines]
    title = table.index("Candidates: score 0.5, folds 4, pictures 60")
    assert table[title + 1 :][:1] + table[title + 3 :][:2] == ["backbone", "lite0", "lite2"]


def test_a_detector_is_told_in_sentences() -> None:
    report = {
        "seed": 0,
        "recipe": {"backbone": "lite0", "frame": [512, 384], "iterations": 1050, "batch": 4},
        "iterations": 812,
        "stopped": "the training pictures are learnt",
        "loss": 1.2345,
        "found": 0.9012,
        "training_images": 150,
    }
    before = [
        "Recipe: lite0 at 512 x 384 pixels, 4 pictures a step",
        "Ended: after 812 of at most 1050 steps: the training pictures are learnt",
        "Learnt: 90.1% of the boxes in training pictures are found, loss 1.234",
    ]
    completed: dict[str, Any] = {"status": VersionStatus.TRAINING_COMPLETED}
    assert shown(report=report, **completed)[1:] == [
        *before,
        " seed             0",
        " training images  150",
    ]
    judged = {
        "held_out": {"pictures": 22, "average_precision": 0.8712},
        "calibration": {"slope": 0.8123, "offset": -0.3211},
    }
    lines = shown(report=report | judged, **completed)[1:]
    assert lines[:3] == before
    assert " ".join(lines[3:7]) == (
        "Held out: average precision 0.871 on 22 training pictures that were not learnt from by "
        "then "
        "Calibrated: confidences say how often boxes are right: 90% became 81%, 50% became 42%"
    )
    lines = shown(report=report | judged | {"brand": True}, **completed)[1:]
    assert "on 22 made scenes" in " ".join(lines[3:7])


@pytest.mark.parametrize(("device", "told"), [("cpu", ""), ("cuda", ", on a GPU")])
def test_a_detector_tells_of_the_gpu_that_trained_it(device: str, told: str) -> None:
    report = {
        "device": device,
        "recipe": {"backbone": "lite2", "frame": [672, 512], "iterations": 1050, "batch": 8},
        "iterations": 1050,
        "stopped": "all iterations of the recipe",
        "loss": 1.0,
    }
    lines = shown(report=report, status=VersionStatus.TRAINING_COMPLETED)[1:]
    assert lines[0] == f"Recipe: lite2 at 672 x 512 pixels, 8 pictures a step{told}"
    assert not any("device" in line for line in lines)


@pytest.mark.parametrize("width", [80, 120])
def test_a_detector_from_the_hub_with_a_long_name(width: int) -> None:
    folder = f"/srv/models/{'detectors-for-warehouses/' * 4}checkpoint-12000"
    tried = [
        {"detector": name, "average_precision": ap, "pictures": 24, "seconds": 411.2 + ap}
        for name, ap in ((folder, 0.8123), ("owner/model@0c1f4a2b", 0.7991), ("bundled", 0.7712))
    ]
    report = {
        "tried": tried,
        "chosen": tried[0],
        "reason": "checkpoint-12000, because of an average precision of 0.812",
        "detector": folder,
        "recipe": {"iterations": 720, "more_iterations": 240, "batch": 4, "frame": [736, 544]},
        "iterations": 811,
        "stopped": "the time is used up",
        "loss": 7.3123,
        "training_images": 120,
    }
    lines = shown(width, status=VersionStatus.TRAINING_COMPLETED, report=report)
    assert max(map(len, lines)) <= width
    table = [[cell.strip() for cell in line.split("│")] for line in lines if "│" in line]
    assert folder in "".join(cells[0] for cells in table)
    assert [cells[1:] for cells in table if cells[1]] == [
        ["0.8123", "412"],
        ["0.7991", "412"],
        ["0.7712", "412"],
    ]
    assert any(line.startswith("Candidates: pictures 24") for line in lines)
    assert lines[-5:] == [
        "Chosen: checkpoint-12000, because of an average precision of 0.812",
        "Recipe: 736 x 544 pixels, 4 pictures a step",
        "Ended: after 811 of at most 960 steps: the time is used up",
        "Learnt: loss 7.312",
        " training images  120",
    ]


def test_a_report_that_no_detector_of_ours_wrote_is_a_list_of_facts() -> None:
    report = {"recipe": {"frame": "?"}, "iterations": 5, "stopped": "at once"}
    lines = shown(report=report, status=VersionStatus.TRAINING_COMPLETED)[1:]
    assert lines == [" iterations  5", " stopped     at once"]
