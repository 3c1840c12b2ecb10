"""Errors that fail a dataset as a whole (manifests.md 2.1): told by DescribeDataset alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.manifest.lines import Json, box, box_line, image_line
from tests.support.live_server import LiveServer, command_line
from tests.support.suspended import suspend
from tests.validation.conftest import MOST_ENTRIES, MOST_MANIFEST_BYTES
from tests.validation.service import ValidatingService

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import DatasetStatsTypeDef

CREATED = (
    "CREATE_COMPLETE",
    "SUCCESS",
    "The dataset was successfully created from the manifest file.",
)
TOO_MANY_ROWS = "The manifest file has too many rows."
SEVERAL_BUCKETS = "The manifest file contains images from multiple S3 buckets."
TOO_MANY_LABELS = "The manifest file has too many labels."


def failed(message: str) -> tuple[str, str, str]:
    return "CREATE_FAILED", "CLIENT_ERROR", message


def update_failed(message: str) -> tuple[str, str, str]:
    return "UPDATE_FAILED", "CLIENT_ERROR", message


def image_lines(count: int, *labels: str, start: int = 0, bucket: str = "lab") -> list[Json]:
    """Lines of different images."""
    return [
        image_line(*labels, image=f"s3://{bucket}/{number}.png")
        for number in range(start, start + count)
    ]


@contextmanager
def dataset_jobs_held(server: LiveServer) -> Iterator[None]:
    """The process that carries out dataset jobs stands still meanwhile."""
    found = server.children("lensmith.datasets")  # those of tasks among them
    (process,) = [one for one in found if command_line(one).endswith("lensmith.datasets")]
    suspend(process)
    try:
        yield
    finally:
        process.resume()


def stats_of(service: ValidatingService, arn: str) -> DatasetStatsTypeDef:
    return service.settled(arn)["DatasetStats"]


def test_a_flawless_manifest(service: ValidatingService) -> None:
    arn = service.create_dataset(image_lines(3))
    assert service.verdict(arn) == CREATED


def test_error_invalid_permissions_manifest_s3_bucket(
    service: ValidatingService, validation_server: LiveServer
) -> None:
    """CreateDataset itself refuses an unreadable manifest; here the right is lost later."""
    bucket = service.new_bucket()
    manifest = service.put_manifest(image_lines(3), "m.manifest", bucket)
    nobody = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [{**nobody, "Resource": f"arn:aws:s3:::{bucket}/*"}],
    }
    with dataset_jobs_held(validation_server):
        arn = service.begin_dataset(manifest)
        service.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert service.verdict(arn) == failed("The S3 bucket permissions are incorrect.")


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("manifests/no-extension", b'{"source-ref":"s3://lab/a.png"}\n'),
        ("folder.manifest/no-extension", b'{"source-ref":"s3://lab/a.png"}\n'),
        ("latin-1.manifest", '{"source-ref":"s3://lab/ä.png"}\n'.encode("latin-1")),
        ("picture.manifest", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe"),
        ("table.csv", b"a.png,cat\nb.png,dog\n"),
        ("arrays.json", b"[1, 2]\n[3]\n"),
    ],
)
def test_error_manifest_inaccessible_or_unsupported_format(
    key: str, content: bytes, service: ValidatingService
) -> None:
    arn = service.create_dataset(content, key)
    assert service.verdict(arn) == failed("The manifest file extension or contents are invalid.")
    assert set(stats_of(service, arn).values()) == {0}


def test_error_manifest_inaccessible_or_unsupported_format_when_the_object_goes(
    service: ValidatingService, validation_server: LiveServer
) -> None:
    manifest: Any = service.put_manifest(image_lines(3), "short-lived.manifest")
    with dataset_jobs_held(validation_server):
        arn = service.begin_dataset(manifest)
        service.s3.delete_object(Bucket=service.bucket, Key="short-lived.manifest")
    assert service.verdict(arn) == failed("The manifest file extension or contents are invalid.")


@pytest.mark.parametrize("key", ["any.txt", "any.jsonl", "any.anything-at-all"])
def test_any_extension_will_do(key: str, service: ValidatingService) -> None:
    assert service.verdict(service.create_dataset(image_lines(1), key)) == CREATED


def test_error_manifest_size_too_large(service: ValidatingService) -> None:
    line = json.dumps(image_lines(1)[0]).encode() + b"\n"
    fitting = line + b" " * (MOST_MANIFEST_BYTES - len(line))
    too_large = service.create_dataset(fitting + b" ")
    assert service.verdict(too_large) == failed(
        "The manifest file size exceeds the maximum supported size."
    )
    # One byte less passes this check; the blanks are a second line, which is dropped.
    assert service.verdict(service.create_dataset(fitting)) == failed(
        "The manifest file has too many terminal errors."
    )


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t\n"])
def test_error_empty_manifest(content: bytes, service: ValidatingService) -> None:
    arn = service.create_dataset(content)
    assert service.verdict(arn) == failed("The manifest file is empty.")


def test_error_manifest_rows_exceeds_maximum(service: ValidatingService) -> None:
    brief = [{"source-ref": f"s3://lab/{number}.png"} for number in range(MOST_ENTRIES)]
    full = service.create_dataset(brief)
    assert service.verdict(full) == CREATED
    assert stats_of(service, full)["TotalEntries"] == MOST_ENTRIES
    one_more = service.create_dataset([*brief, {"source-ref": "s3://lab/last.png"}])
    assert service.verdict(one_more) == failed(TOO_MANY_ROWS)
    assert stats_of(service, one_more)["TotalEntries"] == 0

    replaced = service.update(full, image_lines(10))
    assert replaced["Status"] == "UPDATE_COMPLETE"
    service.update(full, image_lines(1, start=MOST_ENTRIES))
    assert service.verdict(full) == update_failed(TOO_MANY_ROWS)
    assert stats_of(service, full)["TotalEntries"] == MOST_ENTRIES


@pytest.mark.parametrize(("dropped", "passes"), [(2, True), (3, False)])
def test_error_too_many_records_in_error(
    dropped: int, passes: bool, service: ValidatingService
) -> None:
    """Exactly a fifth of the lines may be dropped."""
    lines: list[Json | bytes] = [*image_lines(8), *[b"{]", b"", b"7"][:dropped]]
    arn = service.create_dataset(lines)
    message = "The manifest file has too many terminal errors."
    assert service.verdict(arn) == (CREATED if passes else failed(message))
    assert stats_of(service, arn)["TotalEntries"] == (8 if passes else 0)


def test_error_images_in_multiple_s3_buckets(service: ValidatingService) -> None:
    mixed = service.create_dataset([*image_lines(2), *image_lines(1, bucket="other")])
    assert service.verdict(mixed) == failed(SEVERAL_BUCKETS)


def test_error_images_in_multiple_s3_buckets_at_an_update(service: ValidatingService) -> None:
    arn = service.create_dataset(image_lines(15))
    before, stats = service.entries(arn), stats_of(service, arn)
    service.update(arn, [*image_lines(2, "hail"), *image_lines(1, bucket="other")])
    assert service.verdict(arn) == update_failed(SEVERAL_BUCKETS)
    assert service.entries(arn) == before
    assert stats_of(service, arn) == stats
    assert service.update(arn, image_lines(1, "hail"))["Status"] == "UPDATE_COMPLETE"


def test_error_manifest_too_many_labels(service: ValidatingService) -> None:
    fitting = [image_line(f"l{number}", image=f"s3://lab/{number}") for number in range(250)]
    full = service.create_dataset(fitting)
    assert service.verdict(full) == CREATED
    assert stats_of(service, full)["TotalLabels"] == 250
    one_more = service.create_dataset([*fitting, image_line("l250", image="s3://lab/250")])
    assert service.verdict(one_more) == failed(TOO_MANY_LABELS)

    service.update(full, [image_line("l250", image="s3://lab/250")])
    assert service.verdict(full) == update_failed(TOO_MANY_LABELS)
    assert stats_of(service, full)["TotalLabels"] == 250


def test_error_manifest_too_many_labels_counts_declared_ones(service: ValidatingService) -> None:
    names = [f"l{number}" for number in range(251)]
    arn = service.create_dataset([box_line(box(), names=names)])
    assert service.verdict(arn) == failed(TOO_MANY_LABELS)


@pytest.mark.parametrize(
    "lines",
    [
        [{"source-ref": "s3://lab/0.png"}, {"source-ref": "s3://lab/1.png"}],
        [*image_lines(4, "fog"), *image_lines(1, "hail", start=4)],
    ],
    ids=["no labels", "a label on one image"],
)
def test_error_insufficient_images_per_label_for_distribute(
    lines: list[Json], service: ValidatingService
) -> None:
    project = service.new_project()
    train = service.create_dataset(lines, project=project)
    test = service.begin_dataset(None, "TEST", project)
    before = service.entries(train)
    service.distribute(train, test)
    message = "The manifest file doesn't have enough labeled images to distribute the dataset."
    assert service.verdict(train) == service.verdict(test) == update_failed(message)
    assert (service.entries(train), service.entries(test)) == (before, [])


def test_the_first_error_of_the_table_wins(service: ValidatingService) -> None:
    """Lines of two buckets with more than 250 labels, of which more than a fifth are dropped."""
    lines: list[Json | bytes] = [
        image_line(f"l{number}", image=f"s3://lab-{number % 2}/{number}") for number in range(251)
    ]
    buckets_first = service.create_dataset(lines)
    assert service.verdict(buckets_first) == failed(SEVERAL_BUCKETS)
    drops_first = service.create_dataset([*lines, *[b"-"] * 70])
    assert service.verdict(drops_first) == failed("The manifest file has too many terminal errors.")
    rows_first = service.create_dataset([*lines, *[b"-"] * 400])
    assert service.verdict(rows_first) == failed(TOO_MANY_ROWS)
