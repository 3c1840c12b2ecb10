"""What is counted of one cell of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answered request."""

    seconds: float
    status: int


@dataclass(frozen=True, slots=True)
class Measured:
    answered: int
    refused: int  # told to come back later, or failed
    per_second: float  # answered requests
    p50_ms: float | None  # None when nothing was answered
    p99_ms: float | None
    server_cpu_ms: float  # of an answered request
    client_cpu_ms: float

    @classmethod
    def of(
        cls, outcomes: Sequence[Outcome], seconds: float, server_cpu: float, client_cpu: float
    ) -> Measured:
        """From what was answered in `seconds`, and CPU seconds of both sides meanwhile."""
        times = sorted(each.seconds for each in outcomes if each.status == 200)
        answered = max(len(times), 1)
        return cls(
            answered=len(times),
            refused=len(outcomes) - len(times),
            per_second=round(len(times) / seconds, 2),
            p50_ms=_quantile_ms(times, 0.5),
            p99_ms=_quantile_ms(times, 0.99),
            server_cpu_ms=round(1e3 * server_cpu / answered, 2),
            client_cpu_ms=round(1e3 * client_cpu / answered, 2),
        )

    def as_row(self) -> dict[str, float | None]:
        return asdict(self)


def cpu_seconds_of(pid: int) -> float:
    """User and system time of a process and all below it."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return sum(sum(member.cpu_times()[:2]) for member in family)


def _quantile_ms(times: Sequence[float], share: float) -> float | None:
    if not times:
        return None
    return round(1e3 * times[min(int(share * len(times)), len(times) - 1)], 2)
