from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image
from tests.health.conftest import TEST, TRAIN, Exam

from lensmith.health.entry import CheckedEntry, ExpectedImage, Frame
from lensmith.health.finding_kind import FindingKind, Severity

Flower = Callable[[int], Image.Image]


def _names(exam: Exam, kind: FindingKind) -> list[str | None]:
    finding = exam.findings().get(kind)
    return [item.source_ref for item in finding.items] if finding else []


@pytest.mark.parametrize(
    ("frame", "is_named"),
    [((400, 300), False), ((800, 600), False), ((300, 400), True), ((400, 280), True)],
)
def test_a_declared_size_of_another_shape(
    exam: Exam, flower: Flower, frame: tuple[float, float], is_named: bool
) -> None:
    exam.picture("s3://b/1.jpg", flower(0).resize((400, 300)), TEST, frame=Frame(*frame))
    assert _names(exam, FindingKind.DECLARED_SIZE_DIFFERS) == (["s3://b/1.jpg"] if is_named else [])


def test_sizes_and_shapes_far_from_the_median(exam: Exam, flower: Flower) -> None:
    for number in range(8):
        exam.picture(f"s3://b/{number}.jpg", flower(number).resize((400, 300)))
    exam.picture("s3://b/upright.jpg", flower(8).resize((300, 400)))
    exam.picture("s3://b/small.jpg", flower(9).resize((88, 66)))
    exam.picture("s3://b/long.jpg", flower(10).resize((900, 300)))

    assert _names(exam, FindingKind.UNUSUAL_SIZE) == ["s3://b/small.jpg"]
    assert _names(exam, FindingKind.UNUSUAL_ASPECT) == ["s3://b/long.jpg"]
    summary = exam.report().datasets[0]
    assert (summary.images_read, summary.median_width, summary.median_height) == (11, 400, 300)


def test_images_that_could_not_be_read(exam: Exam) -> None:
    exam.check.add_unreadable(ExpectedImage(TRAIN, "s3://b/1.jpg", frozenset(), None), "missing")
    finding = exam.findings()[FindingKind.UNREADABLE_IMAGES]
    assert finding.severity is Severity.ERROR
    assert finding.items[0].detail == "missing"


def test_entries_without_labels_and_with_errors(exam: Exam) -> None:
    codes = ("ERROR_INVALID_BOUNDING_BOX", "ERROR_INVALID_CONFIDENCE")
    exam.entries(TRAIN, 2)
    exam.check.add_entry(CheckedEntry(TRAIN, "s3://b/bad.jpg", True, (), (), codes))

    findings = exam.findings()

    assert findings[FindingKind.IMAGES_WITHOUT_LABELS].count == 2
    (item,) = findings[FindingKind.ENTRIES_WITH_ERRORS].items
    assert item.detail == "ERROR_INVALID_BOUNDING_BOX, ERROR_INVALID_CONFIDENCE"


def test_a_report_begins_with_the_worst(exam: Exam) -> None:
    exam.entries(TRAIN, 1)
    exam.check.add_unreadable(ExpectedImage(TRAIN, "s3://b/1.jpg", frozenset(), None), "missing")
    severities = [finding.severity for finding in exam.report().findings]
    assert severities == sorted(severities, key=list(Severity).index)
    assert len(set(severities)) == 2
