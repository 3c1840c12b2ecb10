"""`python -m lensmith.tasks.analysis`: a model's detections in every image of a folder in S3.

Every call is signed as the caller, so each one is judged by the rights the caller has then. Results
go to a log on the disk first; an interrupted analysis goes on after the last image in it.
"""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from botocore.exceptions import BotoCoreError, ClientError

from lensmith.datasets.completion import completing
from lensmith.datasets.stores import Stores
from lensmith.domain.errors import ObjectStoreError, ServiceError
from lensmith.domain.image_limits import MAX_IMAGE_BYTES, MAX_REQUEST_IMAGE_BYTES
from lensmith.domain.job import Job, JobKind, JobStatus, Progress
from lensmith.domain.job_errors import SupersededError
from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.object_list import list_objects
from lensmith.exchange.services import Location
from lensmith.inference.image import read_header
from lensmith.manifest.convert.label_attributes import Origin
from lensmith.store.objects import put_object, read_object
from lensmith.store.records import job_results, jobs
from lensmith.tasks import process
from lensmith.tasks.analysis_files import (
    Analysed,
    Detected,
    PixelPlace,
    ResultLog,
    write_csv,
    write_manifest,
)
from lensmith.tasks.borrowed_model import give_back, running
from lensmith.tasks.caller import rekognition_as
from lensmith.tasks.process import TaskError

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import CustomLabelTypeDef

ENDINGS = frozenset({".jpg", ".jpeg", ".png"})
_REPORT_SECONDS = 1.0
_IN_FLIGHT_PER_UNIT = 4
_MAX_IN_FLIGHT = 16
_OF_IMAGE = frozenset(  # refused for this image only
    {
        "ImageTooLargeException",
        "InvalidImageFormatException",
        "InvalidParameterException",
        "InvalidS3ObjectException",
        "ValidationException",
    }
)
_MARK = "started"
_FOLDER = "analyses"
_LIVE = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})

log = structlog.get_logger(__name__)


def analyze(stores: Stores, job: Job) -> None:
    """Detect in every image of a folder; raises TaskError or JobCancelledError."""
    folder = _folder(stores, job.id)
    try:
        with _refusals_as_task_errors():
            _Analysis(stores, job, folder).run()
    except SupersededError:  # `clean_up` stops the model, once the process that has it now is done
        raise
    except Exception:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def clean_up(stores: Stores) -> None:
    """Stop models that an analysis started which was given up or cancelled between two attempts."""
    for folder in (stores.settings.data_directory / _FOLDER).glob("*"):
        with stores.records.read() as connection:
            job = jobs.find(connection, int(folder.name)) if folder.name.isdigit() else None
        if job is not None and job.status in _LIVE:
            continue
        try:
            if job is not None:
                rekognition = rekognition_as(stores, job.access_key_id)
                give_back(rekognition, job.payload["project_arn"], job.resource_arn, folder / _MARK)
        except (ClientError, BotoCoreError, TaskError) as error:
            log.warning("model not stopped", version=folder.name, reason=str(error))
        shutil.rmtree(folder, ignore_errors=True)


