"""Two evaluations of the same test set, picture by picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from tests.support.evaluated import evaluated_flowers

from lensmith.evaluation.image_result import ImageResult, OutcomeCounts
from lensmith.training.job import evaluation_files
from lensmith.training.job.comparison import compare
from lensmith.training.job.evaluation_files import MissingEvaluationError

RIGHT, WRONG = OutcomeCounts(1, 0, 0, 2), OutcomeCounts(0, 1, 1, 1)


def written(folder: Path, images: list[ImageResult]) -> Path:
    folder.mkdir()
    evaluation_files.write(folder, evaluated_flowers().report, images)
    return folder


def test_pictures_that_flip(tmp_path: Path) -> None:
    images = evaluated_flowers().images[:4]
    outcomes = ((RIGHT, WRONG), (WRONG, RIGHT), (RIGHT, RIGHT), (WRONG, WRONG))
    here = [replace(image, counts=now) for image, (now, _) in zip(images, outcomes, strict=True)]
    there = [replace(image, counts=then) for image, (_, then) in zip(images, outcomes, strict=True)]
    found = compare(written(tmp_path / "a", here), written(tmp_path / "b", there))
    assert (found.same_test_set, found.shared_images) == (True, 4)
    assert [flip.source_ref for flip in found.fixed] == [images[0].source_ref]
    assert [flip.source_ref for flip in found.broken] == [images[1].source_ref]
    assert (found.fixed_total, found.broken_total) == (1, 1)
    before = msgspec.json.decode(found.fixed[0].before, type=dict)
    assert before["counts"]["false_positives"] == 1


def test_other_test_sets_are_told(tmp_path: Path) -> None:
    images = evaluated_flowers().images
    longer, shorter = written(tmp_path / "a", images), written(tmp_path / "b", images[1:])
    found = compare(longer, shorter)
    assert (found.same_test_set, found.shared_images) == (False, 6)
    relabelled = [replace(image, truth=()) for image in images]
    found = compare(longer, written(tmp_path / "c", relabelled))
    assert (found.same_test_set, found.shared_images) == (False, 7)


def test_without_an_evaluation(tmp_path: Path) -> None:
    with pytest.raises(MissingEvaluationError):
        compare(tmp_path, tmp_path)
