"""Processes of jobs that the dataset process starts, and stops when it is stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.store.records.conftest import records
from tests.support.eventually import until

from lensmith.config import Settings
from lensmith.datasets.job_processes import JobProcesses
from lensmith.datasets.stores import Stores
from lensmith.domain.caller import Caller
from lensmith.domain.job import JobKind
from lensmith.store.objects import ObjectStores
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

__all__ = ["records"]
ANA = Caller("111122223333", "arn:aws:iam::111122223333:user/ana", "AKIAEXAMPLE")

# Takes a while to put its job back, and says when it has.
_STOPPABLE = """
import signal, sys, time
from pathlib import Path

def put_back(*_):
    time.sleep(0.2)
    (Path(__file__).parent / "put-back").touch()
    sys.exit(0)

signal.signal(signal.SIGTERM, put_back)
(Path(__file__).parent / "at-work").touch()
time.sleep(600)
"""


def test_a_job_has_the_time_to_go_back_when_its_process_is_stopped(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "stoppable_job.py").write_text(_STOPPABLE)
    monkeypatch.setenv("PYTHONPATH", str(modules))
    settings = Settings(tmp_path)
    stores = Stores(settings, records, ObjectStores(settings, records))
    with records.write() as connection:
        jobs.enqueue(connection, JobKind.COPY_VERSION, "arn", ANA)
    processes = JobProcesses(stores, {JobKind.COPY_VERSION: "stoppable_job"})
    processes.start()
    until((modules / "at-work").exists, message="not started")
    processes.stop()
    assert (modules / "put-back").exists()
