from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.datasets.orchard import Orchard, boxed, image

from lensmith.domain.dataset import Dataset, DatasetStats, DatasetStatus, StatusMessageCode
from lensmith.domain.dataset import DatasetType as Type
from lensmith.domain.errors import ObjectForbidden
from lensmith.domain.job import JobStatus
from lensmith.store.objects import ObjectStores
from lensmith.store.records import jobs

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def _assert_refused(orchard: Orchard, dataset: Dataset, message: str) -> None:
    assert (dataset.status, dataset.status_code, dataset.status_message) == (
        DatasetStatus.CREATE_FAILED,
        StatusMessageCode.CLIENT_ERROR,
        message,
    )
    assert dataset.stats == DatasetStats()
    assert orchard.lines(dataset) == []
    assert orchard.labels(dataset) == {}


def test_a_manifest_becomes_a_dataset(orchard: Orchard) -> None:
    dataset = orchard.create(
        [
            image("a.png", "pear", "fig"),
            boxed("b.png", "plum", "pear", declared=["quince"]),
            '{"source-ref":"s3://images/c.png"}',
            boxed("d.png", "fig", side=1),
        ]
    )

    assert dataset.status is DatasetStatus.CREATE_COMPLETE
    assert dataset.status_code is StatusMessageCode.SUCCESS
    assert dataset.status_message == "The dataset was successfully created from the manifest file."
    assert dataset.stats == DatasetStats(4, 3, 4, 1)
    assert orchard.names(dataset) == ["a.png", "b.png", "c.png", "d.png"]
    assert orchard.labels(dataset) == {
        "pear": (2, 1),
        "fig": (2, 1),
        "plum": (1, 1),
        "quince": (0, 0),
    }


def test_entries_tell_whether_they_are_labelled_and_what_is_wrong(orchard: Orchard) -> None:
    dataset = orchard.create([image("a.png", "pear"), boxed("b.png", "fig", side=1)])

    clean, faulty = orchard.lines(dataset)

    assert list(clean)[-1] == "cl-metadata"
    assert clean["cl-metadata"] == {"is_labeled": True}
    assert faulty["parts"]["annotations"][0]["cl-errors"][0]["code"] == (
        "ERROR_BOUNDING_BOX_TOO_SMALL"
    )


def test_lines_with_content_errors_are_dropped_silently(orchard: Orchard) -> None:
    good = [image(f"{number}.png", "pear") for number in range(24)]
    bad = [
        "",
        "[]",
        '{"source-ref":7}',
        '{"source-ref":"https://images/x.png"}',
        image("0.png", "other"),
        image("long.png", "x" * 100_000),
    ]
    dataset = orchard.create([*good[:12], *bad, *good[12:]])

    assert dataset.status is DatasetStatus.CREATE_COMPLETE
    assert dataset.stats == DatasetStats(24, 24, 1, 0)
    assert orchard.names(dataset) == [f"{number}.png" for number in range(24)]


def test_a_manifest_of_many_batches(orchard: Orchard) -> None:
    dataset = orchard.create([image(f"{n}.png", f"label-{n % 7}") for n in range(4500)])

    assert dataset.stats == DatasetStats(4500, 4500, 7, 0)
    assert orchard.names(dataset) == [f"{number}.png" for number in range(4500)]


def test_bom_carriage_returns_and_missing_final_newline(orchard: Orchard) -> None:
    dataset = orchard.create(
        [b"\xef\xbb\xbf" + image("a.png", "pear").encode() + b"\r", image("b.png", "pear")]
    )
    assert orchard.names(dataset) == ["a.png", "b.png"]


def test_ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET(  # noqa: N802
    orchard: Orchard,
) -> None:
    class Refusing(ObjectStores):
        def for_key(self, access_key_id: str) -> S3Client:
            raise ObjectForbidden(access_key_id)

    stores = orchard.stores
    orchard.stores = replace(stores, objects=Refusing(stores.settings, stores.records))
    _assert_refused(
        orchard, orchard.create([image("a.png")]), "The S3 bucket permissions are incorrect."
    )


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("folder.x/manifest", [image("a.png", "pear")]),
        ("a.manifest", [image("a.png", "pear"), b"\xff\xfe"]),
        ("a.manifest", ["not json", "[1]"]),
        ("a.manifest", None),
    ],
    ids=["no extension", "not UTF-8", "no object", "missing"],
)
def test_ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT(  # noqa: N802
    orchard: Orchard, key: str, lines: list[str | bytes] | None
) -> None:
    if lines is not None:
        orchard.upload(lines, key)
    arn = orchard.begin_manifest(key)
    orchard.work()
    message = "The manifest file extension or contents are invalid."
    _assert_refused(orchard, orchard.dataset(arn), message)


