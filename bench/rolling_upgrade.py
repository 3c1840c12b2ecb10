"""Upgrades the services of deploy/cluster/compose.yaml one by one under calls, as root.

`git archive RELEASE src | tar -x -C DIRECTORY`, then `python -m bench rolling_upgrade
--old DIRECTORY/src`: the servers begin with that source and end with this one's. Two clients call
without repeats all the while; the order is that of docs/cluster.md. A call belongs to the service
after whose replacement it ended first. Exits with 1 where calls failed. Choose a directory outside
of /tmp, which services have for themselves.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from tests.deploy.cluster import Cluster, started_cluster
from tests.e2e.drawn import flowers
from tests.support.composed import REPOSITORY
from tests.support.eventually import until

_SCHEMA = "SELECT version_num FROM alembic_version"
_PAUSE_SECONDS = 0.05
_NEW = f"{REPOSITORY}/src:{REPOSITORY}"


@dataclass
class Calls:
    """Calls that were answered while the block of `calling` runs, and errors of the others."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def calling(cluster: Cluster, clients: int = 2) -> Iterator[Calls]:
    """Let clients detect and list, without repeats."""
    made, over, picture = Calls(), threading.Event(), flowers("load", 1)[0].jpeg()

    def call() -> None:
        with cluster.composed.inside("haproxy"):
            client = cluster.client("rekognition", attempts=1)
            steps: list[Callable[[], object]] = [
                lambda: cluster.detected(client, picture),
                client.describe_projects,
            ]
            while not over.wait(_PAUSE_SECONDS):
                for step in steps:
                    began = time.monotonic()
                    try:
                        step()
                    except Exception as error:  # noqa: BLE001 - failures are counted
                        made.errors.append(repr(error))
                    else:
                        made.seconds.append(time.monotonic() - began)

    with ThreadPoolExecutor(clients) as pool:
        asking = [pool.submit(call) for _ in range(clients)]
        try:
            yield made
        finally:
            over.set()
        for one in asking:
            one.result()


@dataclass
class Upgrade:
    """Replaces servers one by one, and shows what was answered meanwhile."""

    cluster: Cluster
    calls: Calls
    table: Table
    _answered: int = 0  # calls that rows have
    _failed: int = 0

    def run(self) -> None:
        for name in ("api-1", "api-2"):
            self._replace(name, partial(self._api, name))
        self._replace("controller", partial(self._renew, "controller"))
        for name in ("node-1", "node-2"):
            self._replace(name, partial(self._node, name))

    def show(self, name: str) -> None:
        """Add a row with the calls since the one before."""
        query = ("psql", "--username=lensmith", "-Atc", _SCHEMA)
        schema = self.cluster.composed.run("postgres", *query).decode().strip()
        answered, failed = len(self.calls.seconds), len(self.calls.errors)
        seconds = self.calls.seconds[self._answered : answered]
        longest = f"{1000 * max(seconds, default=0):.0f}"
        self.table.add_row(name, schema, str(len(seconds)), str(failed - self._failed), longest)
        self._answered, self._failed = answered, failed

    def _replace(self, name: str, step: Callable[[], None]) -> None:
        step()
        self.show(name)

    def _renew(self, name: str) -> None:
        self.cluster.composed.services[name].kill(signal.SIGTERM)
        self.cluster.composed.start(name)

    def _api(self, name: str) -> None:
        self.cluster.tell_haproxy(f"set server api/{name} state drain")
        self._renew(name)
        self.cluster.tell_haproxy(f"set server api/{name} state ready")
        self.cluster.await_door(name, "UP")

    def _node(self, name: str) -> None:
        found = re.search(rf"^(\w+) +{name} ", self._nodes(), re.M)
        assert found is not None, self._nodes()
        drain = ("lensmith", "server", "drain", found[1])
        self.cluster.composed.run("api-1", *drain)
        until(lambda: re.search(rf"^{found[1]} .*draining +0 +0 *$", self._nodes(), re.M))
        self._renew(name)
        self.cluster.composed.run("api-1", *drain, "--undo")
        each = re.compile(r"in service +1 +0 *$", re.M)
        until(lambda: len(each.findall(self._nodes())), lambda count: count == 2)

    def _nodes(self) -> str:
        return self.cluster.composed.run("api-1", "lensmith", "server", "nodes").decode()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench rolling_upgrade", description=__doc__)
    parser.add_argument(
        "--old", type=Path, required=True, help="the folder src of the release that is replaced"
    )
    old: Path = parser.parse_args().old
    console = Console()
    table = Table("service", "schema", "calls answered", "failed", "ms, most", box=None)
    os.environ["PYTHONPATH"] = f"{old.absolute()}:{REPOSITORY}"  # of services that start
    with TemporaryDirectory() as home, started_cluster(Path(home)) as cluster:
        with cluster.composed.inside("haproxy"):
            client = cluster.client("rekognition")
            client.start_project_version(ProjectVersionArn=cluster.model, MinInferenceUnits=2)
            cluster.await_running(client)
        with calling(cluster) as calls:
            os.environ["PYTHONPATH"] = _NEW
            upgrade = Upgrade(cluster, calls, table)
            upgrade.run()
        upgrade.show("afterwards")
    console.print(table)
    console.print("\n".join(calls.errors[:10]), markup=False)
    sys.exit(bool(calls.errors))


if __name__ == "__main__":
    main()
