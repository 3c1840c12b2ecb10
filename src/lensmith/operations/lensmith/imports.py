"""Imports that the console begins; the process of `lensmith.tasks.imports` carries them out."""

from __future__ import annotations

from typing import Any, Literal
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection

from lensmith.domain.caller import Caller
from lensmith.domain.errors import (
    InvalidParameterException,
    InvalidS3ObjectException,
    ObjectStoreError,
    ResourceAlreadyExistsException,
    ResourceInUseException,
)
from lensmith.domain.job import JobKind, JobStatus
from lensmith.domain.project import Project
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.lensmith.objects import client_of, on_bucket, on_object
from lensmith.operations.lensmith.setup import Setup, console_bucket, find_setup
from lensmith.operations.owned import changing
from lensmith.operations.permissions import to_act_on
from lensmith.store.objects import s3_errors
from lensmith.store.records import datasets, jobs

_ENDINGS = {
    "coco": (".zip", ".json"),
    "csv": (".zip", ".csv"),
    "cvat": (".zip", ".xml"),
    "label-studio": (".zip", ".json", ".csv"),
    "yolo": (".zip",),
    "voc": (".zip",),
    "folders": (".zip",),
}


class ImportSource(Struct, frozen=True):
    format: Literal[
        "s3-folder",
        "ground-truth",
        "coco",
        "yolo",
        "voc",
        "cvat",
        "label-studio",
        "csv",
        "folders",
    ]
    uri: str
    folder_labels: bool = True  # of an s3-folder
    images: str | None = None  # where the images of a label file are
    divided: bool = False  # of an archive: a set in one piece has no part for tests


class ImportOrder(Struct, frozen=True):
    """Holds the body of POST /_lensmith/imports."""

    project: str
    type: Literal["train", "test"]
    source: ImportSource


def permissions(
    service: Service, caller: Caller, project: Project, order: ImportOrder
) -> list[Permission]:
    """To create the dataset, to read what it is made of, and to write what is made of that.

    Each step of the import is judged again when it is taken, but by an external store as a step
    of the server. Raises InvalidS3ObjectException.
    """
    bucket, key = _parsed(order.source.uri)
    needed = [to_act_on(service, "CreateDataset", project.arn)]
    if order.source.format == "s3-folder":
        needed.append(on_bucket("ListBucket", bucket))
    else:
        needed.append(on_object("GetObject", bucket, key))
    if order.source.images is not None:
        images, folder = _images_of(order.source.images)
        needed += [on_bucket("ListBucket", images), on_object("GetObject", images, folder)]
    if order.source.format != "ground-truth":
        needed += _to_write(find_setup(service, caller), project, order)
    return needed


def _to_write(setup: Setup, project: Project, order: ImportOrder) -> list[Permission]:
    bucket = setup.bucket or setup.proposed
    writing = on_object("PutObject", bucket, f"datasets/{project.name}/{order.type}-")
    return [writing] if setup.bucket else [writing, on_bucket("CreateBucket", bucket)]


def start_import(service: Service, call: Call, project: Project, order: ImportOrder) -> int:
    """Queue an import; returns the job's id.

    Raises InvalidS3ObjectException for what is not there, InvalidParameterException for a file of
    the wrong kind and for images that are not in S3, and ResourceAlreadyExistsException when the
    project has such a dataset.
    """
    _refuse_wrong_ending(order.source)
    _refuse_local_images(order.source)
    _refuse_missing(service, call.caller, order.source)
    writes = order.source.format != "ground-truth"
    find = console_bucket if writes else _proposed_bucket
    folder = f"datasets/{project.name}/{order.type}-{uuid4().hex[:8]}/"
    payload: dict[str, Any] = {
        "project": order.project,
        "type": order.type,
        "source": asdict(order.source),
        "target": f"s3://{find(service, call.caller)}/{folder}",
    }
    with changing(service, call) as owned:
        now = owned.project(project.arn)
        for dataset in datasets.of_project(owned.connection, now.id):
            if dataset.type.value.lower() == order.type:
                raise ResourceAlreadyExistsException(
                    f"The project already has a {order.type} dataset. Delete it first."
                )
        _refuse_second(owned.connection, now.arn, order.type)
        job_id = jobs.enqueue(
            owned.connection, JobKind.IMPORT_DATASET, now.arn, call.caller, payload
        )
    service.wake_jobs()
    return job_id


def _proposed_bucket(service: Service, caller: Caller) -> str:
    return find_setup(service, caller).proposed


def _refuse_second(connection: Connection, project_arn: str, type_: str) -> None:
    for status in (JobStatus.QUEUED, JobStatus.RUNNING):
        for job in jobs.with_status(connection, status, [JobKind.IMPORT_DATASET]):
            if job.resource_arn == project_arn and job.payload["type"] == type_:
                raise ResourceInUseException(f"The task {job.id} imports it already.")


def _refuse_wrong_ending(source: ImportSource) -> None:
    endings = _ENDINGS.get(source.format, ("",))
    if not source.uri.lower().endswith(endings):
        raise InvalidParameterException(f"{source.format} comes as {' or '.join(endings)}.")


def _refuse_local_images(source: ImportSource) -> None:
    """Raises InvalidParameterException: a path would be one of the server's own disk."""
    if source.images is not None:
        _images_of(source.images)


def _images_of(images: str) -> tuple[str, str]:
    """Parse the folder that images are in; raises InvalidParameterException."""
    try:
        bucket, key = _parsed(images)
    except InvalidS3ObjectException as error:
        raise InvalidParameterException(f"source.images: {error.message}") from error
    return bucket, f"{key.rstrip('/')}/" if key else ""


def _refuse_missing(service: Service, caller: Caller, source: ImportSource) -> None:
    bucket, key = _parsed(source.uri)
    client = client_of(service, caller)
    try:
        with s3_errors(bucket, key):
            if source.format == "s3-folder":
                client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
            else:
                client.head_object(Bucket=bucket, Key=key)
    except ObjectStoreError as error:
        raise InvalidS3ObjectException(f"{source.uri} cannot be read: is it there?") from error


def _parsed(uri: str) -> tuple[str, str]:
    bucket, slash, key = uri[5:].partition("/")
    if uri[:5].lower() != "s3://" or not bucket or "\0" in uri:
        raise InvalidS3ObjectException(f"{uri!r} is not a location in S3: s3://BUCKET/KEY.")
    return bucket, key if slash else ""
