"""Pictures of tools, and ways through importer and exporter without a server."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from lensmith.exchange.destinations import coco, csv_labels, ground_truth, voc, yolo
from lensmith.exchange.fitting import Fitted, fit
from lensmith.exchange.formats import ExportFormat, ImportFormat
from lensmith.exchange.gathering import gather
from lensmith.exchange.importing import ImportRequest, write_manifest
from lensmith.exchange.services import Location
from lensmith.exchange.staging import Staged
from lensmith.manifest.dataset.entry import DatasetLine, check_entry

Json = dict[str, Any]

TARGET = Location("shop", "tools/train/")
_UNSTABLE = ("creation-date", "job-name")


class SilentSteps:
    @contextmanager
    def counting(self, title: str, total: int | None) -> Iterator[Callable[[], None]]:
        yield lambda: None


def picture(path: Path, size: tuple[int, int] = (200, 100), *, turned: bool = False) -> Path:
    """A JPEG or PNG file, whose colour comes from its name; `turned` by EXIF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    colour = (sum(path.name.encode()) % 256, len(path.name) * 9 % 256, 80)
    image = Image.new("RGB", size, colour)
    exif = image.getexif()
    if turned:
        exif[0x0112] = 6
    image.save(path, exif=exif)
    return path


def request(
    format_: ImportFormat, source: Path | str, images: Path | str | None = None
) -> ImportRequest:
    return ImportRequest(format_, str(source), TARGET, None if images is None else str(images))


def imported(given: ImportRequest) -> tuple[list[Json], Staged]:
    """The manifest that an import would use, line by line."""
    manifest = io.BytesIO()
    staged, _ = write_manifest(given, None, manifest, SilentSteps())
    return [msgspec.json.decode(line) for line in manifest.getvalue().splitlines()], staged


def stored(lines: Iterable[Json]) -> list[str]:
    """Lines as ListDatasetEntries would return them."""
    checked = [check_entry(msgspec.json.encode(line)) for line in lines]
    return [line.text for line in checked if isinstance(line, DatasetLine)]


def exported(
    format_: ExportFormat, lines: Iterable[Json], folder: Path, *, with_images: bool = False
) -> Fitted:
    """Write a dataset of these lines; the result says what did not come along."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = stored(lines)
    if format_ is ExportFormat.GROUND_TRUTH:
        ground_truth.write_ground_truth(texts, folder, lambda: None)
        return Fitted()
    capacity = {
        ExportFormat.COCO: coco.CAPACITY,
        ExportFormat.YOLO: yolo.CAPACITY,
        ExportFormat.VOC: voc.CAPACITY,
        ExportFormat.CSV: csv_labels.CAPACITY,
    }[format_]
    fitted = fit(gather(texts), capacity, lambda source_ref: (200, 100))
    match format_:
        case ExportFormat.COCO:
            coco.write_coco(fitted, folder, with_images=with_images)
        case ExportFormat.YOLO:
            yolo.write_yolo({"train": fitted}, folder)
        case ExportFormat.VOC:
            voc.write_voc(fitted, folder)
        case _:
            csv_labels.write_csv(fitted, folder, with_images=with_images)
    return fitted


def stable(lines: Iterable[Json]) -> list[Json]:
    """Lines without when and by which job they were labelled."""
    return [{key: _stable(value) for key, value in line.items()} for line in lines]


def _stable(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: inner for key, inner in value.items() if key not in _UNSTABLE}


def boxes(line: Json) -> list[tuple[str, float, float, float, float]]:
    """Label, left, top, width, height of each box of a line."""
    names = line["bounding-box-metadata"]["class-map"]
    return [
        (names[str(one["class_id"])], one["left"], one["top"], one["width"], one["height"])
        for one in line["bounding-box"]["annotations"]
    ]
