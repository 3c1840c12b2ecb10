"""Detection on one picture or frame: read it, make it fit, call the model, draw the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from lensmith.cli.detect.annotated import Pen, save_image
from lensmith.cli.detect.failure import PictureError
from lensmith.cli.detect.object import read_object
from lensmith.cli.detect.picture import (
    RequestImage,
    from_frame,
    within_limits,
)
from lensmith.cli.detect.result import Found, Result
from lensmith.domain.image_limits import MAX_IMAGE_BYTES, MAX_REQUEST_IMAGE_BYTES
from lensmith.exchange.services import Location

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import ImageTypeDef
    from mypy_boto3_s3 import S3Client

    from lensmith.cli.detect.detector import Detector
    from lensmith.cli.detect.source import Source
    from lensmith.cli.detect.video import Frame

_FILE_LIMIT = 512 << 20  # bytes that are read of a picture


@dataclass(frozen=True, slots=True)
class Seen:
    """A result, and the annotated image if it is a frame of an annotated video."""

    result: Result
    drawn: Image.Image | None = None


class Looker:
    """Detects on single pictures and frames. Thread-safe."""

    def __init__(self, detector: Detector, s3: S3Client, pen: Pen | None) -> None:
        self._detector = detector
        self._s3 = s3
        self._pen = pen  # None when no annotated copies are wanted

    def stop(self) -> None:
        """End every retry."""
        self._detector.stop()

    def at_image(self, source: Source, copy: Path | None) -> Seen:
        """Detect on a picture and save its annotated copy, if wanted; the result has the error."""
        try:
            picture = self._picture(source)
            image: ImageTypeDef = {"Bytes": picture.data}
            if picture.is_original and isinstance(source.place, Location):
                image = {"S3Object": {"Bucket": source.place.bucket, "Name": source.place.key}}
            found = self._detector.find(image)
        except PictureError as error:
            return Seen(Result(source.name, error=str(error)))
        trouble = self._save_copy(picture, found, copy)
        return Seen(Result(source.name, picture.width, picture.height, found, error=trouble))

    def at_frame(self, source: Source, frame: Frame) -> Seen:
        picture = from_frame(frame.image)
        size = (picture.width, picture.height)
        try:
            found = self._detector.find({"Bytes": picture.data})
        except PictureError as error:
            return Seen(Result(source.name, *size, moment=frame.moment, error=str(error)))
        drawn = None if self._pen is None else self._pen.draw(frame.image, found)
        return Seen(Result(source.name, *size, found, frame.moment), drawn)

    def _save_copy(
        self, picture: RequestImage, found: tuple[Found, ...], copy: Path | None
    ) -> str | None:
        """Save the copy, if wanted; returns the error, if any."""
        if self._pen is None or copy is None:
            return None
        try:
            save_image(self._pen.draw(picture.image(), found), copy)
        except PictureError as error:
            return str(error)
        return None

    def _picture(self, source: Source) -> RequestImage:
        if isinstance(source.place, Location):
            return within_limits(read_object(self._s3, source.place, _FILE_LIMIT), MAX_IMAGE_BYTES)
        return within_limits(_file(source.place), MAX_REQUEST_IMAGE_BYTES)


def _file(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():  # a pipe or a device need not ever end
            raise PictureError("Not a file.")
        if path.stat().st_size > _FILE_LIMIT:
            raise PictureError(f"Larger than {_FILE_LIMIT >> 20} MiB.")
        return path.read_bytes()
    except OSError as error:
        raise PictureError(f"Cannot be read: {error.strerror}.") from error
