"""The result files of a detector, read by the strict parser of tests/validation.

The detector is a network with fixed boxes, so that every outcome is known beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.artefacts import fixed_boxes
from tests.training.job.training_bench import TrainingBench, box_line
from tests.validation import result_files

from lensmith.domain.project_version import ProjectVersion, ResultFile
from lensmith.training.data.example import Example


@pytest.fixture
def ended(training_bench: TrainingBench) -> ProjectVersion:
    """Trained on bolts in the middle of three pictures; tested on two, and on a bolt it misses."""

    def fit(_: Sequence[Example], labels: Sequence[str], directory: Path, *__: Any) -> None:
        fixed_boxes(directory, [(0.25, 0.25, 0.75, 0.75)], [(0.9,)], tuple(labels))

    training_bench = replace(training_bench, trainer=fit)
    bucket = training_bench.new_bucket()
    refs = [training_bench.put_picture(bucket, f"{n}.png", "red", n) for n in range(3)]
    hit = [box_line(ref, ("bolt", 24, 24, 48, 48)) for ref in refs]
    two = [box_line(refs[0], ("bolt", 24, 24, 48, 48), ("bolt", 0, 0, 20, 20)), hit[1]]
    output = training_bench.new_bucket()
    return training_bench.run(training_bench.queue_snapshot(hit, two, output=output))


def test_the_summary_of_a_detector(training_bench: TrainingBench, ended: ProjectVersion) -> None:
    content = training_bench.result(ended, ResultFile.EVALUATION_SUMMARY)
    summary = result_files.read_detection_summary(content)
    aggregate = summary.aggregated_evaluation_results
    assert [aggregate.precision, aggregate.recall] == pytest.approx([1, 2 / 3])
    assert aggregate.average_recall >= aggregate.recall
    assert summary.evaluation_details.labels == ["bolt"]


def test_the_snapshots_of_a_detector(training_bench: TrainingBench, ended: ProjectVersion) -> None:
    """A missed box is added to the predictions with confidence 0."""
    content = training_bench.result(ended, ResultFile.TESTING_GROUND_TRUTH)
    first, second = result_files.read_snapshots(content)
    assert _outcomes(first) == [("TP", pytest.approx(0.9, abs=1e-5)), ("FN", 0.0)]
    assert _outcomes(second) == [("TP", pytest.approx(0.9, abs=1e-5))]
    assert first.boxes is not None
    assert first.predicted_boxes is not None
    assert first.predicted_boxes.annotations == first.boxes.annotations
    training = training_bench.result(ended, ResultFile.TRAINING_GROUND_TRUTH)
    for line in result_files.read_snapshots(training):
        assert line.boxes is not None
        assert line.box_predictions is None


def test_the_manifests_of_a_detector(training_bench: TrainingBench, ended: ProjectVersion) -> None:
    content = training_bench.result(ended, ResultFile.MANIFEST_SUMMARY)
    statistics = result_files.read_manifest_summary(content).statistics
    assert statistics.training.use_case == statistics.testing.use_case == "OBJECT_LOCALIZATION"
    for file, count in ((ResultFile.TRAINING_VALIDATION, 3), (ResultFile.TESTING_VALIDATION, 2)):
        lines = result_files.read_validation_manifest(training_bench.result(ended, file))
        assert [(line.errors, line.warnings) for line in lines] == [([], [])] * count


def _outcomes(line: result_files.Snapshot) -> list[tuple[str, Any]]:
    assert line.box_predictions is not None
    return [(one.details.outcome, one.confidence) for one in line.box_predictions.objects]
