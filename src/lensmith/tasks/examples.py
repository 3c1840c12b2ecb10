"""`python -m lensmith.tasks.examples`: fills an example project that the console asked for."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from lensmith.datasets.completion import completing
from lensmith.datasets.stores import Stores
from lensmith.domain.caller import Caller
from lensmith.domain.dataset import DatasetStatus, DatasetType
from lensmith.domain.job import Job, JobKind
from lensmith.domain.job_errors import SupersededError
from lensmith.domain.project import Project, ProjectStatus
from lensmith.examples.example_project import EXAMPLES, SPLITS, Annotation, ExampleProject
from lensmith.exchange.dataset import Target, create_dataset, find_dataset, settle
from lensmith.exchange.failure import ExchangeError, service_errors
from lensmith.exchange.services import Location
from lensmith.exchange.staging import Upload
from lensmith.exchange.upload import upload
from lensmith.manifest.convert.label_attributes import (
    Origin,
    PixelBox,
    bounding_boxes,
    image_level,
)
from lensmith.manifest.line.attributes import SOURCE_REF
from lensmith.store.records import accounts, datasets, job_results, jobs, projects
from lensmith.store.records.leases import holding
from lensmith.tasks import process
from lensmith.tasks.caller import rekognition_as
from lensmith.tasks.imports import TaskSteps
from lensmith.tasks.process import TaskError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_JOB = "labeling-job/lensmith-examples"
_TYPES = {"train": DatasetType.TRAIN, "test": DatasetType.TEST}
_FOLDERS = {"train": "training_dataset", "test": "test_dataset"}
_PAUSE_SECONDS = 0.1


def example_task(stores: Stores, job: Job) -> None:
    """Copy the pictures and create both datasets; a failure leaves neither project nor copies.

    An attempt that was interrupted is continued. Raises TaskError, JobCancelledError or
    SupersededError.
    """
    try:
        result = _Example(stores, job).fill()
        with completing(stores.records, job) as connection:
            job_results.put(connection, job.id, msgspec.json.encode(result))
    except ExchangeError as error:
        _remove(stores, job)
        raise TaskError("EXAMPLE_FAILED", str(error)) from error
    except SupersededError:  # what was made is that of the process that has the job now
        raise
    except Exception:
        _remove(stores, job)
        raise


class _Example:
    def __init__(self, stores: Stores, job: Job) -> None:
        self._example = EXAMPLES[job.payload["example"]]
        self._project: str = job.payload["project"]
        self._project_arn = job.resource_arn
        self._bucket: str = job.payload["bucket"]
        self._steps = TaskSteps(stores, job)
        self._s3 = stores.objects.for_key(job.access_key_id)
        self._rekognition = rekognition_as(stores, job.access_key_id)

    def fill(self) -> dict[str, Any]:
        self._copy()
        with self._steps.counting("Validating", None):
            images = {split: self._create(split) for split in SPLITS}
        return {
            "project": self._project,
            "project_arn": self._project_arn,
            "images": images,
            "sample": str(self._sample),
        }

    @property
    def _sample(self) -> Location:
        return Location(self._bucket, f"assets/samples/{self._example.name}.jpg")

    def _copy(self) -> None:
        total = 1 + sum(len(self._example.annotations(split)) for split in SPLITS)
        with self._steps.counting("Copying", total) as copied:
            for split in SPLITS:
                folder = dataset_folder(self._bucket, self._project, split)
                pictures = [
                    Upload(
                        self._example.picture(split, name),
                        Location(self._bucket, folder.key + name),
                    )
                    for name in self._example.annotations(split)
                ]
                upload(self._s3, pictures, folder, copied)
                self._put_manifest(folder, split)
            samples = Location(self._bucket, "assets/samples/")
            upload(self._s3, [Upload(self._example.sample, self._sample)], samples, copied)

    def _put_manifest(self, folder: Location, split: str) -> None:
        manifest = _manifest(folder)
        lines = manifest_lines(self._example, split, folder)
        with service_errors(f"upload {manifest}"):
            self._s3.put_object(Bucket=manifest.bucket, Key=manifest.key, Body=lines)

    def _create(self, split: str) -> int:
        """Create the dataset unless an earlier attempt did; returns its number of images."""
        target = Target(self._project, _TYPES[split].value)
        arn = find_dataset(self._rekognition, target)
        if arn is None:
            folder = dataset_folder(self._bucket, self._project, split)
            arn = create_dataset(self._rekognition, target, _manifest(folder))
        return settle(self._rekognition, arn)["DatasetStats"]["TotalEntries"]


def dataset_folder(bucket: str, project: str, split: str) -> Location:
    """Return where the pictures of a split are kept (console.md section 3)."""
    return Location(bucket, f"assets/{project}_{_FOLDERS[split]}/")


def _manifest(folder: Location) -> Location:
    return Location(folder.bucket, folder.key + "manifests/output.manifest")


def manifest_lines(example: ExampleProject, split: str, folder: Location) -> bytes:
    """Write the Ground Truth manifest of pictures that are kept in `folder`."""
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    lines = [
        msgspec.json.encode({SOURCE_REF: f"{folder}{name}", **_attributes(shown, created)})
        for name, shown in example.annotations(split).items()
    ]
    return b"\n".join(lines) + b"\n"


def _attributes(shown: Annotation, created: str) -> dict[str, Any]:
    if shown.labels:
        return image_level(shown.labels, created)
    names = sorted({box.label for box in shown.boxes})
    boxes = [
        PixelBox(names.index(box.label), box.left, box.top, box.width, box.height)
        for box in shown.boxes
    ]
    return bounding_boxes(shown.size, boxes, dict(enumerate(names)), Origin(created, _JOB))


def _remove(stores: Stores, job: Job) -> None:
    """Delete the project with what was made for it; nothing without the key that began it."""
    with stores.records.read() as connection:
        key = accounts.find_access_key(connection, job.access_key_id)
    if key is None:
        return
    while (project := _unfinished(stores, job)) is not None:
        if _delete_datasets(stores, job, project, key.caller):
            _delete_project(stores, job, project, key.caller)
        time.sleep(_PAUSE_SECONDS)
    example, bucket = EXAMPLES[job.payload["example"]], job.payload["bucket"]
    for split in SPLITS:
        folder = dataset_folder(bucket, job.payload["project"], split)
        keys = [folder.key + name for name in example.annotations(split)]
        _delete_objects(stores.objects.internal(), bucket, [*keys, _manifest(folder).key])


def _unfinished(stores: Stores, job: Job) -> Project | None:
    with stores.records.read() as connection:
        project = projects.find(connection, job.resource_arn)
    return None if project is None or project.status is ProjectStatus.DELETING else project


def _delete_datasets(stores: Stores, job: Job, project: Project, caller: Caller) -> bool:
    """Queue the deletion of those that have settled; returns whether all are gone."""
    with holding(stores.records, job, or_cancelled=True) as connection:
        found = datasets.of_project(connection, project.id)
        for dataset in found:
            if not dataset.status.is_moving:
                datasets.set_status(
                    connection, dataset.id, DatasetStatus.DELETE_IN_PROGRESS, "Not completed."
                )
                jobs.enqueue(connection, JobKind.DELETE_DATASET, dataset.arn, caller)
    return not found


def _delete_project(stores: Stores, job: Job, project: Project, caller: Caller) -> None:
    with holding(stores.records, job, or_cancelled=True) as connection:
        projects.set_status(connection, project.id, ProjectStatus.DELETING)
        jobs.enqueue(connection, JobKind.DELETE_PROJECT, project.arn, caller)


def _delete_objects(s3: S3Client, bucket: str, keys: list[str]) -> None:
    named = [{"Key": key} for key in keys]
    try:
        s3.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})  # type: ignore[typeddict-item]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


if __name__ == "__main__":
    process.run(JobKind.CREATE_EXAMPLE, example_task)
