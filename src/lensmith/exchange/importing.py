"""Imports a source: read, upload, create or update."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lensmith.exchange.dataset import (
    Target,
    create_dataset,
    find_dataset,
    is_failed,
    settle,
    update_dataset,
)
from lensmith.exchange.failure import ExchangeError, service_errors
from lensmith.exchange.formats import ImportFormat
from lensmith.exchange.images import Images, ImagesInFolders
from lensmith.exchange.images_in_s3 import ImagesInS3
from lensmith.exchange.kept_locations import unreadable_buckets
from lensmith.exchange.services import Location, Services, is_location
from lensmith.exchange.sources.coco import open_coco
from lensmith.exchange.sources.csv_labels import open_csv
from lensmith.exchange.sources.cvat import open_cvat
from lensmith.exchange.sources.folders import open_folders
from lensmith.exchange.sources.ground_truth import open_ground_truth
from lensmith.exchange.sources.label_studio import open_label_studio
from lensmith.exchange.sources.source import Source, existing_folder, usual_folders
from lensmith.exchange.sources.voc import open_voc
from lensmith.exchange.sources.yolo import open_yolo
from lensmith.exchange.staging import Staged, stage
from lensmith.exchange.steps import Steps
from lensmith.exchange.upload import Uploaded, make_bucket, upload
from lensmith.manifest.convert.draft import UnreadableSourceError
from lensmith.manifest.convert.label_attributes import Origin

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import DatasetDescriptionTypeDef
    from mypy_boto3_s3 import S3Client

_JOB = "labeling-job/lensmith-import"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    format: ImportFormat
    source: str  # a path; ground-truth and folders also take an S3 location
    target: Location  # the folder in S3 for images and manifest
    images: str | None = None  # where images are: a folder or an S3 location; None: with the source
    split: str = "train"  # of a YOLO dataset, or of folders that are splits
    folder_labels: bool = True  # the first folder of an image is its label, for FOLDERS
    folders: tuple[Path, ...] = ()  # further ones where images of the source may be
    take_locations: bool = True  # what the source names in S3 is below an S3 location `images`


@dataclass(frozen=True, slots=True)
class Imported:
    staged: Staged
    uploaded: Uploaded
    manifest: Location
    dataset: DatasetDescriptionTypeDef


def write_manifest(
    request: ImportRequest, s3: S3Client | None, manifest: IO[bytes], steps: Steps
) -> tuple[Staged, str]:
    """Write the manifest that an import would use; returns also the name it would have.

    Raises ExchangeError when the source cannot be read or nothing of it can be imported.
    """
    try:
        images = _images(request, s3)
        source = _open(request, images, s3)
        with steps.counting("Reading", None) as read:
            staged = stage(source.drafts, images, manifest, read)
    except UnreadableSourceError as error:
        raise ExchangeError(f"{request.source}: {error}") from error
    if s3 is not None and request.images is None:
        staged.problems += unreadable_buckets(s3, staged.kept)
    manifest.flush()
    if not staged.lines:
        reasons = "; ".join(str(problem) for problem in staged.problems[:3])
        raise ExchangeError(f"Nothing in {request.source} can be imported. {reasons}".strip())
    return staged, source.manifest_name


def import_dataset(
    services: Services, request: ImportRequest, target: Target, steps: Steps, *, update: bool
) -> Imported:
    """Import a source into a dataset; after an interruption another run continues.

    A dataset that exists is merged with when `update`. Raises ExchangeError when it exists
    otherwise, and when the source, the store or the service fails.
    """
    present = find_dataset(services.rekognition, target)
    if present is not None and is_failed(services.rekognition, present):
        present = None
    if present is not None and not update:
        raise ExchangeError(f"{target} exists: {present}. Merge with it by --update.")
    with tempfile.TemporaryFile() as manifest:
        staged, name = write_manifest(request, services.s3, manifest, steps)
        make_bucket(services.s3, request.target.bucket)
        uploaded = _upload(services, request, staged, steps)
        location = Location(request.target.bucket, request.target.key + name)
        _put(services.s3, manifest, location)
        with steps.counting("Validating", None):
            described = _fill(services, target, present, manifest, location)
    return Imported(staged, uploaded, location, described)


def _upload(services: Services, request: ImportRequest, staged: Staged, steps: Steps) -> Uploaded:
    if not staged.uploads:
        return Uploaded()
    with steps.counting("Uploading", len(staged.uploads)) as sent:
        return upload(services.s3, staged.uploads, request.target, sent)


def _fill(
    services: Services,
    target: Target,
    present: str | None,
    manifest: IO[bytes],
    location: Location,
) -> DatasetDescriptionTypeDef:
    if present is None:
        present = create_dataset(services.rekognition, target, location)
    else:
        settle(services.rekognition, present)
        update_dataset(services.rekognition, present, _lines(manifest))
    return settle(services.rekognition, present)


def _lines(manifest: IO[bytes]) -> Iterator[bytes]:
    manifest.seek(0)
    yield from manifest


def _put(s3: S3Client, manifest: IO[bytes], location: Location) -> None:
    manifest.seek(0)
    with service_errors(f"upload {location}"):
        s3.put_object(Bucket=location.bucket, Key=location.key, Body=manifest)


def _open(request: ImportRequest, images: Images, s3: S3Client | None) -> Source:
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    origin, path = Origin(created, _JOB), Path(request.source)
    with_source = request.images is None
    match request.format:
        case ImportFormat.COCO:
            return open_coco(path, origin, images, follow_urls=with_source)
        case ImportFormat.YOLO:
            return open_yolo(path, request.split, origin, images, with_images=with_source)
        case ImportFormat.VOC:
            return open_voc(path, origin, images, request.split)
        case ImportFormat.CVAT:
            return open_cvat(path, origin, images)
        case ImportFormat.LABEL_STUDIO:
            return open_label_studio(path, origin, images)
        case ImportFormat.CSV:
            return open_csv(path, created)
        case ImportFormat.GROUND_TRUTH:
            return open_ground_truth(request.source, s3)
        case ImportFormat.FOLDERS:
            split, labels = request.split, request.folder_labels
            return open_folders(request.source, created, s3, split=split, labels=labels)


def _images(request: ImportRequest, s3: S3Client | None) -> Images:
    target = request.target
    if request.images is not None and is_location(request.images):
        prefix = Location.read(request.images).as_folder()
        return ImagesInS3(prefix, s3, take_locations=request.take_locations)
    if request.images is not None:
        folder = existing_folder(Path(request.images))
        return ImagesInFolders((folder,), target, take_keys=True, s3=s3)
    if is_location(request.source):
        return ImagesInFolders((), target, s3=s3)
    folders = (*usual_folders(Path(request.source)), *request.folders)
    return ImagesInFolders(folders, target, s3=s3)
