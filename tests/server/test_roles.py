"""Servers with different roles on one PostgreSQL database and one S3."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from tests.e2e.drawn import flowers
from tests.support.eventually import until
from tests.support.installed_model import install_model
from tests.support.live_server import LiveServer
from tests.support.postgresql import database

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.server.hosting import check_roles
from lensmith.store.records.engine import Records


@dataclass
class Roles:
    """A server that leads and has no units, and one that runs everything."""

    leader: LiveServer
    worker: LiveServer
    project: str
    arn: str

    def status(self, asked: LiveServer) -> str:
        found = asked.rekognition().describe_project_versions(ProjectArn=self.project)
        return found["ProjectVersionDescriptions"][0]["Status"]

    def await_status(self, asked: LiveServer, wanted: str) -> None:
        passing = {"STARTING", "STOPPING", "RUNNING"} - {wanted}
        assert until(lambda: self.status(asked), lambda now: now not in passing) == wanted

    def detect(self, asked: LiveServer, picture: bytes) -> int:
        answer = asked.rekognition().detect_custom_labels(
            ProjectVersionArn=self.arn, Image={"Bytes": picture}, MinConfidence=0
        )
        return len(answer["CustomLabels"])


@pytest.fixture
def roles(
    server: LiveServer, postgresql: str, new_server: Callable[..., LiveServer]
) -> Iterator[Roles]:
    exports = server.exports()
    with database(postgresql) as url:
        given = {
            "LENSMITH_RECORDS_URL": url,
            "LENSMITH_ROOT_KEY_FILE": str(server.home / "roles.key"),
            "LENSMITH_S3_ENDPOINT_URL": exports["AWS_ENDPOINT_URL_S3"],
            "LENSMITH_LEASE_SECONDS": "6",
            "AWS_ACCESS_KEY_ID": exports["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": exports["AWS_SECRET_ACCESS_KEY"],
        }
        leader = new_server(**given, LENSMITH_ROLE="api,controller")
        worker = new_server(**given)
        leader.start()
        until(lambda: "leads now" in leader.log.read_text())
        worker.start()
        project, arn = _model(worker)
        yield Roles(leader, worker, project, arn)
        for one in (leader, worker):
            if one.process is not None and one.process.poll() is None:
                assert one.stop() == 0, one.log.read_text()


def _model(server: LiveServer) -> tuple[str, str]:
    """A model on the disk of a server."""
    records = Records.of(server.settings)
    project, version = install_model(records, [server.settings], "roles")
    records.close()
    return project.arn, version.arn


def test_a_model_is_started_by_one_server_and_outlives_its_leader(roles: Roles) -> None:
    leader, worker = roles.leader, roles.worker
    picture = flowers("load", 1)[0].jpeg()
    leader.rekognition().start_project_version(ProjectVersionArn=roles.arn, MinInferenceUnits=1)
    roles.await_status(leader, "RUNNING")
    assert not leader.children("lensmith.serving")
    assert len(worker.children("lensmith.serving.remote.worker")) == 1
    assert [roles.detect(one, picture) for one in (leader, worker)] == [3, 3]

    assert "in service" in leader.run("server", "nodes")
    node = leader.run("server", "nodes").splitlines()[1].split()[0]
    assert "is drained" in leader.run("server", "drain", node[:6])
    assert "draining" in worker.run("server", "nodes")
    assert [roles.detect(one, picture) for one in (leader, worker)] == [3, 3]  # no other takes it
    leader.run("server", "drain", node, "--undo")

    assert leader.stop(signal.SIGKILL) == -signal.SIGKILL
    assert roles.detect(worker, picture) == 3
    until(lambda: "leads now" in worker.log.read_text(), message="no other leads")
    assert roles.detect(worker, picture) == 3
    leader.start()
    assert roles.detect(leader, picture) == 3
    leader.rekognition().stop_project_version(ProjectVersionArn=roles.arn)
    roles.await_status(leader, "STOPPED")
    assert not worker.children("lensmith.serving")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "LENSMITH_RECORDS_URL"),
        ({"LENSMITH_RECORDS_URL": "sqlite:////tmp/records.db"}, "SQLite serves one server"),
        ({"LENSMITH_RECORDS_URL": "postgresql+psycopg://db/records"}, "LENSMITH_S3_ENDPOINT_URL"),
    ],
)
def test_one_of_several_servers_needs_what_they_share(given: dict[str, str], said: str) -> None:
    settings = Settings.from_environment({**given, "LENSMITH_ROLE": "api"})
    with pytest.raises(StartupError, match=said):
        check_roles(settings)
    check_roles(Settings.from_environment(given))


def test_a_cluster_needs_what_its_nodes_share() -> None:
    given = {"LENSMITH_CLUSTER": "ray://head:10001"}
    with pytest.raises(StartupError, match="nodes of a cluster"):
        check_roles(Settings.from_environment(given))
    given["LENSMITH_RECORDS_URL"] = "postgresql+psycopg://db/records"
    with pytest.raises(StartupError, match="LENSMITH_S3_ENDPOINT_URL"):
        check_roles(Settings.from_environment(given))
    check_roles(Settings.from_environment({**given, "LENSMITH_S3_ENDPOINT_URL": "https://s3"}))


@pytest.mark.parametrize("given", ["head:10001", "ray://head", "ray://head:port", "ray://a b:1"])
def test_the_address_of_a_cluster_is_checked(given: str) -> None:
    with pytest.raises(ValueError, match="LENSMITH_CLUSTER must be ray://HOST:PORT"):
        Settings.from_environment({"LENSMITH_CLUSTER": given})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "0", ""])
def test_units_have_an_address_that_others_can_call(host: str) -> None:
    with pytest.raises(StartupError, match="LENSMITH_UNITS_HOST"):
        check_roles(Settings.from_environment({"LENSMITH_UNITS_HOST": host}))
    check_roles(Settings.from_environment({"LENSMITH_UNITS_HOST": "node-0.example"}))


@pytest.mark.parametrize("named", ["api,chief", ""])
def test_a_role_that_there_is_not_is_refused(named: str) -> None:
    with pytest.raises(ValueError, match="api, controller, units, trainings, datasets"):
        Settings.from_environment({"LENSMITH_ROLE": named})
