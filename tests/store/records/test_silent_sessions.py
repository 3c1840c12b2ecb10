"""A process that is paused in the middle of a batch, on a real PostgreSQL, loses its job."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.store.records.test_leases import ANA, claim
from tests.support.eventually import until

from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.store.records import jobs, leases
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import Lease

IMPORT = [JobKind.CREATE_DATASET]
TWO = Lease("two", 0.3)

# The rows after the pause are never sent; those before it have filled the connection's buffer.
_PAUSED = """
import os, signal, sys
from pathlib import Path
from lensmith.store.records import jobs, leases
from lensmith.store.records.engine import Records

def rows():
    for number in range(2000):
        if number == 1000:
            os.kill(os.getpid(), signal.SIGSTOP)
        yield (f"{number}", b"x" * 10_000)

records = Records.open(sys.argv[1], Path(sys.argv[2]))
with records.read() as connection:
    job = jobs.get(connection, int(sys.argv[3]))
with leases.holding(records, job) as connection:
    cursor = connection.connection.driver_connection.cursor()
    cursor.executemany("INSERT INTO secrets (name, value) VALUES (%s, %s)", rows())
"""


@pytest.fixture
def shared(records: Records) -> Records:
    if not records.is_shared:
        pytest.skip("SQLite is of one machine")
    return records


def test_a_process_paused_in_a_batch_loses_its_job_and_writes_nothing(
    shared: Records, tmp_path: Path
) -> None:
    with shared.write() as connection:
        jobs.enqueue(connection, IMPORT[0], "arn", ANA)
        job = leases.claim(connection, IMPORT, Lease("one", 0), 1)
    assert job is not None
    url = shared.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", _PAUSED, url, str(tmp_path / "root.key"), str(job.id)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        until(lambda: stopped(process.pid), bool)
        # It waits for the rest of a batch, so no timeout ends it.
        until(lambda: sessions(shared), lambda seen: seen == [("active", "ClientRead")])
        taken = until(lambda: take_over(shared), lambda found: found is not None, pause=0.1)
        assert taken is not None
        assert (taken.fence, taken.owner) == (job.fence + 1, "two")
        os.kill(process.pid, signal.SIGCONT)
        _, said = process.communicate()
    assert process.returncode == 1
    assert b"terminating connection" in said or b"closed the connection" in said, said.decode()
    with shared.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM secrets")).scalar_one() == 0
        assert jobs.get(connection, job.id).status is JobStatus.RUNNING


def test_a_process_that_goes_on_keeps_its_job(shared: Records) -> None:
    with shared.write() as connection:
        jobs.enqueue(connection, JobKind.TRAIN, "arn", ANA)
        claim(connection, Lease("one", 0))
    with shared.write() as busy:
        busy.execute(text("SELECT id FROM jobs FOR UPDATE"))
        busy.execute(text("SELECT pg_sleep(0.5)"))
        with shared.write() as connection:
            assert leases.take_over(connection, [JobKind.TRAIN], Lease("two", 30)) is None
        assert busy.execute(text("SELECT 1")).scalar_one() == 1


def take_over(records: Records) -> Job | None:
    with records.write() as connection:
        return leases.take_over(connection, IMPORT, TWO)


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def sessions(records: Records) -> list[tuple[str, str]]:
    """The states of sessions that have changed something."""
    query = text(
        "SELECT state, wait_event FROM pg_stat_activity WHERE backend_xid IS NOT NULL "
        "AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    with records.read() as connection:
        return [(row.state, row.wait_event) for row in connection.execute(query)]
