"""Trainings on a Ray cluster: a head with a token and two nodes, processes on this machine."""

from __future__ import annotations

import importlib.util
import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.e2e.drawn import flowers
from tests.support.eventually import until
from tests.support.live_server import BIN, TRAINING_BUDGET, LiveServer
from tests.support.postgresql import database
from tests.support.ray_cluster import RayCluster, RayMachine, ray_cluster
from tests.support.suspended import suspend

from lensmith.domain.job import Job, JobStatus
from lensmith.domain.training_phase import TrainingPhase
from lensmith.store.records import jobs
from lensmith.store.records.engine import Records

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SYSTEM_BUCKET = "lensmith-ray"
TRAINING = "lensmith.training"
ENDED = {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED}


@dataclass
class OnRay:
    """A server whose trainings run on a cluster, and the shared server's S3 that all use."""

    server: LiveServer
    cluster: RayCluster
    records: Records
    bucket: str
    store: LiveServer
    project: str

    def train(self, name: str) -> str:
        return self.server.rekognition().create_project_version(
            ProjectArn=self.project,
            VersionName=name,
            OutputConfig={"S3Bucket": self.bucket, "S3KeyPrefix": f"results/{name}"},
            TrainingData={"Assets": [self._manifest("train", 6)]},
            TestingData={"Assets": [self._manifest("test", 3)]},
        )["ProjectVersionArn"]

    def job(self, arn: str) -> Job:
        with self.records.read() as connection:
            job = jobs.of_resource(connection, arn)
        assert job is not None
        return job

    def phase(self, arn: str) -> str | None:
        progress = self.job(arn).progress
        return None if progress is None else progress.phase

    def training(self) -> tuple[RayMachine, psutil.Process]:
        """Find the process of a training and the node that has it."""

        def look() -> list[tuple[RayMachine, psutil.Process]]:
            running = [node for node in self.cluster.nodes if node.process.poll() is None]
            return [(node, one) for node in running for one in node.processes(f"-m {TRAINING} ")]

        found = until(look, message="no training on a node")
        return found[0]

    def models(self) -> int:
        """Count the folders in the system bucket."""
        listed = self.store.s3().list_objects_v2(Bucket=SYSTEM_BUCKET).get("Contents", ())
        return len({each["Key"].split("/")[1] for each in listed})

    def described(self, name: str) -> tuple[str, str]:
        (found,) = self.server.rekognition().describe_project_versions(
            ProjectArn=self.project, VersionNames=[name]
        )["ProjectVersionDescriptions"]
        return found["Status"], found.get("StatusMessage", "")

    def _manifest(self, split: str, of_each_kind: int) -> Any:
        s3 = self.store.s3()
        drawn = flowers(split, of_each_kind)
        for picture in drawn:
            s3.put_object(Bucket=self.bucket, Key=f"{split}/{picture.name}", Body=picture.jpeg())
        lines = [one.manifest_line(f"s3://{self.bucket}/{split}") for one in drawn]
        s3.put_object(Bucket=self.bucket, Key=f"{split}.manifest", Body="\n".join(lines).encode())
        place = {"Bucket": self.bucket, "Name": f"{split}.manifest"}
        return {"GroundTruthManifest": {"S3Object": place}}


