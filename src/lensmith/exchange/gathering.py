"""Reads every entry of a dataset from ListDatasetEntries into a temporary file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lensmith.exchange.failure import service_errors
from lensmith.exchange.record_file import RecordFile
from lensmith.exchange.services import Location
from lensmith.manifest.convert.annotated_image import AnnotatedImage, read_annotated_image
from lensmith.manifest.convert.class_numbers import ClassNumbers
from lensmith.manifest.convert.draft import Problem

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


def list_entries(rekognition: RekognitionClient, arn: str) -> Iterator[str]:
    """Yield the stored lines in order."""
    with service_errors(f"list the entries of {arn}"):
        pages = rekognition.get_paginator("list_dataset_entries")
        for page in pages.paginate(DatasetArn=arn):
            yield from page["DatasetEntries"]


@dataclass(slots=True)
class Gathered:
    """The images of a dataset, and facts about all of them that writing one requires."""

    images: RecordFile[AnnotatedImage] = field(default_factory=lambda: RecordFile(AnnotatedImage))
    classes: ClassNumbers = field(default_factory=ClassNumbers)
    folder: str | None = None  # prefix of every key, up to and with a `/`
    problems: list[Problem] = field(default_factory=list)

    def add(self, image: AnnotatedImage) -> None:
        self.images.append(image)
        self.classes.add(image)
        key = Location.read(image.source_ref).key
        self.folder = _common_folder(key if self.folder is None else self.folder, key)

    def name_of(self, image: AnnotatedImage) -> str:
        """Return its key without the folder that all keys share."""
        return Location.read(image.source_ref).key.removeprefix(self.folder or "")


def gather(lines: Iterable[str], done: Callable[[], None] = lambda: None) -> Gathered:
    """Read every line; `done` is called after each."""
    gathered = Gathered()
    for line in lines:
        image, problems = read_annotated_image(line)
        gathered.problems += problems
        gathered.add(image)
        done()
    return gathered


def _common_folder(one: str, other: str) -> str:
    """Return the longest common prefix that ends in `/`."""
    shared = 0
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            break
        if left == "/":
            shared = index + 1
    return one[:shared]