def test_ERROR_MANIFEST_SIZE_TOO_LARGE(new_orchard: Callable[..., Orchard]) -> None:  # noqa: N802
    line = image("a.png", "pear")
    orchard = new_orchard(manifest_bytes=len(line))
    assert orchard.create([line]).status is DatasetStatus.CREATE_COMPLETE
    dataset = orchard.create([line, ""], Type.TEST)
    message = "The manifest file size exceeds the maximum supported size."
    _assert_refused(orchard, dataset, message)


@pytest.mark.parametrize("text", ["", " \n\t\n\r\n"])
def test_ERROR_EMPTY_MANIFEST(orchard: Orchard, text: str) -> None:  # noqa: N802
    _assert_refused(orchard, orchard.create([text]), "The manifest file is empty.")


def test_ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM(  # noqa: N802
    new_orchard: Callable[..., Orchard],
) -> None:
    orchard = new_orchard(dataset_entries=5)
    lines = [image(f"{number}.png", "pear") for number in range(6)]
    assert orchard.create(lines[:5]).status is DatasetStatus.CREATE_COMPLETE
    dataset = orchard.create(lines, Type.TEST)
    _assert_refused(orchard, dataset, "The manifest file has too many rows.")


def test_ERROR_TOO_MANY_RECORDS_IN_ERROR(orchard: Orchard) -> None:  # noqa: N802
    lines = [image(f"{number}.png", "pear") for number in range(4)]
    assert orchard.create([*lines, "{"]).status is DatasetStatus.CREATE_COMPLETE
    dataset = orchard.create([*lines[:3], "{"], Type.TEST)
    _assert_refused(orchard, dataset, "The manifest file has too many terminal errors.")


def test_ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS(orchard: Orchard) -> None:  # noqa: N802
    dataset = orchard.create([image("a.png", "pear"), image("a.png", "fig", bucket="other")])
    message = "The manifest file contains images from multiple S3 buckets."
    _assert_refused(orchard, dataset, message)


def test_ERROR_MANIFEST_TOO_MANY_LABELS(orchard: Orchard) -> None:  # noqa: N802
    lines = [boxed("a.png", declared=[f"label-{number}" for number in range(250)])]
    assert orchard.create(lines).status is DatasetStatus.CREATE_COMPLETE
    dataset = orchard.create([*lines, image("b.png", "one more")], Type.TEST)
    _assert_refused(orchard, dataset, "The manifest file has too many labels.")


def test_the_first_error_of_the_table_wins(new_orchard: Callable[..., Orchard]) -> None:
    orchard = new_orchard(labels=1)
    dataset = orchard.create(
        [image("a.png", "pear"), image("b.png", "fig", bucket="other"), image("c.png"), "{", "{"]
    )
    _assert_refused(orchard, dataset, "The manifest file has too many terminal errors.")


def test_a_copy_is_independent_of_its_source(orchard: Orchard) -> None:
    source = orchard.create(
        [image("a.png", "pear"), boxed("b.png", "fig", side=1, declared=["plum"])]
    )
    arn = orchard.begin({"source": "dataset", "dataset_arn": source.arn}, Type.TEST)
    orchard.work()
    copy = orchard.dataset(arn)

    orchard.update(source, [image("a.png", "quince")])

    assert copy.status is DatasetStatus.CREATE_COMPLETE
    assert copy.stats == source.stats
    assert orchard.labels(copy) == {"pear": (1, 0), "fig": (1, 1), "plum": (0, 0)}
    assert orchard.lines(copy)[0]["kind0-metadata"]["class-name"] == "pear"


def test_the_source_of_a_copy_may_be_gone(orchard: Orchard) -> None:
    arn = orchard.begin({"source": "dataset", "dataset_arn": "gone"})
    orchard.work()
    _assert_refused(orchard, orchard.dataset(arn), "The dataset gone no longer exists.")


def test_the_job_shows_how_far_it_came(orchard: Orchard) -> None:
    dataset = orchard.create([image(f"{number}.png", "pear") for number in range(30)])
    with orchard.stores.records.read() as connection:
        job = jobs.of_resource(connection, dataset.arn)
    assert job is not None
    assert job.status is JobStatus.SUCCEEDED
    assert job.progress is not None
    assert (job.progress.phase, job.progress.step, job.progress.steps) == ("lines", 30, 30)
