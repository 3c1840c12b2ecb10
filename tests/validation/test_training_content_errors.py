"""Errors of manifests as a whole at training (manifests.md 3.3, 3.4).

They fail the training before anything is fitted. All of the first group with a hit stand in the
manifest summary, the first of them in StatusMessage.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.manifest.lines import Json, box, box_line, image_line
from tests.validation.faulty_lines import Line
from tests.validation.service import Training, ValidatingService

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

FAILED = "TRAINING_FAILED"
MESSAGES = {
    "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST": "The manifest file contains too many invalid rows.",
    "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS": (
        "The manifest file contains images from multiple S3 buckets."
    ),
    "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET": (
        "The permissions for the images S3 bucket are invalid."
    ),
    "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER": "Invalid owner id for images S3 bucket.",
    "ERROR_FAILED_IMAGES_S3_COPY": "Failed to copy images from S3 bucket.",
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT": (
        "The manifest file contains insufficient labeled images per label to perform auto-split."
    ),
    "ERROR_MANIFEST_TOO_FEW_LABELS": "The manifest file has too few labels.",
    "ERROR_MANIFEST_TOO_MANY_LABELS": "The manifest file has too many labels.",
    "ERROR_INSUFFICIENT_LABEL_OVERLAP": (
        "Less than 50% label overlap between the training and testing manifest files."
    ),
    "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS": "The manifest file has too few usable labels.",
    "ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP": (
        "Less than 50% usable label overlap between the training and testing manifest files."
    ),
}
"""The sentences of the specification, letter by letter."""


@pytest.fixture(scope="module")
def image(service: ValidatingService) -> str:
    return service.image()


def assert_failed(
    training: Training,
    told: str,
    *,
    in_training: tuple[str, ...] = (),
    in_testing: tuple[str, ...] = (),
    in_both: tuple[str, ...] = (),
) -> None:
    """`told` is the code whose sentence is the StatusMessage; the rest is in the summary."""
    assert training.verdict == (FAILED, MESSAGES[told])
    assert training.errors("training") == list(in_training)
    assert training.errors("testing") == list(in_testing)
    assert training.errors("both") == list(in_both)
    for error in _errors_of(training):
        assert error == {"code": error["code"], "message": MESSAGES[error["code"]]}


def _errors_of(training: Training) -> list[Json]:
    statistics = training.summary["statistics"]
    return [
        error
        for holder in (training.summary, statistics["training"], statistics["testing"])
        for error in holder["errors"]
    ]


def labelled(image: str, *labels: str) -> list[Json]:
    return [image_line(label, image=image) for label in labels]


# Group 1


def test_error_too_many_invalid_rows_in_manifest(service: ValidatingService, image: str) -> None:
    """All causes together: one bad line, one blank line, one missing image of fourteen lines."""
    faulty: list[Line] = [b"{", b"", image_line(image=f"{image}-gone")]
    good = labelled(image, *["fog", "hail"] * 5, "fog")
    training = service.train([*faulty, *good], [*good, *faulty])
    code = "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"
    assert_failed(training, code, in_training=(code,), in_testing=(code,))
    statistics = training.summary["statistics"]
    assert statistics["training"]["error_json_line_indices"] == [1, 2, 3]
    assert statistics["testing"]["error_json_line_indices"] == [12, 13, 14]
    assert [line["errors"][0]["code"] for line in training.training_lines[:3]] == [
        "ERROR_INVALID_JSON_LINE",
        "ERROR_INVALID_JSON_LINE",
        "ERROR_INVALID_IMAGE",
    ]


def test_a_fifth_of_invalid_rows_passes(service: ValidatingService, image: str) -> None:
    """Ignored lines count in the denominator only; a later group then has its say."""
    faulty: list[Line] = [b"{", image_line(image=f"{image}-gone")]
    ignored: list[Line] = [{"source-ref": image}] * 4
    lost_a_box = box_line(box(), box(left=-1), image=image)
    lines = [*faulty, *ignored, lost_a_box, *labelled(image, "a", "b", "c")]
    training = service.train(lines, labelled(image, "d"))
    statistics = training.summary["statistics"]["training"]
    counts = [statistics[f"{kind}_json_lines"] for kind in ("total", "valid", "invalid", "ignored")]
    assert counts == [10, 4, 2, 4]
    code = "ERROR_MANIFEST_TOO_FEW_LABELS"
    overlap = "ERROR_INSUFFICIENT_LABEL_OVERLAP"
    assert_failed(training, code, in_testing=(code,), in_both=(overlap,))


def test_error_images_in_multiple_s3_buckets(service: ValidatingService, image: str) -> None:
    """A line that is invalid otherwise counts as well, as long as its source-ref is well-formed."""
    lines = labelled(image, *["fog", "hail"] * 2)
    stray = [{"source-ref": "s3://elsewhere/a.png", "half": 1}]
    training = service.train(lines, [*lines, *stray])
    code = "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"
    assert_failed(training, code, in_testing=(code,))


def test_each_manifest_may_have_a_bucket_of_its_own(service: ValidatingService, image: str) -> None:
    other = service.new_bucket()
    body = service.s3.get_object(Bucket=service.bucket, Key="good.png")["Body"].read()
    service.s3.put_object(Bucket=other, Key="good.png", Body=body)
    training = service.train(labelled(image, "fog"), labelled(f"s3://{other}/good.png", "fog"))
    code = "ERROR_MANIFEST_TOO_FEW_LABELS"
    assert_failed(training, code, in_training=(code,), in_testing=(code,))


def test_error_invalid_permissions_images_s3_bucket(
    service: ValidatingService, limited: RekognitionClient, image: str
) -> None:
    denied = service.new_bucket("denied")
    service.s3.put_object(Bucket=denied, Key="good.png", Body=b"-")
    lines = labelled(f"s3://{denied}/good.png", "fog", "hail")
    training = service.train(lines, labelled(image, "fog", "hail"), client=limited)
    code = "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET"
    assert_failed(training, code, in_training=(code,))


def test_error_invalid_images_s3_bucket_owner(
    service: ValidatingService, stranger_s3: S3Client, image: str
) -> None:
    theirs = f"theirs-{service.bucket}"
    stranger_s3.create_bucket(Bucket=theirs)
    resources = [f"arn:aws:s3:::{theirs}", f"arn:aws:s3:::{theirs}/*"]
    shared = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": resources}
    policy = {"Version": "2012-10-17", "Statement": [shared]}
    stranger_s3.put_bucket_policy(Bucket=theirs, Policy=json.dumps(policy))
    body = service.s3.get_object(Bucket=service.bucket, Key="good.png")["Body"].read()
    stranger_s3.put_object(Bucket=theirs, Key="good.png", Body=body)
    lines = labelled(f"s3://{theirs}/good.png", "fog", "hail")
    training = service.train(labelled(image, "fog", "hail"), lines)
    code = "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER"
    assert_failed(training, code, in_testing=(code,))


def test_error_failed_images_s3_copy(service: ValidatingService, image: str) -> None:
    missing = labelled(f"{image}-gone", "fog", "hail")
    training = service.train(missing, labelled(image, "fog", "hail"))
    code = "ERROR_FAILED_IMAGES_S3_COPY"
    assert_failed(training, code, in_training=(code,))
    assert training.use_cases == {"NOT_DETERMINED"}


def test_the_first_group_is_told_whole_and_stops_the_others(
    service: ValidatingService, image: str
) -> None:
    """Too many invalid rows and two buckets; too few labels are no longer looked for."""
    stray = labelled("s3://elsewhere/a.png", "fog")
    lines: list[Line] = [*labelled(image, "fog"), *stray, b"{"]
    training = service.train(lines, labelled(image, "fog"))
    codes = ("ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS")
    assert_failed(training, codes[0], in_training=codes)


# Group 2


@pytest.mark.parametrize(
    "labels",
    [("fog", "fog", "fog", "hail"), ("fog",), ("a", "a", "b", "b", "c", "c", "d", "d", "e", "e")],
    ids=["a label on one image", "one image", "a test part with two labels of five"],
)
def test_error_insufficient_images_per_label_for_autosplit(
    labels: tuple[str, ...], service: ValidatingService, image: str
) -> None:
    training = service.train(labelled(image, *labels), None)
    code = "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT"
    assert_failed(training, code, in_training=(code,))
    # Nothing was split: training covers everything, testing is empty and has no manifest.
    statistics = training.summary["statistics"]
    assert statistics["training"]["total_json_lines"] == len(labels)
    assert statistics["testing"]["total_json_lines"] == 0
    assert statistics["testing"]["error_json_line_indices"] == []
    assert "Validation" not in training.described["TestingDataResult"]
    assert training.files() == [
        f"ManifestSummary-{training.project_name}-v1.json",
        f"TrainingManifestWithValidation-{training.project_name}-v1.json",
    ]


def test_error_insufficient_images_per_label_for_autosplit_without_labels(
    service: ValidatingService, image: str
) -> None:
    training = service.train([{"source-ref": image}], None)
    code = "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT"
    assert_failed(training, code, in_training=(code,))


# Group 3


def test_error_manifest_too_few_labels(service: ValidatingService, image: str) -> None:
    """Image-level labels need two."""
    training = service.train(labelled(image, "fog"), labelled(image, "fog", "hail"))
    code = "ERROR_MANIFEST_TOO_FEW_LABELS"
    assert_failed(training, code, in_training=(code,))
    assert training.use_cases == {"IMAGE_LEVEL_LABELS"}


def test_error_manifest_too_few_labels_when_nothing_is_labelled(
    service: ValidatingService, image: str
) -> None:
    training = service.train([{"source-ref": image}], labelled(image, "fog"))
    code = "ERROR_MANIFEST_TOO_FEW_LABELS"
    assert_failed(training, code, in_training=(code,))
    assert training.use_cases == {"NOT_DETERMINED"}


def test_one_label_will_do_for_boxes(service: ValidatingService, image: str) -> None:
    """The test manifest without any box is what fails, for want of labels and of overlap."""
    training = service.train([box_line(box(), image=image)], [{"source-ref": image}])
    code = "ERROR_MANIFEST_TOO_FEW_LABELS"
    overlap = "ERROR_INSUFFICIENT_LABEL_OVERLAP"
    assert_failed(training, code, in_testing=(code,), in_both=(overlap,))
    assert training.use_cases == {"OBJECT_LOCALIZATION"}


def test_error_manifest_too_many_labels(service: ValidatingService, image: str) -> None:
    """251 labels in both formats together; 250 pass, as the test manifest shows."""
    names = [f"l{number}" for number in range(250)]
    lines = [image_line(*names[start : start + 50], image=image) for start in range(0, 250, 50)]
    training = service.train([*lines, box_line(box(), image=image)], lines)
    code = "ERROR_MANIFEST_TOO_MANY_LABELS"
    assert_failed(training, code, in_training=(code,))


def test_error_insufficient_label_overlap(service: ValidatingService, image: str) -> None:
    training = service.train(labelled(image, *"abcde"), labelled(image, *"abxyz"))
    code = "ERROR_INSUFFICIENT_LABEL_OVERLAP"
    assert_failed(training, code, in_both=(code,))


def test_half_of_the_training_labels_is_overlap_enough(
    service: ValidatingService, image: str
) -> None:
    """Two of four training labels; that only one of them is usable fails in the next group."""
    boxes = [box_line(box(), image=image, names=[name]) for name in ("c", "d")]
    training = service.train(
        [*labelled(image, "a", "b", "a"), *boxes], [*labelled(image, "a"), boxes[0]]
    )
    code = "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS"
    assert_failed(training, code, in_testing=(code,))


# Group 4


def test_error_manifest_too_few_usable_labels(service: ValidatingService, image: str) -> None:
    """Three image-level lines outweigh two boxes, and hold one label only."""
    lines = [
        *labelled(image, "fog", "fog", "fog"),
        *[box_line(box(), image=image), box_line(box(), image=image)],
    ]
    training = service.train(lines, lines)
    code = "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS"
    assert_failed(training, code, in_training=(code,), in_testing=(code,))
    assert training.use_cases == {"IMAGE_LEVEL_LABELS"}
    assert training.summary["statistics"]["training"]["valid_json_lines"] == 5


def test_error_insufficient_usable_label_overlap(service: ValidatingService, image: str) -> None:
    """Overlapping in boxes, not in the image-level labels that are chosen."""
    boxed = [box_line(box(), image=image, names=[name]) for name in ("c", "d", "e")]
    training = service.train(
        [*labelled(image, "a", "b", "a", "b"), *boxed], [*labelled(image, "x", "y"), *boxed]
    )
    code = "ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP"
    assert_failed(training, code, in_both=(code,))
    assert training.use_cases == {"IMAGE_LEVEL_LABELS"}
