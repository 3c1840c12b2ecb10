"""Every entry of a dataset, from ListDatasetEntries into a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lensmith.exchange.failure import answers
from lensmith.exchange.record_file import RecordFile
from lensmith.exchange.services import Location
from lensmith.manifest.convert.class_numbers import ClassNumbers
from lensmith.manifest.convert.draft import Problem
from lensmith.manifest.convert.picture import Picture, read_picture

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


def list_entries(rekognition: RekognitionClient, arn: str) -> Iterator[str]:
    """The stored lines in order."""
    with answers(f"list the entries of {arn}"):
        pages = rekognition.get_paginator("list_dataset_entries")
        for page in pages.paginate(DatasetArn=arn):
            yield from page["DatasetEntries"]


@dataclass(slots=True)
class Gathered:
    """The pictures of a dataset, and what must be known of all before one can be written."""

    pictures: RecordFile[Picture] = field(default_factory=lambda: RecordFile(Picture))
    classes: ClassNumbers = field(default_factory=ClassNumbers)
    folder: str | None = None  # beginning of every key, up to and with a `/`
    problems: list[Problem] = field(default_factory=list)

    def add(self, picture: Picture) -> None:
        self.pictures.append(picture)
        self.classes.add(picture)
        key = Location.read(picture.source_ref).key
        self.folder = _common_folder(key if self.folder is None else self.folder, key)

    def name_of(self, picture: Picture) -> str:
        """Its key without the folder that all keys share."""
        return Location.read(picture.source_ref).key.removeprefix(self.folder or "")


def gather(lines: Iterable[str], done: Callable[[], None] = lambda: None) -> Gathered:
    """Read every line; `done` is called after each."""
    gathered = Gathered()
    for line in lines:
        picture, problems = read_picture(line)
        gathered.problems += problems
        gathered.add(picture)
        done()
    return gathered


def _common_folder(one: str, other: str) -> str:
    """The longest beginning of both that ends in `/`."""
    shared = 0
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            break
        if left == "/":
            shared = index + 1
    return one[:shared]
