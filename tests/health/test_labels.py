from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import entropy
from tests.health.conftest import TEST, TRAIN, Exam, marked

from lensmith.health.entry import CheckedEntry
from lensmith.health.finding_kind import FindingKind, Severity


def _labels(exam: Exam, kind: FindingKind) -> list[tuple[str | None, str]]:
    finding = exam.findings().get(kind)
    return [(item.label, item.detail) for item in finding.items] if finding else []


def test_labels_with_fewer_than_ten_training_images_are_named_with_their_images(
    exam: Exam,
) -> None:
    exam.entries(TRAIN, 10, "enough")
    exam.entries(TRAIN, 9, "nearly")
    exam.entries(TRAIN, 1, "hardly")
    exam.entries(TEST, 1, "nearly")

    finding = exam.findings()[FindingKind.LABEL_WITH_FEW_IMAGES]

    assert [(item.label, item.detail) for item in finding.items] == [
        ("hardly", "1 image"),
        ("nearly", "9 images"),
    ]
    assert finding.severity is Severity.WARNING
    assert finding.items[0].related == ("s3://b/TRAIN/hardly/0.jpg",)
    assert len(finding.items[1].related) == 9


def test_a_label_in_one_dataset_only(exam: Exam) -> None:
    exam.entries(TRAIN, 12, "both")
    exam.entries(TRAIN, 12, "trained")
    exam.entries(TEST, 3, "both")
    exam.entries(TEST, 2, "tested")

    findings = exam.findings()

    assert [item.label for item in findings[FindingKind.LABEL_NOT_TRAINED].items] == ["tested"]
    assert findings[FindingKind.LABEL_NOT_TRAINED].severity is Severity.ERROR
    assert [item.label for item in findings[FindingKind.LABEL_NOT_TESTED].items] == ["trained"]


def test_without_test_images_nothing_is_said_of_untested_labels(exam: Exam) -> None:
    exam.entries(TRAIN, 12, "a", "b")
    assert FindingKind.LABEL_NOT_TESTED not in exam.findings()


def test_one_image_level_label_is_too_few_to_train_and_one_with_boxes_is_not(exam: Exam) -> None:
    exam.entries(TRAIN, 12, "lonely")
    assert FindingKind.TOO_FEW_LABELS in exam.findings()
    boxed = Exam()
    boxed.boxed(marked(100, 100, 90, 90))
    assert FindingKind.TOO_FEW_LABELS not in boxed.findings()


def test_labels_that_are_only_declared(exam: Exam) -> None:
    exam.entries(TRAIN, 12, "used")
    exam.check.add_declared(TRAIN, ["used", "forgotten"])
    assert _labels(exam, FindingKind.LABEL_UNUSED) == [("forgotten", "0 images")]


@pytest.mark.parametrize(("rare", "is_named"), [(10, False), (9, True)])
def test_labels_ten_times_rarer_than_the_most_frequent(
    exam: Exam, rare: int, is_named: bool
) -> None:
    exam.entries(TRAIN, 100, "common")
    exam.entries(TRAIN, rare, "rare")
    assert bool(_labels(exam, FindingKind.IMBALANCED_LABELS)) is is_named


def test_the_balance_agrees_with_scipy(exam: Exam) -> None:
    counts = {"a": 40, "b": 10, "c": 5}
    for label, count in counts.items():
        exam.entries(TRAIN, count, label)

    balance = exam.report().datasets[0].balance

    assert balance is not None
    assert balance.ratio == 8
    expected = entropy(list(counts.values())) / np.log(3)
    assert balance.evenness == pytest.approx(expected, abs=1e-4)


def test_the_summary_counts_images_and_boxes_of_every_label(exam: Exam) -> None:
    exam.boxed(marked(10, 10, 50, 50), marked(200, 10, 50, 50), marked(200, 200, 50, 50, "b"))
    exam.entries(TEST, 2, "b")
    exam.entries(TRAIN, 1)

    report = exam.report()

    numbers = {
        label.name: (label.train_images, label.train_boxes, label.test_images, label.test_boxes)
        for label in report.labels
    }
    assert numbers == {"a": (1, 2, 0, 0), "b": (1, 1, 2, 0)}
    assert (report.datasets[0].entries, report.datasets[0].labeled_entries) == (2, 1)
    assert report.datasets[0].boxes == 3


def test_a_label_on_every_image_and_labels_like_splits_are_named(exam: Exam) -> None:
    exam.entries(TRAIN, 12, "everywhere", "train")
    exam.entries(TRAIN, 12, "everywhere", "rose")

    assert _labels(exam, FindingKind.LABEL_ON_EVERY_IMAGE) == [("everywhere", "24 images")]
    assert _labels(exam, FindingKind.LABEL_NAMED_LIKE_SPLIT) == [("train", "12 images")]


def test_labels_that_an_adjustment_job_corrected_are_named(exam: Exam) -> None:
    entry = CheckedEntry(TRAIN, "s3://b/a.jpg", True, ("rose",), (), replaced=("boxes",))
    exam.check.add_entry(entry)

    (item,) = exam.findings()[FindingKind.ADJUSTED_LABELS_KEPT].items
    assert (item.source_ref, item.detail) == ("s3://b/a.jpg", "boxes")
