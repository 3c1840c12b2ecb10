"""Two servers that are killed while clients write.

`python -m bench kills` does it 200 times, with trainings and copies.
"""

from __future__ import annotations

from pathlib import Path

from bench.kills.run import Size, run
from tests.support.live_server import LiveServer
from tests.support.postgresql import database

from lensmith.domain.job import JobKind, JobStatus


def test_nothing_acknowledged_is_lost_and_no_job_succeeds_twice(
    server: LiveServer, postgresql: str, tmp_path: Path
) -> None:
    size = Size(kills=6, pause=3, lines=500, trains=False, lease_seconds=5)
    with database(postgresql) as url:
        outcome = run(tmp_path, url, server, size, seed=22)
    assert outcome.faults == []
    assert outcome.entries > 0
    ended = {one.kind for one in outcome.history if one.after == JobStatus.SUCCEEDED}
    assert JobKind.CREATE_DATASET in ended
