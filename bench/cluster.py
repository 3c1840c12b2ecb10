"""Kills machines with units under load, then the leader and PostgreSQL: `python -m bench cluster`.

One server takes calls, one leads, two have the units of one model, two of them. Every few seconds
one of the two is killed and started again. Then the leader is paused, killed, and PostgreSQL
stopped, each for a minute. PostgreSQL and S3 are the tests' own, all on this machine. Before, a
unit is asked by TCP and by shared memory, as in `python -m bench remote_unit`.
"""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import psutil
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table
from tests.e2e.drawn import flowers
from tests.support.eventually import until
from tests.support.installed_model import install_model
from tests.support.live_server import LiveServer
from tests.support.postgresql import Postgresql, stoppable_postgresql
from tests.support.shared_settings import shared_settings

from bench.serving import remote_unit
from lensmith.store.records import leader_signs, placed_units
from lensmith.store.records.engine import Records
from lensmith.store.records.placed_units import UnitState


@dataclass
class Cluster:
    """A server that takes calls, one that leads, and two with units."""

    front: LiveServer
    leader: LiveServer
    nodes: list[LiveServer]
    records: Records
    postgresql: Postgresql
    arn: str = ""

    def ready(self) -> int:
        """Count the machines with a unit that is ready: two on one are lost together."""
        with self.records.read() as connection:
            found = placed_units.every(connection)
        return len({unit.node for unit in found if unit.state is UnitState.READY})

    def start_model(self) -> None:
        """Start a model of two units whose files are on both machines."""
        machines = [node.settings for node in self.nodes]
        _, version = install_model(self.records, machines, "lasting")
        self.arn = version.arn
        client = self.front.rekognition()
        client.start_project_version(ProjectVersionArn=self.arn, MinInferenceUnits=2)
        until(self.ready, lambda units: units == 2)
        time.sleep(1)  # until the version is RUNNING


@contextmanager
def started(lease_seconds: int) -> Iterator[Cluster]:
    """Start PostgreSQL, a server for its S3, and the four of the cluster."""
    with ExitStack() as running:
        home = Path(running.enter_context(TemporaryDirectory()))
        postgresql = running.enter_context(stoppable_postgresql())
        store = LiveServer(home / "store")
        _start(store, running)
        given = shared_settings(postgresql.url, home / "root.key", store, lease_seconds)

        def server(name: str, role: str) -> LiveServer:
            # With api, too, because a LiveServer is ready once it answers; no call goes there.
            made = LiveServer(home / name, given={**given, "LENSMITH_ROLE": f"api{role}"})
            _start(made, running)
            return made

        front, leader = server("front", ""), server("leader", ",controller")
        nodes = [server(name, ",units") for name in ("one", "two")]
        records = Records.of(front.settings)
        running.callback(records.close)
        yield Cluster(front, leader, nodes, records, postgresql)


def _start(server: LiveServer, running: ExitStack) -> None:
    server.start()
    running.callback(_end, server)


def _end(server: LiveServer) -> None:
    if server.process is not None and server.process.poll() is None:
        server.process.kill()
        server.process.wait()


@dataclass
class Answers:
    """Outcomes of the calls of all clients."""

    outcomes: Counter[str]
    milliseconds: list[float]


