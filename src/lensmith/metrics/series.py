"""Datapoints put together by periods into the series that CloudWatch answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lensmith.domain.metric import Datapoint, StatisticSet

SHORTEST_PERIOD = 60  # seconds: of what is kept


class Statistic(StrEnum):
    SAMPLE_COUNT = "SampleCount"
    AVERAGE = "Average"
    SUM = "Sum"
    MINIMUM = "Minimum"
    MAXIMUM = "Maximum"

    def of(self, statistics: StatisticSet) -> float:
        match self:
            case Statistic.SAMPLE_COUNT:
                return statistics.count
            case Statistic.AVERAGE:
                return statistics.total / statistics.count
            case Statistic.SUM:
                return statistics.total
            case Statistic.MINIMUM:
                return statistics.minimum
            case Statistic.MAXIMUM:
                return statistics.maximum


@dataclass(frozen=True, slots=True)
class Series:
    """Values by the epoch second at which their period begins, oldest first."""

    points: dict[int, float]
    period: int  # seconds
    label: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in epoch seconds; the end is excluded."""

    start: int
    end: int

    def aligned(self, period: int) -> Span:
        """From the beginning of the period that holds the start."""
        return Span(self.start - self.start % period, self.end)


def by_period(points: Iterable[Datapoint], period: int) -> dict[int, StatisticSet]:
    """What the datapoints of each period amount to; `points` oldest first."""
    found: dict[int, StatisticSet] = {}
    for point in points:
        start = point.start_ms // 1000
        start -= start % period
        before = found.get(start)
        found[start] = point.statistics if before is None else before.merged(point.statistics)
    return found
