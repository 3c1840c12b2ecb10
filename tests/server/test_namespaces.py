"""Two servers on machines of their own, as far as the network goes, and cables that are cut."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError
from tests.e2e.drawn import flowers
from tests.support.eventually import until
from tests.support.installed_model import install_model
from tests.support.live_server import LiveServer
from tests.support.namespaces import Cluster, Namespace, cluster_of_namespaces, refusal
from tests.support.postgresql import database
from tests.support.shared_settings import shared_in_namespaces

from lensmith.store.records import nodes, placed_units
from lensmith.store.records.engine import Records
from lensmith.store.records.placed_units import UnitState

pytestmark = pytest.mark.slow

LEASE_SECONDS = 6
FOR_A_FIREWALL = "7500-7509"


@dataclass
class Machines:
    """`front` takes calls, leads and has units; `far` has units alone."""

    cluster: Cluster
    front: LiveServer
    far: LiveServer
    records: Records

    @property
    def far_machine(self) -> Namespace:
        return self.cluster.namespaces[1]

    @property
    def front_machine(self) -> Namespace:
        return self.cluster.namespaces[0]

    def node_of(self, machine: Namespace) -> str:
        """Return the name under which its server reports."""
        with self.records.read() as connection:
            (found,) = (
                one.name for one in nodes.every(connection) if one.host == machine.machines.address
            )
        return found

    def ready(self) -> list[str]:
        """Return the addresses of the machines that have units which are ready."""
        with self.records.read() as connection:
            hosts = {node.name: node.host for node in nodes.every(connection)}
            units = placed_units.every(connection)
        return sorted(hosts[unit.node] for unit in units if unit.state is UnitState.READY)

    def await_units(self, *machines: Namespace) -> None:
        wanted = sorted(machine.machines.address for machine in machines)
        until(self.ready, lambda found: found == wanted)

    def drain(self, machine: Namespace, *, is_draining: bool = True) -> None:
        with self.records.write() as connection:
            assert nodes.drain(connection, self.node_of(machine), is_draining=is_draining)


@pytest.fixture(scope="module")
def namespaces() -> Iterator[Cluster]:
    """Make two machines. Ray's nodes, or further ones, are started by `Namespace.enter`, too."""
    reason = refusal()
    if reason is not None:
        assert not os.environ.get("CI"), f"CI is root and has ip, see .ci/packages: {reason}"
        pytest.skip(reason)
    with cluster_of_namespaces(2) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def machines(
    namespaces: Cluster,
    server: LiveServer,
    postgresql: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Machines]:
    home = tmp_path_factory.mktemp("machines")
    with ExitStack() as running:
        url = running.enter_context(database(postgresql))
        given = running.enter_context(
            shared_in_namespaces(namespaces, url, home / "root.key", server, LEASE_SECONDS)
        ) | {"LENSMITH_UNITS_PORTS": FOR_A_FIREWALL}
        front, far = (
            LiveServer(
                home / machine.name, given=given | _own(machine, role), wrapper=machine.enter
            )
            for machine, role in zip(
                namespaces.namespaces, ("api,controller,units", "units"), strict=True
            )
        )
        for one in (front, far):
            one.start()
            running.callback(_end, one)
        records = Records.open(url)
        running.callback(records.close)
        found = Machines(namespaces, front, far, records)
        until(lambda: front.run("server", "nodes").count("in service"), lambda count: count == 2)
        yield found


def _own(machine: Namespace, role: str) -> dict[str, str]:
    address = machine.machines.address
    return {"LENSMITH_ROLE": role, "LENSMITH_HOST": address, "LENSMITH_UNITS_HOST": address}


def _end(server: LiveServer) -> None:
    if server.process is not None and server.process.poll() is None:
        assert server.stop() == 0, server.log.read_text()


@pytest.fixture(scope="module")
def detect(machines: Machines) -> Callable[[], int]:
    """Start a model of two units; returns a call that counts the labels of a picture."""
    owned = [machines.front.settings, machines.far.settings]
    _, version = install_model(machines.records, owned, "apart")
    client = machines.front.rekognition()
    client.start_project_version(ProjectVersionArn=version.arn, MinInferenceUnits=2)
    machines.await_units(*machines.cluster.namespaces)
    picture = flowers("load", 1)[0].jpeg()

    def labels() -> int:
        answer = client.detect_custom_labels(
            ProjectVersionArn=version.arn, Image={"Bytes": picture}, MinConfidence=0
        )
        return len(answer["CustomLabels"])

    until(lambda: _answers(labels))  # once the version is RUNNING
    return labels


def _answers(labels: Callable[[], int]) -> bool:
    try:
        return labels() == 3
    except ClientError:
        return False


def test_a_server_reaches_the_units_of_one_that_has_units_alone(
    machines: Machines, detect: Callable[[], int]
) -> None:
    machines.drain(machines.front_machine)
    machines.await_units(machines.far_machine, machines.far_machine)
    assert [detect() for _ in range(20)] == [3] * 20
    with machines.records.read() as connection:
        ports = [unit.port for unit in placed_units.every(connection)]
    assert all(port is not None and 7500 <= port <= 7509 for port in ports)
    machines.drain(machines.front_machine, is_draining=False)
    machines.await_units(*machines.cluster.namespaces)


def test_calls_are_answered_while_a_machine_is_cut_off(
    machines: Machines, detect: Callable[[], int]
) -> None:
    far = machines.far_machine
    client = machines.front.rekognition()
    for link in (far.machines, far.database):
        link.cut()
    answers = [detect() for _ in range(20)]  # from its own unit
    arn = client.create_project(ProjectName="while-cut-off")["ProjectArn"]
    machines.await_units(machines.front_machine, machines.front_machine)  # the other is gone
    answers += [detect() for _ in range(20)]
    for link in (far.machines, far.database):
        link.mend()
    machines.await_units(*machines.cluster.namespaces)
    machines.drain(machines.front_machine)
    machines.await_units(far, far)
    answers += [detect() for _ in range(20)]
    assert answers == [3] * 60
    found = client.describe_projects(ProjectNames=["while-cut-off"])["ProjectDescriptions"]
    assert [one["ProjectArn"] for one in found] == [arn]
    machines.drain(machines.front_machine, is_draining=False)
    machines.await_units(*machines.cluster.namespaces)


def test_detection_goes_on_while_a_server_is_cut_off_from_the_database(
    machines: Machines, detect: Callable[[], int]
) -> None:
    """Lose its packets, so that nothing tells it."""
    assert detect() == 3
    machines.front_machine.database.cut()
    try:
        assert [detect() for _ in range(20)] == [3] * 20
    finally:
        machines.front_machine.database.mend()
    client = machines.front.rekognition()
    until(lambda: _is_listed(client.describe_projects))
    machines.await_units(*machines.cluster.namespaces)
    assert detect() == 3


def _is_listed(describe: Callable[[], object]) -> bool:
    try:
        return bool(describe())
    except ClientError:  # the records are away yet
        return False