@pytest.fixture(scope="module")
def on_ray(
    server: LiveServer, postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OnRay]:
    if importlib.util.find_spec("ray") is None:
        assert not os.environ.get("CI"), "CI has Ray, see pyproject.toml"
        pytest.skip("Ray is not installed")
    exports = server.exports()
    home = tmp_path_factory.mktemp("ray")
    with database(postgresql) as url:
        shared = {
            "LENSMITH_RECORDS_URL": url,
            "LENSMITH_ROOT_KEY_FILE": str(home / "root.key"),
            "LENSMITH_S3_ENDPOINT_URL": exports["AWS_ENDPOINT_URL_S3"],
            "LENSMITH_SYSTEM_BUCKET": SYSTEM_BUCKET,
            "AWS_ACCESS_KEY_ID": exports["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": exports["AWS_SECRET_ACCESS_KEY"],
        }
        with ray_cluster(shared) as cluster:
            own = {
                **shared,
                "LENSMITH_CLUSTER": cluster.address,
                "LENSMITH_CLUSTER_TOKEN_FILE": str(cluster.token_file),
                "LENSMITH_TRAINING_THREADS": "1",
                "LENSMITH_TRAINING_BUDGET": TRAINING_BUDGET,
                "LENSMITH_CLUSTER_TRAINING_MEMORY_BYTES": "500000000",
                "LENSMITH_PRECISION": "float32",
                "LENSMITH_ROLE": "api,trainings,datasets",
            }
            live = LiveServer(home / "server", given=own)
            live.start()
            records = Records.open(url, home / "root.key")
            bucket = "custom-labels-ray"
            server.s3().create_bucket(Bucket=bucket)
            project = live.rekognition().create_project(ProjectName="ray")["ProjectArn"]
            yield OnRay(live, cluster, records, bucket, server, project)
            records.close()
            assert live.stop() == 0, live.log.read_text()


def test_a_training_is_cancelled_and_another_completes_once_although_its_node_dies(
    on_ray: OnRay,
) -> None:
    cancelled = on_ray.train("cancelled")
    until(lambda: on_ray.phase(cancelled), lambda phase: phase == TrainingPhase.WAITING)
    waiting = f"No node has room for the training of {cancelled}, which waits."
    assert waiting in on_ray.server.run("server", "nodes").splitlines()
    for _ in range(2):
        on_ray.cluster.start_node()
    node, process = on_ray.training()
    until(lambda: on_ray.phase(cancelled), lambda phase: phase != TrainingPhase.WAITING)
    assert waiting not in on_ray.server.run("server", "nodes")
    assert on_ray.job(cancelled).status is JobStatus.RUNNING
    on_ray.server.run("cancel", "ray", "cancelled")
    until(process.is_running, lambda running: not running, "the process did not end")
    assert on_ray.described("cancelled") == ("TRAINING_FAILED", "The training was cancelled.")
    until(lambda: _workspaces(node), lambda left: left == [], "its files stay")

    arn = on_ray.train("moved")
    node, process = on_ray.training()
    suspend(process)  # it must not end before its node does
    first = on_ray.job(arn)
    node.kill()
    other, process = on_ray.training()
    assert other is not node
    job = until(lambda: on_ray.job(arn), lambda job: job.status in ENDED)
    assert (job.status, job.error, job.attempts) == (JobStatus.SUCCEEDED, None, 1)
    assert job.fence > first.fence
    assert on_ray.described("moved")[0] == "TRAINING_COMPLETED"
    assert on_ray.models() == 1
    until(lambda: _workspaces(other), lambda left: left == [], "its files stay")
    assert on_ray.server.log.read_text().count("training waits for a node with room") == 1
    assert on_ray.cluster.token_file.read_text() not in on_ray.server.log.read_text()


def _workspaces(node: RayMachine) -> list[Path]:
    return list((node.home / "trainings").glob("*"))


@pytest.mark.parametrize(
    ("token", "said"), [("wrong", "refuses the token"), ("", "LENSMITH_CLUSTER_TOKEN_FILE")]
)
def test_a_server_without_the_token_does_not_start(
    on_ray: OnRay, tmp_path: Path, token: str, said: str
) -> None:
    given = {**on_ray.server.given, "LENSMITH_CLUSTER_TOKEN_FILE": "", "LENSMITH_HOME": "other"}
    if token:
        wrong = tmp_path / "token"
        wrong.write_text(secrets.token_hex(32))
        given["LENSMITH_CLUSTER_TOKEN_FILE"] = str(wrong)
    ended = subprocess.run(
        [BIN / "lensmith", "serve"],
        env={**os.environ, **given},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
