"""The story of a training on a real object store.

Fitting is mostly replaced here, by networks whose answers are known beforehand; test_launcher.py
trains for real.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.support.artefacts import average_colour, fixed_boxes
from tests.training.job.training_bench import COLOURS, TrainingBench, box_line, image_line, picture

from lensmith.domain.dataset import DatasetStatus, DatasetType
from lensmith.domain.job import JobStatus
from lensmith.domain.project_version import SERVICE_FAULT, ResultFile, VersionStatus
from lensmith.inference.artefact import Artefact, Task
from lensmith.store.published.model import local_folder
from lensmith.store.published.opening import published_folders
from lensmith.store.records import datasets, entries
from lensmith.store.records.labels import LabelIndex, Mention
from lensmith.training.brand.recipe import SceneRecipe
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import try_fine_tuning
from lensmith.training.classifier.recipe import FineTuningRecipe
from lensmith.training.data.example import Example
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector_selection.recipe import SelectionRecipe
from lensmith.training.detector_selection.train import train_best_detector
from lensmith.training.job import evaluation_files, outcome
from lensmith.training.job.evaluation_files import ImageQuery
from lensmith.training.job.workspace import Workspace

COMPLETED, FAILED = VersionStatus.TRAINING_COMPLETED, VersionStatus.TRAINING_FAILED
VALIDATION = {
    ResultFile.MANIFEST_SUMMARY,
    ResultFile.TRAINING_VALIDATION,
    ResultFile.TESTING_VALIDATION,
}
FLAGS = ("is-true-positive", "is-false-positive", "is-false-negative")


@pytest.fixture
def seen() -> list[Example]:
    """The examples that fitting was given."""
    return []


@pytest.fixture
def training_bench(training_bench: TrainingBench, seen: list[Example]) -> TrainingBench:
    """A bench whose trainings end at once, with networks whose answers are known."""

    def fit(given: Sequence[Example], labels: Sequence[str], directory: Path, *_: Any) -> None:
        seen.extend(given)
        if given[0].boxes:
            fixed_boxes(directory, [(0.25, 0.25, 0.75, 0.75)], [(0.9,)], tuple(labels))
        else:
            average_colour(directory)

    return replace(training_bench, trainer=fit)


@pytest.fixture
def bucket(training_bench: TrainingBench) -> str:
    return training_bench.new_bucket()


@pytest.fixture
def output(training_bench: TrainingBench) -> str:
    return training_bench.new_bucket()


def test_datasets_to_a_model(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    train = training_bench.labelled_lines(bucket, 9, "train/")
    test = training_bench.labelled_lines(bucket, 6, "test/")
    version = training_bench.queue_snapshot(train, test, output=output)
    ended = training_bench.run(version)

    assert (ended.status, ended.f1_score) == (COMPLETED, 1.0)
    assert ended.billable_seconds is not None
    assert ended.training_end_ms is not None
    assert set(ended.result_files) == set(ResultFile)
    assert training_bench.keys(output) == sorted(ended.result_files.values())
    assert training_bench.job(version).status is JobStatus.SUCCEEDED
    assert [example.labels for example in seen] == [(0,), (1,), (2,)] * 3
    summary = json.loads(training_bench.result(ended, ResultFile.EVALUATION_SUMMARY))
    assert summary["EvaluationDetails"]["NumberOfTrainingImages"] == 9
    assert summary["EvaluationDetails"]["NumberOfTestingImages"] == 6
    assert summary["EvaluationDetails"]["ProjectVersionArn"] == version.arn
    kept = local_folder(training_bench.settings, ended) / "results"
    assert {file.name for file in kept.iterdir()} == {f"{each.value}.json" for each in ResultFile}
    for each in ResultFile:
        content = training_bench.result(ended, each)
        assert (kept / f"{each.value}.json").read_bytes() == content


def test_fitting_sees_no_test_picture(
    training_bench: TrainingBench, bucket: str, output: str
) -> None:
    """Whatever is chosen while fitting, the test set has no part in it."""
    seen: list[bytes] = []

    def fit(given: Sequence[Example], labels: Sequence[str], directory: Path, *_: Any) -> None:
        seen.extend(example.image.read_bytes() for example in given)
        average_colour(directory)

    training_bench = replace(training_bench, trainer=fit)
    train, test = (
        [
            image_line(training_bench.put_picture(bucket, f"{seed}.png", colour, seed), colour)
            for seed, colour in enumerate((*COLOURS, *COLOURS), first)
        ]
        for first in (0, 100)
    )
    ended = training_bench.run(training_bench.queue_snapshot(train, test, output=output))
    assert ended.status is COMPLETED
    assert seen == [picture(colour, seed) for seed, colour in enumerate((*COLOURS, *COLOURS))]


def test_the_model_is_installed_with_the_thresholds_of_the_summary(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    lines = training_bench.labelled_lines(bucket, 6)
    ended = training_bench.run(training_bench.queue_snapshot(lines, lines, output=output))
    artefact = Artefact.read(local_folder(training_bench.settings, ended))
    summary = json.loads(training_bench.result(ended, ResultFile.EVALUATION_SUMMARY))
    assert dict(zip(artefact.labels, artefact.thresholds, strict=True)) == {
        one["Label"]: one["Metrics"]["Threshold"] for one in summary["LabelEvaluationResults"]
    }
    assert artefact.report.training_images == 6


def test_the_evaluation_is_installed_with_the_model(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    lines = training_bench.labelled_lines(bucket, 6)
    ended = training_bench.run(training_bench.queue_snapshot(lines, lines, output=output))
    directory = local_folder(training_bench.settings, ended)
    report = json.loads(evaluation_files.read_report(directory))
    assert report["f1_score"] == ended.f1_score
    error = report["calibration"]["expected_error"]
    assert Artefact.read(directory).report.expected_calibration_error == error
    page = evaluation_files.read_images(directory, ImageQuery(worst_first=False))
    images = [json.loads(bytes(image)) for image in page.images]
    snapshot = training_bench.result_lines(ended, ResultFile.TESTING_GROUND_TRUTH)
    assert [image["source_ref"] for image in images] == [line["source-ref"] for line in snapshot]
    listed = Counter(each["outcome"] for image in images for each in image["results"])
    text = training_bench.result(ended, ResultFile.TESTING_GROUND_TRUTH)
    for flag in FLAGS:
        assert listed[flag.removeprefix("is-")] == text.count(f'"{flag}":true'.encode())


def test_nothing_is_left_behind(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    lines = training_bench.labelled_lines(bucket, 6)
    version = training_bench.queue_snapshot(lines, lines, output=output)
    training_bench.run(version)
    job = training_bench.job(version)
    settings = training_bench.settings
    assert not Workspace.of(settings, job.id, job.fence).directory.exists()
    assert not published_folders(settings, training_bench.records).holds(job.payload["snapshot"])


def test_boxes_to_a_detector(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    refs = [
        training_bench.put_picture(bucket, f"{number}.png", "red", number) for number in range(3)
    ]
    hit = [box_line(ref, ("bolt", 24, 24, 48, 48)) for ref in refs]
    two = [box_line(refs[0], ("bolt", 24, 24, 48, 48), ("bolt", 0, 0, 20, 20)), hit[1]]
    ended = training_bench.run(training_bench.queue_snapshot(hit, two, output=output))

    assert ended.status is COMPLETED, training_bench.job(ended).error
    ((label, box),) = seen[0].boxes
    assert (label, box.left, box.top, box.width, box.height) == (0, 0.25, 0.25, 0.5, 0.5)
    summary = json.loads(training_bench.result(ended, ResultFile.EVALUATION_SUMMARY))
    assert "ConfusionMatrix" not in summary["AggregatedEvaluationResults"]
    assert summary["AggregatedEvaluationResults"]["Recall"] == pytest.approx(2 / 3)
    counts: Counter[str] = Counter()
    for line in training_bench.result_lines(ended, ResultFile.TESTING_GROUND_TRUTH):
        for one in line["rekognition-custom-labels-evaluation-metadata"]["objects"]:
            details = one["rekognition-custom-labels-evaluation-details"]
            counts.update(flag for flag in FLAGS if details[flag])
    assert counts == {"is-true-positive": 2, "is-false-negative": 1}


def test_a_mixed_training_set_trains_for_a_test_set_of_boxes(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    """The larger part has labels only; it is valid, not learnt from, and names no label."""
    refs = [training_bench.put_picture(bucket, f"{n}.png", "red", n) for n in range(6)]
    boxes = [box_line(ref, ("bolt", 24, 24, 48, 48)) for ref in refs[3:]]
    both = json.dumps(json.loads(boxes[2]) | json.loads(image_line(refs[5], "rust")))
    train = [*(image_line(ref, "rust") for ref in refs[:3]), *boxes[:2], both]
    ended = training_bench.run(training_bench.queue_snapshot(train, boxes[:2], output=output))

    assert ended.status is COMPLETED, training_bench.job(ended).error
    assert [(one.labels, len(one.boxes)) for one in seen] == [((), 1)] * 3
    assert Artefact.read(local_folder(training_bench.settings, ended)).labels == ("bolt",)
    learnt_from = training_bench.result_lines(ended, ResultFile.TRAINING_GROUND_TRUTH)
    assert [line["source-ref"] for line in learnt_from] == refs[3:]
    summary = json.loads(training_bench.result(ended, ResultFile.MANIFEST_SUMMARY))
    statistics = summary["statistics"]["training"]
    assert statistics["use_case"] == "OBJECT_LOCALIZATION"
    assert (statistics["total_json_lines"], statistics["valid_json_lines"]) == (6, 6)
    details = json.loads(training_bench.result(ended, ResultFile.EVALUATION_SUMMARY))
    assert details["EvaluationDetails"]["NumberOfTrainingImages"] == 3


def test_logos_train_a_detector_for_scenes(
    training_bench: TrainingBench, bucket: str, output: str
) -> None:
    """Fitted for real, for two iterations: what is found there is no matter."""
    short = DetectorRecipe((64, 64), (64, 64), iterations=2, guard_seconds=60.0, mosaic=0.0)
    recipe = SelectionRecipe(logos=short, scenes=SceneRecipe(distractor_pool=6))
    training_bench = replace(
        training_bench,
        settings=replace(training_bench.settings, training_threads=1),
        trainer=partial(train_best_detector, recipe=recipe),
    )
    logo = training_bench.put_picture(bucket, "logo.png", "red", 1)
    scene = training_bench.put_picture(bucket, "scene.png", "blue", 2)
    version = training_bench.queue_snapshot(
        [image_line(logo, "acme")], [box_line(scene, ("acme", 24, 24, 48, 48))], output=output
    )
    ended = training_bench.run(version)
    assert ended.status is COMPLETED, training_bench.job(ended).error
    artefact = Artefact.read(local_folder(training_bench.settings, ended))
    assert artefact.task is Task.DETECTION
    assert artefact.report.detector is not None
    assert artefact.report.detector.logos
    (line,) = training_bench.result_lines(ended, ResultFile.TRAINING_GROUND_TRUTH)
    assert line["rekognition-custom-labels-training-0-metadata"]["class-name"] == "acme"


def test_external_manifests(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    lines = training_bench.labelled_lines(bucket, 6)
    training = training_bench.put_manifest(bucket, "train.manifest", lines)
    testing = training_bench.put_manifest(bucket, "test.manifest", lines[:3])
    ended = training_bench.run(training_bench.queue_manifests(training, testing, output=output))
    assert ended.status is COMPLETED, training_bench.job(ended).error
    assert len(training_bench.result_lines(ended, ResultFile.TESTING_GROUND_TRUTH)) == 3


def test_an_external_manifest_is_split(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    lines = training_bench.labelled_lines(bucket, 15)
    manifest = training_bench.put_manifest(bucket, "all.manifest", lines)
    ended = training_bench.run(training_bench.queue_manifests(manifest, None, output=output))
    assert ended.status is COMPLETED, training_bench.job(ended).error
    training = training_bench.result_lines(ended, ResultFile.TRAINING_VALIDATION)
    testing = training_bench.result_lines(ended, ResultFile.TESTING_VALIDATION)
    assert (len(training), len(testing), len(seen)) == (12, 3, 12)
    refs = {line["source-ref"] for line in training + testing}
    assert refs == {json.loads(line)["source-ref"] for line in lines}


def test_a_lone_dataset_gives_its_test_part_away(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    project = training_bench.new_project()
    lines = training_bench.labelled_lines(bucket, 15)
    train = _dataset(training_bench, project, lines)
    moving = {"auto_split": True, "move_split": True, "train_dataset_arn": train.arn}
    for attempt in range(2):  # the second finds the TEST dataset that the first one made
        version = training_bench.queue_snapshot(
            lines, None, output=output, project=project, **moving
        )
        ended = training_bench.run(version)
        assert ended.status is COMPLETED, attempt
        with training_bench.records.read() as connection:
            kept, moved = datasets.of_project(connection, project.id)
            moved_lines = list(entries.lines(connection, moved.id))
        assert (kept.stats.total_entries, moved.stats.total_entries) == (12, 3)
        assert (moved.type, moved.status) == (DatasetType.TEST, DatasetStatus.CREATE_COMPLETE)
        tested = training_bench.result_lines(ended, ResultFile.TESTING_VALIDATION)
        assert [json.loads(line)["source-ref"] for line in moved_lines] == [
            line["source-ref"] for line in tested
        ]


def test_content_errors_name_the_first_and_point_to_the_files(
    training_bench: TrainingBench, bucket: str, output: str
) -> None:
    line = image_line(training_bench.put_picture(bucket, "a.png", "red", 1), "red")
    ended = training_bench.run(training_bench.queue_snapshot([line], [line], output=output))
    assert (ended.status, ended.status_message) == (
        FAILED,
        "The manifest file has too few labels.",
    )
    assert set(ended.result_files) == VALIDATION
    summary = json.loads(training_bench.result(ended, ResultFile.MANIFEST_SUMMARY))
    (error,) = summary["statistics"]["training"]["errors"]
    assert error["code"] == "ERROR_MANIFEST_TOO_FEW_LABELS"
    assert (ended.f1_score, ended.billable_seconds) == (None, None)


def test_bad_images_are_told_and_not_used(
    training_bench: TrainingBench, bucket: str, output: str, seen: list[Example]
) -> None:
    lines = training_bench.labelled_lines(bucket, 16)
    training_bench.s3.put_object(Bucket=bucket, Key="4.png", Body=b"no picture at all")
    training_bench.s3.put_object(Bucket=bucket, Key="7.png", Body=picture("red", 1)[:500])
    training_bench.s3.delete_object(Bucket=bucket, Key="11.png")
    version = training_bench.queue_snapshot(lines, lines[:3], output=output)
    ended = training_bench.run(version)
    assert ended.status is COMPLETED, training_bench.job(ended).error
    summary = json.loads(training_bench.result(ended, ResultFile.MANIFEST_SUMMARY))
    assert summary["statistics"]["training"]["error_json_line_indices"] == [5, 8, 12]
    assert len(seen) == 13
    (error,) = training_bench.result_lines(ended, ResultFile.TRAINING_VALIDATION)[4]["errors"]
    assert error["code"] == "ERROR_INVALID_IMAGE"
    used = training_bench.result_lines(ended, ResultFile.TRAINING_GROUND_TRUTH)
    assert [line["line-idx"] for line in used] == [
        number for number in range(1, 17) if number not in {5, 8, 12}
    ]


def test_no_image_there(training_bench: TrainingBench, bucket: str, output: str) -> None:
    lines = [image_line(f"s3://{bucket}/{name}.png", name) for name in ("a", "b")]
    ended = training_bench.run(training_bench.queue_snapshot(lines, lines, output=output))
    assert ended.status_message == "Failed to copy images from S3 bucket."
    assert set(ended.result_files) == VALIDATION


def test_images_that_the_caller_may_not_read(training_bench: TrainingBench, output: str) -> None:
    bucket = training_bench.new_bucket("denied")
    lines = training_bench.labelled_lines(bucket, 3)
    version = training_bench.queue_snapshot(
        lines, lines, output=output, caller=training_bench.limited
    )
    ended = training_bench.run(version)
    assert ended.status_message == "The permissions for the images S3 bucket are invalid."


def test_a_manifest_that_the_caller_may_not_read(
    training_bench: TrainingBench, bucket: str, output: str
) -> None:
    lines = training_bench.labelled_lines(bucket, 3)
    manifest = training_bench.put_manifest(training_bench.new_bucket("denied"), "m", lines)
    version = training_bench.queue_manifests(
        manifest, manifest, output=output, caller=training_bench.limited
    )
    assert training_bench.run(version).status_message == "The S3 bucket permissions are incorrect."


def test_an_output_bucket_that_the_caller_may_not_write(
    training_bench: TrainingBench, bucket: str
) -> None:
    lines = training_bench.labelled_lines(bucket, 3)
    denied = training_bench.new_bucket("denied")
    version = training_bench.queue_snapshot(
        lines, lines, output=denied, caller=training_bench.limited
    )
    assert training_bench.run(version).status_message == "Unable to write to output S3 bucket."


def test_images_of_somebody_else(training_bench: TrainingBench, bucket: str, output: str) -> None:
    theirs = training_bench.new_bucket("theirs", owner=training_bench.stranger)
    lines = training_bench.labelled_lines(theirs, 3)
    manifest = training_bench.put_manifest(bucket, "m.manifest", lines)
    ended = training_bench.run(training_bench.queue_manifests(manifest, manifest, output=output))
    assert ended.status_message == "Invalid owner id for images S3 bucket."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The manifest file is empty."),
        (b"\n\n", "The manifest file is empty."),
        (b"\x89PNG\xff\xfe", "The manifest file extension or contents are invalid."),
        (b"one,two\nthree,four\n", "The manifest file extension or contents are invalid."),
    ],
)
def test_manifests_that_are_none(
    content: bytes, message: str, training_bench: TrainingBench, bucket: str, output: str
) -> None:
    training_bench.s3.put_object(Bucket=bucket, Key="m.manifest", Body=content)
    manifest = {"Bucket": bucket, "Name": "m.manifest"}
    ended = training_bench.run(training_bench.queue_manifests(manifest, manifest, output=output))
    assert (ended.status, ended.status_message) == (FAILED, message)
    assert ended.result_files == {}
    assert training_bench.keys(output) == []


def test_a_manifest_that_is_not_there(
    training_bench: TrainingBench, bucket: str, output: str
) -> None:
    manifest = {"Bucket": bucket, "Name": "gone.manifest"}
    ended = training_bench.run(training_bench.queue_manifests(manifest, None, output=output))
    assert ended.status_message == "The manifest file extension or contents are invalid."


def test_an_output_bucket_that_is_not_there(training_bench: TrainingBench, bucket: str) -> None:
    lines = training_bench.labelled_lines(bucket, 3)
    version = training_bench.queue_snapshot(lines, lines, output="no-such-bucket")
    assert training_bench.run(version).status_message == "Unable to write to output S3 bucket."


def test_a_fault_of_ours_is_a_service_issue(
    training_bench: TrainingBench, bucket: str, output: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of luck")

    training_bench = replace(training_bench, trainer=fail)
    lines = training_bench.labelled_lines(bucket, 3)
    version = training_bench.queue_snapshot(lines, lines, output=output)
    ended = training_bench.run(version)
    assert (ended.status, ended.status_message) == (FAILED, SERVICE_FAULT)
    assert ended.result_files == {}  # they exist, but nothing points to them
    assert len(training_bench.keys(output)) == 3
    assert "out of luck" in (training_bench.job(version).error or "")


def test_a_training_that_diverges_says_what_to_do(
    training_bench: TrainingBench, bucket: str, output: str
) -> None:
    def diverge(examples: Sequence[Example], labels: Sequence[str], *_: object) -> None:
        data = LabelledPictures.of(examples, len(labels), 2, seed=0)
        recipe = FineTuningRecipe((64, 64), 40, 0, learning_rate=1e30, backbone_learning_rate=1e30)
        try_fine_tuning(data, recipe, [0], lambda _: None)

    training_bench = replace(training_bench, trainer=diverge)
    lines = training_bench.labelled_lines(bucket, 3)
    version = training_bench.queue_snapshot(lines, lines, output=output)
    ended = training_bench.run(version)
    assert ended.status is FAILED
    assert ended.status_message.startswith("The training diverged: its loss was not a finite")
    assert ended.status_message.endswith("then train a new version.")
    assert ended.result_files.keys() == {file.value for file in VALIDATION}


def test_a_job_that_was_taken_away_changes_nothing(
    training_bench: TrainingBench, bucket: str, output: str
) -> None:
    def fit(_: object, labels: object, directory: Path, *__: object) -> None:
        average_colour(directory)
        outcome.cancel(training_bench.records, training_bench.job(version))

    training_bench = replace(training_bench, trainer=fit)
    lines = training_bench.labelled_lines(bucket, 3)
    version = training_bench.queue_snapshot(lines, lines, output=output)
    ended = training_bench.run(version)
    assert (ended.status, ended.status_message) == (FAILED, outcome.CANCELLED)
    assert training_bench.job(version).status is JobStatus.CANCELLED


def _dataset(bench: TrainingBench, project: Any, lines: Sequence[str]) -> Any:
    with bench.records.write() as connection:
        dataset = datasets.create(
            connection, project, DatasetType.TRAIN, DatasetStatus.CREATE_COMPLETE, ""
        )
        label_index = LabelIndex.open(connection, dataset.id)
        entries.add(connection, label_index, enumerate(map(_new_entry, lines)))
        label_index.save(connection)
        entries.refresh_stats(connection, dataset.id)
    return dataset


def _new_entry(line: str) -> entries.NewEntry:
    entry = json.loads(line)
    label = entry["colour0-metadata"]["class-name"]
    return entries.NewEntry(entry["source-ref"], line, True, False, {label: Mention.ON_IMAGE})
