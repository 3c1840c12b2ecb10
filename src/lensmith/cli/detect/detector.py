"""DetectCustomLabels with retries and backoff."""

from __future__ import annotations

import enum
import random
import time
from threading import Event
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from lensmith.cli.detect.failure import DetectError, PictureError
from lensmith.cli.detect.result import Found
from lensmith.domain.geometry import Box

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import CustomLabelTypeDef, ImageTypeDef

_BUSY_TIMEOUT = 300.0  # seconds that a picture waits for a throttled model
_MAX_ATTEMPTS = 4  # after internal errors of the server
_FIRST_PAUSE = 0.1  # seconds, doubled each time
_MAX_PAUSE = 5.0


class _Trouble(enum.Enum):
    BUSY = enum.auto()  # passes by itself
    PASSING = enum.auto()  # worth a retry
    PICTURE = enum.auto()  # refused for this picture only
    LASTING = enum.auto()  # refused for every picture


_TROUBLES = {
    "ProvisionedThroughputExceededException": _Trouble.BUSY,
    "ThrottlingException": _Trouble.BUSY,
    "InternalServerError": _Trouble.PASSING,
    "ImageTooLargeException": _Trouble.PICTURE,
    "InvalidImageFormatException": _Trouble.PICTURE,
    "InvalidParameterException": _Trouble.PICTURE,
    "InvalidS3ObjectException": _Trouble.PICTURE,
    "ValidationException": _Trouble.PICTURE,
}


class Detector:
    """Calls DetectCustomLabels, and retries. Thread-safe."""

    def __init__(
        self,
        rekognition: RekognitionClient,
        version_arn: str,
        *,
        min_confidence: float | None = None,  # percent; None for the assumed thresholds
        max_results: int | None = None,
        first_pause: float = _FIRST_PAUSE,
    ) -> None:
        self._rekognition = rekognition
        self._request: dict[str, Any] = {"ProjectVersionArn": version_arn}
        if min_confidence is not None:
            self._request["MinConfidence"] = min_confidence
        if max_results is not None:
            self._request["MaxResults"] = max_results
        self._first_pause = first_pause
        self._stopping = Event()

    def stop(self) -> None:
        """End every retry."""
        self._stopping.set()

    def find(self, image: ImageTypeDef) -> tuple[Found, ...]:
        """Detect labels, the most confident first; waits while the model is throttled.

        Raises PictureError for a picture that the service refuses, and DetectError if the model
        does not run, the keys do not allow the call, or the server is gone.
        """
        began = time.monotonic()
        attempts = 0
        while True:
            try:
                return self._call(image)
            except (ClientError, BotoCoreError) as error:
                attempts += 1
                waited = time.monotonic() - began
                if not self._may_retry(_trouble(error), attempts, waited):
                    raise _final(error) from error
            self._pause(attempts)

    def _call(self, image: ImageTypeDef) -> tuple[Found, ...]:
        answer = self._rekognition.detect_custom_labels(Image=image, **self._request)
        return tuple(_found(label) for label in answer["CustomLabels"])

    def _may_retry(self, trouble: _Trouble, attempts: int, waited: float) -> bool:
        if self._stopping.is_set():
            return False
        if trouble is _Trouble.BUSY:
            return waited < _BUSY_TIMEOUT
        return trouble is _Trouble.PASSING and attempts < _MAX_ATTEMPTS

    def _pause(self, attempts: int) -> None:
        """Sleep with exponential backoff and jitter."""
        max_pause = min(self._first_pause * 2.0 ** (attempts - 1), _MAX_PAUSE)
        self._stopping.wait(max_pause * random.uniform(0.5, 1.0))


def _trouble(error: ClientError | BotoCoreError) -> _Trouble:
    if isinstance(error, ClientError):
        return _TROUBLES.get(_code(error), _Trouble.LASTING)
    return _Trouble.PASSING if isinstance(error, HTTPClientError) else _Trouble.LASTING


def _final(error: ClientError | BotoCoreError) -> DetectError | PictureError:
    if not isinstance(error, ClientError):
        return DetectError(f"{error} Is the server running? See `lensmith status`.")
    said = f"{_code(error)}: {error.response['Error'].get('Message', '')}"
    return DetectError(said) if _trouble(error) is _Trouble.LASTING else PictureError(said)


def _code(error: ClientError) -> str:
    return error.response["Error"].get("Code", "")


def _found(label: CustomLabelTypeDef) -> Found:
    box = None
    if "Geometry" in label:
        place = label["Geometry"]["BoundingBox"]
        box = Box(place["Left"], place["Top"], place["Width"], place["Height"])
    return Found(label["Name"], label["Confidence"], box)
