"""What is kept of units and calls, minute by minute, with a clock that the test turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from tests.boto3.recorded import record_version

from lensmith.domain.errors import (
    InvalidImageFormatException,
    ProvisionedThroughputExceededException,
)
from lensmith.domain.metric import (
    DAY_MS,
    MINUTE_MS,
    Datapoint,
    Metric,
    MetricName,
    MetricOwner,
    StatisticSet,
)
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.metrics.calls import CallMeter
from lensmith.metrics.recorder import MetricsRecorder
from lensmith.serving.fleet import Load
from lensmith.store.records import metric_points, project_versions, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate

NOON = 1_790_000_000_000 - 1_790_000_000_000 % DAY_MS
OWNER = MetricOwner("111122223333", "us-east-1")


class Bench:
    """A recorder, and the clock, fleet and records that it sees."""

    def __init__(self, records: Records) -> None:
        self.now = NOON
        self.records = records
        self.loads: dict[str, Load] = {}
        self.calls = CallMeter(clock=lambda: self.now)
        self.recorder = MetricsRecorder(
            records, lambda arn: self.loads.get(arn, Load()), self.calls, clock=lambda: self.now
        )

    def look(self, at_second: float) -> None:
        self.now = NOON + int(at_second * 1000)
        self.recorder.sample()

    def kept(self, metric: Metric) -> list[Datapoint]:
        with self.records.read() as connection:
            return metric_points.by_period(
                connection, OWNER, metric, start_ms=0, end_ms=NOON + DAY_MS, period=60
            )

    def values(self, name: MetricName) -> list[float]:
        metric = Metric.of_version(name, "parts", "v1")
        return [point.statistics.total for point in self.kept(metric)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    migrate(records)
    yield Bench(records)
    records.close()


@pytest.fixture
def version(bench: Bench) -> ProjectVersion:
    with bench.records.write() as connection:
        project = projects.create(connection, OWNER.account_id, OWNER.region, "parts")
    return record_version(bench.records, project.arn, VersionStatus.RUNNING, name="v1")


def move(connection: Connection, version: ProjectVersion, status: VersionStatus) -> None:
    project_versions.set_status(connection, version.id, status)


def test_a_minute_is_the_average_of_its_looks(bench: Bench, version: ProjectVersion) -> None:
    bench.loads[version.arn] = Load(2, 1, 1, 3)
    bench.look(0)
    bench.look(30)
    bench.loads[version.arn] = Load(2, 2, 1, 3)
    bench.look(45)
    assert bench.values(MetricName.IN_SERVICE_UNITS) == []
    bench.look(60)
    assert bench.values(MetricName.IN_SERVICE_UNITS) == pytest.approx([4 / 3])
    assert bench.values(MetricName.DESIRED_UNITS) == [2]
    assert bench.values(MetricName.MIN_UNITS) == [1]
    assert bench.values(MetricName.MAX_UNITS) == [3]
    (point,) = bench.kept(Metric.of_version(MetricName.IN_SERVICE_UNITS, "parts", "v1"))
    assert (point.start_ms, point.statistics.count) == (NOON, 1)
    assert (point.statistics.minimum, point.statistics.maximum) == (1, 2)


def test_there_are_datapoints_only_while_it_runs(bench: Bench, version: ProjectVersion) -> None:
    bench.loads[version.arn] = Load(1, 1, 1, 1)
    for second in range(0, 120, 20):
        bench.look(second)
    with bench.records.write() as connection:
        move(connection, version, VersionStatus.STOPPED)
    for second in range(120, 240, 20):
        bench.look(second)
    with bench.records.write() as connection:
        move(connection, version, VersionStatus.RUNNING)
    for second in range(240, 301, 20):
        bench.look(second)
    points = bench.kept(Metric.of_version(MetricName.IN_SERVICE_UNITS, "parts", "v1"))
    assert [(point.start_ms - NOON) // MINUTE_MS for point in points] == [0, 1, 4]


def test_stopping_writes_the_minute_under_way(bench: Bench, version: ProjectVersion) -> None:
    bench.loads[version.arn] = Load(1, 1, 1, 1)
    bench.look(5)
    bench.recorder.stop()
    assert bench.values(MetricName.IN_SERVICE_UNITS) == [1]


def test_nothing_is_lost_while_the_records_cannot_be_written(
    bench: Bench, version: ProjectVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.loads[version.arn] = Load(1, 1, 1, 1)
    bench.look(0)
    with monkeypatch.context() as broken:
        broken.setattr(Records, "write", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bench.look(60)
    bench.look(120)
    assert bench.values(MetricName.IN_SERVICE_UNITS) == [1, 1]


def test_calls_are_kept_by_operation_and_for_the_account(bench: Bench) -> None:
    began = time.perf_counter()
    for error in (None, None, InvalidImageFormatException(), RuntimeError()):
        try:
            with bench.calls.measured(OWNER, "DetectCustomLabels", began):
                if error is not None:
                    raise error
        except (InvalidImageFormatException, RuntimeError):
            pass
    with (
        pytest.raises(ProvisionedThroughputExceededException),
        bench.calls.measured(OWNER, "CreateProject", began),
    ):
        raise ProvisionedThroughputExceededException
    bench.look(61)

    def counted(name: MetricName, **dimensions: str) -> list[float]:
        return [point.statistics.total for point in bench.kept(Metric.of(name, dimensions))]

    of_detection = {"Operation": "DetectCustomLabels"}
    assert counted(MetricName.SUCCESSFUL_REQUESTS, **of_detection) == [2]
    assert counted(MetricName.USER_ERRORS, **of_detection) == [1]
    assert counted(MetricName.SERVER_ERRORS, **of_detection) == [1]
    assert counted(MetricName.THROTTLED, **of_detection) == []
    assert counted(MetricName.THROTTLED, Operation="CreateProject") == [1]
    assert counted(MetricName.SUCCESSFUL_REQUESTS) == [2]
    (time_taken,) = bench.kept(Metric.of(MetricName.RESPONSE_TIME, of_detection))
    assert time_taken.statistics.count == 2


def test_old_minutes_are_rolled_up_while_the_server_runs(bench: Bench) -> None:
    metric = Metric.of_version(MetricName.IN_SERVICE_UNITS, "parts", "v1")
    old = NOON - 16 * DAY_MS
    with bench.records.write() as connection:
        for minute in range(5):
            point = Datapoint(old + minute * MINUTE_MS, StatisticSet.of(1))
            metric_points.add_sample(connection, OWNER, metric, point, "one")
    bench.look(0)
    assert bench.kept(metric) == []  # of one minute each
    with bench.records.read() as connection:
        (hour,) = metric_points.hours(connection, OWNER, metric.name, since_ms=0)
    assert hour.count == 5


def test_units_of_several_servers_add_up_once_each(bench: Bench, version: ProjectVersion) -> None:
    def sampled(server: str, load: Load) -> MetricsRecorder:
        recorder = MetricsRecorder(
            bench.records, lambda _: load, CallMeter(), clock=lambda: bench.now, server=server
        )
        bench.now = NOON
        recorder.sample()
        bench.now = NOON + MINUTE_MS
        recorder.sample()
        return recorder

    sampled("one", Load(2, 1, 1, 3))
    sampled("two", Load(4, 3, 2, 5))
    sampled("two", Load(4, 3, 2, 5))  # started again in the same minute
    assert bench.values(MetricName.IN_SERVICE_UNITS) == [4]
    assert bench.values(MetricName.DESIRED_UNITS) == [6]
    assert bench.values(MetricName.MAX_UNITS) == [8]
    (point,) = bench.kept(Metric.of_version(MetricName.IN_SERVICE_UNITS, "parts", "v1"))
    assert point.statistics == StatisticSet(4, 1, 4, 4)  # one sample, as of one server
