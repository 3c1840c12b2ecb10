"""Analyses of folders of the store; `lensmith.tasks.analysis` carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

from msgspec import Meta, Struct

from lensmith.domain.caller import Caller
from lensmith.domain.errors import (
    InvalidParameterException,
    InvalidS3ObjectException,
    ObjectStoreError,
    ResourceNotReadyException,
)
from lensmith.domain.job import JobKind
from lensmith.domain.project_version import ProjectVersion
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.lensmith.objects import client_of, on_bucket, on_object
from lensmith.operations.lensmith.sessions import iso_time
from lensmith.operations.lensmith.setup import find_setup
from lensmith.operations.lensmith.tasks import Task, show_task
from lensmith.operations.permissions import to_act_on
from lensmith.store.objects import s3_errors
from lensmith.store.records import jobs, projects

_NEWEST = 20


class AnalysisOrder(Struct, frozen=True):
    """Holds the body of POST …/analyses."""

    source: str  # s3://bucket/prefix
    output: str | None = None  # s3://bucket/prefix; None: a new folder of the console's bucket
    min_confidence: Annotated[float, Meta(ge=0, le=100)] | None = None  # None: assumed thresholds


@dataclass(frozen=True, slots=True)
class Place:
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis of a version, with its task."""

    source: str
    output: str
    min_confidence: float | None
    created_at: str
    task: Task


def to_follow(service: Service, version: ProjectVersion) -> Permission:
    return to_act_on(service, "DetectCustomLabels", version.arn)


def find_output(
    service: Service, caller: Caller, version: ProjectVersion, order: AnalysisOrder
) -> Place:
    """Find the folder for the results.

    Raises InvalidS3ObjectException for what is not a location in S3, InvalidParameterException
    without any bucket.
    """
    if order.output is not None:
        return _place(order.output)
    setup = find_setup(service, caller)
    if setup.bucket is None:
        raise InvalidParameterException("Give `output`: this account has no console bucket yet.")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return Place(setup.bucket, f"analyses/{version.name}/{stamp}-{uuid4().hex[:6]}/")


def permissions(
    service: Service, version: ProjectVersion, order: AnalysisOrder, output: Place
) -> list[Permission]:
    """Need to detect, to start and stop a model that does not run, to read images, to write.

    Each step is judged again when it is taken, but by an external store as a step of the server.
    """
    source = _place(order.source)
    actions = ["DetectCustomLabels"]
    if not version.status.is_hosted:
        actions += ["StartProjectVersion", "StopProjectVersion"]
    with service.records.read() as connection:
        project = projects.get(connection, version.project_id)
    return [
        to_act_on(service, "DescribeProjectVersions", project.arn),
        *(to_act_on(service, action, version.arn) for action in actions),
        on_bucket("ListBucket", source.bucket),
        on_object("GetObject", source.bucket, f"{source.key}*"),
        on_object("PutObject", output.bucket, f"{output.key}results.jsonl"),
    ]


def start_analysis(
    service: Service, call: Call, version: ProjectVersion, order: AnalysisOrder, output: Place
) -> int:
    """Queue an analysis; returns the job's id.

    Raises ResourceNotReadyException for a version without a model, InvalidS3ObjectException for a
    folder that cannot be listed.
    """
    if not version.status.has_model:
        raise ResourceNotReadyException(f"Project version is in state {version.status.value}.")
    source = _place(order.source)
    client = client_of(service, call.caller)
    try:
        with s3_errors(source.bucket, source.key):
            client.list_objects_v2(Bucket=source.bucket, Prefix=source.key, MaxKeys=1)
    except ObjectStoreError as error:
        raise InvalidS3ObjectException(f"{order.source} cannot be read: is it there?") from error
    with service.records.write() as connection:
        project = projects.get(connection, version.project_id)
        payload: dict[str, Any] = {
            "version": version.name,
            "project_arn": project.arn,
            "source": order.source,
            "output": f"s3://{output.bucket}/{output.key}",
            "min_confidence": order.min_confidence,
        }
        job_id = jobs.enqueue(connection, JobKind.ANALYZE_FOLDER, version.arn, call.caller, payload)
    service.wake_jobs()
    return job_id


def list_analyses(service: Service, version: ProjectVersion) -> list[Analysis]:
    """List the newest analyses of a version, the newest first."""
    with service.records.read() as connection:
        found = jobs.newest_of_resource(connection, version.arn, JobKind.ANALYZE_FOLDER, _NEWEST)
    return [
        Analysis(
            job.payload["source"],
            job.payload["output"],
            job.payload["min_confidence"],
            iso_time(job.created_ms),
            show_task(service, job),
        )
        for job in found
    ]


def _place(uri: str) -> Place:
    bucket, _, key = uri[5:].partition("/")
    if uri[:5].lower() != "s3://" or not bucket or "\0" in uri:
        raise InvalidS3ObjectException(f"{uri!r} is not a location in S3: s3://BUCKET/KEY.")
    return Place(bucket, key)
