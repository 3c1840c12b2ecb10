"""`python -m lensmith.tasks.review_manifest`: writes verified pictures as a manifest.

Pictures from outside the bucket of the project's datasets, and captured ones, are copied there.
Pictures that were not reviewed are never written.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec

from lensmith.datasets.completion import completing
from lensmith.datasets.stores import Stores
from lensmith.domain.errors import LensmithError, ObjectMissing, ObjectStoreError
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.domain.job import Job, JobKind, Progress
from lensmith.domain.review import VERIFIED, ImageState, Review
from lensmith.manifest.dataset.entry import manifest_line
from lensmith.manifest.labelling.edit import EditError
from lensmith.manifest.labelling.image import read_image
from lensmith.manifest.labelling.verified import (
    PredictedImage,
    Verification,
    VerifiedAnswer,
    verified_line,
)
from lensmith.manifest.line.entry import bucket_of, key_of
from lensmith.store.objects import put_object, read_object, s3_errors
from lensmith.store.records import (
    datasets,
    entries,
    job_results,
    jobs,
    review_images,
    reviews,
    stored_entries,
)
from lensmith.store.records.review_images import ReviewedImage
from lensmith.tasks import process
from lensmith.tasks.process import TaskError

_REPORT_SECONDS = 0.5
_REVIEWED = VERIFIED | {ImageState.REJECTED}


def write_review(stores: Stores, job: Job) -> None:
    """Write the manifest of a review. Raises TaskError or ObjectStoreError."""
    with stores.records.read() as connection:
        review = reviews.get(connection, job.payload["review"])
    writing = _Writing(stores, job, review)
    with stores.records.read() as connection:
        reviewed = list(review_images.in_states(connection, review.id, _REVIEWED))
    lines = writing.lines([image for image in reviewed if image.state in VERIFIED])
    if not lines:
        raise TaskError("NO_LINES", "No verified picture can be written.")
    bucket, key = job.payload["manifest"]
    client = stores.objects.for_key(job.access_key_id)
    put_object(client, bucket, key, b"\n".join(lines) + b"\n", "application/x-ndjson")
    output = {
        "manifest": f"s3://{bucket}/{key}",
        "lines": len(lines),
        "copied": writing.copied,
        "left_out": writing.left_out,
        "written_at": _iso(int(time.time() * 1000)),
    }
    if review.source["kind"] == "captured":
        writing.remove_captured(reviewed)
    with completing(stores.records, job) as connection:
        reviews.set_output(connection, review.id, output)
        job_results.put(connection, job.id, msgspec.json.encode(output))


class _LeftOutError(LensmithError):
    """A verified picture cannot be written; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Writing:
    def __init__(self, stores: Stores, job: Job, review: Review) -> None:
        self._stores = stores
        self._job = job
        self._review = review
        self._client = stores.objects.for_key(job.access_key_id)
        self._copies: tuple[str, str] = tuple(job.payload["images"])
        self.left_out: list[dict[str, str]] = []
        self.copied = 0

    def lines(self, verified: list[ReviewedImage]) -> list[bytes]:
        written: list[bytes] = []
        reported = 0.0
        for number, image in enumerate(verified):
            if time.monotonic() - reported >= _REPORT_SECONDS:
                self._report(number, len(verified))
                reported = time.monotonic()
            try:
                written.append(self._line(image))
            except _LeftOutError as error:
                self.left_out.append({"source_ref": image.source_ref, "code": error.code})
        self._report(len(verified), len(verified))
        return written

    def remove_captured(self, reviewed: list[ReviewedImage]) -> None:
        """Take reviewed pictures out of the captured ones: they count no more, nor come again."""
        for image in reviewed:
            bucket, key = bucket_of(image.source_ref), key_of(image.source_ref)
            with s3_errors(bucket, key):
                self._client.delete_object(Bucket=bucket, Key=key)

    def _line(self, image: ReviewedImage) -> bytes:
        """Write one line; raises _LeftOutError."""
        answer = msgspec.json.decode(image.answer or b"{}", type=VerifiedAnswer)
        predicted = msgspec.json.decode(image.prediction, type=PredictedImage)
        by = Verification(
            self._review.job_name, self._review.version_name, _iso(image.answered_ms or 0)
        )
        stored = self._stored(image.source_ref)
        if stored is not None and self._review.job_name not in stored and _is_labelled(stored):
            raise _LeftOutError("LABELED_MEANWHILE")
        try:
            source_ref = self._placed(image)
            line = manifest_line(stored) if stored is not None else None
            return verified_line(source_ref, line, predicted, answer, by)
        except EditError as error:
            raise _LeftOutError(error.code) from error
        except ObjectStoreError as error:
            raise _LeftOutError(type(error).__name__) from error

    def _stored(self, source_ref: str) -> str | None:
        """Return the line that the reviewed dataset has of a picture."""
        source = self._review.source
        if source["kind"] != "dataset":
            return None
        with self._stores.records.read() as connection:
            for dataset in datasets.of_project(connection, self._review.project_id):
                if dataset.type.value.lower() == source["type"]:
                    places = entries.positions(connection, dataset.id, [source_ref])
                    found = stored_entries.at(connection, dataset.id, list(places.values()))
                    return found[0].line if found else None
        return None

    def _placed(self, image: ReviewedImage) -> str:
        """Copy a picture to where the datasets' images are, unless it is there to stay."""
        bucket, key = bucket_of(image.source_ref), key_of(image.source_ref)
        target, prefix = self._copies
        if bucket == target and self._review.source["kind"] != "captured":
            return image.source_ref
        copy = f"{prefix}{image.position:05d}-{key.rpartition('/')[2]}"
        if self._exists(target, copy):  # of an earlier manifest; the original may be gone
            return f"s3://{target}/{copy}"
        data = read_object(self._client, bucket, key, max_bytes=MAX_IMAGE_BYTES + 1)
        media_type = "image/png" if key.lower().endswith(".png") else "image/jpeg"
        put_object(self._client, target, copy, data, media_type)
        self.copied += 1
        return f"s3://{target}/{copy}"

    def _exists(self, bucket: str, key: str) -> bool:
        try:
            with s3_errors(bucket, key):
                self._client.head_object(Bucket=bucket, Key=key)
        except ObjectMissing:
            return False
        return True

    def _report(self, done: int, total: int) -> None:
        with self._stores.records.write() as connection:
            jobs.report(connection, self._job, Progress("writing", done, total))


def _is_labelled(line: str) -> bool:
    """Return whether a person labelled it meanwhile, outside of this review."""
    image = read_image(line)
    return bool(image.image_labels or image.boxes or image.nothing_here)


def _iso(moment_ms: int) -> str:
    moment = datetime.fromtimestamp(moment_ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


if __name__ == "__main__":
    process.run(JobKind.WRITE_REVIEW, write_review)
