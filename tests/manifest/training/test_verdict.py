"""Content errors, use case, split and usable entries (manifests.md 3.3, 3.4, 4)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from tests.manifest.lines import Json, box, box_line, image_line, manifest

from lensmith.config import Quotas
from lensmith.manifest.training.checked import ImageFaults, check_lines
from lensmith.manifest.training.use_case import UseCase
from lensmith.manifest.training.verdict import Verdict, judge

QUOTAS = dataclasses.replace(Quotas(), labels=5)
SOUND = ImageFaults()


def pictures(*labels: str, count: int = 5, bucket: str = "lab") -> list[Json]:
    return [
        image_line(label, image=f"s3://{bucket}/{label}-{n}.png")
        for label in labels
        for n in range(count)
    ]


def drawings(*labels: str, count: int = 5) -> list[Json]:
    return [
        box_line(box(), names=(label,), image=f"s3://lab/box-{label}-{n}.png")
        for label in labels
        for n in range(count)
    ]


def verdict_on(
    training: Sequence[Json],
    testing: Sequence[Json] | None = None,
    training_faults: ImageFaults = SOUND,
    testing_faults: ImageFaults = SOUND,
) -> Verdict:
    return judge(
        check_lines(manifest(training), QUOTAS),
        None if testing is None else check_lines(manifest(testing), QUOTAS),
        training_faults,
        testing_faults,
        QUOTAS,
    )


def codes(verdict: Verdict) -> dict[str, list[str]]:
    summary: Any = verdict.summary()
    found = {
        "training": summary["statistics"]["training"]["errors"],
        "testing": summary["statistics"]["testing"]["errors"],
        "common": summary["errors"],
    }
    return {place: [one["code"] for one in errors] for place, errors in found.items() if errors}


def bad(count: int) -> list[Json]:
    return [{} for _ in range(count)]


def test_sound_manifests_have_no_errors() -> None:
    verdict = verdict_on(pictures("a", "b"), pictures("a", "b", count=2))

    assert verdict.status_message is None
    assert codes(verdict) == {}
    assert verdict.use_case is UseCase.IMAGE_LEVEL_LABELS
    assert verdict.labels == ("a", "b")
    assert (len(verdict.training.entries), verdict.testing and len(verdict.testing.entries)) == (
        10,
        4,
    )


def test_error_too_many_invalid_rows_in_manifest() -> None:
    passing = verdict_on(pictures("a", "b") + bad(2), pictures("a", "b", count=4) + bad(2))
    failing = verdict_on(pictures("a", "b") + bad(3), pictures("a", "b"))

    assert codes(passing) == {}
    assert codes(failing) == {"training": ["ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"]}
    assert failing.status_message == "The manifest file contains too many invalid rows."
    assert failing.use_case is UseCase.NOT_DETERMINED
    assert failing.training.entries == ()


def test_the_invalid_share_gathers_all_causes() -> None:
    lines = pictures("a", "b") + bad(1)
    faults = ImageFaults(frozenset({0, 3}))

    assert codes(verdict_on(lines, pictures("a", "b"), faults)) == {
        "training": ["ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"]
    }


def test_ignored_lines_are_not_invalid() -> None:
    lines = pictures("a", "b") + [{"source-ref": "s3://lab/none.png"}] * 10

    verdict = verdict_on(lines, pictures("a", "b"))

    assert codes(verdict) == {}
    assert verdict.training.statistics.ignored == 10


def test_error_images_in_multiple_s3_buckets() -> None:
    testing = [*pictures("a", "b"), {"source-ref": "s3://other/unlabeled.png"}]

    verdict = verdict_on(pictures("a", "b"), testing)

    assert codes(verdict) == {"testing": ["ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"]}
    assert verdict.use_case is UseCase.NOT_DETERMINED


def test_training_and_testing_images_may_lie_in_different_buckets() -> None:
    assert codes(verdict_on(pictures("a", "b"), pictures("a", "b", bucket="other"))) == {}


@pytest.mark.parametrize(
    ("faults", "code", "message"),
    [
        (
            ImageFaults(bucket_denied=True),
            "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET",
            "The permissions for the images S3 bucket are invalid.",
        ),
        (
            ImageFaults(bucket_of_other_owner=True),
            "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER",
            "Invalid owner id for images S3 bucket.",
        ),
        (
            ImageFaults(none_read=True),
            "ERROR_FAILED_IMAGES_S3_COPY",
            "Failed to copy images from S3 bucket.",
        ),
    ],
)
def test_errors_of_the_image_bucket(faults: ImageFaults, code: str, message: str) -> None:
    lines = pictures("a", "b")

    assert codes(verdict_on(lines, lines, faults)) == {"training": [code]}
    assert codes(verdict_on(lines, lines, SOUND, faults)) == {"testing": [code]}
    assert verdict_on(lines, lines, faults, faults).status_message == message


def test_all_errors_of_a_group_are_told_and_later_groups_are_not() -> None:
    verdict = verdict_on(
        pictures("a") + bad(5),
        pictures("b") + pictures("b", bucket="other"),
        ImageFaults(none_read=True),
    )

    assert codes(verdict) == {
        "training": ["ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", "ERROR_FAILED_IMAGES_S3_COPY"],
        "testing": ["ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"],
    }
    assert verdict.status_message == "The manifest file contains too many invalid rows."


@pytest.mark.parametrize(
    "training", [pictures("a", "b", count=1), pictures("a") + pictures("b", count=1)]
)
def test_error_insufficient_images_per_label_for_autosplit(training: list[Json]) -> None:
    verdict = verdict_on(training)

    assert codes(verdict) == {"training": ["ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT"]}
    assert verdict.status_message == (
        "The manifest file contains insufficient labeled images per label to perform auto-split."
    )
    assert verdict.testing is None
    assert verdict.training.statistics.total == len(training)
    summary: Any = verdict.summary()
    assert summary["statistics"]["testing"] == {
        "use_case": "IMAGE_LEVEL_LABELS",
        "total_json_lines": 0,
        "valid_json_lines": 0,
        "invalid_json_lines": 0,
        "ignored_json_lines": 0,
        "error_json_line_indices": [],
        "errors": [],
    }


def test_error_manifest_too_few_labels() -> None:
    verdict = verdict_on(pictures("a"), pictures("a"))

    code = "ERROR_MANIFEST_TOO_FEW_LABELS"
    assert codes(verdict) == {"training": [code], "testing": [code]}
    assert verdict.status_message == "The manifest file has too few labels."


def test_one_label_is_enough_for_boxes() -> None:
    verdict = verdict_on(drawings("a"), drawings("a"))

    assert codes(verdict) == {}
    assert verdict.use_case is UseCase.OBJECT_LOCALIZATION


def test_without_labels_the_minimum_is_one() -> None:
    unlabeled = [{"source-ref": "s3://lab/k"}]

    verdict = verdict_on(unlabeled, pictures("a"))

    assert codes(verdict) == {"training": ["ERROR_MANIFEST_TOO_FEW_LABELS"]}
    assert verdict.use_case is UseCase.NOT_DETERMINED


def test_error_manifest_too_many_labels() -> None:
    verdict = verdict_on(pictures(*"abcdef"), pictures(*"abcde"))

    assert codes(verdict) == {"training": ["ERROR_MANIFEST_TOO_MANY_LABELS"]}
    assert verdict.status_message == "The manifest file has too many labels."


def test_error_insufficient_label_overlap() -> None:
    half = verdict_on(pictures(*"abcd"), pictures(*"abxy"))
    less = verdict_on(pictures(*"abcd"), pictures(*"axy"))

    assert codes(half) == {}
    assert codes(less) == {"common": ["ERROR_INSUFFICIENT_LABEL_OVERLAP"]}
    assert less.status_message == (
        "Less than 50% label overlap between the training and testing manifest files."
    )


def test_error_manifest_too_few_usable_labels() -> None:
    training = pictures("a", count=9) + drawings("b", count=3)

    verdict = verdict_on(training, training)

    code = "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS"
    assert verdict.use_case is UseCase.IMAGE_LEVEL_LABELS
    assert codes(verdict) == {"training": [code], "testing": [code]}
    assert verdict.status_message == "The manifest file has too few usable labels."
    assert verdict.training.entries == ()


def test_error_insufficient_usable_label_overlap() -> None:
    training = pictures(*"abcd") + drawings("e", count=1)
    testing = pictures("a", "x") + drawings(*"bcd", count=1)

    verdict = verdict_on(training, testing)

    assert codes(verdict) == {"common": ["ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP"]}
    assert verdict.status_message == (
        "Less than 50% usable label overlap between the training and testing manifest files."
    )


def test_labels_in_the_other_format_are_left_out_of_valid_lines() -> None:
    both = [image_line("fog", image=f"s3://lab/{n}.png") | _parts(n) for n in range(5)]

    verdict = verdict_on(both + drawings("nut"), drawings("bolt", "nut"))

    assert verdict.use_case is UseCase.OBJECT_LOCALIZATION
    assert verdict.training.statistics.valid == 10
    assert verdict.labels == ("bolt", "nut")
    assert all(one.entry.image_labels == () for one in verdict.training.entries)


def _parts(n: int) -> Json:
    return box_line(box(), image=f"s3://lab/{n}.png")


def test_brand_pictures_become_full_frame_boxes() -> None:
    verdict = verdict_on(pictures("a", "b"), drawings("a", "b"))

    assert codes(verdict) == {}
    assert verdict.use_case is UseCase.OBJECT_LOCALIZATION
    first = verdict.training.entries[0]
    assert first.is_full_frame
    ((label, frame),) = first.entry.box_sets[0].fractions()
    assert (label, frame.left, frame.top, frame.width, frame.height) == ("a", 0, 0, 1, 1)
    assert verdict.testing is not None
    assert not verdict.testing.entries[0].is_full_frame


def test_brand_pictures_alone_are_image_level_labels() -> None:
    assert verdict_on(pictures("a", "b")).use_case is UseCase.IMAGE_LEVEL_LABELS


def test_automatic_split_numbers_lines_within_each_part() -> None:
    lines = pictures("a", "b") + bad(1) + [{"source-ref": "s3://lab/k"}]

    verdict = verdict_on(lines)

    assert verdict.testing is not None
    assert sorted([*verdict.training.indices, *verdict.testing.indices]) == list(range(12))
    assert verdict.testing.statistics.total == 2
    training = verdict.training.statistics
    assert (training.total, training.valid, training.invalid, training.ignored) == (10, 8, 1, 1)
    assert training.error_lines == (9,)
    for part in (verdict.training, verdict.testing):
        for one in part.entries:
            assert part.indices[one.line_number - 1] == one.index
            assert one.entry.source_ref == lines[one.index]["source-ref"]
    assert verdict_on(lines).testing == verdict.testing


def test_lines_that_lost_a_box_are_valid_and_listed() -> None:
    lines = [*drawings("a"), box_line(box(), box(left=-1), names=("a",))]

    verdict = verdict_on(lines, lines)

    statistics = verdict.training.statistics
    assert (statistics.valid, statistics.invalid, statistics.error_lines) == (6, 0, (6,))


def test_summary_shape() -> None:
    faults = ImageFaults(frozenset({1}))

    verdict = verdict_on(pictures(*"abcd"), pictures(*"axy"), faults)

    assert verdict.summary() == {
        "statistics": {
            "training": {
                "use_case": "IMAGE_LEVEL_LABELS",
                "total_json_lines": 20,
                "valid_json_lines": 19,
                "invalid_json_lines": 1,
                "ignored_json_lines": 0,
                "error_json_line_indices": [2],
                "errors": [],
            },
            "testing": {
                "use_case": "IMAGE_LEVEL_LABELS",
                "total_json_lines": 15,
                "valid_json_lines": 15,
                "invalid_json_lines": 0,
                "ignored_json_lines": 0,
                "error_json_line_indices": [],
                "errors": [],
            },
        },
        "errors": [
            {
                "code": "ERROR_INSUFFICIENT_LABEL_OVERLAP",
                "message": "Less than 50% label overlap between the training and testing "
                "manifest files.",
            }
        ],
    }
