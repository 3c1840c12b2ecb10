"""Dataset jobs on real records and a real object store, carried out in this process."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lensmith.datasets import worker
from lensmith.datasets.distributions import DISTRIBUTE_HANDLERS
from lensmith.datasets.job import HANDLERS, Handlers
from lensmith.datasets.stores import Stores
from lensmith.domain.caller import Caller
from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.job import JobKind
from lensmith.domain.project import Project
from lensmith.store.records import datasets, entries, jobs, labels

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DATE = "2026-01-02T03:04:05"


@dataclass
class Orchard:
    """A project and what happens to its datasets."""

    stores: Stores
    s3: S3Client
    bucket: str
    project: Project
    caller: Caller

    def upload(self, lines: Iterable[str | bytes], key: str = "some.manifest") -> str:
        encoded = [line if isinstance(line, bytes) else line.encode() for line in lines]
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"\n".join(encoded))
        return key

    def begin(self, payload: dict[str, Any], kind: DatasetType = DatasetType.TRAIN) -> str:
        """What CreateDataset does; returns the ARN."""
        with self.stores.records.write() as connection:
            dataset = datasets.create(
                connection, self.project, kind, DatasetStatus.CREATE_IN_PROGRESS, "-"
            )
            jobs.enqueue(connection, JobKind.CREATE_DATASET, dataset.arn, self.caller, payload)
        return dataset.arn

    def begin_manifest(self, key: str, kind: DatasetType = DatasetType.TRAIN) -> str:
        return self.begin({"source": "manifest", "bucket": self.bucket, "key": key}, kind)

    def create(
        self, lines: Iterable[str | bytes], kind: DatasetType = DatasetType.TRAIN
    ) -> Dataset:
        """A dataset from these lines, settled."""
        arn = self.begin_manifest(self.upload(lines), kind)
        self.work()
        return self.dataset(arn)

    def update(self, dataset: Dataset, lines: Iterable[str | bytes]) -> Dataset:
        encoded = [line if isinstance(line, bytes) else line.encode() for line in lines]
        self.enqueue(JobKind.UPDATE_DATASET, dataset.arn, body=b"\n".join(encoded))
        self.work()
        return self.dataset(dataset.arn)

    def distribute(self, train: Dataset, test: Dataset) -> tuple[Dataset, Dataset]:
        payload = {"train_dataset_arn": train.arn, "test_dataset_arn": test.arn}
        self.enqueue(JobKind.DISTRIBUTE_DATASET, train.arn, payload)
        self.work(DISTRIBUTE_HANDLERS)
        return self.dataset(train.arn), self.dataset(test.arn)

    def empty(self, kind: DatasetType) -> Dataset:
        with self.stores.records.write() as connection:
            return datasets.create(
                connection, self.project, kind, DatasetStatus.CREATE_COMPLETE, "-"
            )

    def enqueue(
        self,
        kind: JobKind,
        arn: str,
        payload: dict[str, Any] | None = None,
        body: bytes | None = None,
    ) -> int:
        with self.stores.records.write() as connection:
            return jobs.enqueue(connection, kind, arn, self.caller, payload, body)

    def work(self, handlers: Handlers = HANDLERS) -> None:
        """Carry out every queued job."""
        while worker.carry_out_next(self.stores, handlers):
            pass

    def dataset(self, arn: str) -> Dataset:
        with self.stores.records.read() as connection:
            found = datasets.find(connection, arn)
        assert found is not None
        return found

    def lines(self, dataset: Dataset) -> list[dict[str, Any]]:
        with self.stores.records.read() as connection:
            return [json.loads(line) for line in entries.lines(connection, dataset.id)]

    def names(self, dataset: Dataset) -> list[str]:
        """The object keys of the entries in order."""
        return [line["source-ref"].split("/", 3)[3] for line in self.lines(dataset)]

    def labels(self, dataset: Dataset) -> dict[str, tuple[int, int]]:
        """Entries and entries with boxes, by label in order of first appearance."""
        with self.stores.records.read() as connection:
            found = labels.page(connection, dataset.id, after=None, limit=1000)
        return {use.name: (use.entry_count, use.box_count) for _, use in found}


def image(name: str, *labelled: str, bucket: str = "images") -> str:
    """A line that labels the image as a whole."""
    line: dict[str, Any] = {"source-ref": f"s3://{bucket}/{name}"}
    for number, label in enumerate(labelled):
        line[f"kind{number}"] = number
        line[f"kind{number}-metadata"] = {
            "class-name": label,
            "confidence": 1,
            "type": "groundtruth/image-classification",
            "human-annotated": "yes",
            "creation-date": DATE,
        }
    return json.dumps(line)


def boxed(name: str, *labelled: str, declared: Sequence[str] = (), side: float = 40) -> str:
    """A line with one square box of each label; `declared` ones are only in the class-map."""
    boxes = [
        {"class_id": number, "left": 8, "top": 8, "width": side, "height": side}
        for number, _ in enumerate(labelled)
    ]
    line = {
        "source-ref": f"s3://images/{name}",
        "parts": {
            "image_size": [{"width": 640, "height": 480, "depth": 3}],
            "annotations": boxes,
        },
        "parts-metadata": {
            "objects": [{"confidence": 1} for _ in boxes],
            "class-map": {str(n): label for n, label in enumerate([*labelled, *declared])},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": DATE,
        },
    }
    return json.dumps(line)