class _Analysis:
    def __init__(self, stores: Stores, job: Job, folder: Path) -> None:
        self._stores = stores
        self._job = job
        self._folder = folder
        self._s3 = stores.objects.for_key(job.access_key_id)
        self._rekognition = rekognition_as(stores, job.access_key_id, _MAX_IN_FLIGHT)
        self._target = Location.read(job.payload["output"]).as_folder()
        self._results = ResultLog(folder / "results.jsonl")
        self._next_report = 0.0

    def run(self) -> None:
        with closing(self._results):
            self._report("listing", 0, is_due=True)
            keys = self._keys()
            with running(
                self._rekognition,
                self._job.payload["project_arn"],
                self._job.resource_arn,
                mark=self._folder / _MARK,
                waiting=partial(self._report, "starting", len(keys)),
            ) as units:
                self._detect_all(keys, min(_IN_FLIGHT_PER_UNIT * units, _MAX_IN_FLIGHT))
            self._report("writing", len(keys), is_due=True)
            outputs = self._write_outputs()
            with completing(self._stores.records, self._job) as connection:
                job_results.put(connection, self._job.id, self._summary(outputs))

    def _keys(self) -> list[str]:
        """List the images below the folder; raises TaskError without any."""
        source = Location.read(self._job.payload["source"])
        keys = sorted(
            key
            for key, _, _ in list_objects(self._s3, source)
            if PurePosixPath(key).suffix.lower() in ENDINGS
        )
        if not keys:
            raise TaskError("NO_IMAGES", f"There is no PNG or JPEG below {source}.")
        return keys

    def _detect_all(self, keys: list[str], in_flight: int) -> None:
        bucket = Location.read(self._job.payload["source"]).bucket
        known = self._results.known
        left = [key for key in keys if str(Location(bucket, key)) not in known]
        with closing(self._analysed(bucket, left, in_flight)) as results:
            for result in results:
                self._results.append(result)
                self._report("detecting", len(keys))
        self._report("detecting", len(keys), is_due=True)

    def _analysed(self, bucket: str, keys: list[str], in_flight: int) -> Generator[Analysed]:
        """Yield one result a key, in order, with `in_flight` requests at once."""
        waiting: deque[Future[Analysed]] = deque()
        pool = ThreadPoolExecutor(in_flight, "detect")
        try:
            for key in keys:
                waiting.append(pool.submit(self._detect, bucket, key))
                if len(waiting) > in_flight:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _detect(self, bucket: str, key: str) -> Analysed:
        source = str(Location(bucket, key))
        try:
            data = read_object(self._s3, bucket, key, max_bytes=MAX_IMAGE_BYTES + 1)
            header = read_header(data)
            labels = self._labels(bucket, key, data)
        except ServiceError as error:
            return Analysed(source, error=error.code)
        except ObjectStoreError as error:
            return Analysed(source, error=type(error).__name__)
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            if code not in _OF_IMAGE:
                raise
            return Analysed(source, error=code)
        size = (header.width, header.height)
        return Analysed(source, *size, tuple(_detected(label, size) for label in labels))

    def _labels(self, bucket: str, key: str, data: bytes) -> list[CustomLabelTypeDef]:
        request: dict[str, Any] = {"ProjectVersionArn": self._job.resource_arn}
        if self._job.payload["min_confidence"] is not None:
            request["MinConfidence"] = self._job.payload["min_confidence"]
        if len(data) <= MAX_REQUEST_IMAGE_BYTES:
            request["Image"] = {"Bytes": data}
        else:
            request["Image"] = {"S3Object": {"Bucket": bucket, "Name": key}}
        return self._rekognition.detect_custom_labels(**request)["CustomLabels"]

    def _write_outputs(self) -> dict[str, str]:
        """Write the three files into the store; returns where they are."""
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        origin = Origin(created, f"analysis/{self._job.payload['version']}")
        table, manifest = self._folder / "results.csv", self._folder / "results.manifest"
        write_csv(self._results.results(), table)
        write_manifest(self._results.results(), manifest, origin)
        files = {
            "jsonl": (self._folder / "results.jsonl", "application/jsonl"),
            "csv": (table, "text/csv"),
            "manifest": (manifest, "application/jsonl"),
        }
        outputs = {}
        for name, (path, media_type) in files.items():
            key = self._target.key + path.name
            put_object(self._s3, self._target.bucket, key, path, media_type)
            outputs[name] = str(Location(self._target.bucket, key))
        return outputs

    def _report(self, phase: str, total: int, *, is_due: bool = False) -> None:
        """Show how far it is, at most once a second; what is shown is on the disk."""
        if not is_due and time.monotonic() < self._next_report:
            return
        self._next_report = time.monotonic() + _REPORT_SECONDS
        self._results.sync()
        progress = Progress(phase, self._results.tally.images, total)
        with self._stores.records.write() as connection:
            jobs.report(connection, self._job, progress)
            job_results.put(connection, self._job.id, self._summary(None))

    def _summary(self, outputs: dict[str, str] | None) -> bytes:
        tally = self._results.tally
        return msgspec.json.encode(
            {
                "images": tally.images,
                "detections": tally.detections,
                "labels": tally.labels(),
                "failed": tally.failed,
                "failed_total": tally.failed_total,
                "outputs": outputs,
            }
        )


def _detected(label: CustomLabelTypeDef, size: tuple[int, int]) -> Detected:
    place = None
    if "Geometry" in label:
        box = label["Geometry"]["BoundingBox"]
        place = PixelPlace(
            left=round(box["Left"] * size[0], 1),
            top=round(box["Top"] * size[1], 1),
            width=round(box["Width"] * size[0], 1),
            height=round(box["Height"] * size[1], 1),
        )
    return Detected(label["Name"], round(label["Confidence"], 3), place)


@contextmanager
def _refusals_as_task_errors() -> Iterator[None]:
    """Turn refusals of the services into TaskError with their code."""
    try:
        yield
    except ClientError as error:
        detail = error.response["Error"]
        raise TaskError(detail.get("Code", ""), detail.get("Message", "")) from error
    except ExchangeError as error:
        raise TaskError("InvalidS3ObjectException", str(error)) from error


def _folder(stores: Stores, job_id: int) -> Path:
    return stores.settings.data_directory / _FOLDER / str(job_id)


if __name__ == "__main__":
    process.run(JobKind.ANALYZE_FOLDER, analyze, settle=clean_up)
