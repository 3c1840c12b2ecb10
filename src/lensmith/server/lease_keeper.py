"""Renews the leases of the jobs that this server's processes work on."""

from __future__ import annotations

from lensmith.processes.periodic import PeriodicThread
from lensmith.store.records import leases
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import Lease

_RENEWALS = 3  # within the time of a lease


def lease_keeper(records: Records, lease: Lease) -> PeriodicThread:
    """Return a thread for the server process."""

    def renew() -> None:
        with records.read() as connection:  # most often nothing runs, and nothing is written
            if not leases.has_own(connection, lease.owner):
                return
        with records.write() as connection:
            leases.renew(connection, lease)

    return PeriodicThread("leases", renew, lease.seconds / _RENEWALS)
