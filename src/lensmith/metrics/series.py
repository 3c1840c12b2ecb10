"""Time series and their statistics, as CloudWatch returns them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lensmith.domain.metric import StatisticSet


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
        """Return the span from the beginning of the period that holds its start."""
        return Span(self.start - self.start % period, self.end)
