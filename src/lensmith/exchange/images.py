"""Where the images that drafts name are, and where they will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lensmith.exchange.image_file import is_png_or_jpeg
from lensmith.exchange.inside import inside, is_relative_name, normal_name
from lensmith.exchange.services import Location, is_location
from lensmith.manifest.convert.draft import Kind


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an image will lie, and the local file to upload there, if any."""

    source_ref: str  # s3://BUCKET/KEY
    file: Path | None


class Images(Protocol):
    def place(self, image: str) -> Placed | Kind:
        """Where the image of a draft will be, or why it cannot come along."""


@dataclass(frozen=True, slots=True)
class ImagesInFolders:
    """Local images, found in the first of the folders that has them."""

    folders: Sequence[Path]
    target: Location  # a folder
    take_keys: bool = False  # the folders also hold what drafts name as s3://BUCKET/KEY, by KEY

    def place(self, image: str) -> Placed | Kind:
        if is_location(image):
            if not self.take_keys:
                return Placed(image, None)
            image = Location.read(image).key
        name = normal_name(image)
        if not is_relative_name(name):
            return Kind.OUTSIDE
        candidates = [inside(folder, name) for folder in self.folders]
        found = next((path for path in candidates if path is not None and path.is_file()), None)
        if found is None:
            return Kind.OUTSIDE if None in candidates else Kind.NO_FILE
        if not is_png_or_jpeg(found):
            return Kind.NOT_AN_IMAGE
        return Placed(f"{self.target}{name}", found)


@dataclass(frozen=True, slots=True)
class ImagesInS3:
    """Images that lie in S3 already, below one location unless a draft says where."""

    location: Location | None  # a folder

    def place(self, image: str) -> Placed | Kind:
        if is_location(image):
            return Placed(image, None)
        name = normal_name(image)
        if self.location is None or not is_relative_name(name):
            return Kind.OUTSIDE
        return Placed(f"{self.location}{name}", None)
