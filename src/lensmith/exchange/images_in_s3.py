"""Finds images that lie in S3 already, below one location."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lensmith.exchange.failure import ExchangeError, service_errors
from lensmith.exchange.image_file import upright_size
from lensmith.exchange.inside import is_relative_name, normal_name
from lensmith.exchange.object_list import list_objects
from lensmith.exchange.picture_index import PictureIndex, foreign_parts
from lensmith.exchange.placement import Placed, Placement, ambiguous
from lensmith.exchange.services import Location, is_location
from lensmith.manifest.convert.draft import Problem, ProblemKind
from lensmith.manifest.convert.folder_label import is_picture_name

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_HEADER_BYTES = 1 << 20  # reaches the size in any usual JPEG or PNG


class ImagesInS3:
    """Looks in a list of the location; without a client every name is believed."""

    def __init__(
        self, folder: Location, s3: S3Client | None, *, take_locations: bool = True
    ) -> None:
        """Look below the folder, with `take_locations` also for images that drafts name in S3."""
        self._folder = folder
        self._s3 = s3
        self._take_locations = take_locations

    def place(self, image: str, others: Sequence[str] = ()) -> Placement:
        if is_location(image):
            if not self._take_locations or image.startswith(str(self._folder)):
                return Placed(image, None)
            return self._below(Location.read(image).key, others, is_location=True)
        return self._below(image, others)

    def size_of(self, image: str, others: Sequence[str] = ()) -> tuple[int, int] | None:
        placed = self.place(image, others)
        if isinstance(placed, Problem) or self._s3 is None:
            return None
        return size_in_s3(self._s3, placed.source_ref)

    def _below(self, image: str, others: Sequence[str], *, is_location: bool = False) -> Placement:
        name = normal_name(image.replace("\\", "/"))
        if self._names is None:
            return self._believed(image, name, is_location=is_location)
        for each in (*(normal_name(other) for other in others), normal_name(image), name):
            if each in self._names:
                return Placed(f"{self._folder}{each}", None)
        matches = self._index.find(image, others)
        if len(matches) > 1:
            return ambiguous(image, matches)
        if not matches:
            outside = not is_relative_name(name)
            return Problem(ProblemKind.OUTSIDE if outside else ProblemKind.NO_FILE, image)
        return Placed(f"{self._folder}{matches[0]}", None, is_guess=True)

    def _believed(self, image: str, name: str, *, is_location: bool) -> Placement:
        """Return where an existing image must be: what follows the folder's name, or its own."""
        parts = foreign_parts(name)
        if not parts or ".." in name.split("/") or "\0" in name:
            return Problem(ProblemKind.OUTSIDE, image)
        own = self._folder.key.rstrip("/").rpartition("/")[2]
        is_foreign = is_location or not is_relative_name(name)
        if not is_foreign or not own:
            below = parts
        elif own in parts[:-1]:
            below = parts[len(parts) - parts[::-1].index(own) :]
        else:
            below = parts[-1:]
        return Placed(f"{self._folder}{'/'.join(below)}", None, is_guess=is_foreign)

    @cached_property
    def _names(self) -> frozenset[str] | None:
        """Keys of pictures without the folder's; None where they cannot be listed."""
        if self._s3 is None:
            return None
        try:
            keys = [key for key, _, _ in list_objects(self._s3, self._folder)]
        except ExchangeError as error:
            if _status(error.__cause__) == 403:  # may read without being allowed to list
                return None
            raise
        names = (key.removeprefix(self._folder.key) for key in keys)
        return frozenset(name for name in names if is_picture_name(name))

    @cached_property
    def _index(self) -> PictureIndex:
        return PictureIndex(sorted(self._names or ()))


def size_in_s3(s3: S3Client, source_ref: str) -> tuple[int, int] | None:
    """Read an image's size from the start of its object; None when missing or not an image."""
    location = Location.read(source_ref)
    with service_errors(f"read {source_ref}"):
        try:
            answer = s3.get_object(
                Bucket=location.bucket, Key=location.key, Range=f"bytes=0-{_HEADER_BYTES - 1}"
            )
        except ClientError as error:
            if _status(error) in {403, 404, 416}:
                return None
            raise
        return upright_size(io.BytesIO(answer["Body"].read()))


def _status(error: BaseException | None) -> int | None:
    if not isinstance(error, ClientError):
        return None
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
