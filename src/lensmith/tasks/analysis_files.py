"""Results of an analysed folder: a log that survives interruptions, CSV and manifest from it."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from lensmith.manifest.convert.label_attributes import (
    BOX_ATTRIBUTE,
    Origin,
    PixelBox,
    bounding_boxes,
    image_level,
)
from lensmith.manifest.line.attributes import SOURCE_REF, SUFFIX

MAX_FAILURES_SHOWN = 50
_COLUMNS = (
    *("source", "width", "height", "name", "confidence"),
    *("left", "top", "box_width", "box_height", "error"),
)


class PixelPlace(msgspec.Struct, frozen=True):
    """Place a box in pixels of the upright image."""

    left: float
    top: float
    width: float
    height: float


class Detected(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    confidence: float  # percent
    box: PixelPlace | None = None


class Analysed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hold one line of results.jsonl: an image with its detections, or with the error instead."""

    source: str  # s3://bucket/key
    width: int | None = None  # of the upright image
    height: int | None = None
    detections: tuple[Detected, ...] = ()
    error: str | None = None  # a code


class LabelCount(msgspec.Struct):
    name: str
    images: int
    detections: int


class Failure(msgspec.Struct, frozen=True):
    source_ref: str
    code: str


@dataclass(slots=True)
class Tally:
    """Counts results."""

    images: int = 0
    detections: int = 0
    failed: list[Failure] = field(default_factory=list)
    failed_total: int = 0
    _images_of: Counter[str] = field(default_factory=Counter)
    _detections_of: Counter[str] = field(default_factory=Counter)

    def add(self, result: Analysed) -> None:
        self.images += 1
        if result.error is not None:
            self.failed_total += 1
            if len(self.failed) < MAX_FAILURES_SHOWN:
                self.failed.append(Failure(result.source, result.error))
        names = [each.name for each in result.detections]
        self.detections += len(names)
        self._detections_of.update(names)
        self._images_of.update(set(names))

    def labels(self) -> list[LabelCount]:
        """Return the labels that were found, the most frequent first."""
        found = self._detections_of.most_common()
        return [LabelCount(name, self._images_of[name], count) for name, count in found]


class ResultLog:
    """Appends results to a file of JSON lines, and reads back what an earlier attempt wrote."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.tally = Tally()
        self.known: set[str] = set()  # sources
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        whole = 0
        for result, end in _lines(path):
            self.tally.add(result)
            self.known.add(result.source)
            whole = end
        self._file = path.open("ab")
        self._file.truncate(whole)  # a line that was cut short by a crash

    def append(self, result: Analysed) -> None:
        self._file.write(msgspec.json.encode(result) + b"\n")
        self.tally.add(result)

    def sync(self) -> None:
        """Return once all results are on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def results(self) -> Iterator[Analysed]:
        """Read the results that are on the disk."""
        for result, _ in _lines(self._path):
            yield result


def write_csv(results: Iterable[Analysed], path: Path) -> None:
    """Write one row a detection, and one for an image without any."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for result in results:
            image = (result.source, result.width, result.height)
            for each in result.detections:
                place = ("",) * 4 if each.box is None else msgspec.structs.astuple(each.box)
                writer.writerow((*image, each.name, each.confidence, *place, ""))
            if not result.detections:
                writer.writerow((*image, *("",) * 6, result.error or ""))


def write_manifest(results: Iterable[Analysed], path: Path, origin: Origin) -> None:
    """Write a manifest that a dataset can be made of; images that failed are left out.

    Predictions are marked as such: `human-annotated` is `no`, with the model's confidences.
    """
    with path.open("wb") as file:
        for result in results:
            if result.error is None:
                file.write(msgspec.json.encode(_manifest_line(result, origin)) + b"\n")


def _manifest_line(result: Analysed, origin: Origin) -> dict[str, Any]:
    line: dict[str, Any] = {SOURCE_REF: result.source}
    whole = {each.name: each.confidence for each in result.detections if each.box is None}
    for name, value in image_level(whole, origin.created, line).items():
        line[name] = value
        if name.endswith(SUFFIX):
            confidence = round(whole[value["class-name"]] / 100, 4)
            predicted = {"human-annotated": "no", "job-name": origin.job_name}
            line[name] = {**value, **predicted, "confidence": confidence}
    boxed = [(each, each.box) for each in result.detections if each.box is not None]
    if boxed and result.width and result.height:
        line |= _boxes(boxed, (result.width, result.height), origin)
    return line


def _boxes(
    boxed: list[tuple[Detected, PixelPlace]], size: tuple[int, int], origin: Origin
) -> dict[str, Any]:
    ids = {name: number for number, name in enumerate(dict.fromkeys(d.name for d, _ in boxed))}
    boxes = [
        PixelBox(ids[each.name], *(round(value) for value in msgspec.structs.astuple(box)))
        for each, box in boxed
    ]
    attribute = bounding_boxes(size, boxes, {number: name for name, number in ids.items()}, origin)
    metadata = attribute[BOX_ATTRIBUTE + SUFFIX]
    metadata["human-annotated"] = "no"
    metadata["objects"] = [{"confidence": round(d.confidence / 100, 4)} for d, _ in boxed]
    return attribute


def _lines(path: Path) -> Iterator[tuple[Analysed, int]]:
    """Yield each whole line with the offset of its end."""
    if not path.exists():
        return
    end = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield msgspec.json.decode(line, type=Analysed), end
