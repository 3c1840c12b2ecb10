"""Exports a dataset: list, fit into the format, write, download."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lensmith.exchange.dataset import Target, find_dataset
from lensmith.exchange.destinations import coco, csv_labels, ground_truth, voc, yolo
from lensmith.exchange.download import Download, Downloaded, download
from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.fitting import Capacity, Fitted, fit, is_file_name
from lensmith.exchange.formats import ExportFormat
from lensmith.exchange.gathering import gather, list_entries
from lensmith.exchange.images_in_s3 import size_in_s3
from lensmith.exchange.services import Location, Services
from lensmith.exchange.steps import Steps
from lensmith.manifest.convert.draft import Problem, ProblemKind
from lensmith.manifest.line.attributes import SOURCE_REF

if TYPE_CHECKING:
    from mypy_boto3_rekognition.literals import DatasetTypeType
    from mypy_boto3_s3 import S3Client

_TYPES: tuple[DatasetTypeType, ...] = ("TRAIN", "TEST")
_SPLITS: dict[DatasetTypeType, str] = {"TRAIN": yolo.TRAIN, "TEST": yolo.VAL}
_CAPACITIES: dict[ExportFormat, Capacity] = {
    ExportFormat.COCO: coco.CAPACITY,
    ExportFormat.YOLO: yolo.CAPACITY,
    ExportFormat.VOC: voc.CAPACITY,
    ExportFormat.CSV: csv_labels.CAPACITY,
}
_IMAGES: dict[ExportFormat, str] = {
    ExportFormat.GROUND_TRUTH: ground_truth.IMAGES,
    ExportFormat.COCO: coco.IMAGES,
    ExportFormat.YOLO: yolo.IMAGES,
    ExportFormat.VOC: voc.IMAGES,
    ExportFormat.CSV: csv_labels.IMAGES,
}


@dataclass(slots=True)
class Exported:
    written: Path  # file or folder of labels
    images: int
    problems: list[Problem]
    downloaded: Downloaded = field(default_factory=Downloaded)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    format: ExportFormat
    folder: Path
    with_images: bool

    @property
    def images_folder(self) -> Path:
        return self.folder / _IMAGES[self.format]


def export_dataset(
    services: Services, request: ExportRequest, target: Target, steps: Steps
) -> Exported:
    """Write a dataset to a folder; images that are there already are not fetched again.

    Raises ExchangeError when there is no such dataset, or a service or the disk fails.
    """
    arn = find_dataset(services.rekognition, target)
    if arn is None:
        raise ExchangeError(f"There is no {target.type} dataset in a project {target.project}.")
    try:
        request.folder.mkdir(parents=True, exist_ok=True)
        if request.format is ExportFormat.GROUND_TRUTH:
            return _export_lines(services, request, arn, steps)
        if request.format is ExportFormat.YOLO:
            return _export_yolo(services, request, {target.type: arn}, steps)
        return _export_images(services, request, arn, steps)
    except OSError as error:
        raise ExchangeError(f"Cannot write {request.folder}: {error}") from error


def export_project(
    services: Services, request: ExportRequest, project: str, steps: Steps
) -> Exported:
    """Write TRAIN and TEST of a project as the splits of one YOLO set; raises as above."""
    found = {type_: find_dataset(services.rekognition, Target(project, type_)) for type_ in _TYPES}
    arns = {type_: arn for type_, arn in found.items() if arn is not None}
    if not arns:
        raise ExchangeError(f"There is no dataset in a project {project}.")
    try:
        return _export_yolo(services, request, arns, steps)
    except OSError as error:
        raise ExchangeError(f"Cannot write {request.folder}: {error}") from error


def _export_yolo(
    services: Services, request: ExportRequest, arns: Mapping[DatasetTypeType, str], steps: Steps
) -> Exported:
    request.folder.mkdir(parents=True, exist_ok=True)
    splits = {_SPLITS[type_]: _fitted(services, request, arn, steps) for type_, arn in arns.items()}
    exported = Exported(yolo.write_yolo(splits, request.folder), 0, [])
    wanted: list[Download] = []
    for split, fitted in splits.items():
        exported.images += fitted.images.count
        exported.problems += fitted.problems
        wanted += (
            Download(image.source_ref, yolo.in_split(split, image.name)) for image in fitted.images
        )
    if request.with_images:
        _download(services.s3, request, wanted, exported, steps)
    return exported


def _fitted(services: Services, request: ExportRequest, arn: str, steps: Steps) -> Fitted:
    with steps.counting("Listing", None) as listed:
        gathered = gather(list_entries(services.rekognition, arn), listed)
    capacity = _CAPACITIES[request.format]
    return fit(gathered, capacity, lambda source: size_in_s3(services.s3, source))


def _export_lines(services: Services, request: ExportRequest, arn: str, steps: Steps) -> Exported:
    lines = list_entries(services.rekognition, arn)
    with steps.counting("Listing", None) as listed:
        path = ground_truth.write_ground_truth(lines, request.folder, listed)
    source_refs = list(_source_refs(path))
    exported = Exported(path, len(source_refs), [])
    if request.with_images:
        named = {source_ref: Location.read(source_ref).key for source_ref in source_refs}
        wanted = [Download(ref, key) for ref, key in named.items() if is_file_name(key)]
        exported.problems += (
            Problem(ProblemKind.BAD_KEY, ref) for ref, key in named.items() if not is_file_name(key)
        )
        _download(services.s3, request, wanted, exported, steps)
    return exported


def _export_images(services: Services, request: ExportRequest, arn: str, steps: Steps) -> Exported:
    fitted = _fitted(services, request, arn, steps)
    exported = Exported(_write(request, fitted), fitted.images.count, fitted.problems)
    if request.with_images:
        wanted = [Download(image.source_ref, image.name) for image in fitted.images]
        _download(services.s3, request, wanted, exported, steps)
    return exported


def _write(request: ExportRequest, fitted: Fitted) -> Path:
    match request.format:
        case ExportFormat.COCO:
            return coco.write_coco(fitted, request.folder, with_images=request.with_images)
        case ExportFormat.VOC:
            return voc.write_voc(fitted, request.folder)
        case _:
            return csv_labels.write_csv(fitted, request.folder, with_images=request.with_images)


def _download(
    s3: S3Client, request: ExportRequest, wanted: list[Download], exported: Exported, steps: Steps
) -> None:
    request.images_folder.mkdir(parents=True, exist_ok=True)
    with steps.counting("Downloading", len(wanted)) as received:
        exported.downloaded = download(s3, wanted, request.images_folder, received)
    exported.problems += exported.downloaded.problems


def _source_refs(manifest: Path) -> Iterator[str]:
    with manifest.open("rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line)[SOURCE_REF]
