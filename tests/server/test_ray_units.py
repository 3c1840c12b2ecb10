"""Units on the nodes of a Ray cluster, behind two servers: one leads, one takes calls."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import pytest
from tests.e2e.drawn import flowers
from tests.support.calling_clients import calling_clients
from tests.support.eventually import until
from tests.support.installed_model import install_model
from tests.support.live_server import LiveServer
from tests.support.living_folder import contents_below
from tests.support.postgresql import database
from tests.support.ray_cluster import RayCluster, ray_cluster

from lensmith.domain.project_version import ProjectVersion
from lensmith.inference.predictor import Predictor
from lensmith.store.records import nodes, placed_units, project_versions
from lensmith.store.records.engine import Records
from lensmith.store.records.placed_units import UnitState
from lensmith.store.records.schema import migrate

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass
class Installation:
    """The servers, the cluster, and a model on the leader's disk."""

    leader: LiveServer
    api: LiveServer
    cluster: RayCluster
    records: Records
    arn: str = ""
    picture: bytes = field(default_factory=lambda: flowers("load", 1)[0].jpeg())

    def install(self) -> None:
        """Record a model and start the leader, which publishes it."""
        _, version = install_model(self.records, [self.leader.settings], "on-ray")
        self.arn = version.arn
        self.leader.start()
        until(lambda: self.version.artefact)

    @property
    def version(self) -> ProjectVersion:
        with self.records.read() as connection:
            found = project_versions.find(connection, self.arn)
        assert found is not None
        return found

    def detect(self) -> list[tuple[str, float]]:
        answer = self.api.rekognition().detect_custom_labels(
            ProjectVersionArn=self.arn, Image={"Bytes": self.picture}, MinConfidence=0
        )
        return [(label["Name"], label["Confidence"]) for label in answer["CustomLabels"]]

    def await_status(self, wanted: str) -> None:
        passing = {"STARTING", "STOPPING", "RUNNING"} - {wanted}
        assert until(lambda: self.version.status, lambda now: now not in passing) == wanted

    def nodes(self) -> list[str]:
        """Return the names of the nodes that may have units."""
        with self.records.read() as connection:
            return [node.name for node in nodes.every(connection)]

    def ready(self) -> dict[tuple[int, int | None], str]:
        """Return the nodes of the units that are ready, by id and port."""
        with self.records.read() as connection:
            placed = placed_units.every(connection)
        return {(one.id, one.port): one.node for one in placed if one.state is UnitState.READY}

    def await_log(self, event: str, times: int = 1) -> None:
        """Wait until the leader has logged that this number of times."""
        until(lambda: self.leader.log.read_text().count(event), lambda count: count >= times)

    def units(self) -> set[int]:
        """Find the processes of units on the cluster's nodes."""
        found = psutil.process_iter(["pid", "cmdline"])
        commands = {one.info["pid"]: " ".join(one.info["cmdline"] or ()) for one in found}
        return {
            pid
            for pid, command in commands.items()
            if "serving.remote.worker" in command and str(self.cluster.folder) in command
        }


