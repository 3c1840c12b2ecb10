"""Keeps pictures that a model was unsure of, for people to review (console.md 4.2).

A picture is looked at after its prediction is known and written after the reply, by one thread at
low priority. What it cannot write soon is let go: detection never waits.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from lensmith.domain.label import Prediction
from lensmith.store.objects import ObjectStores, put_object, s3_errors
from lensmith.store.records import captures, project_versions
from lensmith.store.records.captures import Capture
from lensmith.store.records.engine import Records

MAX_WAITING = 8  # pictures
MAX_WAITING_BYTES = 32 << 20
WRITE_PAUSE_SECONDS = 0.5  # between two pictures: two a second are enough for people

_RECOUNT_SECONDS = 30.0
_SWEEP_SECONDS = 600.0
_RELOAD_SECONDS = 5.0  # where another server may change what is kept
_NICENESS = 10
_PNG = b"\x89PNG"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class CaptureUsage:
    """The pictures that one version keeps."""

    images: int = 0
    bytes: int = 0
    keys: set[str] = field(default_factory=set)
    counted: float = 0.0  # on the monotonic clock


class Capturing:
    """Queues pictures of versions that keep them. `offer` belongs to the event loop."""

    def __init__(
        self, records: Records, objects: ObjectStores, pause_seconds: float = WRITE_PAUSE_SECONDS
    ) -> None:
        self._records = records
        self._objects = objects
        self._pause = pause_seconds
        self._wanted: dict[int, Capture] = {}
        self._full: set[int] = set()  # versions that have as much as they may
        self._waiting: deque[tuple[Capture, bytes]] = deque()
        self._waiting_bytes = 0
        self._lock = threading.Condition()
        self._stopping = False
        self._usage: dict[int, CaptureUsage] = {}
        self._thread = threading.Thread(target=self._run, name="captures", daemon=True)

    def start(self) -> None:
        self.reload()
        self._thread.start()

    def stop(self) -> None:
        with self._lock:
            self._stopping = True
            self._lock.notify()
        if self._thread.is_alive():
            self._thread.join(5)

    def reload(self) -> None:
        """Read again which versions keep pictures."""
        with self._records.read() as connection:
            found = captures.every(connection)
        self._wanted = {one.version_id: one for one in found if one.is_enabled}
        self._full.clear()

    def offer(self, version_id: int, image: bytes, prediction: Prediction) -> None:
        """Keep a picture if its version wants it, and there is room in the queue."""
        capture = self._wanted.get(version_id)
        if capture is None or version_id in self._full or not is_unsure(capture, prediction):
            return
        with self._lock:
            is_busy = len(self._waiting) >= MAX_WAITING
            if is_busy or self._waiting_bytes + len(image) > MAX_WAITING_BYTES:
                return
            self._waiting.append((capture, image))
            self._waiting_bytes += len(image)
            self._lock.notify()

    def _run(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        next_sweep = 0.0
        is_shared = self._records.is_shared
        while True:
            if time.monotonic() >= next_sweep:
                self._carefully(self._sweep)
                next_sweep = time.monotonic() + _SWEEP_SECONDS
            taken = self._take(timeout=_RELOAD_SECONDS if is_shared else _SWEEP_SECONDS)
            if self._stopping:
                return
            if is_shared:
                self._carefully(self.reload)
            if taken is not None:
                self._carefully(partial(self._write, *taken))
                with self._lock:
                    self._lock.wait_for(lambda: self._stopping, self._pause)

    def _take(self, timeout: float) -> tuple[Capture, bytes] | None:
        with self._lock:
            self._lock.wait_for(lambda: self._waiting or self._stopping, timeout)
            if self._stopping or not self._waiting:
                return None
            taken = self._waiting.popleft()
            self._waiting_bytes -= len(taken[1])
            return taken

    def _carefully(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # the thread's edge: a store that restarts, for example
            log.exception("capturing failed")

    def _write(self, capture: Capture, image: bytes) -> None:
        usage = self._counted(capture)
        ending = "png" if image[:4] == _PNG else "jpg"
        key = f"{capture.prefix}{hashlib.sha256(image).hexdigest()[:32]}.{ending}"
        if key in usage.keys:
            return
        if usage.images >= capture.max_images or usage.bytes + len(image) > capture.max_bytes:
            self._full.add(capture.version_id)
            return
        client = self._objects.internal()
        media_type = "image/png" if ending == "png" else "image/jpeg"
        put_object(client, capture.bucket, key, image, media_type)
        usage.images += 1
        usage.bytes += len(image)
        usage.keys.add(key)

    def _counted(self, capture: Capture) -> CaptureUsage:
        """Count again now and then: people take pictures away."""
        usage = self._usage.get(capture.version_id)
        if usage is None or time.monotonic() - usage.counted > _RECOUNT_SECONDS:
            usage = count_captured(self._objects, capture)
            self._usage[capture.version_id] = usage
        return usage

    def _sweep(self) -> None:
        """Delete pictures that are older than their version keeps them."""
        with self._records.read() as connection:
            found = captures.every(connection)
        for capture in found:
            usage = count_captured(self._objects, capture, remove_older=True)
            self._usage[capture.version_id] = usage
            if not usage.images:
                self._forget(capture)
        self._full.clear()

    def _forget(self, capture: Capture) -> None:
        """Drop the settings of a version that is gone, with its last picture."""
        with self._records.write() as connection:
            if project_versions.find(connection, capture.version_arn) is None:
                captures.remove(connection, capture.version_id)


def is_unsure(capture: Capture, prediction: Prediction) -> bool:
    """Return whether a picture has no result, or one below the confidence that is asked for.

    Results are those that reach their label's assumed threshold.
    """
    least = min(
        (
            one.confidence
            for one in prediction.detections
            if one.confidence >= prediction.thresholds[one.name]
        ),
        default=0.0,
    )
    return 100 * least < capture.below_confidence or capture.below_confidence >= 100


def count_captured(
    objects: ObjectStores, capture: Capture, *, remove_older: bool = False
) -> CaptureUsage:
    """Count what a version keeps; raises ObjectStoreError."""
    usage = CaptureUsage(counted=time.monotonic())
    oldest = datetime.now(UTC) - timedelta(days=capture.keep_days)
    client = objects.internal()
    with s3_errors(capture.bucket, capture.prefix):
        pages = client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=capture.bucket, Prefix=capture.prefix):
            for found in page.get("Contents", []):
                if remove_older and found["LastModified"] < oldest:
                    client.delete_object(Bucket=capture.bucket, Key=found["Key"])
                    continue
                usage.images += 1
                usage.bytes += found["Size"]
                usage.keys.add(found["Key"])
    return usage


def remove_captured(objects: ObjectStores, capture: Capture) -> None:
    """Delete every picture that a version keeps; raises ObjectStoreError."""
    client = objects.internal()
    for key in count_captured(objects, capture).keys:
        with s3_errors(capture.bucket, key):
            client.delete_object(Bucket=capture.bucket, Key=key)
