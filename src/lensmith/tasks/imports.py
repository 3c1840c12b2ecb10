"""`python -m lensmith.tasks.imports`: brings labelled images of other places into a dataset."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from lensmith.datasets.completion import completing
from lensmith.datasets.stores import Stores
from lensmith.domain.caller import Caller
from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.errors import ObjectStoreError
from lensmith.domain.job import Job, JobKind, Progress
from lensmith.domain.job_errors import SupersededError
from lensmith.exchange.archive import ARCHIVE_ENDING, ArchiveError, ArchiveLimits, unpack
from lensmith.exchange.dataset import Target, create_dataset, settle
from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.formats import ImportFormat
from lensmith.exchange.import_parts import not_of_others, requests_of
from lensmith.exchange.importing import ImportRequest, import_dataset
from lensmith.exchange.services import Location, Services
from lensmith.exchange.set_parts import SetPart
from lensmith.exchange.sources.csv_labels import RepeatedImagesError
from lensmith.manifest.convert.draft import Problem
from lensmith.manifest.line.finding import Code
from lensmith.store.records import datasets, job_results, jobs, projects
from lensmith.store.records.leases import holding
from lensmith.tasks import process
from lensmith.tasks.caller import rekognition_as
from lensmith.tasks.dropped_lines import Dropped, dropped_lines, of_problems
from lensmith.tasks.import_source import SetParts, fetch, find_parts
from lensmith.tasks.process import TaskError

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

_REPORT_SECONDS = 0.5
_PAUSE_SECONDS = 0.1
_UNPACKED = "unpacked"
_GROUND_TRUTH = "ground-truth"
_TYPES = {"train": DatasetType.TRAIN, "test": DatasetType.TEST}


def import_task(stores: Stores, job: Job) -> None:
    """Fill a new dataset; when that fails, or is cancelled, none is left behind.

    Raises TaskError, JobCancelledError or SupersededError.
    """
    remove_made(stores, job)  # by an attempt that was interrupted
    scratch = _scratch(stores)
    try:
        dropped = _Import(stores, job, scratch).run()
        shutil.rmtree(scratch, ignore_errors=True)  # of an import that has ended nothing is left
        _complete(stores, job, dropped)
    except ArchiveError as error:
        remove_made(stores, job)
        raise TaskError(error.code, str(error)) from error
    except ExchangeError as error:
        remove_made(stores, job)
        raise TaskError("IMPORT_FAILED", _said(error, scratch, job)) from error
    except ObjectStoreError as error:
        remove_made(stores, job)
        raise TaskError("InvalidS3ObjectException", str(error)) from error
    except SupersededError:  # what was made is that of the process that has the job now
        raise
    except Exception:
        remove_made(stores, job)
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _said(error: ExchangeError, scratch: Path, job: Job) -> str:
    """Name the file that was given, not where it lay for a while on the server."""
    text = str(error)
    if isinstance(error, RepeatedImagesError):
        text = f"{error.found} Keep one row for each."
    given = PurePosixPath(job.payload["source"]["uri"]).name
    for folder in (scratch, scratch.resolve()):
        for path in (folder / _UNPACKED, *folder.glob("source*"), folder):
            text = text.replace(str(path), given)
    return text


class _Import:
    def __init__(self, stores: Stores, job: Job, scratch: Path) -> None:
        self._stores = stores
        self._payload = job.payload
        self._scratch = scratch
        self._limits = ArchiveLimits(label_bytes=stores.settings.quotas.manifest_bytes)
        self._steps = TaskSteps(stores, job)
        s3 = stores.objects.for_key(job.access_key_id)
        self._services = Services(rekognition_as(stores, job.access_key_id), s3)
        kind = _TYPES[job.payload["type"]]
        self._target = Target(job.payload["project"], kind.value)

    def run(self) -> Dropped:
        source: dict[str, Any] = self._payload["source"]
        match source["format"]:
            case "ground-truth":
                return self._from_manifest(Location.read(source["uri"]))
            case "s3-folder":
                labels = bool(source.get("folder_labels", True))
                folder = ImportRequest(
                    ImportFormat.FOLDERS,
                    source["uri"],
                    self._folder,
                    split=self._payload["type"],
                    folder_labels=labels,
                )
                return self._import([folder], [])
            case name:
                return self._from_file(ImportFormat(name), source)

    def _from_manifest(self, manifest: Location) -> Dropped:
        """Import as CreateDataset does, and fail with the code of its message."""
        rekognition = self._services.rekognition
        with self._steps.counting("Validating", None):
            arn = create_dataset(rekognition, self._target, manifest)
            _settle(rekognition, arn)
        with self._steps.counting("Checking", None) as checked:
            return dropped_lines(self._services.s3, manifest, self._stores, checked)

    def _from_file(self, format_: ImportFormat, source: dict[str, Any]) -> Dropped:
        location = Location.read(source["uri"])
        with self._steps.counting("Fetching", None):
            file = fetch(
                self._services.s3, location.bucket, location.key, self._scratch, self._limits
            )
        parts = self._parts(format_, file)
        is_alone = file.suffix != ARCHIVE_ENDING  # its images are beside it, in S3
        beside = Location(location.bucket, location.key.rpartition("/")[0]) if is_alone else None
        # Read as a location whatever the payload says: a path would be one of the server's disk.
        given = Location.read(source["images"]) if source.get("images") else beside
        whole = ImportRequest(
            format_,
            str(file),
            self._folder,
            images=str(given.as_folder()) if given else None,
            take_locations=bool(source.get("images")),
        )
        target = self._folder
        return self._import(
            requests_of(whole, parts.chosen, self._target.project, target.key), parts.brought
        )

    def _parts(self, format_: ImportFormat, file: Path) -> SetParts:
        type_ = self._payload["type"]
        if file.suffix != ARCHIVE_ENDING:
            alone = [SetPart(type_, "train", file)]
            return SetParts(alone, alone)
        folder = self._scratch / _UNPACKED
        folder.mkdir()
        with self._steps.counting("Unpacking", None) as unpacked:
            unpack(file, folder, unpacked, self._limits)
        file.unlink()
        divided = bool(self._payload["source"].get("divided"))
        return find_parts(format_, folder, type_, divided=divided)

    def _import(self, requests: list[ImportRequest], parts: list[SetPart]) -> Dropped:
        """Fill the dataset; that a picture belongs to another of `parts` is no loss."""
        problems: list[Problem] = []
        for number, request in enumerate(requests):
            imported = import_dataset(
                self._services, request, self._target, self._steps, update=number > 0
            )
            problems += not_of_others(imported.staged.problems, parts)
        return of_problems(problems)

    @property
    def _folder(self) -> Location:
        """Where images that were brought here go, and the manifest."""
        return Location.read(self._payload["target"]).as_folder()


def _settle(rekognition: RekognitionClient, arn: str) -> None:
    """Raises TaskError with the code of the message that a failed dataset shows."""
    try:
        settle(rekognition, arn)
    except ExchangeError as error:
        shown = rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]["StatusMessage"]
        code = next((code.name for code in Code if code.message == shown), "CREATE_FAILED")
        raise TaskError(code, shown) from error


class TaskSteps:
    """Writes the steps of an import into the records, and looks whether it was cancelled."""

    def __init__(self, stores: Stores, job: Job) -> None:
        self._stores = stores
        self._job = job
        self._next = 0.0

    @contextmanager
    def counting(self, title: str, total: int | None) -> Iterator[Callable[[], None]]:
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            if time.monotonic() >= self._next:
                self._note(title, done, total)

        self._note(title, 0, total)
        yield count
        self._note(title, done, total)

    def _note(self, title: str, done: int, total: int | None) -> None:
        with self._stores.records.write() as connection:
            jobs.report(connection, self._job, Progress(title.lower(), done, total or 0))
        self._next = time.monotonic() + _REPORT_SECONDS


def _complete(stores: Stores, job: Job, dropped: Dropped) -> None:
    dataset = _made(stores, job)
    if dataset is None:
        raise TaskError("ResourceNotFoundException", "The dataset was deleted meanwhile.")
    with completing(stores.records, job) as connection:
        result = {
            "dataset_arn": dataset.arn,
            "images": dataset.stats.total_entries,
            "labels": dataset.stats.total_labels,
            "dropped": dropped.lines,
            "dropped_total": dropped.total,
            "notes": dropped.notes,
        }
        job_results.put(connection, job.id, msgspec.json.encode(result))


def _made(stores: Stores, job: Job) -> Dataset | None:
    """Find the dataset that this job made, by the manifest that it was made of."""
    wanted = _TYPES[job.payload["type"]]
    with stores.records.read() as connection:
        project = projects.find(connection, job.resource_arn)
        for dataset in datasets.of_project(connection, project.id) if project else ():
            creation = jobs.of_resource(connection, dataset.arn, JobKind.CREATE_DATASET)
            if dataset.type is wanted and creation and _is_of(job, creation):
                return dataset
    return None


def _is_of(job: Job, creation: Job) -> bool:
    if creation.id < job.id or creation.payload["source"] != "manifest":
        return False
    manifest = Location(creation.payload["bucket"], creation.payload["key"])
    source = job.payload["source"]
    is_direct = source["format"] == _GROUND_TRUTH and str(manifest) == source["uri"]
    return is_direct or str(manifest).startswith(job.payload["target"])


def remove_made(stores: Stores, job: Job) -> None:
    """Delete what this job made, and wait until it is gone."""
    dataset = _made(stores, job)
    while dataset is not None:
        if not dataset.status.is_moving:
            _delete(stores, job, dataset)
        time.sleep(_PAUSE_SECONDS)
        dataset = _made(stores, job)


def _delete(stores: Stores, job: Job, dataset: Dataset) -> None:
    with holding(stores.records, job, or_cancelled=True) as connection:
        now = datasets.find(connection, dataset.arn)
        if now is None or now.status.is_moving:
            return
        datasets.set_status(
            connection, now.id, DatasetStatus.DELETE_IN_PROGRESS, "The import did not succeed."
        )
        # The key may be gone by now; deleting takes no rights of its owner's.
        caller = Caller(job.caller_arn.split(":")[4], job.caller_arn, job.access_key_id)
        jobs.enqueue(connection, JobKind.DELETE_DATASET, now.arn, caller)


def _scratch(stores: Stores) -> Path:
    folder = stores.settings.data_directory / "imports"
    shutil.rmtree(folder, ignore_errors=True)  # of an attempt that was killed
    folder.mkdir(mode=0o700)
    return Path(tempfile.mkdtemp(dir=folder))


if __name__ == "__main__":
    process.run(JobKind.IMPORT_DATASET, import_task, clean=remove_made)