@pytest.fixture
def installation(
    server: LiveServer, postgresql: str, new_server: Callable[..., LiveServer]
) -> Iterator[Installation]:
    if importlib.util.find_spec("ray") is None:
        assert not os.environ.get("CI"), "CI has Ray, see pyproject.toml"
        pytest.skip("Ray is not installed")
    exports = server.exports()
    with ray_cluster({}) as cluster, database(postgresql) as url:
        given = {
            "LENSMITH_RECORDS_URL": url,
            "LENSMITH_ROOT_KEY_FILE": str(server.home / "ray.key"),
            "LENSMITH_S3_ENDPOINT_URL": exports["AWS_ENDPOINT_URL_S3"],
            "LENSMITH_SYSTEM_BUCKET": "ray-units",
            "LENSMITH_LEASE_SECONDS": "6",
            "AWS_ACCESS_KEY_ID": exports["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": exports["AWS_SECRET_ACCESS_KEY"],
        }
        records = Records.open(url)
        migrate(records)
        leader = new_server(
            **given,
            LENSMITH_ROLE="api,controller",
            LENSMITH_CLUSTER=cluster.address,
            LENSMITH_CLUSTER_TOKEN_FILE=str(cluster.token_file),
            RAY_CLIENT_RECONNECT_GRACE_PERIOD="5",
        )
        api = new_server(**given, LENSMITH_ROLE="api")
        yield Installation(leader, api, cluster, records)
        for one in (api, leader):
            if one.process is not None and one.process.poll() is None:
                assert one.stop() == 0, one.log.read_text()
        records.close()


def test_units_on_ray_outlive_the_leader_a_node_and_the_head(installation: Installation) -> None:
    one, cluster = installation, installation.cluster
    cluster.start_node()
    cluster.start_node()
    one.install()
    one.api.start()
    until(one.nodes, lambda found: len(found) == 2)  # one alone would get both units
    one.api.rekognition().start_project_version(ProjectVersionArn=one.arn, MinInferenceUnits=2)
    one.await_status("RUNNING")
    first = one.ready()
    assert len(set(first.values())) == 2
    assert all(node.startswith("ray-") for node in first.values())
    listed = one.api.run("server", "nodes").splitlines()[1:]
    in_service = [line.split()[0] for line in listed if " in service " in line]
    assert in_service == sorted(first.values())
    folder = one.leader.settings.models_directory / str(one.version.id)
    local = Predictor.open(folder, 1, None).predict(one.picture).detections
    assert dict(one.detect()) == pytest.approx(
        {found.name: 100 * found.confidence for found in local}, abs=0.01
    )
    secret = one.leader.given["AWS_SECRET_ACCESS_KEY"]
    _assert_no_secret_is_seen(cluster, [secret, cluster.token_file.read_text()])

    with calling_clients(one.detect, one.detect) as answers:
        # The leader is killed, and its successor finds the actors as they are.
        running = one.units()
        assert one.leader.stop(signal.SIGKILL) == -signal.SIGKILL
        one.leader.start()
        one.await_log("leads now", 2)
        one.await_log("cluster connected", 2)
        assert one.ready() == first
        assert one.units() == running

        # A node is lost: its unit comes up elsewhere.
        (raylet,) = cluster.nodes[0].processes("raylet/raylet")
        raylet.kill()
        second = until(one.ready, lambda now: len(now) == 2 and now.keys() != first.keys())
        assert len(set(second.values())) == 1

        # The head is away.
        assert cluster.head is not None
        cluster.head.kill()
        one.await_log("cluster away")
        count = sum(map(len, answers))
        until(lambda: sum(map(len, answers)), lambda now: now > count + 20)
        assert one.ready() == second
        cluster.start_head()
        one.await_log("cluster connected", 3)
    assert {tuple(sorted(dict(answer))) for each in answers for answer in each} == {
        ("blue", "green", "red")
    }

    one.api.rekognition().stop_project_version(ProjectVersionArn=one.arn)
    one.await_status("STOPPED")
    assert until(one.units, lambda found: not found) == set()
    until(lambda: cluster.nodes[1].processes("UnitActor"), lambda found: not found)


def _assert_no_secret_is_seen(cluster: RayCluster, secrets: list[str]) -> None:
    """Look into what Ray writes, command lines and environments."""
    hidden = [b"PRIVATE KEY", b"X-Amz-Signature", *(secret.encode() for secret in secrets)]
    assert all(hidden)
    for path, content in contents_below(cluster.folder):
        assert path == cluster.token_file or not _found(hidden, content), path
    assert cluster.head is not None
    for machine in (cluster.head, *cluster.nodes):
        for process in machine.processes():
            words: list[str] = []
            with suppress(psutil.NoSuchProcess):
                words = [*process.cmdline(), *process.environ().values()]
            assert not _found(hidden, " ".join(words).encode()), process


def _found(hidden: list[bytes], content: bytes) -> list[bytes]:
    return [each for each in hidden if each in content]
