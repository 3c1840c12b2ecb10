"""Kills two servers at random while clients write: `python -m bench kills`.

They share one PostgreSQL and one S3, which run on. Two clients fill, change, distribute and delete
datasets, one trains models of drawn pictures and copies them. Afterwards everything that was
acknowledged is compared with what the servers say.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from tests.support.live_server import TRAINING_BUDGET, LiveServer
from tests.support.postgresql import stoppable_postgresql
from tests.support.shared_settings import shared_settings

from bench.kills.caller import Caller
from bench.kills.check import Servers, faults
from bench.kills.clients import Bucket, Client, train_and_copy, write_datasets
from bench.kills.history import JobChange, keep_history, read_history, taken_over
from bench.kills.killer import Mortal, kill_at_random
from lensmith.domain.job import JobStatus
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

_BUCKET = "custom-labels-kills"
_TRAINER = "train"  # name of the client that trains


@dataclass(frozen=True)
class Size:
    """How much happens."""

    kills: int
    pause: float = 8.0  # seconds between two kills, at most
    lines: int = 3000  # of a manifest, at most
    dataset_clients: int = 2
    trains: bool = True
    lease_seconds: int = 6


@dataclass(frozen=True)
class Outcome:
    """The course of a run, and the faults that were found afterwards."""

    calls: Counter[str]
    history: list[JobChange]
    projects: int
    entries: int
    versions: int
    faults: list[str]


def run(home: Path, records_url: str, store: LiveServer, size: Size, seed: int) -> Outcome:
    """Start two servers on an empty database and the S3 of `store`, kill them, compare."""
    given = shared_settings(records_url, home / "root.key", store, size.lease_seconds) | {
        "LENSMITH_SYSTEM_BUCKET": f"{_BUCKET}-system",
        "LENSMITH_TRAINING_THREADS": "1",
        "LENSMITH_TRAINING_BUDGET": TRAINING_BUDGET,
        "LENSMITH_PRECISION": "float32",
    }
    store.s3().create_bucket(Bucket=_BUCKET)
    with _two_servers(home, given) as servers, ExitStack() as opened:
        records = Records.open(records_url, home / "root.key")
        opened.callback(records.close)
        keep_history(records)
        clients = [server.rekognition() for server in servers]
        callers = _clients(size, clients, Bucket(store.s3(), _BUCKET), seed)
        _write_and_kill(callers, [Mortal(one) for one in servers], size, Random(seed))
        ledgers = [one.ledger for one in callers]
        # A directory of its own, so that no model comes from a copy that a server has.
        settings = replace(servers[0].settings, data_directory=home / "fetched")
        with _signing(given):
            found = faults(Servers(clients, records, settings), ledgers)
        for one in callers:
            found += one.caller.internal_errors
        kept = [project for ledger in ledgers for project in ledger.projects]
        return Outcome(
            sum((one.caller.outcomes for one in callers), Counter()),
            read_history(records),
            len(kept) + sum(len(ledger.deleted) for ledger in ledgers),
            sum(len(project.lines) for project in kept),
            sum(len(project.versions) for project in kept),
            found,
        )


def _clients(
    size: Size, clients: list[RekognitionClient], bucket: Bucket, seed: int
) -> list[Client]:
    names = [f"data-{number}" for number in range(size.dataset_clients)]
    names += [_TRAINER] * size.trains
    over = threading.Event()
    return [
        Client(
            name,
            Caller(clients, Random(f"{seed} {name} calls")),
            bucket,
            Random(f"{seed} {name}"),
            over,
        )
        for name in names
    ]


def _write_and_kill(callers: list[Client], mortals: list[Mortal], size: Size, rng: Random) -> None:
    """Let the clients write while servers are killed, and end what they began."""
    with ThreadPoolExecutor(len(callers)) as pool:
        under_way = [pool.submit(_work, one, size) for one in callers]
        try:
            kill_at_random(mortals, size.kills, rng, size.pause)
        finally:
            callers[0].over.set()  # for all
        for one in under_way:
            one.result()


def _work(client: Client, size: Size) -> None:
    if client.name == _TRAINER:
        train_and_copy(client)
    else:
        write_datasets(client, size.lines)


@contextmanager
def _two_servers(home: Path, given: dict[str, str]) -> Iterator[list[LiveServer]]:
    servers = [LiveServer(home / name, given=given) for name in ("one", "two")]
    try:
        for one in servers:
            one.start()
        yield servers
    finally:
        for one in servers:
            if one.process is not None and one.process.poll() is None:
                one.process.kill()
                one.process.wait()


@contextmanager
def _signing(given: dict[str, str]) -> Iterator[None]:
    """Let this process sign for the S3 as the servers do."""
    keys = {name: value for name, value in given.items() if name.startswith("AWS_")}
    before = {name: os.environ.get(name) for name in keys}
    os.environ.update(keys)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=8, help="seconds between kills, at most")
    given = parser.parse_args()
    began = time.monotonic()
    with ExitStack() as running:
        home = Path(running.enter_context(TemporaryDirectory()))
        postgresql = running.enter_context(stoppable_postgresql())
        store = LiveServer(home / "store")
        store.start()
        running.callback(store.stop)
        size = Size(given.kills, given.pause)
        outcome = run(home, postgresql.url, store, size, given.seed)
    show(outcome, given.kills, (time.monotonic() - began) / 60)
    sys.exit(bool(outcome.faults))


def show(outcome: Outcome, kills: int, minutes: float) -> None:
    ended = Counter(one.kind for one in outcome.history if one.after == JobStatus.SUCCEEDED)
    table = Table("", "", box=None, show_header=False)
    rows = {
        "minutes": f"{minutes:.0f}",
        "kills": kills,
        **dict(sorted(outcome.calls.items())),
        "projects": outcome.projects,
        "entries compared": outcome.entries,
        "models": outcome.versions,
        **{f"{kind} succeeded": number for kind, number in sorted(ended.items())},
        "jobs taken from a server that was gone": taken_over(outcome.history),
        "faults": len(outcome.faults),
    }
    for name, value in rows.items():
        table.add_row(name, f"{value}")
    Console().print(table)
    for fault in outcome.faults:
        print(fault)


if __name__ == "__main__":
    main()
