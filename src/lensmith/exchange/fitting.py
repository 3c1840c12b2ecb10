"""Reduces a dataset to what a format can hold; the rest is listed as problems."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from msgspec import Struct

from lensmith.exchange.gathering import Gathered
from lensmith.exchange.inside import is_relative_name
from lensmith.exchange.record_file import RecordFile
from lensmith.manifest.convert.annotated_image import AnnotatedImage, LabeledPixels
from lensmith.manifest.convert.draft import Problem, ProblemKind

SizeReader = Callable[[str], tuple[int, int] | None]  # source-ref -> width, height in pixels

_NO_SIZE = (1, 1)

# Characters that XML 1.0 cannot hold or does not give back as they were.
_NOT_XML = re.compile("[^\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Capacity:
    """The kinds of content that a format can hold."""

    boxes: bool = False
    image_labels: bool = False
    needs_size: bool = False
    file_an_image: bool = False  # labels lie in a file named after the image
    xml: bool = False
    file_name: Callable[[str], str] = str  # of an image, from its key


class Fit(Struct, frozen=True, array_like=True):
    """An image as a format will hold it."""

    name: str  # file name of the image below the folder of images
    source_ref: str
    size: tuple[int, int]  # (1, 1) where it is neither known nor needed
    boxes: tuple[LabeledPixels, ...]
    labels: tuple[str, ...]


@dataclass(slots=True)
class Fitted:
    images: RecordFile[Fit] = field(default_factory=lambda: RecordFile(Fit))
    labels: Sequence[str] = ()  # of boxes, by their numbers
    numbers: dict[str, int] = field(default_factory=dict)  # label of boxes -> number
    problems: list[Problem] = field(default_factory=list)


def fit(gathered: Gathered, capacity: Capacity, size_of: SizeReader) -> Fitted:
    """Fit every image; `size_of` reads the size of those that need one and declare none."""
    fitted = Fitted(
        labels=gathered.classes.in_order(),
        numbers=gathered.classes.numbers,
        problems=list(gathered.problems),
    )
    stems: set[str] = set()
    for image in gathered.images:
        name = capacity.file_name(gathered.name_of(image))
        fault = _fault_of_name(name, stems if capacity.file_an_image else None)
        size = None if fault else _size(image, capacity, size_of)
        if size is None:
            fitted.problems.append(Problem(fault or ProblemKind.NO_SIZE, image.source_ref))
            continue
        fitted.problems += _lost(name, image, capacity)
        fitted.images.append(_fit_one(name, image, size, capacity))
    return fitted


def _fit_one(name: str, image: AnnotatedImage, size: tuple[int, int], capacity: Capacity) -> Fit:
    boxes = tuple(box for box in image.boxes if _holds(capacity, box))
    return Fit(name, image.source_ref, size, boxes, image.labels if capacity.image_labels else ())


def _size(image: AnnotatedImage, capacity: Capacity, size_of: SizeReader) -> tuple[int, int] | None:
    if image.size is not None:
        return image.size
    return size_of(image.source_ref) if capacity.needs_size else _NO_SIZE


def is_file_name(name: str) -> bool:
    """Return whether a key can be a path below a folder, and be shown and listed as one."""
    return is_relative_name(name) and name.isprintable()


def _fault_of_name(name: str, stems: set[str] | None) -> ProblemKind | None:
    if not is_file_name(name):
        return ProblemKind.BAD_KEY
    if stems is None:
        return None
    stem = str(PurePosixPath(name).with_suffix(""))
    if stem in stems:
        return ProblemKind.SAME_STEM
    stems.add(stem)
    return None


def _lost(name: str, image: AnnotatedImage, capacity: Capacity) -> Iterator[Problem]:
    if not capacity.image_labels:
        for label in image.labels:
            yield Problem(ProblemKind.LABEL_NOT_CARRIED, f"{name}, {label}")
    for box in image.boxes:
        if not _holds(capacity, box):
            kind = ProblemKind.NOT_XML if capacity.boxes else ProblemKind.BOX_NOT_CARRIED
            yield Problem(kind, f"{name}, {box.label!r}")


def _holds(capacity: Capacity, box: LabeledPixels) -> bool:
    if not capacity.boxes:
        return False
    return not capacity.xml or (
        _NOT_XML.search(box.label) is None and box.label == box.label.strip()
    )
