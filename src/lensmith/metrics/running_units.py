"""Samples the inference units of running versions and averages them by the minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lensmith.domain.arn import ProjectVersionArn
from lensmith.domain.metric import (
    MINUTE_MS,
    Datapoint,
    Metric,
    MetricName,
    MetricOwner,
    StatisticSet,
)
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records import project_versions
from lensmith.store.records.engine import Records

Measurement = tuple[MetricOwner, Metric, Datapoint]


class UnitLoad(Protocol):
    """Units and requests of one version; `serving.fleet.Load` implements it."""

    @property
    def desired(self) -> int: ...
    @property
    def in_service(self) -> int: ...
    @property
    def minimum(self) -> int: ...
    @property
    def maximum(self) -> int: ...
    @property
    def requests(self) -> int: ...
    @property
    def waiting(self) -> int: ...


LoadOf = Callable[[str], UnitLoad]  # of a version's ARN


@dataclass(frozen=True, slots=True)
class RunningUnits:
    """Units and requests of one running version, now."""

    arn: ProjectVersionArn
    load: UnitLoad


def sample_units(records: Records, load_of: LoadOf) -> list[RunningUnits]:
    """Return units and requests of every RUNNING version of every account."""
    found = []
    for version in records.read_cached(project_versions.in_states, (VersionStatus.RUNNING,)):
        arn = ProjectVersionArn.parse(version.arn)
        assert arn is not None
        found.append(RunningUnits(arn, load_of(version.arn)))
    return found


class UnitMinutes:
    """Samples of the minutes that are not written yet. Not thread-safe."""

    def __init__(self) -> None:
        self._samples: dict[tuple[MetricOwner, Metric, int], StatisticSet] = {}

    def add(self, units: RunningUnits, now_ms: int) -> None:
        arn, load = units.arn, units.load
        owner = MetricOwner(arn.account_id, arn.region)
        for name, value in (
            (MetricName.DESIRED_UNITS, load.desired),
            (MetricName.IN_SERVICE_UNITS, load.in_service),
            (MetricName.MIN_UNITS, load.minimum),
            (MetricName.MAX_UNITS, load.maximum),
        ):
            metric = Metric.of_version(name, arn.project_name, arn.version_name)
            key = owner, metric, now_ms - now_ms % MINUTE_MS
            sample = StatisticSet.of(value)
            before = self._samples.get(key)
            self._samples[key] = sample if before is None else before.merged(sample)

    def take(self, before_ms: int) -> list[Measurement]:
        """Remove and return the minutes that began before `before_ms`, averaged."""
        ended = {key: of for key, of in self._samples.items() if key[2] < before_ms}
        for key in ended:
            del self._samples[key]
        return [
            (owner, metric, Datapoint(start_ms, _one_sample(samples)))
            for (owner, metric, start_ms), samples in ended.items()
        ]


def _one_sample(samples: StatisticSet) -> StatisticSet:
    # One a minute, as on AWS: reports count them to know how long a version ran.
    return StatisticSet(samples.total / samples.count, 1, samples.minimum, samples.maximum)
