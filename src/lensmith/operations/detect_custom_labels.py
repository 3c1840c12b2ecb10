"""DetectCustomLabels (api.md 6, evaluation.md 7)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from lensmith.domain.errors import (
    ImageTooLargeException,
    InvalidParameterException,
    ResourceNotReadyException,
)
from lensmith.domain.geometry import Box
from lensmith.domain.image_limits import MAX_IMAGE_BYTES, MAX_REQUEST_IMAGE_BYTES
from lensmith.domain.label import Detection, Prediction
from lensmith.domain.metric import MetricOwner
from lensmith.domain.project_version import VersionStatus
from lensmith.operations import s3_object
from lensmith.operations.call import Call, Offload, Service
from lensmith.operations.owned import known_version
from lensmith.operations.s3_object import S3Object

_SINGLE = struct.Struct("f")


async def detect_custom_labels(service: Service, call: Call, offload: Offload) -> dict[str, Any]:
    arn = call.request["ProjectVersionArn"]
    version = await offload.unless_cached(partial(known_version, service, call, arn))
    if version.status is not VersionStatus.RUNNING:
        raise ResourceNotReadyException(f"Project version is in state {version.status.value}.")
    image = _given_image(call)
    owner = MetricOwner(call.caller.account_id, service.settings.region)
    # Admitted before anything is fetched: a flooded model leaves the object store to others.
    with service.calls.detecting(owner, arn), service.fleet.admission(arn) as detect:
        if isinstance(image, S3Object):
            read = partial(s3_object.read_image, service, call, image, limit=MAX_IMAGE_BYTES)
            image = await offload(read)
        prediction = await detect(image)
    if version.own_thresholds is not None:
        thresholds = {**prediction.thresholds, **version.own_thresholds}
        prediction = replace(prediction, thresholds=thresholds)
    if service.capturing is not None:
        service.capturing.offer(version.id, image, prediction)
    chosen = select(prediction, call.request.get("MinConfidence"), call.request.get("MaxResults"))
    return {"CustomLabels": [_custom_label(detection) for detection in chosen]}


def select(
    prediction: Prediction, min_confidence: float | None, max_results: int | None
) -> list[Detection]:
    """Choose the detections to return, best first, ties by name.

    Without `min_confidence` (percent) each label's threshold decides; with it the thresholds count
    for nothing. `max_results` keeps the best, 0 keeps none.
    """
    if min_confidence is None:
        thresholds = prediction.thresholds
        kept = [one for one in prediction.detections if one.confidence >= thresholds[one.name]]
    else:
        minimum = _single(min_confidence)
        kept = [each for each in prediction.detections if _percent(each) >= minimum]
    kept.sort(key=lambda detection: (-_percent(detection), detection.name))
    return kept[:max_results]


def _percent(detection: Detection) -> float:
    """Round as the reply does, so that a Confidence from a reply works as MinConfidence."""
    return _single(100 * detection.confidence)


def _single(value: float) -> float:
    """Round to single precision."""
    single: float = _SINGLE.unpack(_SINGLE.pack(value))[0]
    return single


def _custom_label(detection: Detection) -> dict[str, Any]:
    label: dict[str, Any] = {"Name": detection.name, "Confidence": _percent(detection)}
    if detection.box is not None:
        label["Geometry"] = {"BoundingBox": _bounding_box(detection.box.clamped())}
    return label


def _bounding_box(box: Box) -> dict[str, float]:
    return {"Width": box.width, "Height": box.height, "Left": box.left, "Top": box.top}


def _given_image(call: Call) -> bytes | S3Object:
    """Return the image file or where it lies in S3; raises unless exactly one is given."""
    given: Mapping[str, Any] = call.request["Image"]
    data: bytes | None = given.get("Bytes")
    if (data is None) == (given.get("S3Object") is None):
        raise InvalidParameterException("Image takes exactly one of Bytes and S3Object.")
    if data is None:
        return S3Object.of(given["S3Object"])
    if len(data) > MAX_REQUEST_IMAGE_BYTES:
        raise ImageTooLargeException
    return data
