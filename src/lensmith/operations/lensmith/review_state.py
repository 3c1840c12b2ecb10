"""Shows reviews: how far they are, their pictures, and how often people agree with the model."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from lensmith.domain.caller import Caller
from lensmith.domain.dataset import DatasetType
from lensmith.domain.job import Job, JobStatus
from lensmith.domain.review import VERIFIED, ImageState, Review
from lensmith.manifest.labelling.agreement import LabelAgreement, agreement
from lensmith.manifest.labelling.verified import (
    PredictedBox,
    PredictedImage,
    PredictedLabel,
    VerifiedAnswer,
)
from lensmith.manifest.line.entry import bucket_of, key_of
from lensmith.operations.call import Service
from lensmith.operations.lensmith.dataset_origins import DatasetOrigins, dataset_origins
from lensmith.operations.lensmith.sessions import iso_time
from lensmith.operations.lensmith.tasks import TaskError, error_of
from lensmith.store.records import (
    datasets,
    job_results,
    jobs,
    projects,
    review_images,
    reviews,
)
from lensmith.store.records.review_images import ReviewedImage

MAX_IMAGES = 500  # of one page

_STATES = {
    JobStatus.QUEUED: "predicting",
    JobStatus.RUNNING: "predicting",
    JobStatus.SUCCEEDED: "open",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class ReviewSummary:
    """A review with its progress and the number of pictures in each state."""

    id: str
    project: str
    version: str
    task: str
    labels: tuple[str, ...]
    created_at: str
    source: Mapping[str, Any]
    sample: str
    limit: int
    min_confidence: float | None
    state: str  # predicting | open | failed | cancelled
    job: str | None  # the task that predicts
    phase: str
    done: int
    total: int | None
    error: TaskError | None
    counts: Mapping[str, int]
    output: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ReviewReport:
    review: ReviewSummary
    waiting: Mapping[str, int]  # pending pictures by predicted label; "": without a prediction
    agreement: list[LabelAgreement]
    test_data: DatasetOrigins | None  # None without a test dataset


class ReviewImage(Struct, frozen=True):
    source_ref: str
    bucket: str
    key: str
    name: str
    state: str
    uncertainty: float
    width: int
    height: int
    predicted_labels: tuple[PredictedLabel, ...]
    predicted_boxes: tuple[PredictedBox, ...]
    answer: VerifiedAnswer | None
    code: str | None  # why the model could not read it


class ReviewPage(Struct, frozen=True):
    total: int
    images: list[ReviewImage]


class _Stored(PredictedImage, frozen=True):
    code: str | None = None


def list_reviews(service: Service, caller: Caller) -> list[tuple[Review, ReviewSummary]]:
    """List the account's reviews, newest first."""
    with service.records.read() as connection:
        found = reviews.of_account(connection, caller.account_id, service.settings.region)
        return [(review, _summary(connection, name, review)) for name, review in found]


def show_review(service: Service, review: Review) -> ReviewReport:
    with service.records.read() as connection:
        name = projects.get(connection, review.project_id).name
        return ReviewReport(
            _summary(connection, name, review),
            review_images.waiting(connection, review.id),
            agreement(_reviewed(connection, review)),
            _test_data(connection, review.project_id),
        )


def find_review_images(
    service: Service,
    review: Review,
    *,
    states: Collection[ImageState],
    label: str | None,
    offset: int,
    limit: int,
) -> ReviewPage:
    """Return a page of pictures, the most uncertain first."""
    with service.records.read() as connection:
        total, found = review_images.page(
            connection, review.id, states=states, label=label, offset=offset, limit=limit
        )
    return ReviewPage(total, [_image(one) for one in found])


def prediction_of(image: ReviewedImage) -> PredictedImage:
    return msgspec.json.decode(image.prediction, type=PredictedImage)


def answer_of(image: ReviewedImage) -> VerifiedAnswer | None:
    return msgspec.json.decode(image.answer, type=VerifiedAnswer) if image.answer else None


def _summary(connection: Connection, project: str, review: Review) -> ReviewSummary:
    job = jobs.find(connection, review.job_id) if review.job_id is not None else None
    counts = review_images.counts(connection, review.id)
    progress = job.progress if job is not None else None
    return ReviewSummary(
        review.token,
        project,
        review.version_name,
        review.task,
        review.labels,
        iso_time(review.created_ms),
        review.source,
        review.sample,
        review.limit,
        review.min_confidence,
        _STATES[job.status] if job is not None else "cancelled",
        str(job.id) if job is not None else None,
        progress.phase if progress else "queued",
        progress.step if progress else 0,
        progress.steps or None if progress else None,
        _error(connection, job),
        {state.value: count for state, count in counts.items()},
        review.output,
    )


def _error(connection: Connection, job: Job | None) -> TaskError | None:
    return None if job is None else error_of(job, job_results.get(connection, job.id))


def _reviewed(
    connection: Connection, review: Review
) -> Iterator[tuple[PredictedImage, VerifiedAnswer | None]]:
    for image in review_images.in_states(connection, review.id, VERIFIED | {ImageState.REJECTED}):
        given = None if image.state is ImageState.REJECTED else answer_of(image)
        yield prediction_of(image), given


def _test_data(connection: Connection, project_id: int) -> DatasetOrigins | None:
    for dataset in datasets.of_project(connection, project_id):
        if dataset.type is DatasetType.TEST:
            return dataset_origins(connection, dataset)
    return None


def _image(image: ReviewedImage) -> ReviewImage:
    predicted = msgspec.json.decode(image.prediction, type=_Stored)
    key = key_of(image.source_ref)
    return ReviewImage(
        image.source_ref,
        bucket_of(image.source_ref),
        key,
        key.rpartition("/")[2],
        image.state.value,
        image.uncertainty,
        predicted.width,
        predicted.height,
        predicted.image_labels,
        predicted.boxes,
        answer_of(image),
        predicted.code,
    )
