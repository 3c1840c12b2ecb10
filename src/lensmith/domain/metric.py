"""Metrics as CloudWatch has them: names, dimensions and datapoints (api.md 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

NAMESPACE = "AWS/Rekognition"

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class MetricName(StrEnum):
    # Of a running version; dimensions ProjectName and VersionName.
    DESIRED_UNITS = "DesiredInferenceUnits"
    IN_SERVICE_UNITS = "InServiceInferenceUnits"
    MIN_UNITS = "MinInferenceUnits"
    MAX_UNITS = "MaxInferenceUnits"
    # Of the service; dimension Operation, or none for the whole account.
    SUCCESSFUL_REQUESTS = "SuccessfulRequestCount"
    THROTTLED = "ThrottledCount"
    USER_ERRORS = "UserErrorCount"
    SERVER_ERRORS = "ServerErrorCount"
    RESPONSE_TIME = "ResponseTime"

    @property
    def unit(self) -> str:
        """A CloudWatch StandardUnit."""
        return "Milliseconds" if self is MetricName.RESPONSE_TIME else "Count"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric with its dimensions in order of their names; equal when they are the same."""

    name: str
    dimensions: tuple[tuple[str, str], ...] = ()  # name, value

    @classmethod
    def of(cls, name: str, dimensions: Mapping[str, str]) -> Self:
        return cls(name, tuple(sorted(dimensions.items())))

    @classmethod
    def of_version(cls, name: str, project_name: str, version_name: str) -> Self:
        return cls.of(name, {"ProjectName": project_name, "VersionName": version_name})


@dataclass(frozen=True, slots=True)
class MetricOwner:
    """Whose metrics: no account and no region sees those of another."""

    account_id: str
    region: str


@dataclass(frozen=True, slots=True)
class StatisticSet:
    """Sum, count, minimum and maximum of the samples of a period."""

    total: float
    count: float  # of samples
    minimum: float
    maximum: float

    @classmethod
    def of(cls, value: float) -> Self:
        return cls(value, 1, value, value)

    def merged(self, other: StatisticSet) -> StatisticSet:
        return StatisticSet(
            self.total + other.total,
            self.count + other.count,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
        )


@dataclass(frozen=True, slots=True)
class Datapoint:
    """The samples from `start_ms` (epoch milliseconds) on, for as long as its period is."""

    start_ms: int
    statistics: StatisticSet
