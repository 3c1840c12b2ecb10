"""Changed test pictures, and the flips that a trained model's report counts on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.support.artefacts import average_colour
from tests.training.job.training_bench import TrainingBench

from lensmith.domain.precision import Precision
from lensmith.domain.project_version import VersionStatus
from lensmith.evaluation.ground_truth import Annotator, GroundTruth
from lensmith.evaluation.robustness import CHANGES, Change, ChangeKind
from lensmith.evaluation.summary import EvaluatedVersion
from lensmith.inference.image import decode, read_header
from lensmith.store.published.model import local_folder
from lensmith.training.data.example import Example
from lensmith.training.job.picture_changes import changed, lossless, upright_picture
from lensmith.training.job.robustness import seconds_kept, with_robustness
from lensmith.training.job.usable_images import UsableImage
from lensmith.training.job.variants import evaluate_variants


def gradient(width: int, height: int) -> Image.Image:
    across, down = np.meshgrid(np.linspace(30, 220, width), np.linspace(30, 220, height))
    return Image.fromarray(np.stack([across, down, (across + down) / 2], -1).astype(np.uint8))


def pixels_of(data: bytes) -> np.ndarray:
    return decode(data, read_header(data))


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_turned_picture_is_upright_the_same(orientation: int) -> None:
    picture = gradient(90, 70)
    turned = changed(picture, Change(ChangeKind.TURNED, orientation))
    assert read_header(turned).orientation == orientation
    np.testing.assert_array_equal(pixels_of(turned), pixels_of(lossless(picture)))


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: f"{one.kind}-{one.value:g}")
def test_a_change_keeps_what_is_shown(change: Change) -> None:
    picture = gradient(161, 131)
    after = Image.fromarray(np.ascontiguousarray(pixels_of(changed(picture, change))))
    back = np.asarray(after.resize(picture.size), float)
    for before, channel in zip(np.asarray(picture, float).T, back.T, strict=True):
        assert np.corrcoef(before.ravel(), channel.ravel())[0, 1] > 0.98
    factor = change.value if change.kind is ChangeKind.RESIZED else 1.0
    assert after.width == pytest.approx(161 * factor, abs=1)


def test_small_pictures_stay_large_enough_to_be_served() -> None:
    assert read_header(changed(gradient(64, 80), Change(ChangeKind.RESIZED, 0.5))).width == 64


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: f"{one.kind}-{one.value:g}")
def test_the_longest_picture_is_still_served_when_it_is_changed(change: Change) -> None:
    assert pixels_of(changed(gradient(1300, 65), change)).shape[2] == 3


def test_large_pictures_are_made_smaller_first() -> None:
    assert upright_picture(lossless(gradient(2050, 140))).size == (1025, 70)
    assert upright_picture(lossless(gradient(2050, 110))).size == (2050, 110)  # none would serve


def test_a_report_has_the_robustness_of_the_model_that_serves(
    training_bench: TrainingBench,
) -> None:
    def fit(_given: Sequence[Example], _labels: Sequence[str], directory: Path, *_: Any) -> None:
        average_colour(directory)

    bench = replace(training_bench, trainer=fit)
    bucket, output = bench.new_bucket(), bench.new_bucket()
    train = bench.labelled_lines(bucket, 9, "train/")
    test = bench.labelled_lines(bucket, 6, "test/")
    ended = bench.run(bench.queue_snapshot(train, test, output=output))
    assert ended.status is VersionStatus.TRAINING_COMPLETED
    file = local_folder(bench.settings, ended) / "evaluation.json"
    found = json.loads(file.read_bytes())["robustness"]
    assert (found["layout"], found["pictures"]) == (1, 6)
    assert found["answers"] == sum(one["answers"] or 0 for one in found["changes"])
    turned = [one for one in found["changes"] if one["kind"] == "turned"]
    assert [one["flips"] for one in turned] == [0, 0]


def test_a_model_whose_robustness_cannot_be_measured_is_ready_all_the_same(tmp_path: Path) -> None:
    model = average_colour(tmp_path / "model")
    images = [red_image(tmp_path / f"{number}.png", number) for number in range(4)]
    version = EvaluatedVersion("arn", 4, 4, datetime.now(UTC))
    (evaluated,) = evaluate_variants(
        tmp_path / "model", images, images, version, 1, lambda _progress: None, Precision.FLOAT32
    )
    measured = with_robustness(evaluated, tmp_path / "model", model, images, 1, seconds=600.0)
    brief = with_robustness(evaluated, tmp_path / "model", model, images, 1, seconds=0.0)
    (tmp_path / "0.png").unlink()
    failed = with_robustness(evaluated, tmp_path / "model", model, images, 1)
    assert measured.report.robustness is not None
    assert brief.report.robustness is not None
    assert (measured.report.robustness.pictures, brief.report.robustness.pictures) == (4, 1)
    assert failed is evaluated


def red_image(file: Path, number: int) -> UsableImage:
    file.write_bytes(lossless(Image.new("RGB", (64, 64), (200, 40 * number, 20))))
    return UsableImage(file, GroundTruth(file.name, number, labels=(("red", Annotator()),)))


def test_a_budget_keeps_a_few_seconds() -> None:
    assert (seconds_kept(None), seconds_kept(1200.0), seconds_kept(20.0)) == (4.0, 4.0, 1.0)
