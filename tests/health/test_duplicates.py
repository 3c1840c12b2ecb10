from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, ImageOps
from tests.health.conftest import TEST, Exam, jpeg, reopened

from lensmith.health.finding_kind import FindingKind, Severity

Flower = Callable[[int], Image.Image]


def _pairs(exam: Exam, kind: FindingKind) -> list[tuple[str | None, tuple[str, ...]]]:
    finding = exam.findings().get(kind)
    return [(item.source_ref, item.related) for item in finding.items] if finding else []


def test_different_pictures_of_one_kind_are_not_copies(exam: Exam, flower: Flower) -> None:
    for number in range(12):
        exam.picture(f"s3://b/{number}.jpg", flower(number), TEST)
    assert not exam.findings().keys() & {
        FindingKind.DUPLICATE_IMAGES,
        FindingKind.NEAR_DUPLICATE_IMAGES,
    }


def test_the_same_file_twice_in_a_dataset(exam: Exam, flower: Flower) -> None:
    for name in ("s3://b/1.jpg", "s3://b/2.jpg", "s3://b/3.jpg"):
        exam.picture(name, flower(0), TEST)
    assert _pairs(exam, FindingKind.DUPLICATE_IMAGES) == [
        ("s3://b/2.jpg", ("s3://b/1.jpg",)),
        ("s3://b/3.jpg", ("s3://b/1.jpg",)),
    ]
    assert not _pairs(exam, FindingKind.NEAR_DUPLICATE_IMAGES)


def test_the_same_file_with_other_labels_is_a_conflict(exam: Exam, flower: Flower) -> None:
    exam.picture("s3://b/1.jpg", flower(0), labels=("rose",))
    exam.picture("s3://b/2.jpg", flower(0), labels=("tulip",))
    (item,) = exam.findings()[FindingKind.CONFLICTING_LABELS].items
    assert item.detail == "tulip; the other rose"


def test_the_same_file_in_both_datasets_is_a_leak(exam: Exam, flower: Flower) -> None:
    exam.picture("s3://b/train.jpg", flower(0))
    exam.picture("s3://b/train2.jpg", flower(1))
    exam.picture("s3://b/test.jpg", flower(0), TEST)

    findings = exam.findings()

    (item,) = findings[FindingKind.LEAKED_IMAGES].items
    assert (item.dataset, item.source_ref) == (TEST, "s3://b/test.jpg")
    assert item.related == ("s3://b/train.jpg",)
    assert findings[FindingKind.LEAKED_IMAGES].severity is Severity.ERROR
    assert FindingKind.NEARLY_LEAKED_IMAGES not in findings
    assert FindingKind.DUPLICATE_IMAGES not in findings


_EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "re-encoded": lambda image: reopened(jpeg(image, quality=40)),
    "smaller": lambda image: image.resize((image.width // 3, image.height // 3)),
    "larger": lambda image: image.resize((image.width * 2, image.height * 2)),
    "brighter": lambda image: image.point(lambda level: min(255, level + 8)),
    "cropped": lambda image: image.crop((3, 3, image.width - 3, image.height - 3)),
    "grey": lambda image: image.convert("L").convert("RGB"),
}
_TURNS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "a quarter": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "half": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "three quarters": lambda image: image.transpose(Image.Transpose.ROTATE_270),
    "mirrored": ImageOps.mirror,
    "upside down": ImageOps.flip,
    "transposed": lambda image: image.transpose(Image.Transpose.TRANSPOSE),
}


@pytest.mark.parametrize("edit", _EDITS)
def test_edited_copies_are_near(exam: Exam, flower: Flower, edit: str) -> None:
    for number in range(6):
        exam.picture(f"s3://b/{number}.jpg", flower(number))
    exam.picture("s3://b/copy.jpg", _EDITS[edit](flower(4)))
    assert _pairs(exam, FindingKind.NEAR_DUPLICATE_IMAGES) == [
        ("s3://b/copy.jpg", ("s3://b/4.jpg",))
    ]


@pytest.mark.parametrize("turn", _TURNS)
def test_turned_copies_are_near_and_told_so(exam: Exam, flower: Flower, turn: str) -> None:
    for number in range(6):
        exam.picture(f"s3://b/{number}.jpg", flower(number))
    exam.picture("s3://b/copy.jpg", _TURNS[turn](flower(2)), TEST)

    (item,) = exam.findings()[FindingKind.NEARLY_LEAKED_IMAGES].items

    assert (item.source_ref, item.related) == ("s3://b/copy.jpg", ("s3://b/2.jpg",))
    assert item.detail.startswith("turned or mirrored")


def test_every_image_is_named_once_with_the_nearest(exam: Exam, flower: Flower) -> None:
    exam.picture("s3://b/0.jpg", flower(0))
    exam.picture("s3://b/cropped.jpg", _EDITS["cropped"](flower(0)))
    exam.picture("s3://b/recoded.jpg", reopened(jpeg(flower(0), quality=80)))
    assert _pairs(exam, FindingKind.NEAR_DUPLICATE_IMAGES) == [
        ("s3://b/cropped.jpg", ("s3://b/0.jpg",)),
        ("s3://b/recoded.jpg", ("s3://b/0.jpg",)),
    ]


def test_blank_pictures_are_not_called_copies_of_each_other(exam: Exam) -> None:
    for number in range(3):
        exam.picture(f"s3://b/{number}.jpg", Image.new("RGB", (300, 200), (60 + number, 60, 60)))
    findings = exam.findings()
    assert findings[FindingKind.BLANK_IMAGES].count == 3
    assert FindingKind.NEAR_DUPLICATE_IMAGES not in findings
