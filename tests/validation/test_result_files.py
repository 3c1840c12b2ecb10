"""Result files (manifests.md 5, evaluation.md 3 to 5) of a training that succeeded and of one
that failed, read back through DescribeProjectVersions by a parser of the tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest
from tests.manifest.lines import Json, image_line
from tests.training.job.training_bench import COLOURS, picture
from tests.validation import result_files
from tests.validation.hostile_images import SOUND
from tests.validation.result_files import Snapshot
from tests.validation.service import Training, ValidatingService

ODD = ("cmyk.jpg", "16-bit.png", "animated.png", "exif-turned.jpg", "transparent.png")
FILES = (
    "EvaluationResultSummary",
    "ManifestSummary",
    "TestingGroundTruth",
    "TestingManifestWithValidation",
    "TrainingGroundTruth",
    "TrainingManifestWithValidation",
)


def put_coloured(service: ValidatingService, count: int, side: str) -> list[Json]:
    """Uploaded pictures of three colours in turn, each labelled with its colour."""
    names = [list(COLOURS)[number % len(COLOURS)] for number in range(count)]
    return [
        image_line(name, image=service.put_image(f"{side}/{number}.png", picture(name, number)))
        for number, name in enumerate(names)
    ]


@pytest.fixture(scope="module")
def trained(service: ValidatingService) -> Training:
    """A classifier of three colours; line 2 is ignored, line 3 invalid, the last lines are odd."""
    coloured = put_coloured(service, 12, "train")
    odd = [
        image_line("blue", image=service.put_image(f"odd/{name}", SOUND[name]())) for name in ODD
    ]
    bare = {"source-ref": service.image()}
    training: list[Json | bytes] = [coloured[0], bare, b"{", *coloured[1:], *odd]
    return service.train(training, put_coloured(service, 6, "test"))


@pytest.fixture(scope="module")
def failed(service: ValidatingService) -> Training:
    line = image_line("fog", image=service.image())
    return service.train([line], [line])


def snapshots(trained: Training, side: str) -> list[Snapshot]:
    described = trained.described
    data = described["TrainingDataResult" if side == "training" else "TestingDataResult"]
    (asset,) = data["Output"]["Assets"]
    return result_files.read_snapshots(trained.read(asset["GroundTruthManifest"]))


def evaluation(trained: Training) -> result_files.ClassificationSummary:
    pointer = trained.described["EvaluationResult"]["Summary"]
    return result_files.read_classification_summary(trained.read(pointer))


def test_a_training_writes_six_files(trained: Training) -> None:
    assert trained.verdict == ("TRAINING_COMPLETED", "The model is ready to run.")
    assert trained.files() == [f"{name}-{trained.project_name}-v1.json" for name in FILES]


def test_a_failed_training_writes_three(failed: Training) -> None:
    assert failed.verdict == ("TRAINING_FAILED", "The manifest file has too few labels.")
    validation = [
        "ManifestSummary",
        "TestingManifestWithValidation",
        "TrainingManifestWithValidation",
    ]
    assert failed.files() == [f"{name}-{failed.project_name}-v1.json" for name in validation]
    assert "EvaluationResult" not in failed.described
    assert "Output" not in failed.described["TrainingDataResult"]
    assert "Output" not in failed.described["TestingDataResult"]


@pytest.mark.parametrize("outcome", ["trained", "failed"])
def test_the_manifest_summary(outcome: str, request: pytest.FixtureRequest) -> None:
    training: Training = request.getfixturevalue(outcome)
    content = training.read(training.described["ManifestSummary"])
    summary = result_files.read_manifest_summary(content)
    for statistics in (summary.statistics.training, summary.statistics.testing):
        assert statistics.total_json_lines == (
            statistics.valid_json_lines
            + statistics.invalid_json_lines
            + statistics.ignored_json_lines
        )
        assert statistics.use_case == "IMAGE_LEVEL_LABELS"


def test_the_statistics_of_the_training(trained: Training) -> None:
    content = trained.read(trained.described["ManifestSummary"])
    summary = result_files.read_manifest_summary(content)
    training, testing = summary.statistics.training, summary.statistics.testing
    assert (training.total_json_lines, training.valid_json_lines) == (19, 17)
    assert (training.invalid_json_lines, training.ignored_json_lines) == (1, 1)
    assert training.error_json_line_indices == [3]
    assert (testing.total_json_lines, testing.valid_json_lines) == (6, 6)
    assert summary.errors == training.errors == testing.errors == []


def test_both_validation_manifests(trained: Training) -> None:
    described = trained.described
    lengths = []
    for data in (described["TrainingDataResult"], described["TestingDataResult"]):
        (asset,) = data["Validation"]["Assets"]
        content = trained.read(asset["GroundTruthManifest"])
        lines = result_files.read_validation_manifest(content)
        lengths.append(len(lines))
        found = [one.code for line in lines for one in (*line.errors, *line.warnings)]
        if len(lengths) == 1:
            assert found == ["WARNING_UNANNOTATED_RECORD", "ERROR_INVALID_JSON_LINE"]
    assert lengths == [19, 6]


def test_the_training_snapshot(trained: Training) -> None:
    """Renamed ground truth of the lines that were used, and nothing that was predicted."""
    lines = snapshots(trained, "training")
    assert [line.line for line in lines] == [1, *range(4, 20)]
    assert [line.object_id for line in lines] == list(range(1, 18))
    assert all(len(line.labels) == 1 and not line.predicted_labels for line in lines)
    assert {line.labels[0].creation_date for line in lines} == {"2024-02-03T04:05:06.000007"}
    assert all(line.boxes is line.predicted_boxes is None for line in lines)


def test_the_testing_snapshot(trained: Training) -> None:
    """A prediction for every label of the model, the most confident first."""
    lines = snapshots(trained, "testing")
    assert [line.line for line in lines] == [1, 2, 3, 4, 5, 6]
    for line in lines:
        assert {one.class_name for one in line.predicted_labels} == set(COLOURS)
        confidences = [one.confidence for one in line.predicted_labels]
        assert confidences == sorted(confidences, reverse=True)
        for one in line.predicted_labels:
            is_true = one.class_name == line.labels[0].class_name
            assert one.details.is_present_in_ground_truth == is_true
            assert one.details.outcome in ({"TP", "FN"} if is_true else {"FP", "TN"})


def test_summary_and_snapshot_reconcile(trained: Training) -> None:
    """Counted again from the flags, every metric of every label and their means come out."""
    summary = evaluation(trained)
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in COLOURS}
    for line in snapshots(trained, "testing"):
        for one in line.predicted_labels:
            outcomes[one.class_name][one.details.outcome] += 1
    for result in summary.label_evaluation_results:
        counts = outcomes[result.label]
        positives, truths = counts["TP"] + counts["FP"], counts["TP"] + counts["FN"]
        precision, recall = counts["TP"] / (positives or 1), counts["TP"] / truths
        assert result.metrics.precision == pytest.approx(precision)
        assert result.metrics.recall == pytest.approx(recall)
        assert result.number_of_testing_images == truths == 2
    metrics = [result.metrics for result in summary.label_evaluation_results]
    aggregate = summary.aggregated_evaluation_results
    assert aggregate.f1_score == pytest.approx(sum(one.f1_score for one in metrics) / 3)
    assert aggregate.precision == pytest.approx(sum(one.precision for one in metrics) / 3)
    assert aggregate.recall == pytest.approx(sum(one.recall for one in metrics) / 3)
    described = trained.described["EvaluationResult"]["F1Score"]
    assert described == pytest.approx(aggregate.f1_score, rel=1e-6)


def test_the_evaluation_summary(trained: Training) -> None:
    summary = evaluation(trained)
    details = summary.evaluation_details
    assert details.labels == sorted(COLOURS)
    assert (details.number_of_training_images, details.number_of_testing_images) == (17, 6)
    assert details.project_version_arn == trained.described["ProjectVersionArn"]
    results = summary.label_evaluation_results
    order = [(-result.metrics.f1_score, result.label) for result in results]
    assert order == sorted(order)
    cells = summary.aggregated_evaluation_results.confusion_matrix
    pairs = [(cell.ground_truth_label, cell.predicted_label) for cell in cells]
    assert sorted(pairs) == sorted((truth, seen) for truth in COLOURS for seen in COLOURS)
    for truth in COLOURS:
        row = [cell.value for cell in cells if cell.ground_truth_label == truth]
        assert sum(row) == pytest.approx(1)


def test_inputs_are_echoed(trained: Training) -> None:
    described = trained.described
    (training,) = described["TrainingDataResult"]["Input"]["Assets"]
    assert training["GroundTruthManifest"]["S3Object"]["Bucket"] == trained.service.bucket
    assert described["TestingDataResult"]["Input"]["AutoCreate"] is False
    assert described["TestingDataResult"]["Output"]["AutoCreate"] is False
    assert described["OutputConfig"] == {
        "S3Bucket": trained.bucket,
        "S3KeyPrefix": trained.prefix,
    }


def test_failing_trainings_do_not_load_pytorch() -> None:
    """Most of the seconds that a failing training would take."""
    look = "import json, sys, lensmith.training.__main__; print(json.dumps('torch' in sys.modules))"
    ended = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True)
    assert json.loads(ended.stdout) is False
