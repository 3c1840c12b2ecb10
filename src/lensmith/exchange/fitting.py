"""What of a dataset a format can hold; the rest is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from msgspec import Struct

from lensmith.exchange.gathering import Gathered
from lensmith.exchange.inside import is_relative_name
from lensmith.exchange.record_file import RecordFile
from lensmith.manifest.convert.draft import Kind, Problem
from lensmith.manifest.convert.picture import LabeledPixels, Picture

SizeReader = Callable[[str], tuple[int, int] | None]  # source-ref -> width, height in pixels

_NO_SIZE = (1, 1)

# Characters that XML 1.0 cannot hold or does not give back as they were.
_NOT_XML = re.compile("[^\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a format can hold."""

    boxes: bool = False
    image_labels: bool = False
    needs_size: bool = False
    file_an_image: bool = False  # labels lie in a file named after the image
    xml: bool = False


class Fit(Struct, frozen=True, array_like=True):
    """A picture as a format will hold it."""

    name: str  # file name of the image below the folder of images
    source_ref: str
    size: tuple[int, int]  # (1, 1) where it is neither known nor needed
    boxes: tuple[LabeledPixels, ...]
    labels: tuple[str, ...]


@dataclass(slots=True)
class Fitted:
    pictures: RecordFile[Fit] = field(default_factory=lambda: RecordFile(Fit))
    labels: Sequence[str] = ()  # of boxes, by their numbers
    numbers: dict[str, int] = field(default_factory=dict)  # label of boxes -> number
    problems: list[Problem] = field(default_factory=list)


def fit(gathered: Gathered, capacity: Capacity, size_of: SizeReader) -> Fitted:
    """`size_of` is asked for the size of pictures that need one and declare none."""
    fitted = Fitted(
        labels=gathered.classes.in_order(),
        numbers=gathered.classes.numbers,
        problems=list(gathered.problems),
    )
    stems: set[str] = set()
    for picture in gathered.pictures:
        name = gathered.name_of(picture)
        fault = _fault_of_name(name, stems if capacity.file_an_image else None)
        size = None if fault else _size(picture, capacity, size_of)
        if size is None:
            fitted.problems.append(Problem(fault or Kind.NO_SIZE, picture.source_ref))
            continue
        fitted.problems += _lost(name, picture, capacity)
        fitted.pictures.append(_fit_one(name, picture, size, capacity))
    return fitted


def _fit_one(name: str, picture: Picture, size: tuple[int, int], capacity: Capacity) -> Fit:
    boxes = tuple(box for box in picture.boxes if _holds(capacity, box))
    return Fit(
        name, picture.source_ref, size, boxes, picture.labels if capacity.image_labels else ()
    )


def _size(picture: Picture, capacity: Capacity, size_of: SizeReader) -> tuple[int, int] | None:
    if picture.size is not None:
        return picture.size
    return size_of(picture.source_ref) if capacity.needs_size else _NO_SIZE


def is_file_name(name: str) -> bool:
    """Whether a key can be a path below a folder, and be shown and listed as one."""
    return is_relative_name(name) and name.isprintable()


def _fault_of_name(name: str, stems: set[str] | None) -> Kind | None:
    if not is_file_name(name):
        return Kind.BAD_KEY
    if stems is None:
        return None
    stem = str(PurePosixPath(name).with_suffix(""))
    if stem in stems:
        return Kind.SAME_STEM
    stems.add(stem)
    return None


def _lost(name: str, picture: Picture, capacity: Capacity) -> Iterator[Problem]:
    if not capacity.image_labels:
        for label in picture.labels:
            yield Problem(Kind.LABEL_NOT_CARRIED, f"{name}, {label}")
    for box in picture.boxes:
        if not _holds(capacity, box):
            kind = Kind.NOT_XML if capacity.boxes else Kind.BOX_NOT_CARRIED
            yield Problem(kind, f"{name}, {box.label!r}")


def _holds(capacity: Capacity, box: LabeledPixels) -> bool:
    if not capacity.boxes:
        return False
    return not capacity.xml or (
        _NOT_XML.search(box.label) is None and box.label == box.label.strip()
    )