def call(cluster: Cluster, over: threading.Event, pause: float, answers: Answers) -> None:
    """Call until `over`; a failure is counted, never repeated."""
    client, picture = cluster.front.rekognition(), flowers("load", 1)[0].jpeg()
    while not over.wait(pause):
        began = time.perf_counter()
        try:
            client.detect_custom_labels(ProjectVersionArn=cluster.arn, Image={"Bytes": picture})
        except ClientError as error:
            answers.outcomes[error.response["Error"]["Code"]] += 1
        except BotoCoreError as error:
            answers.outcomes[type(error).__name__] += 1
        else:
            answers.outcomes["answered"] += 1
        answers.milliseconds.append(1000 * (time.perf_counter() - began))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench cluster", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--every", type=float, default=20, help="seconds between two kills")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two calls of one")
    parser.add_argument("--lease", type=int, default=30)
    parser.add_argument(
        "--outage", type=float, default=60, help="seconds without the leader, and PostgreSQL"
    )
    parser.add_argument("--rounds", type=int, default=200, help="of a unit by TCP; 0: none")
    given = parser.parse_args()
    if given.rounds:
        Console().print(remote_unit.measured(given.rounds))
    table = Table("event", "times", "outcome", "calls", "ms, median", "p99", "most", box=None)
    with started(given.lease) as cluster:
        cluster.start_model()
        with asked(cluster, given.connections, given.pause) as answers:
            kills = kill_nodes(cluster, given.minutes, given.every)
        add_rows(table, "a node is killed", kills, answers)
        for event, take_away in _OUTAGES.items():
            if given.outage:
                with asked(cluster, given.connections, given.pause) as answers:
                    take_away(cluster, given.outage)
                add_rows(table, f"{event} for {given.outage:.0f} s", 1, answers)
    Console().print(table)


@contextmanager
def asked(cluster: Cluster, connections: int, pause: float) -> Iterator[Answers]:
    """Call during the block; what is answered fills the answers that are yielded."""
    answers, over = Answers(Counter(), []), threading.Event()
    with ThreadPoolExecutor(connections) as clients:
        for _ in range(connections):
            clients.submit(call, cluster, over, pause, answers)
        try:
            yield answers
        finally:
            over.set()


def kill_nodes(cluster: Cluster, minutes: float, every: float) -> int:
    """Kill the two in turns, each time once both units are ready; returns how often."""
    end, victims, kills = time.monotonic() + 60 * minutes, cycle(cluster.nodes), 0
    while time.monotonic() < end:
        next_kill = time.monotonic() + every
        node = next(victims)
        node.stop(signal.SIGKILL)
        kills += 1
        node.start()
        until(cluster.ready, lambda units: units == 2)
        time.sleep(max(next_kill - time.monotonic(), 0))
    return kills


def pause_leader(cluster: Cluster, seconds: float) -> None:
    """Stop the only leader's process for a while: it keeps its connections."""
    process = psutil.Process(cluster.leader.pid)
    process.suspend()
    time.sleep(seconds)
    process.resume()
    _await_leader(cluster)


def kill_leader(cluster: Cluster, seconds: float) -> None:
    """Kill the only leader; meanwhile a unit dies, which needs none to come back."""
    cluster.leader.stop(signal.SIGKILL)
    time.sleep(seconds / 2)
    unit = cluster.nodes[0].children("lensmith.serving.remote.worker")[0]
    unit.kill()
    until(cluster.ready, lambda units: units < 2)
    until(cluster.ready, lambda units: units == 2)
    time.sleep(seconds / 2)
    cluster.leader.start()
    _await_leader(cluster)


def _await_leader(cluster: Cluster) -> None:
    """Return once it has decided again."""

    def silent_ms() -> int:
        with cluster.records.read() as connection:
            return leader_signs.silent_ms(connection) or 0

    until(silent_ms, lambda silent: silent < 2000)
    time.sleep(3)


def take_database_away(cluster: Cluster, seconds: float) -> None:
    """Stop PostgreSQL under load, after the keys are known, and start it again."""
    time.sleep(3)
    cluster.postgresql.stop()
    time.sleep(seconds)
    cluster.postgresql.start()
    time.sleep(3)


_OUTAGES = {
    "the leader is paused": pause_leader,
    "the leader is killed and away": kill_leader,
    "PostgreSQL is away": take_database_away,
}


def add_rows(table: Table, event: str, times: int, answers: Answers) -> None:
    """Add a row for each outcome, the times of calls in that of those answered."""
    spread = answers.milliseconds
    figures = (median(spread), quantiles(spread, n=100)[-1], max(spread))
    for outcome, calls in answers.outcomes.most_common():
        shown = figures if outcome == "answered" else ()
        table.add_row(event, f"{times}", outcome, f"{calls}", *(f"{one:.0f}" for one in shown))


if __name__ == "__main__":
    main()
