"""`python -m lensmith.tasks.suggestions`: what a trained model says of pictures of a dataset."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from lensmith.datasets.completion import completing, dataset_of
from lensmith.datasets.stores import Stores
from lensmith.domain.errors import ObjectStoreError, ServiceError
from lensmith.domain.geometry import Box
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.domain.job import Job, JobKind, Progress
from lensmith.domain.label import Detection, Prediction
from lensmith.inference.artefact import ArtefactError
from lensmith.inference.image import read_header
from lensmith.inference.predictor import Predictor
from lensmith.manifest.labelling.image import read_image
from lensmith.manifest.line.entry import bucket_of, key_of
from lensmith.store.objects import read_object
from lensmith.store.outage import PATIENCE_SECONDS
from lensmith.store.published.model import reading_model
from lensmith.store.records import entries, image_page, job_results, jobs, project_versions
from lensmith.store.records.image_page import ImageFilter
from lensmith.store.records.stored_entries import StoredEntry
from lensmith.store.unreadable_folder import UnreadableFolderError
from lensmith.tasks import process
from lensmith.tasks.process import TaskError

_REPORT_SECONDS = 1.0
_PAGE = 500


@dataclass(frozen=True, slots=True)
class SuggestedLabel:
    name: str
    confidence: float  # 0..100


@dataclass(frozen=True, slots=True)
class SuggestedBox:
    label: str
    left: int  # pixels of the image as shown
    top: int
    width: int
    height: int
    confidence: float  # 0..100


@dataclass(frozen=True, slots=True)
class Suggestion:
    source_ref: str
    uncertainty: float  # 0..1, see `uncertainty`
    width: int
    height: int
    image_labels: list[SuggestedLabel]
    boxes: list[SuggestedBox]


@dataclass(frozen=True, slots=True)
class Unreadable:
    source_ref: str
    code: str


@dataclass(slots=True)
class Suggestions:
    version: str
    suggestions: list[Suggestion] = field(default_factory=list)
    failed: list[Unreadable] = field(default_factory=list)

    @property
    def done(self) -> int:
        return len(self.suggestions) + len(self.failed)


def suggest(stores: Stores, job: Job) -> None:
    """Predict picture after picture; the result grows meanwhile. Raises TaskError."""
    wanted = _wanted(stores, job)
    found = Suggestions(job.payload["version"])
    _report(stores, job, found, "loading", len(wanted))
    predictor = open_model(stores, job.payload["version_id"])
    reported = time.monotonic()
    for source_ref in wanted:
        _look(stores, job, predictor, source_ref, found)
        if time.monotonic() - reported >= _REPORT_SECONDS:
            _report(stores, job, found, "predicting", len(wanted))
            reported = time.monotonic()
    _report(stores, job, found, "predicting", len(wanted))
    with completing(stores.records, job):
        pass


def uncertainty(prediction: Prediction) -> float:
    """Return how close the closest score is to its label's threshold: 1 at it, 0 at either end.

    This is the smallest margin of uncertainty sampling (Lewis and Gale 1994), with each label's
    assumed threshold as the boundary.
    """
    return max(
        (
            _closeness(detection.confidence, prediction.thresholds[detection.name])
            for detection in prediction.detections
        ),
        default=0.0,
    )


def _closeness(confidence: float, threshold: float) -> float:
    reach = threshold if confidence < threshold else 1 - threshold
    return 1 - abs(confidence - threshold) / reach if reach > 0 else 1.0


def _wanted(stores: Stores, job: Job) -> list[str]:
    """Choose the source-refs asked for, or those without an answer, in manifest order."""
    given, limit = job.payload["source_refs"], job.payload["limit"]
    with stores.records.read() as connection:
        dataset = dataset_of(connection, job.resource_arn)
        if given is not None:
            known = entries.positions(connection, dataset.id, given)
            return [source_ref for source_ref in given if source_ref in known][:limit]
    chosen: list[str] = []
    for stored in _unlabelled(stores, dataset.id):
        if not read_image(stored.line).nothing_here:
            chosen.append(stored.source_ref)
        if len(chosen) == limit:
            break
    return chosen


def _unlabelled(stores: Stores, dataset_id: int) -> Iterator[StoredEntry]:
    offset = 0
    while True:
        with stores.records.read() as connection:
            _, found = image_page.page(
                connection, dataset_id, ImageFilter(labeled=False), offset=offset, limit=_PAGE
            )
        yield from found
        offset += len(found)
        if len(found) < _PAGE:
            return


def open_model(stores: Stores, version_id: int) -> Predictor:
    """Load a trained version; raises TaskError."""
    settings, records = stores.settings, stores.records
    with records.read() as connection:
        version = project_versions.find_by_id(connection, version_id)
    if version is None:
        raise TaskError("MODEL_UNUSABLE", "The model was deleted.")
    try:
        with reading_model(settings, records, version, PATIENCE_SECONDS) as folder:
            return Predictor.open(folder, precision=settings.precision)
    except (ArtefactError, UnreadableFolderError) as error:
        raise TaskError("MODEL_UNUSABLE", str(error)) from error


def _look(
    stores: Stores, job: Job, predictor: Predictor, source_ref: str, found: Suggestions
) -> None:
    client = stores.objects.for_key(job.access_key_id)
    try:
        data = read_object(
            client, bucket_of(source_ref), key_of(source_ref), max_bytes=MAX_IMAGE_BYTES + 1
        )
        least: float | None = job.payload["min_confidence"]
        found.suggestions.append(suggestion(source_ref, data, predictor, least))
    except ServiceError as error:  # of the picture
        found.failed.append(Unreadable(source_ref, error.code))
    except ObjectStoreError as error:
        found.failed.append(Unreadable(source_ref, type(error).__name__))


def suggestion(
    source_ref: str, data: bytes, predictor: Predictor, min_confidence: float | None
) -> Suggestion:
    """Predict one picture; labels and boxes from `min_confidence` percent or their thresholds on.

    Raises the ServiceError of a picture that the model cannot read.
    """
    header = read_header(data)
    prediction = predictor.predict(data)
    sure = [
        detection
        for detection in prediction.detections
        if detection.confidence
        >= (
            prediction.thresholds[detection.name]
            if min_confidence is None
            else min_confidence / 100
        )
    ]
    size = (header.width, header.height)
    return Suggestion(
        source_ref,
        round(uncertainty(prediction), 4),
        *size,
        [SuggestedLabel(each.name, _percent(each)) for each in sure if each.box is None],
        [_box(each, each.box, size) for each in sure if each.box is not None],
    )


def _box(detection: Detection, box: Box, size: tuple[int, int]) -> SuggestedBox:
    """Convert to whole pixels inside the frame, at least 2 x 2."""
    left, width = _edges(box.left, box.width, size[0])
    top, height = _edges(box.top, box.height, size[1])
    return SuggestedBox(detection.name, left, top, width, height, _percent(detection))


def _edges(begin: float, length: float, side: int) -> tuple[int, int]:
    low = min(max(0, round(begin * side)), side - 2)
    high = min(side, max(low + 2, round((begin + length) * side)))
    return low, high - low


def _percent(detection: Detection) -> float:
    return round(detection.confidence * 100, 3)


def _report(stores: Stores, job: Job, found: Suggestions, phase: str, total: int) -> None:
    with stores.records.write() as connection:
        jobs.report(connection, job, Progress(phase, found.done, total))
        job_results.put(connection, job.id, msgspec.json.encode(found))


if __name__ == "__main__":
    process.run(JobKind.SUGGEST_LABELS, suggest)
