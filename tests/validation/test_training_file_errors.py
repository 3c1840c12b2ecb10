"""Manifest file errors at training (manifests.md 3.2): StatusMessage alone, and no file at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.manifest.lines import encoded, image_line
from tests.validation.conftest import MOST_ENTRIES, MOST_MANIFEST_BYTES
from tests.validation.service import Training, ValidatingService

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

RESULTS = (
    "ManifestSummary",
    "TrainingDataResult",
    "TestingDataResult",
    "EvaluationResult",
    "BillableTrainingTimeInSeconds",
)


@pytest.fixture(scope="module")
def good(service: ValidatingService) -> Any:
    """A manifest that nothing is wrong with."""
    return service.put_manifest([image_line("fog", image=service.image())])


def assert_failed(training: Training, message: str) -> None:
    assert training.verdict == ("TRAINING_FAILED", message)
    assert not set(RESULTS) & set(training.described)
    assert "TrainingEndTimestamp" in training.described
    assert training.files() == []


@pytest.mark.parametrize("side", ["training", "testing"])
def test_error_manifest_inaccessible_or_unsupported_format(
    side: str, service: ValidatingService, good: Any
) -> None:
    gone: Any = {"S3Object": {"Bucket": service.bucket, "Name": "gone.manifest"}}
    pair = (gone, good) if side == "training" else (good, gone)
    assert_failed(service.train(*pair), "The manifest file extension or contents are invalid.")


def test_error_manifest_inaccessible_or_unsupported_format_without_extension(
    service: ValidatingService, good: Any
) -> None:
    """A key without extension, bytes that are no UTF-8 and lines that are no objects."""
    line = encoded(image_line("fog", image=service.image()))
    trainings = [
        service.train(service.put_manifest(content, key), good)
        for key, content in (
            ("folder.d/training", line),
            ("picture.manifest", b"\x89PNG\r\n\x1a\n\xff"),
            ("list.json", b"[1]\n7\n"),
        )
    ]
    for training in trainings:
        assert_failed(training, "The manifest file extension or contents are invalid.")


@pytest.mark.parametrize("content", [b"", b"\n \n"], ids=["no bytes", "blank lines"])
def test_error_empty_manifest(content: bytes, service: ValidatingService, good: Any) -> None:
    training = service.train(good, service.put_manifest(content))
    assert_failed(training, "The manifest file is empty.")


def test_error_manifest_size_too_large(service: ValidatingService, good: Any) -> None:
    line = encoded(image_line("fog", image=service.image())) + b"\n"
    manifest = service.put_manifest(line + b" " * MOST_MANIFEST_BYTES)
    training = service.train(manifest, good)
    assert_failed(training, "The manifest file size exceeds the maximum supported size.")


def test_error_manifest_rows_exceeds_maximum(service: ValidatingService, good: Any) -> None:
    rows = [{"source-ref": service.image()}] * (MOST_ENTRIES + 1)
    assert_failed(service.train(rows, good), "The manifest file has too many rows.")


def test_error_invalid_permissions_manifest_s3_bucket(
    service: ValidatingService, good: Any, limited: RekognitionClient
) -> None:
    denied = service.put_manifest(b"{}", "m.manifest", service.new_bucket("denied"))
    training = service.train(denied, good, client=limited)
    assert_failed(training, "The S3 bucket permissions are incorrect.")


def test_output_bucket_not_writable(
    service: ValidatingService, good: Any, limited: RekognitionClient
) -> None:
    denied = service.new_bucket("denied")
    training = service.train(good, good, output=denied, client=limited)
    assert_failed(training, "Unable to write to output S3 bucket.")
