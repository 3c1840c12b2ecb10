"""Exposes all metrics in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from prometheus_client import PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from lensmith.domain.job import JobKind, JobStatus
from lensmith.metrics.calls import CallMeter
from lensmith.metrics.running_units import LoadOf, RunningUnits, sample_units
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0

_VERSION_LABELS = ("account", "project", "version")
_GAUGES = (
    ("desired_inference_units", "Units that scaling wants", attrgetter("desired")),
    ("in_service_inference_units", "Units that answer", attrgetter("in_service")),
    ("min_inference_units", "Fewest units", attrgetter("minimum")),
    ("max_inference_units", "Most units", attrgetter("maximum")),
    ("model_requests", "Requests being served or waiting", attrgetter("requests")),
    ("model_waiting_requests", "Requests that wait for a unit", attrgetter("waiting")),
)


class Exposition:
    """Renders the response of `GET /metrics`. Thread-safe."""

    def __init__(self, records: Records, load_of: LoadOf, calls: CallMeter) -> None:
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        PlatformCollector(registry=self._process)
        self._calls = calls.registry
        self._now = CollectorRegistry()
        self._now.register(_State(records, load_of))

    def text(self) -> bytes:
        return b"".join(
            generate_latest(registry) for registry in (self._now, self._calls, self._process)
        )


class _State(Collector):
    """Collects gauges from the fleet and the records at every scrape."""

    def __init__(self, records: Records, load_of: LoadOf) -> None:
        self._records = records
        self._load_of = load_of

    def describe(self) -> list[Metric]:
        """Return nothing, so that the registry does not collect once to learn the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        running = sample_units(self._records, self._load_of)
        with self._records.read() as connection:
            trainings = {
                status: len(jobs.with_status(connection, status, [JobKind.TRAIN]))
                for status in (JobStatus.QUEUED, JobStatus.RUNNING)
            }
        for name, text, value_of in _GAUGES:
            gauge = GaugeMetricFamily(f"lensmith_{name}", text, labels=_VERSION_LABELS)
            for units in running:
                gauge.add_metric(_labels(units), value_of(units.load))
            yield gauge
        family = GaugeMetricFamily("lensmith_trainings", "Trainings by state", labels=("state",))
        for status, number in trainings.items():
            family.add_metric((status.value,), number)
        yield family


def _labels(units: RunningUnits) -> tuple[str, str, str]:
    return units.arn.account_id, units.arn.project_name, units.arn.version_name
