"""Suggestions that the console asks for; `lensmith.tasks.suggestions` makes them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from lensmith.domain.dataset import Dataset
from lensmith.domain.errors import ResourceNotFoundException, ResourceNotReadyException
from lensmith.domain.job import JobKind
from lensmith.domain.project_version import ProjectVersion
from lensmith.manifest.line.entry import bucket_of, key_of
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.lensmith.images import refuse_unreadable
from lensmith.operations.lensmith.objects import on_object
from lensmith.store.published.model import is_within_reach
from lensmith.store.published.opening import published_folders
from lensmith.store.records import entries, jobs, project_versions

MAX_IMAGES = 1000  # of one task


class SuggestionOrder(Struct, frozen=True):
    """Holds the body of POST …/suggestions."""

    version: str | None = None  # None: the newest that is trained
    source_refs: Annotated[list[str], Meta(max_length=MAX_IMAGES)] | None = None  # None: unlabelled
    limit: Annotated[int, Meta(ge=1, le=MAX_IMAGES)] = 100
    min_confidence: Annotated[float, Meta(ge=0, le=100)] | None = None  # None: assumed thresholds


def find_model(service: Service, project_id: int, name: str | None) -> ProjectVersion:
    """Find a trained version of a project.

    Raises ResourceNotFoundException for an unknown name, ResourceNotReadyException for one that is
    not trained, or a project without any.
    """
    with service.records.read() as connection:
        names = [name] if name is not None else []
        found = project_versions.page(connection, project_id, names=names, limit=1000)
    if name is not None and not found:
        raise ResourceNotFoundException(f"the version {name}")
    settings = service.settings
    folders = published_folders(settings, service.records)
    trained = [
        each for each in found if each.status.has_model and is_within_reach(settings, folders, each)
    ]
    if not trained:
        raise ResourceNotReadyException("There is no trained model yet.")
    return trained[0]


def to_read_pictures(
    service: Service, dataset: Dataset, order: SuggestionOrder
) -> list[Permission]:
    """To read the pictures from an external store, which sees the server instead of the caller.

    The store inside judges each picture itself when it is read.
    """
    if not service.settings.s3_endpoint_url:
        return []
    with service.records.read() as connection:
        if order.source_refs is not None:
            refs = list(entries.positions(connection, dataset.id, order.source_refs))
            return [on_object("GetObject", bucket_of(ref), key_of(ref)) for ref in refs]
        first = entries.first_source_ref(connection, dataset.id)
    # All images of a dataset are in one bucket, and any may be the next without labels.
    return [on_object("GetObject", bucket_of(first), "*")] if first else []


def start_suggesting(
    service: Service, call: Call, dataset: Dataset, version: ProjectVersion, order: SuggestionOrder
) -> int:
    """Queue it; returns the job's id."""
    refuse_unreadable(dataset)
    payload: dict[str, Any] = {
        "version": version.name,
        "version_id": version.id,
        "source_refs": order.source_refs,
        "limit": order.limit,
        "min_confidence": order.min_confidence,
    }
    with service.records.write() as connection:
        job_id = jobs.enqueue(connection, JobKind.SUGGEST_LABELS, dataset.arn, call.caller, payload)
    service.wake_jobs()
    return job_id
