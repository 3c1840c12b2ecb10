"""`lensmith evaluation` against a live server, and its views at two widths."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from tests.support.command import Done, lensmith
from tests.support.evaluated import Evaluated, evaluated_boards, evaluated_flowers
from tests.support.live_server import LiveServer
from tests.support.planted_version import PlantedVersion, plant

from lensmith.cli.evaluation.images_view import show_images
from lensmith.cli.evaluation.label_view import show_label
from lensmith.cli.evaluation.variants_view import show_variants
from lensmith.cli.evaluation.view import show_evaluation

MISTAKES = frozenset({"false-positive", "false-negative"})


@pytest.fixture(scope="module")
def flowers(server: LiveServer) -> PlantedVersion:
    return plant(server, evaluated_flowers())


@pytest.fixture(scope="module")
def environment(server: LiveServer) -> dict[str, str]:
    return {**server.environment(), "COLUMNS": "80"}


@pytest.fixture
def evaluation(environment: dict[str, str], flowers: PlantedVersion) -> Callable[..., Done]:
    def run(*arguments: str, version: str = "v1") -> Done:
        return lensmith(environment, "evaluation", flowers.project, version, *arguments)

    return run


def test_the_report_is_shown(evaluation: Callable[..., Done], flowers: PlantedVersion) -> None:
    done = evaluation()
    assert done.returncode == 0, done.stderr
    assert f"{flowers.project} v1  classification of 3 labels, 7 test images" in done.stdout
    assert "F1 score           0.800" in done.stdout
    assert "  on new pictures  0.567  95 % between 0." in done.stdout
    assert "Answers that flip on changed pictures 6.7% (1 of 15), 4 test images" in done.stdout
    assert "JPEG quality 30                    1   8       12.5%" in done.stdout
    assert "-   -  needs PyAV" in done.stdout
    assert "The worst 2 of 2 pictures" in done.stdout
    assert "Warning: daisy has 2 pictures in the test dataset" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_json_is_the_report_or_the_pictures(evaluation: Callable[..., Done]) -> None:
    assert json.loads(evaluation("--json").stdout)["labels"][0]["threshold"] == 0.25
    page = json.loads(evaluation("--json", "--images", "fn", "--label", "tulip").stdout)
    assert (page["total"], page["images"][0]["line"]) == (1, 7)


def test_what_is_not_there_is_named(evaluation: Callable[..., Done]) -> None:
    for done, reason in (
        (evaluation("--label", "rose"), "no label rose. It has daisy, poppy, tulip."),
        (evaluation(version="v9"), "cannot be found"),
    ):
        assert (done.returncode, done.stdout) == (1, "")
        assert reason in done.stderr


def shown(width: int, show: Callable[..., None], *given: Any) -> list[str]:
    output = io.StringIO()
    show(Console(file=output, width=width), *given)
    lines = [line.rstrip() for line in output.getvalue().splitlines()]
    assert max(map(len, lines), default=0) <= width
    return lines


@pytest.mark.parametrize("width", [80, 120])
def test_the_view_of_a_classifier(width: int) -> None:
    lines = shown(width, show_evaluation, "flowers v1", evaluated_flowers().report)
    cells = [line.split() for line in lines]
    assert ["1", "daisy", "1", "1", "·"] in cells
    assert ["number", "2", "1", "2", "2"] in cells
    weakest = [row[0] for row in cells if row[:1] and row[0] in {"daisy", "poppy", "tulip"}]
    assert weakest == ["daisy", "poppy", "tulip"]


@pytest.mark.parametrize("width", [80, 120])
def test_the_view_of_a_detector(width: int) -> None:
    lines = shown(width, show_evaluation, "boards v1", evaluated_boards().report)
    cells = [line.split() for line in lines]
    assert ["is", "1", "2", "missed"] in cells
    assert ["1", "chip", "1", "1", "·"] in cells
    assert ["background", "·", "·"] in cells
    assert any(line.lstrip().startswith("AP of 4 large") for line in lines)


def variant(precision: str, runtime: str, cost: float, **more: bool) -> dict[str, Any]:
    """As `GET …/variants` has it."""
    return {
        "precision": precision,
        "runtime": runtime,
        "accuracy": {"f1_score": 0.9, "new_pictures": 0.8 - cost, "average_precision": 0.7},
        "cost": {"f1_score": cost, "average_precision": 0.0},
        "seconds": 0.0034,
        "runs_here": True,
        "is_served": False,
        **more,
    }


def test_the_view_of_variants() -> None:
    served = {"precision": "bfloat16", "runtime": "openvino", "seconds": 0.0021}
    variants = [
        variant("float32", "onnxruntime", 0.0),
        variant("int8", "onnxruntime", 0.004, runs_here=False),
        variant("bfloat16", "openvino", -0.001, is_served=True),
    ]
    lines = shown(120, show_variants, {"variants": variants, "served": served})
    cells = [" ".join(line.split()) for line in lines]
    assert "float32 0.900 0.800 0.700 0.0 0.0 3.4" in cells
    assert "int8 0.900 0.796 0.700 0.4 0.0 3.4 not for this machine" in cells
    assert "bfloat16, openvino 0.900 0.801 0.700 -0.1 0.0 3.4 served here" in cells
    said = "In service: bfloat16, openvino, 2.1 ms a picture, measured when its unit started"
    assert said in cells
    assert shown(80, show_variants, {"variants": variants, "served": served})  # no wider
    dropped = {"precision": "int8", "runtime": "onnxruntime", "reason": "It cannot be loaded."}
    lines = shown(
        80, show_variants, {"variants": variants, "served": served | {"dropped": [dropped]}}
    )
    assert "int8 was dropped when the unit started. It cannot be loaded." in lines
    assert shown(80, show_variants, {"variants": [], "served": None}) == []


@pytest.mark.parametrize("width", [80, 120])
def test_the_view_of_a_label(width: int) -> None:
    lines = shown(width, show_label, "flowers v1", evaluated_flowers().report, "tulip")
    assert "tulip, assumed threshold 0.420" in lines
    assert any(line.split()[:3] == ["Found", "2", "of"] for line in lines)
    cells = [line.split() for line in lines]
    assert ["tulip", "daisy", "1", "33", "%"] in cells


@pytest.mark.parametrize(
    ("evaluated", "label", "expected"),
    [
        (evaluated_flowers(), None, "false daisy (60.0 %, 25.0 %)"),
        (evaluated_flowers(), "tulip", "missed tulip (2.0 %, 42.0 %)"),
        (evaluated_boards(), None, "missed chip (0.0 %, 40.0 %)"),
    ],
)
def test_the_view_of_pictures(evaluated: Evaluated, label: str | None, expected: str) -> None:
    images = sorted(evaluated.images, key=lambda image: -image.wrongness)[:1]
    lines = shown(80, show_images, evaluated.report, images, 9, MISTAKES, label)
    assert lines[0] == "The worst 1 of 9 pictures with such a mistake"
    assert any(expected in line for line in lines)


def test_no_mistakes_are_good_news() -> None:
    report = evaluated_flowers().report
    assert shown(80, show_images, report, [], 0, MISTAKES, None) == [
        "No test image has such a mistake."
    ]
