"""Figures of one experiment: answers, latencies, CPU seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median

import psutil


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answered request."""

    seconds: float
    status: int


@dataclass(frozen=True, slots=True)
class Cpu:
    """User and system seconds of a process, and of it with all below it."""

    first: float
    family: float

    @classmethod
    def of(cls, pid: int) -> Cpu:
        process = psutil.Process(pid)
        first, *others = (
            sum(member.cpu_times()[:2]) for member in (process, *process.children(recursive=True))
        )
        return cls(first, sum(others, first))

    def __sub__(self, earlier: Cpu) -> Cpu:
        return Cpu(self.first - earlier.first, self.family - earlier.family)


@dataclass(frozen=True, slots=True)
class Measured:
    answered: int
    refused: int  # throttled or failed
    per_second: float  # answered requests
    p50_ms: float | None  # None when nothing was answered
    p99_ms: float | None
    server_cpu_ms: float  # of an answered request, all processes of the server
    front_cpu_ms: float  # of them the first process; Lensmith's speaks HTTP and looks at nothing
    client_cpu_ms: float

    @classmethod
    def of(
        cls, outcomes: Sequence[Outcome], seconds: float, server: Cpu, client_seconds: float
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
            server_cpu_ms=round(1e3 * server.family / answered, 2),
            front_cpu_ms=round(1e3 * server.first / answered, 2),
            client_cpu_ms=round(1e3 * client_seconds / answered, 2),
        )

    @classmethod
    def median_of(cls, several: Sequence[Measured]) -> Measured:
        """Of each figure by itself; counts are added up."""
        return cls(
            answered=sum(each.answered for each in several),
            refused=sum(each.refused for each in several),
            per_second=_median(each.per_second for each in several),
            p50_ms=_median_known(each.p50_ms for each in several),
            p99_ms=_median_known(each.p99_ms for each in several),
            server_cpu_ms=_median(each.server_cpu_ms for each in several),
            front_cpu_ms=_median(each.front_cpu_ms for each in several),
            client_cpu_ms=_median(each.client_cpu_ms for each in several),
        )

    def as_row(self) -> dict[str, float | None]:
        return asdict(self)


def _median(values: Iterable[float]) -> float:
    return round(median(values), 2)


def _median_known(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _median(known) if known else None


def _quantile_ms(times: Sequence[float], share: float) -> float | None:
    if not times:
        return None
    return round(1e3 * times[min(int(share * len(times)), len(times) - 1)], 2)
