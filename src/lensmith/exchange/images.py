"""Finds the images that drafts name, and decides where they will be stored."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lensmith.exchange.image_file import is_png_or_jpeg, upright_size
from lensmith.exchange.images_in_s3 import size_in_s3
from lensmith.exchange.inside import inside, is_relative_name, normal_name
from lensmith.exchange.picture_index import PICTURE_ENDINGS, PictureIndex
from lensmith.exchange.placement import Placed, Placement, ambiguous
from lensmith.exchange.services import Location, is_location
from lensmith.manifest.convert.draft import Problem, ProblemKind

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Images(Protocol):
    def place(self, image: str, others: Sequence[str] = ()) -> Placement:
        """Locate the image of a draft, or name the reason why it must be skipped.

        `others` are further paths where it may be; they are tried first as they stand.
        """

    def size_of(self, image: str, others: Sequence[str] = ()) -> tuple[int, int] | None:
        """Read width and height in pixels of the upright image; None where that fails."""


class ImagesInFolders:
    """Local images: as named in the first folder that has them, or the only one of that name."""

    def __init__(
        self,
        folders: Sequence[Path],
        target: Location,
        *,
        take_keys: bool = False,
        s3: S3Client | None = None,
    ) -> None:
        """Build the writer; `target` is a folder.

        With `take_keys` the folders also hold what drafts name as s3://BUCKET/KEY.
        """
        self._folders = folders
        self._target = target
        self._take_keys = take_keys
        self._s3 = s3

    def place(self, image: str, others: Sequence[str] = ()) -> Placement:
        if is_location(image):
            if not self._take_keys:
                return Placed(image, None)
            image = Location.read(image).key
        outside = False
        for name in (*others, image):
            found, left = self._exact(name)
            if found is not None:
                return self._placed(image, *found)
            outside = outside or left
        return self._by_name(image, others, outside=outside)

    def size_of(self, image: str, others: Sequence[str] = ()) -> tuple[int, int] | None:
        placed = self.place(image, others)
        if isinstance(placed, Problem):
            return None
        if placed.file is not None:
            return upright_size(placed.file)
        return size_in_s3(self._s3, placed.source_ref) if self._s3 is not None else None

    def _exact(self, image: str) -> tuple[tuple[str, Path] | None, bool]:
        """Return the name and the file that has it; also whether it leads out of a folder."""
        outside = False
        for name in dict.fromkeys((normal_name(image), normal_name(image.replace("\\", "/")))):
            if not is_relative_name(name):
                outside = True
                continue
            for folder in self._folders:
                path = inside(folder, name)
                if path is not None and path.is_file():
                    return (name, path), False
                outside = outside or path is None
        return None, outside

    def _by_name(self, image: str, others: Sequence[str], *, outside: bool) -> Placement:
        matches = self._index.find(image, others)
        if len(matches) > 1:
            return ambiguous(image, matches)
        if not matches:
            return Problem(ProblemKind.OUTSIDE if outside else ProblemKind.NO_FILE, image)
        return self._placed(image, matches[0], self._files[matches[0]], is_guess=True)

    def _placed(self, image: str, name: str, path: Path, *, is_guess: bool = False) -> Placement:
        if not is_png_or_jpeg(path):
            return Problem(ProblemKind.NOT_AN_IMAGE, image)
        return Placed(f"{self._target}{name}", path, is_guess)

    @cached_property
    def _index(self) -> PictureIndex:
        return PictureIndex(self._files)

    @cached_property
    def _files(self) -> dict[str, Path]:
        """Every picture below the folders, by its path below the outermost of them."""
        files: dict[str, Path] = {}
        for folder in _outermost(self._folders):
            for path in pictures_below(folder):
                files.setdefault(path.relative_to(folder).as_posix(), path)
        return files


def _outermost(folders: Sequence[Path]) -> list[Path]:
    resolved = dict.fromkeys(folder.resolve() for folder in folders if folder.is_dir())
    return [one for one in resolved if not any(other in one.parents for other in resolved)]


def pictures_below(folder: Path) -> Iterator[Path]:
    """Yield files with the ending of a picture in order; neither hidden ones nor links."""
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            path = Path(at, name)
            is_picture = path.suffix.lower() in PICTURE_ENDINGS and not name.startswith(".")
            if is_picture and not path.is_symlink() and is_relative_name(name):
                yield path
