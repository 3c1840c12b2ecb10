"""Two servers' parts on one PostgreSQL database, with real units and TCP between them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

import pytest
from tests.serving.machine import EventLoop
from tests.support.eventually import until
from tests.support.installed_model import install_model
from tests.support.postgresql import database

from lensmith.config import Settings
from lensmith.domain.errors import ProvisionedThroughputExceededException
from lensmith.domain.label import Prediction
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.serving.cluster.controller import Controller
from lensmith.serving.cluster.fleet import ClusterFleet
from lensmith.serving.cluster.node_host import NodeHost
from lensmith.serving.remote.credentials import credentials_of
from lensmith.serving.remote.tls import connecting_context
from lensmith.store.published.opening import published_folders
from lensmith.store.records import artefacts, nodes, placed_units, project_versions
from lensmith.store.records.engine import Records
from lensmith.store.records.placed_units import PlacedUnit, UnitState

CREDENTIALS = credentials_of(bytes(32))


@dataclass
class Part:
    """What one server has: a leader's part, units and routes."""

    name: str
    settings: Settings
    records: Records
    loop: EventLoop
    controller: Controller
    host: NodeHost
    fleet: ClusterFleet

    @classmethod
    def start(
        cls, name: str, settings: Settings, url: str, loop: EventLoop, running: ExitStack
    ) -> Part:
        records = Records.open(url)
        running.callback(records.close)
        controller = Controller(settings, records)
        host = NodeHost(settings, records, name, CREDENTIALS)
        context = connecting_context(CREDENTIALS)
        fleet = ClusterFleet(records, name, context, host, controller.wake)
        for part in (controller, host, fleet):
            part.start()
            running.callback(part.stop)
        return cls(name, settings, records, loop, controller, host, fleet)

    def detect(self, version: ProjectVersion, image: bytes) -> str:
        return self.loop.run(self._detect(version.arn, image)).detections[0].name

    async def _detect(self, arn: str, image: bytes) -> Prediction:
        with self.fleet.admission(arn) as detect:
            return await detect(image)


@dataclass
class Cluster:
    """Both servers and their records."""

    parts: list[Part]
    records: Records

    def train(self, on: list[Part], name: str, burden: int = 0) -> ProjectVersion:
        """A version whose files are on the disks of these servers."""
        machines = [part.settings for part in on]
        _, version = install_model(self.records, machines, name, burden)
        return version

    def start(self, version: ProjectVersion, units: int, most: int | None = None) -> None:
        with self.records.write() as connection:
            project_versions.set_units(connection, version.id, units, most)
            project_versions.set_status(connection, version.id, VersionStatus.STARTING)

    def stop(self, version: ProjectVersion) -> None:
        with self.records.write() as connection:
            project_versions.set_status(connection, version.id, VersionStatus.STOPPING)

    def status(self, version: ProjectVersion) -> VersionStatus:
        with self.records.read() as connection:
            found = project_versions.find(connection, version.arn)
        assert found is not None
        return found.status

    def run(self, version: ProjectVersion, units: int) -> None:
        self.start(version, units)
        until(lambda: self.status(version), lambda now: now is VersionStatus.RUNNING)

    def units(self, version: ProjectVersion, *states: UnitState) -> list[PlacedUnit]:
        with self.records.read() as connection:
            found = placed_units.every(connection)
        return [
            one
            for one in found
            if one.version_id == version.id and (one.state in states or not states)
        ]

    def drain(self, name: str, *, is_draining: bool = True) -> None:
        with self.records.write() as connection:
            assert nodes.drain(connection, name, is_draining=is_draining)


