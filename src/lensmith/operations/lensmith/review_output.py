"""Begins to write a review's manifest; `lensmith.tasks.review_manifest` writes it."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.caller import Caller
from lensmith.domain.dataset import DatasetType
from lensmith.domain.errors import ResourceNotReadyException
from lensmith.domain.job import JobKind
from lensmith.domain.review import VERIFIED, Review
from lensmith.manifest.line.entry import bucket_of
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith.objects import on_object
from lensmith.operations.lensmith.reviews import to_view
from lensmith.operations.lensmith.setup import find_setup
from lensmith.store.records import datasets, entries, jobs, review_images


@dataclass(frozen=True, slots=True)
class OutputPlace:
    """Where the manifest goes, and the pictures that have to be copied."""

    manifest_bucket: str
    manifest_key: str
    image_bucket: str  # of the project's datasets, whose images are all in one
    image_prefix: str


def output_place(service: Service, caller: Caller, review: Review) -> OutputPlace:
    """Choose places; raises ResourceNotReadyException without the console's bucket."""
    bucket = find_setup(service, caller).bucket
    if bucket is None:
        raise ResourceNotReadyException("Create the console's bucket first.")
    return OutputPlace(
        bucket,
        f"datasets/{review.token}/output/output.manifest",
        _image_bucket(service, review.project_id) or bucket,
        f"feedback/{review.token}/images/",
    )


def to_write(service: Service, review: Review, place: OutputPlace) -> list[Permission]:
    """Need to see the review, to write manifest and copies, to take captured pictures away."""
    needed = [
        to_view(service, review.version_arn),
        on_object("PutObject", place.manifest_bucket, place.manifest_key),
        on_object("PutObject", place.image_bucket, f"{place.image_prefix}*"),
    ]
    source = review.source
    if source["kind"] == "captured":
        needed.append(on_object("DeleteObject", source["bucket"], f"{source['prefix']}*"))
    return needed


def start_writing(service: Service, caller: Caller, review: Review, place: OutputPlace) -> int:
    """Queue the writing; returns the job's id.

    Raises ResourceNotReadyException for a review without verified pictures.
    """
    payload = {
        "review": review.id,
        "manifest": [place.manifest_bucket, place.manifest_key],
        "images": [place.image_bucket, place.image_prefix],
    }
    with service.records.write() as connection:
        counts = review_images.counts(connection, review.id)
        if not any(counts[state] for state in VERIFIED):
            raise ResourceNotReadyException("No picture is verified yet.")
        arn = review.version_arn
        job_id = jobs.enqueue(connection, JobKind.WRITE_REVIEW, arn, caller, payload)
    service.wake_jobs()
    return job_id


def _image_bucket(service: Service, project_id: int) -> str | None:
    """Return the bucket of the training images, else of the test images."""
    with service.records.read() as connection:
        found = datasets.of_project(connection, project_id)
        for dataset in sorted(found, key=lambda each: each.type is not DatasetType.TRAIN):
            first = entries.first_source_ref(connection, dataset.id)
            if first is not None:
                return bucket_of(first)
    return None
