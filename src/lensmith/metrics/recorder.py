"""Thread that writes the metrics: one transaction per minute."""

from __future__ import annotations

import logging
from collections.abc import Callable

from lensmith.domain.clock import now_ms
from lensmith.domain.errors import RecordsUnavailableError
from lensmith.domain.metric import HOUR_MS, MINUTE_MS
from lensmith.metrics.calls import CallMeter
from lensmith.metrics.running_units import LoadOf, Measurement, UnitMinutes, sample_units
from lensmith.processes.periodic import PeriodicThread
from lensmith.store.records import metric_points
from lensmith.store.records.engine import Purpose, Records

log = logging.getLogger(__name__)

SAMPLE_SECONDS = 5.0

_MAX_UNWRITTEN = 50_000  # measurements kept while the records cannot be written


class MetricsRecorder:
    """Samples the units every few seconds and writes each minute once it is over.

    A server that is killed loses the minute under way and no more.
    """

    def __init__(
        self,
        records: Records,
        load_of: LoadOf,
        calls: CallMeter,
        clock: Callable[[], int] = now_ms,
        server: str = "",
    ) -> None:
        """Build the recorder; `clock` returns epoch milliseconds, `server` names this one.

        The name is the same after a restart, so that a minute is sampled once by each server.
        """
        self._records = records
        self._load_of = load_of
        self._calls = calls
        self._clock = clock
        self._server = server
        self._units = UnitMinutes()
        self._unwritten: tuple[list[Measurement], list[Measurement]] = ([], [])
        self._rolled_up_ms = 0
        self._thread = PeriodicThread("metrics", self.sample, SAMPLE_SECONDS)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take a last sample and write the current minute, too."""
        self._thread.stop()
        self._log_exceptions(self.sample)
        self._log_exceptions(lambda: self._write(self._clock() + MINUTE_MS))

    def sample(self) -> None:
        """Sample the units once; write if a minute has ended since the last sample."""
        now = self._clock()
        for units in sample_units(self._records, self._load_of):
            self._units.add(units, now)
        self._write(now - now % MINUTE_MS)
        if now - self._rolled_up_ms >= HOUR_MS:
            with self._records.write_alone(Purpose.ROLL_UP) as connection:
                metric_points.roll_up(connection, now)
            self._rolled_up_ms = now

    def _log_exceptions(self, step: Callable[[], None]) -> None:
        try:
            step()
        except RecordsUnavailableError as error:
            log.error("Metrics wait for the records: %s", error)
        except Exception:  # the thread's edge: measuring goes on whatever happens
            log.exception("Metrics could not be recorded; it is tried again.")

    def _write(self, before_ms: int) -> None:
        units, calls = self._unwritten
        units += self._units.take(before_ms)
        calls += self._calls.take(before_ms)
        if not units and not calls:
            return
        del units[:-_MAX_UNWRITTEN], calls[:-_MAX_UNWRITTEN]
        # In one order, for servers that write the same minute wait for each other.
        with self._records.write() as connection:
            for owner, metric, point in sorted(units, key=_place):
                metric_points.add_sample(connection, owner, metric, point, self._server)
            for owner, metric, point in sorted(calls, key=_place):
                metric_points.accumulate(connection, owner, metric, point)
        self._unwritten = ([], [])


def _place(measurement: Measurement) -> tuple[object, ...]:
    owner, metric, point = measurement
    return (owner.account_id, owner.region, metric.name, metric.dimensions, point.start_ms)
