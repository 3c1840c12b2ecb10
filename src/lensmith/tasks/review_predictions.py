"""`python -m lensmith.tasks.review_predictions`: predicts the pictures of a review.

What is predicted is kept, so a run that was cancelled or interrupted goes on where it stopped.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import msgspec

from lensmith.datasets.completion import completing
from lensmith.datasets.stores import Stores
from lensmith.domain.errors import ObjectStoreError, ServiceError
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.domain.job import Job, JobKind, Progress
from lensmith.domain.review import ImageState, Review
from lensmith.inference.predictor import Predictor
from lensmith.manifest.labelling.image import read_image
from lensmith.manifest.line.entry import bucket_of, key_of
from lensmith.store.objects import read_object, s3_errors
from lensmith.store.records import datasets, image_page, jobs, review_images, reviews
from lensmith.store.records.image_page import ImageFilter
from lensmith.store.records.leases import holding
from lensmith.store.records.review_images import Predicted
from lensmith.tasks import process
from lensmith.tasks.process import TaskError
from lensmith.tasks.suggestions import open_model, suggestion

MAX_CANDIDATES = 10_000  # pictures that are looked at for one review
PICTURES = (".png", ".jpg", ".jpeg")

_REPORT_SECONDS = 1.0
_PAGE = 500


def predict_review(stores: Stores, job: Job) -> None:
    """Predict what is not predicted yet, then keep the sample. Raises TaskError."""
    with stores.records.read() as connection:
        review = reviews.get(connection, job.payload["review"])
    _report(stores, job, "listing", 0, 0)
    wanted = _sampled(review, list(_candidates(stores, job, review)))
    if not wanted:
        raise TaskError("NO_PICTURES", "There are no pictures to review.")
    _Predicting(stores, job, review).run(wanted)
    with completing(stores.records, job) as connection:
        if review.sample == "uncertain":
            review_images.keep_most_uncertain(connection, review.id, review.limit)


def _sampled(review: Review, found: list[str]) -> list[str]:
    """Choose pictures, the same ones again when the run goes on."""
    if review.sample == "random":
        rng = random.Random(review.token)
        return rng.sample(found, min(review.limit, len(found)))
    return found if review.sample == "uncertain" else found[: review.limit]


def _candidates(stores: Stores, job: Job, review: Review) -> Iterator[str]:
    """Yield source-refs in a stable order. Raises TaskError."""
    source = review.source
    if source["kind"] == "dataset":
        found = _unlabelled(stores, review.project_id, source["type"])
    else:
        found = _objects(stores, job, source["bucket"], source["prefix"])
    for number, source_ref in enumerate(found):
        if number == MAX_CANDIDATES:
            return
        yield source_ref


def _unlabelled(stores: Stores, project_id: int, type_: str) -> Iterator[str]:
    with stores.records.read() as connection:
        found = datasets.of_project(connection, project_id)
    dataset = next((each for each in found if each.type.value.lower() == type_), None)
    if dataset is None:
        raise TaskError("ResourceNotFoundException", f"The {type_} dataset is gone.")
    offset = 0
    while True:
        with stores.records.read() as connection:
            _, stored = image_page.page(
                connection, dataset.id, ImageFilter(labeled=False), offset=offset, limit=_PAGE
            )
        yield from (one.source_ref for one in stored if not read_image(one.line).nothing_here)
        offset += len(stored)
        if len(stored) < _PAGE:
            return


def _objects(stores: Stores, job: Job, bucket: str, prefix: str) -> Iterator[str]:
    try:
        with s3_errors(bucket, prefix):
            client = stores.objects.for_key(job.access_key_id)
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for page in pages:
                for found in page.get("Contents", []):
                    if found["Key"].lower().endswith(PICTURES):
                        yield f"s3://{bucket}/{found['Key']}"
    except ObjectStoreError as error:
        raise TaskError("InvalidS3ObjectException", str(error)) from error


class _Predicting:
    """Writes predictions in batches, with the progress."""

    def __init__(self, stores: Stores, job: Job, review: Review) -> None:
        self._stores = stores
        self._job = job
        self._review = review
        self._batch: list[Predicted] = []

    def run(self, wanted: list[str]) -> None:
        """Predict the pictures that the records have no prediction of."""
        with self._stores.records.read() as connection:
            known = review_images.source_refs(connection, self._review.id)
        left = [source_ref for source_ref in wanted if source_ref not in known]
        total = len(left) + len(known)
        _report(self._stores, self._job, "loading", len(known), total)
        predictor = open_model(self._stores, self._review.version_id)
        reported = time.monotonic()
        for position, source_ref in enumerate(left, start=len(known)):
            self._batch.append(self._predicted(predictor, position, source_ref))
            if time.monotonic() - reported >= _REPORT_SECONDS:
                self._write(position + 1, total)
                reported = time.monotonic()
        self._write(total, total)

    def _write(self, done: int, total: int) -> None:
        with holding(self._stores.records, self._job) as connection:
            review_images.add(connection, self._review.id, self._batch)
            jobs.report(connection, self._job, Progress("predicting", done, total))
        self._batch = []

    def _predicted(self, predictor: Predictor, position: int, source_ref: str) -> Predicted:
        client = self._stores.objects.for_key(self._job.access_key_id)
        try:
            data = read_object(
                client, bucket_of(source_ref), key_of(source_ref), max_bytes=MAX_IMAGE_BYTES + 1
            )
            found = suggestion(source_ref, data, predictor, self._review.min_confidence)
        except ServiceError as error:  # of the picture
            return _unreadable(position, source_ref, error.code)
        except ObjectStoreError as error:
            return _unreadable(position, source_ref, type(error).__name__)
        labels = [each.name for each in found.image_labels] + [each.label for each in found.boxes]
        encoded = msgspec.json.encode(found)
        return Predicted(
            position, source_ref, ImageState.PENDING, found.uncertainty, labels, encoded
        )


def _unreadable(position: int, source_ref: str, code: str) -> Predicted:
    failure = msgspec.json.encode({"code": code})
    return Predicted(position, source_ref, ImageState.UNREADABLE, 0.0, (), failure)


def _report(stores: Stores, job: Job, phase: str, done: int, total: int) -> None:
    with stores.records.write() as connection:
        jobs.report(connection, job, Progress(phase, done, total))


if __name__ == "__main__":
    process.run(JobKind.PREDICT_REVIEW, predict_review)
