"""Ray's head, two of its nodes and two servers, each on a machine of its own; a cable is cut."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from tests.e2e.drawn import flowers
from tests.support.calling_clients import calling_clients
from tests.support.drawn_project import drawn_project
from tests.support.eventually import until
from tests.support.installed_model import install_model
from tests.support.live_server import TRAINING_BUDGET, LiveServer
from tests.support.namespaces import Namespace, cluster_of_namespaces, refusal
from tests.support.postgresql import database
from tests.support.ray_cluster import RayCluster, ray_cluster
from tests.support.shared_settings import shared_in_namespaces

from lensmith.store.records import nodes, placed_units, project_versions
from lensmith.store.records.engine import Records
from lensmith.store.records.placed_units import UnitState
from lensmith.store.records.schema import migrate

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LEASE_SECONDS = 6
FOR_A_FIREWALL = "7500-7509"


@dataclass
class Installation:
    """`leader` and `front` take calls; units and trainings run on `cluster`."""

    cluster: RayCluster
    machines: list[Namespace]  # of the cluster's nodes
    leader: LiveServer
    front: LiveServer
    records: Records
    project: str = ""
    arn: str = ""
    picture: bytes = field(default_factory=lambda: flowers("load", 1)[0].jpeg())

    def start(self) -> None:
        """Start one after the other, with a model that the leader publishes."""
        for _ in self.machines:
            self.cluster.start_node(processors=3)
        project, version = install_model(self.records, [self.leader.settings], "apart")
        self.project, self.arn = project.arn, version.arn
        self.leader.start()
        until(self._is_published)
        self.front.start()

    def _is_published(self) -> bool:
        with self.records.read() as connection:
            found = project_versions.find(connection, self.arn)
        return found is not None and found.artefact is not None

    def nodes(self) -> list[str]:
        """Return the addresses of the machines for units."""
        with self.records.read() as connection:
            return sorted(node.host for node in nodes.every(connection))

    def ready(self) -> list[str]:
        """Return the addresses of the machines that have units which are ready."""
        with self.records.read() as connection:
            hosts = {node.name: node.host for node in nodes.every(connection)}
            units = placed_units.every(connection)
        return sorted(hosts.get(one.node, "") for one in units if one.state is UnitState.READY)

    def detect(self, server: LiveServer) -> list[str]:
        answer = server.rekognition().detect_custom_labels(
            ProjectVersionArn=self.arn, Image={"Bytes": self.picture}, MinConfidence=0
        )
        return sorted(label["Name"] for label in answer["CustomLabels"])


@pytest.fixture
def installation(server: LiveServer, postgresql: str, tmp_path: Path) -> Iterator[Installation]:
    if importlib.util.find_spec("ray") is None:
        assert not os.environ.get("CI"), "CI has Ray, see pyproject.toml"
        pytest.skip("Ray is not installed")
    reason = refusal()
    if reason is not None:
        assert not os.environ.get("CI"), f"CI is root and has ip, see .ci/packages: {reason}"
        pytest.skip(reason)
    with ExitStack() as running:
        namespaces = running.enter_context(cluster_of_namespaces(5))
        url = running.enter_context(database(postgresql))
        given = running.enter_context(
            shared_in_namespaces(namespaces, url, tmp_path / "root.key", server, LEASE_SECONDS)
        ) | {"LENSMITH_SYSTEM_BUCKET": "ray-apart", "LENSMITH_UNITS_PORTS": FOR_A_FIREWALL}
        *of_ray, leading, other = namespaces.namespaces
        asked = {"RAY_health_check_period_ms": "1000"}  # how often nodes are, by the head
        cluster = running.enter_context(ray_cluster({**given, **asked}, of_ray))
        leads = _leading(cluster)
        leader, front = (
            LiveServer(
                tmp_path / machine.name,
                given={**given, "LENSMITH_HOST": machine.machines.address, **own},
                wrapper=machine.enter,
            )
            for machine, own in ((leading, leads), (other, {"LENSMITH_ROLE": "api"}))
        )
        records = Records.open(url, tmp_path / "root.key")
        running.callback(records.close)
        migrate(records)
        for one in (leader, front):
            running.callback(_end, one)
        yield Installation(cluster, of_ray[1:], leader, front, records)


def _leading(cluster: RayCluster) -> Mapping[str, str]:
    return {
        "LENSMITH_ROLE": "api,controller,trainings,datasets",
        "LENSMITH_CLUSTER": cluster.address,
        "LENSMITH_CLUSTER_TOKEN_FILE": str(cluster.token_file),
        "LENSMITH_CLUSTER_TRAINING_MEMORY_BYTES": "500000000",
        "LENSMITH_TRAINING_BUDGET": TRAINING_BUDGET,
        "LENSMITH_TRAINING_THREADS": "1",
        "LENSMITH_PRECISION": "float32",
    }


def _end(server: LiveServer) -> None:
    if server.process is not None and server.process.poll() is None:
        assert server.stop() == 0, server.log.read_text()


def test_calls_are_answered_and_a_model_is_trained_after_a_node_is_cut_off(
    installation: Installation, server: LiveServer
) -> None:
    one = installation
    one.start()
    lost, left = (machine.machines.address for machine in one.machines)
    until(one.nodes, lambda found: found == [lost, left])
    client = one.front.rekognition()
    client.start_project_version(ProjectVersionArn=one.arn, MinInferenceUnits=2)
    until(one.ready, lambda found: found == [lost, left])
    waiter = client.get_waiter("project_version_running")
    waiter.wait(ProjectArn=one.project, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    calls = (partial(one.detect, server) for server in (one.leader, one.front))
    with calling_clients(*calls) as answers:
        _await_more(answers)
        for link in (one.machines[0].machines, one.machines[0].database):
            link.cut()
        _await_more(answers)
        until(one.ready, lambda found: found == [left, left])
        _await_more(answers)
    assert {tuple(answer) for each in answers for answer in each} == {("blue", "green", "red")}
    assert one.nodes() == [left]

    bucket, project = drawn_project(one.front.rekognition(), server.s3())
    client.create_project_version(
        ProjectArn=project,
        VersionName="v1",
        OutputConfig={"S3Bucket": bucket, "S3KeyPrefix": "results"},
    )
    until(lambda: one.cluster.nodes[1].processes("-m lensmith.training "))
    ended = until(
        lambda: client.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"],
        lambda found: found[0]["Status"] != "TRAINING_IN_PROGRESS",
    )
    assert ended[0]["Status"] == "TRAINING_COMPLETED", ended

    # Ray takes no node back that it has missed: the node ends, and is to be started anew.
    for link in (one.machines[0].machines, one.machines[0].database):
        link.mend()
    until(one.cluster.nodes[0].process.poll, lambda status: status is not None)


def _await_more(answers: list[list[list[str]]]) -> None:
    """Wait until each server has answered further calls."""
    before = [len(each) for each in answers]
    until(
        lambda: [len(each) - count for each, count in zip(answers, before, strict=True)],
        lambda more: min(more) >= 10,
    )
