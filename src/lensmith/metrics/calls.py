"""Counts API calls for Prometheus, and by account and minute for CloudWatch."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram

from lensmith.domain.arn import ProjectVersionArn
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import ServiceError
from lensmith.domain.metric import (
    MINUTE_MS,
    Datapoint,
    Metric,
    MetricName,
    MetricOwner,
    StatisticSet,
)
from lensmith.metrics.running_units import Measurement

K = TypeVar("K", bound=Hashable)

_Minute = tuple[MetricOwner, str, "CallOutcome", int]  # begin in epoch milliseconds
_Uncounted = tuple[dict[_Minute, StatisticSet], _Minute, float]  # milliseconds
_Merged = dict[tuple[MetricOwner, Metric, int], StatisticSet]

_THROTTLES = frozenset({"ThrottlingException", "ProvisionedThroughputExceededException"})
_MAX_UNCOUNTED = 256
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds


class CallOutcome(StrEnum):
    SUCCESS = "success"
    THROTTLED = "throttled"
    USER_ERROR = "user_error"
    SERVER_ERROR = "server_error"

    @classmethod
    def of(cls, status: int, error_code: str | None) -> CallOutcome:
        if error_code in _THROTTLES:
            return cls.THROTTLED
        if status >= 500:
            return cls.SERVER_ERROR
        return cls.USER_ERROR if status >= 400 else cls.SUCCESS


_COUNTS = {
    CallOutcome.SUCCESS: MetricName.SUCCESSFUL_REQUESTS,
    CallOutcome.THROTTLED: MetricName.THROTTLED,
    CallOutcome.USER_ERROR: MetricName.USER_ERRORS,
    CallOutcome.SERVER_ERROR: MetricName.SERVER_ERRORS,
}


class CallMeter:
    """Counts calls. Thread-safe."""

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        """Build the counters; `clock` returns epoch milliseconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._uncounted: deque[_Uncounted] = deque()
        self._minutes: dict[_Minute, StatisticSet] = {}  # of ms, by operation
        self._of_versions: dict[_Minute, StatisticSet] = {}  # of ms, by ARN
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "lensmith_requests",
            "Calls of the API that were answered.",
            ["operation", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "lensmith_response_seconds",
            "From the arrival of a call to its answer, successful calls only.",
            ["operation"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._requests_of = cache(self._requests.labels)  # names of operations are few
        self._seconds_of = cache(self._seconds.labels)

    def answered(self, operation: str, outcome: CallOutcome, seconds: float) -> None:
        """Count one call of any caller for Prometheus."""
        self._requests_of(operation, outcome.value).inc()
        if outcome is CallOutcome.SUCCESS:
            self._seconds_of(operation).observe(seconds)

    @contextmanager
    def measured(self, owner: MetricOwner, operation: str, since: float) -> Iterator[None]:
        """Count the call made inside for an account; `since` is time.perf_counter() seconds."""
        outcome = CallOutcome.SERVER_ERROR
        try:
            yield
            outcome = CallOutcome.SUCCESS
        except ServiceError as error:
            outcome = CallOutcome.of(error.status, error.code)
            raise
        finally:
            self._count(self._minutes, owner, operation, outcome, time.perf_counter() - since)

    @contextmanager
    def detecting(self, owner: MetricOwner, version_arn: str) -> Iterator[None]:
        """Count the detection made inside for a version."""
        outcome, began = CallOutcome.SERVER_ERROR, time.perf_counter()
        try:
            yield
            outcome = CallOutcome.SUCCESS
        except ServiceError as error:
            outcome = CallOutcome.of(error.status, error.code)
            raise
        finally:
            seconds = time.perf_counter() - began
            self._count(self._of_versions, owner, version_arn, outcome, seconds)

    def take(self, before_ms: int) -> list[Measurement]:
        """Remove and return the measurements of minutes that began before `before_ms`."""
        with self._lock:
            self._add_up()
            calls = _take_ended(self._minutes, before_ms)
            detections = _take_ended(self._of_versions, before_ms)
        merged = {**_of_operations(calls), **_of_detections(detections)}
        return [
            (owner, metric, Datapoint(start_ms, statistics))
            for (owner, metric, start_ms), statistics in merged.items()
        ]

    def minutes_of(self, version_arn: str) -> list[tuple[Metric, Datapoint]]:
        """Return the measurements of a version that are not written yet, as of now."""
        with self._lock:
            self._add_up()
            minutes = {key: of for key, of in self._of_versions.items() if key[1] == version_arn}
        return [
            (metric, Datapoint(start_ms, statistics))
            for (_, metric, start_ms), statistics in _of_detections(minutes).items()
        ]

    def _count(
        self,
        minutes: dict[_Minute, StatisticSet],
        owner: MetricOwner,
        name: str,
        outcome: CallOutcome,
        seconds: float,
    ) -> None:
        now = self._clock()
        self._uncounted.append(
            (minutes, (owner, name, outcome, now - now % MINUTE_MS), seconds * 1000)
        )
        if len(self._uncounted) >= _MAX_UNCOUNTED:
            with self._lock:
                self._add_up()

    def _add_up(self) -> None:
        # Many at once: after a network has run, no cache holds the code that adds one.
        while self._uncounted:
            minutes, key, milliseconds = self._uncounted.popleft()
            _add(minutes, key, StatisticSet.of(milliseconds))


def _take_ended(
    minutes: dict[_Minute, StatisticSet], before_ms: int
) -> dict[_Minute, StatisticSet]:
    ended = {key: of for key, of in minutes.items() if key[3] < before_ms}
    for key in ended:
        del minutes[key]
    return ended


def _of_operations(minutes: Mapping[_Minute, StatisticSet]) -> _Merged:
    """Add each count to its operation and to the whole account; here, not at every call."""
    merged: _Merged = {}
    for (owner, operation, outcome, minute), times in minutes.items():
        for name, value in _values(outcome, times):
            _add(merged, (owner, Metric.of(name, {"Operation": operation}), minute), value)
            _add(merged, (owner, Metric(name), minute), value)
    return merged


def _of_detections(minutes: Mapping[_Minute, StatisticSet]) -> _Merged:
    merged: _Merged = {}
    for (owner, version_arn, outcome, minute), times in minutes.items():
        arn = ProjectVersionArn.parse(version_arn)
        assert arn is not None
        for name, value in _values(outcome, times):
            metric = Metric.of_version(name, arn.project_name, arn.version_name)
            _add(merged, (owner, metric, minute), value)
    return merged


def _values(outcome: CallOutcome, times: StatisticSet) -> Iterator[tuple[str, StatisticSet]]:
    yield _COUNTS[outcome], StatisticSet(times.count, times.count, 1, 1)
    if outcome is CallOutcome.SUCCESS:
        yield MetricName.RESPONSE_TIME, times


def _add(sums: dict[K, StatisticSet], key: K, value: StatisticSet) -> None:
    before = sums.get(key)
    sums[key] = value if before is None else before.merged(value)
