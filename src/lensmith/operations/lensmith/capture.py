"""Settings of the pictures that a version keeps of its calls (console.md 4.2); off by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import ResourceNotReadyException
from lensmith.domain.project_version import ProjectVersion
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith.objects import on_object
from lensmith.operations.lensmith.setup import find_setup
from lensmith.operations.lensmith.store_answers import store_answers
from lensmith.operations.permissions import to_act_on
from lensmith.serving.capturing import count_captured, remove_captured
from lensmith.store.records import captures, projects
from lensmith.store.records.captures import Capture


class CaptureOrder(Struct, frozen=True):
    """Holds the body of PUT …/capture."""

    enabled: bool
    below_confidence: Annotated[float, Meta(gt=0, le=100)] = 80.0
    max_images: Annotated[int, Meta(ge=1, le=10_000)] = 500
    max_bytes: Annotated[int, Meta(ge=1, le=100 << 30)] = 1 << 30
    keep_days: Annotated[int, Meta(ge=1, le=3650)] = 30


@dataclass(frozen=True, slots=True)
class CaptureState:
    enabled: bool
    uri: str  # where pictures are kept
    below_confidence: float
    max_images: int
    max_bytes: int
    keep_days: int
    images: int
    bytes: int


def to_change(service: Service, caller: Caller, version: ProjectVersion) -> list[Permission]:
    """Need to decide how the version runs, and to write where its pictures go."""
    bucket, prefix = _place(service, caller, version)
    return [
        to_act_on(service, "StartProjectVersion", version.arn),
        on_object("PutObject", bucket, f"{prefix}*"),
    ]


def to_empty(service: Service, caller: Caller, version: ProjectVersion) -> list[Permission]:
    bucket, prefix = _place(service, caller, version)
    return [
        to_act_on(service, "StartProjectVersion", version.arn),
        on_object("DeleteObject", bucket, f"{prefix}*"),
    ]


def show_capture(service: Service, caller: Caller, version: ProjectVersion) -> CaptureState:
    capture = _known(service, version)
    if capture is None:
        defaults = CaptureOrder(enabled=False)
        bucket, prefix = _place(service, caller, version)
        uri = f"s3://{bucket}/{prefix}"
        return _state(defaults, uri, 0, 0)
    with store_answers(capture.bucket):
        usage = count_captured(service.objects, capture)
    uri = f"s3://{capture.bucket}/{capture.prefix}"
    return _state(_order(capture), uri, usage.images, usage.bytes)


def change_capture(
    service: Service, caller: Caller, version: ProjectVersion, order: CaptureOrder
) -> None:
    """Keep pictures from now on, or no more; those that are kept stay.

    Raises ResourceNotReadyException without the console's bucket.
    """
    known = _known(service, version)
    if known is None and find_setup(service, caller).bucket is None:
        raise ResourceNotReadyException("Create the console's bucket first.")
    bucket, prefix = _place(service, caller, version)
    capture = Capture(
        version.id,
        version.arn,
        order.enabled,
        bucket,
        prefix,
        order.below_confidence,
        order.max_images,
        order.max_bytes,
        order.keep_days,
        now_ms(),
        caller.arn,
    )
    with service.records.write() as connection:
        captures.put(connection, capture)
    if service.capturing is not None:
        service.capturing.reload()


def empty_capture(service: Service, version: ProjectVersion) -> None:
    """Delete the pictures that are kept."""
    capture = _known(service, version)
    if capture is None:
        return
    with store_answers(capture.bucket):
        remove_captured(service.objects, capture)
    if service.capturing is not None:
        service.capturing.reload()


def _place(service: Service, caller: Caller, version: ProjectVersion) -> tuple[str, str]:
    known = _known(service, version)
    if known is not None:
        return known.bucket, known.prefix
    setup = find_setup(service, caller)
    with service.records.read() as connection:
        project = projects.get(connection, version.project_id).name
    return setup.bucket or setup.proposed, f"captured/{project}/{version.name}-{version.id}/"


def _known(service: Service, version: ProjectVersion) -> Capture | None:
    with service.records.read() as connection:
        return captures.get(connection, version.id)


def _order(capture: Capture) -> CaptureOrder:
    return CaptureOrder(
        capture.is_enabled,
        capture.below_confidence,
        capture.max_images,
        capture.max_bytes,
        capture.keep_days,
    )


def _state(order: CaptureOrder, uri: str, images: int, size: int) -> CaptureState:
    return CaptureState(
        order.enabled,
        uri,
        order.below_confidence,
        order.max_images,
        order.max_bytes,
        order.keep_days,
        images,
        size,
    )