@pytest.fixture(scope="module")
def cluster(
    postgresql: str, postgresql_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    home = tmp_path_factory.mktemp("cluster")
    with ExitStack() as running:
        url = running.enter_context(database(postgresql, postgresql_template))
        loop = EventLoop()
        running.callback(loop.stop)
        settings = Settings(home / "one", lease_seconds=6)
        parts = [
            Part.start(name, replace(settings, data_directory=home / name), url, loop, running)
            for name in ("one", "two")
        ]
        records = Records.open(url)
        running.callback(records.close)
        until(lambda: len(_nodes(records)), lambda found: found == 2)
        yield Cluster(parts, records)


def _units_as_seen_by(part: Part, version: ProjectVersion) -> tuple[int, int]:
    """How many units a server sees in service, and how many are wanted."""
    load = part.fleet.load(version.arn)
    return load.in_service, load.desired


def _nodes(records: Records) -> list[nodes.ClusterNode]:
    with records.read() as connection:
        return nodes.every(connection)


def test_both_servers_reach_units_of_both_nodes(cluster: Cluster, red: bytes) -> None:
    version = cluster.train(cluster.parts, "both")
    cluster.run(version, units=2)
    assert {unit.node for unit in cluster.units(version)} == {"one", "two"}
    assert [part.controller.is_leader for part in cluster.parts].count(True) == 1
    for part in cluster.parts:
        with ThreadPoolExecutor(8) as clients:
            asked = [clients.submit(part.detect, version, red) for _ in range(24)]
            assert {one.result() for one in asked} == {"red"}
        # Servers look at the records twice a second, not for a call.
        until(partial(_units_as_seen_by, part, version), lambda seen: seen == (2, 2))
    cluster.stop(version)
    until(lambda: cluster.status(version), lambda now: now is VersionStatus.STOPPED)
    assert cluster.units(version) == []


def test_a_node_without_the_files_is_tried_and_another_runs_the_model(
    cluster: Cluster, red: bytes
) -> None:
    """Whichever node comes first: with two units both are tried."""
    one, two = cluster.parts
    version = cluster.train([two], "lopsided")
    cluster.run(version, units=2)
    assert [unit.node for unit in cluster.units(version, UnitState.READY)] == ["two", "two"]
    (failed,) = cluster.units(version, UnitState.FAILED)
    assert failed.node == "one"
    assert failed.reason
    assert one.detect(version, red) == "red"
    cluster.stop(version)


def test_a_version_fails_when_every_node_has_tried(cluster: Cluster) -> None:
    version = cluster.train([], "nowhere")
    cluster.start(version, units=1)
    until(lambda: cluster.status(version), lambda now: now is VersionStatus.FAILED)
    assert cluster.units(version) == []


def test_calls_go_on_while_units_die_and_nodes_are_drained(cluster: Cluster, red: bytes) -> None:
    version = cluster.train(cluster.parts, "lasting")
    cluster.run(version, units=2)
    over = threading.Event()
    with ThreadPoolExecutor(4) as clients:
        asking = [
            clients.submit(_ask_until, over, part, version, red) for part in cluster.parts * 2
        ]
        for part in cluster.parts:
            _kill_unit(cluster, part, version)
        cluster.drain("one")
        until(
            lambda: {unit.node for unit in cluster.units(version)}, lambda found: found == {"two"}
        )
        cluster.drain("one", is_draining=False)
        until(
            lambda: {unit.node for unit in cluster.units(version, UnitState.READY)},
            lambda found: found == {"one", "two"},
        )
        over.set()
        answers = [answer for one_client in asking for answer in one_client.result()]
    assert set(answers) == {"red"}
    cluster.stop(version)


def test_a_unit_starts_again_on_the_files_that_the_records_name_now(
    cluster: Cluster, red: bytes
) -> None:
    part = cluster.parts[0]
    version = cluster.train([part], "renewed")
    cluster.run(version, units=1)
    folder = part.settings.models_directory / str(version.id)
    digest = published_folders(part.settings, part.records).publish(folder)
    with cluster.records.write() as connection:
        assert artefacts.replace(connection, version, digest)
    _kill_unit(cluster, part, version)
    assert part.detect(version, red) == "red"
    cluster.stop(version)


def test_another_server_leads_when_the_leader_ends(cluster: Cluster, red: bytes) -> None:
    version = cluster.train(cluster.parts, "led")
    cluster.run(version, units=1)
    (leader,) = [part for part in cluster.parts if part.controller.is_leader]
    (other,) = [part for part in cluster.parts if part is not leader]
    leader.controller.stop()
    until(lambda: other.controller.is_leader)
    assert leader.detect(version, red) == other.detect(version, red) == "red"
    cluster.stop(version)
    until(lambda: cluster.status(version), lambda now: now is VersionStatus.STOPPED)


def test_a_server_that_ends_gives_its_units_up_first(cluster: Cluster, red: bytes) -> None:
    """The last test of the module: one server has no units after it."""
    version = cluster.train(cluster.parts, "moving")
    cluster.run(version, units=1)
    (unit,) = cluster.units(version)
    (ending,) = [part for part in cluster.parts if part.name == unit.node]
    (staying,) = [part for part in cluster.parts if part is not ending]
    over = threading.Event()
    with ThreadPoolExecutor(1) as clients:
        asking = clients.submit(_ask_until, over, staying, version, red)
        ending.host.stop()
        until(lambda: cluster.units(version, UnitState.READY))
        over.set()
        assert set(asking.result()) == {"red"}
    assert {one.node for one in cluster.units(version)} == {staying.name}
    assert [node.name for node in _nodes(cluster.records) if node.has_left] == [ending.name]


def _kill_unit(cluster: Cluster, part: Part, version: ProjectVersion) -> None:
    """Kill the unit of a node and wait for the next."""

    def ports() -> set[int | None]:
        units = cluster.units(version, UnitState.READY)
        return {unit.port for unit in units if unit.node == part.name}

    (before,) = [one for one in cluster.units(version, UnitState.READY) if one.node == part.name]
    unit = part.host.ready_unit(before.id)
    assert unit is not None
    unit.kill()
    until(lambda: ports() - {before.port})


def _ask_until(
    over: threading.Event, part: Part, version: ProjectVersion, image: bytes
) -> list[str]:
    answers = []
    while not over.is_set():
        try:
            answers.append(part.detect(version, image))
        except ProvisionedThroughputExceededException:  # a slow machine
            over.wait(0.05)
        over.wait(0.01)  # else they take the processors from what they wait for
    return answers
