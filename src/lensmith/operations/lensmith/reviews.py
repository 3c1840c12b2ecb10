"""Begins, finds, continues and removes reviews; `lensmith.tasks.review_predictions` predicts."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from sqlalchemy import Connection

from lensmith.domain.caller import Caller
from lensmith.domain.errors import (
    InvalidParameterException,
    InvalidS3ObjectException,
    ObjectStoreError,
    ResourceInUseException,
    ResourceNotFoundException,
    ResourceNotReadyException,
)
from lensmith.domain.job import JobKind, JobStatus
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion
from lensmith.domain.review import Review
from lensmith.inference.artefact import Artefact, ArtefactError
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.lensmith.datasets import find_dataset
from lensmith.operations.lensmith.objects import client_of, on_bucket, on_object
from lensmith.operations.permissions import to_act_on
from lensmith.store.objects import s3_errors
from lensmith.store.published.model import reading_model
from lensmith.store.records import captures, entries, jobs, reviews
from lensmith.store.records.captures import Capture
from lensmith.store.unreadable_folder import UnreadableFolderError

MAX_PICTURES = 10_000  # of one review

_LIVE = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})


class DatasetSource(Struct, frozen=True, tag_field="kind", tag="dataset"):
    """The pictures of a dataset without labels."""

    type: Literal["train", "test"] = "train"


class PrefixSource(Struct, frozen=True, tag_field="kind", tag="prefix"):
    """The pictures below a location in S3."""

    uri: str


class CapturedSource(Struct, frozen=True, tag_field="kind", tag="captured"):
    """The pictures that the model was called with, and that were kept."""


class Sample(Struct, frozen=True):
    order: Literal["all", "uncertain", "random"] = "all"
    count: Annotated[int, Meta(ge=1, le=MAX_PICTURES)] = MAX_PICTURES


class ReviewOrder(Struct, frozen=True):
    """Holds the body of POST /_lensmith/reviews."""

    project: str
    source: DatasetSource | PrefixSource | CapturedSource
    version: str | None = None  # None: the newest that is trained
    sample: Sample = Sample()
    min_confidence: Annotated[float, Meta(ge=0, le=100)] | None = None  # None: assumed thresholds


def to_start(
    service: Service, caller: Caller, version: ProjectVersion, order: ReviewOrder
) -> list[Permission]:
    """Need to detect with the version, and to list and read the pictures.

    The store inside judges each picture itself when it is read; an external store sees the
    server instead of the caller. Raises ResourceNotFoundException or InvalidS3ObjectException.
    """
    needed = [to_view(service, version.arn)]
    is_external = bool(service.settings.s3_endpoint_url)
    match order.source:
        case DatasetSource(type):
            dataset = find_dataset(service, caller, order.project, type)
            needed.append(to_act_on(service, "ListDatasetEntries", dataset.arn))
            with service.records.read() as connection:
                first = entries.first_source_ref(connection, dataset.id)
            if is_external and first is not None:
                needed.append(on_object("GetObject", first[5:].partition("/")[0], "*"))
        case source:
            bucket, prefix = _place(service, version, source)
            needed.append(on_bucket("ListBucket", bucket))
            if is_external:
                needed.append(on_object("GetObject", bucket, f"{prefix}*"))
    return needed


def to_view(service: Service, version_arn: str) -> Permission:
    """Need DetectCustomLabels: a review shows detections."""
    return to_act_on(service, "DetectCustomLabels", version_arn)


def start_review(
    service: Service, call: Call, project: Project, version: ProjectVersion, order: ReviewOrder
) -> Review:
    """Add a review and queue its predictions.

    Raises ResourceNotReadyException for a model that cannot be read, InvalidS3ObjectException for
    a location that cannot be listed.
    """
    artefact = _artefact(service, version)
    source = _source(service, call.caller, version, order)
    values: dict[str, Any] = {
        "token": secrets.token_hex(6),
        "project_id": project.id,
        "version_arn": version.arn,
        "version_id": version.id,
        "version_name": version.name,
        "task": artefact.task.value,
        "labels": list(artefact.labels),
        "created_by": call.caller.arn,
        "source": source,
        "sample": order.sample.order,
        "limit": order.sample.count,
        "min_confidence": order.min_confidence,
    }
    with service.records.write() as connection:
        review = reviews.create(connection, values)
        _enqueue(connection, call.caller, review)
    service.wake_jobs()
    return review


def resume_review(service: Service, caller: Caller, review: Review) -> None:
    """Continue predictions that were cancelled or failed; raises ResourceInUseException."""
    with service.records.write() as connection:
        job = jobs.find(connection, review.job_id) if review.job_id is not None else None
        if job is not None and job.status in _LIVE | {JobStatus.SUCCEEDED}:
            raise ResourceInUseException("Its predictions run, or are complete.")
        _enqueue(connection, caller, review)
    service.wake_jobs()


def remove_review(service: Service, review: Review) -> None:
    """Remove a review; its predictions are cancelled, what it wrote stays."""
    with service.records.write() as connection:
        job = jobs.find(connection, review.job_id) if review.job_id is not None else None
        if job is not None and (now := jobs.locked(connection, job.id)).status in _LIVE:
            jobs.finish(connection, now, JobStatus.CANCELLED)
        reviews.remove(connection, review.id)


def find_review(service: Service, caller: Caller, token: str) -> Review:
    """Find a review of the caller's account; raises ResourceNotFoundException."""
    with service.records.read() as connection:
        review = reviews.find(connection, token, caller.account_id, service.settings.region)
    if review is None:
        raise ResourceNotFoundException(f"the review {token}")
    return review


def _enqueue(connection: Connection, caller: Caller, review: Review) -> None:
    payload = {"review": review.id}
    job_id = jobs.enqueue(connection, JobKind.PREDICT_REVIEW, review.version_arn, caller, payload)
    reviews.set_job(connection, review.id, job_id)


def _artefact(service: Service, version: ProjectVersion) -> Artefact:
    try:
        with reading_model(service.settings, service.records, version) as folder:
            return Artefact.read(folder)
    except (ArtefactError, UnreadableFolderError) as error:
        raise ResourceNotReadyException(str(error)) from error


def _source(
    service: Service, caller: Caller, version: ProjectVersion, order: ReviewOrder
) -> dict[str, Any]:
    if isinstance(order.source, DatasetSource):
        return {"kind": "dataset", "type": order.source.type}
    bucket, prefix = _place(service, version, order.source)
    try:
        with s3_errors(bucket, prefix):
            client_of(service, caller).list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
    except ObjectStoreError as error:
        raise InvalidS3ObjectException(
            f"s3://{bucket}/{prefix} cannot be listed: is it there?"
        ) from error
    kind = "prefix" if isinstance(order.source, PrefixSource) else "captured"
    return {"kind": kind, "bucket": bucket, "prefix": prefix}


def _place(
    service: Service, version: ProjectVersion, source: PrefixSource | CapturedSource
) -> tuple[str, str]:
    if isinstance(source, PrefixSource):
        bucket, _, prefix = source.uri[5:].partition("/")
        if source.uri[:5].lower() != "s3://" or not bucket or "\0" in source.uri:
            raise InvalidS3ObjectException(f"{source.uri!r} is not a location: s3://BUCKET/KEY.")
        return bucket, prefix
    capture = capture_of(service, version)
    if capture is None:
        raise InvalidParameterException(
            f"{version.name} keeps no pictures. Turn capturing on, or choose another source."
        )
    return capture.bucket, capture.prefix


def capture_of(service: Service, version: ProjectVersion) -> Capture | None:
    with service.records.read() as connection:
        return captures.get(connection, version.id)
