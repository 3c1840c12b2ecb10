"""Finds the images that drafts name, and decides where they will be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lensmith.exchange.image_file import is_png_or_jpeg
from lensmith.exchange.inside import inside, is_relative_name, normal_name
from lensmith.exchange.services import Location, is_location
from lensmith.manifest.convert.draft import ProblemKind


@dataclass(frozen=True, slots=True)
class Placed:
    """The location of an image in S3, and the local file to upload there, if any."""

    source_ref: str  # s3://BUCKET/KEY
    file: Path | None


class Images(Protocol):
    def place(self, image: str) -> Placed | ProblemKind:
        """Locate the image of a draft; returns the reason when it must be skipped."""


@dataclass(frozen=True, slots=True)
class ImagesInFolders:
    """Local images, found in the first of the folders that has them."""

    folders: Sequence[Path]
    target: Location  # a folder
    take_keys: bool = False  # the folders also hold what drafts name as s3://BUCKET/KEY, by KEY

    def place(self, image: str) -> Placed | ProblemKind:
        if is_location(image):
            if not self.take_keys:
                return Placed(image, None)
            image = Location.read(image).key
        name = normal_name(image)
        if not is_relative_name(name):
            return ProblemKind.OUTSIDE
        candidates = [inside(folder, name) for folder in self.folders]
        found = next((path for path in candidates if path is not None and path.is_file()), None)
        if found is None:
            return ProblemKind.OUTSIDE if None in candidates else ProblemKind.NO_FILE
        if not is_png_or_jpeg(found):
            return ProblemKind.NOT_AN_IMAGE
        return Placed(f"{self.target}{name}", found)


@dataclass(frozen=True, slots=True)
class ImagesInS3:
    """Images that lie in S3 already, below one location unless a draft says where."""

    location: Location | None  # a folder

    def place(self, image: str) -> Placed | ProblemKind:
        if is_location(image):
            return Placed(image, None)
        name = normal_name(image)
        if self.location is None or not is_relative_name(name):
            return ProblemKind.OUTSIDE
        return Placed(f"{self.location}{name}", None)
