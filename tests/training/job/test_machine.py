from __future__ import annotations

from pathlib import Path

from lensmith.domain.caller import Caller
from lensmith.domain.job import JobKind
from lensmith.store.records import jobs, leases
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import Lease
from lensmith.store.records.schema import migrate
from lensmith.training.job.machine import CoresUsed, machine_share


def test_trainings_of_the_same_server_are_beside_it(tmp_path: Path) -> None:
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    migrate(records)
    caller = Caller("1" * 12, "arn", "AKIA")
    with records.write() as connection:
        for number in range(4):
            jobs.enqueue(connection, JobKind.TRAIN, f"version-{number}", caller)
        claimed = [
            leases.claim(connection, [JobKind.TRAIN], Lease(owner, 60.0), pid=1)
            for owner in ("here", "here", "elsewhere")
        ]
    shares = [machine_share(records, job) for job in claimed if job is not None]
    assert claimed[0] is not None
    on_cluster = machine_share(records, claimed[0], is_on_cluster=True)
    records.close()
    assert on_cluster.trainings == 0  # the server's others are on any of its nodes
    assert [share.trainings for share in shares] == [1, 1, 0]  # the fourth is queued
    assert shares[0].cores >= 1
    assert shares[0].load is not None
    assert CoresUsed().added_to(shares[0]).cores_used is not None
