"""deploy/cluster/compose.yaml as it stands: its services as processes in a network of their own."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.deploy.cluster import SYSTEM_BUCKET, Cluster, started_cluster
from tests.e2e.drawn import flowers
from tests.support.eventually import until

pytestmark = pytest.mark.slow

MEGABYTES_20 = bytes(range(256)) * (20 << 12)
BUCKET, KEY = "custom-labels-parts", "ü /in parts"
_SERVERS = ("api-1", "api-2", "controller", "node-1", "node-2")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started_cluster(tmp_path_factory.mktemp("composed")) as made:
        yield made


@pytest.fixture(scope="module")
def bucket(cluster: Cluster) -> str:
    """One with an object that was sent in parts."""
    with cluster.composed.inside("haproxy"):
        s3 = cluster.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.upload_fileobj(BytesIO(MEGABYTES_20), BUCKET, KEY)
    return BUCKET


@pytest.fixture(scope="module")
def running(cluster: Cluster) -> Cluster:
    """The cluster, whose model runs with two units."""
    with cluster.composed.inside("haproxy"):
        rekognition = cluster.client("rekognition")
        rekognition.start_project_version(ProjectVersionArn=cluster.model, MinInferenceUnits=2)
        cluster.await_running(rekognition)
    return cluster


def test_no_secret_is_in_the_environment_of_a_process(cluster: Cluster) -> None:
    secrets = cluster.secrets.iterdir()
    written = b" ".join(file.read_bytes() for file in secrets)
    values = set(re.findall(rb"[A-Za-z0-9+/]{30,}", written))
    assert len(values) >= 4
    for service in cluster.composed.services.values():
        seen = Path(f"/proc/{service.pid}/environ").read_bytes()
        assert not [value for value in values if value in seen], service.name
        status = Path(f"/proc/{service.pid}/status").read_text()
        assert not re.search(r"^Uid:\s+0\b", status, re.M), service.name
        assert re.search(r"^NoNewPrivs:\s+1$", status, re.M)
        assert re.search(r"^CapBnd:\s+0+$", status, re.M)


def test_pictures_and_calls_pass_haproxy(cluster: Cluster, bucket: str) -> None:
    with cluster.composed.inside("haproxy"):
        s3, rekognition = cluster.client("s3"), cluster.client("rekognition")
        assert s3.get_object(Bucket=bucket, Key=KEY)["Body"].read() == MEGABYTES_20
        lines = []
        for number, picture in enumerate(flowers("parts", 2)):
            s3.put_object(Bucket=bucket, Key=f"{number}.jpg", Body=picture.jpeg())
            lines.append(f'{{"source-ref": "s3://{bucket}/{number}.jpg"}}')
        s3.put_object(Bucket=bucket, Key="parts.manifest", Body="\n".join(lines).encode())
        project = rekognition.create_project(ProjectName="parts")["ProjectArn"]
        manifest = {"S3Object": {"Bucket": bucket, "Name": "parts.manifest"}}
        made = rekognition.create_dataset(
            ProjectArn=project,
            DatasetType="TRAIN",
            DatasetSource={"GroundTruthManifest": manifest},
        )["DatasetArn"]

        def described() -> dict[str, Any]:
            found: dict[str, Any] = rekognition.describe_dataset(DatasetArn=made)
            return dict(found["DatasetDescription"])

        done = until(described, lambda it: it["Status"] != "CREATE_IN_PROGRESS")
    assert (done["Status"], done["DatasetStats"]["TotalEntries"]) == ("CREATE_COMPLETE", 6)


def test_calls_go_on_without_a_server_that_dies_or_is_drained(running: Cluster) -> None:
    cluster, composed, picture = running, running.composed, flowers("load", 1)[0].jpeg()
    with composed.inside("haproxy"):
        rekognition = cluster.client("rekognition")
        answer = cluster.detected(rekognition, picture)
        assert len(answer) == 3
        composed.services["api-1"].kill()
        for _ in range(20):
            assert cluster.detected(rekognition, picture) == answer
    nodes = composed.run("api-2", "lensmith", "server", "nodes").decode()
    found = re.findall(r"^\w+ +(node-\d) +4.0 GB +in service +1 +0 *$", nodes, re.M)
    assert sorted(found) == ["node-1", "node-2"], nodes
    cluster.await_door("api-1", "DOWN")
    composed.start("api-1")
    cluster.await_door("api-1", "UP")

    assert cluster.tell_haproxy("set server api/api-2 state drain").strip() == ""
    with composed.inside("haproxy"):
        strict = cluster.client("rekognition", attempts=1)
        assert cluster.detected(strict, picture) == answer
        assert composed.services["api-2"].kill(signal.SIGTERM) == 0
        for _ in range(20):
            assert cluster.detected(strict, picture) == answer
    composed.start("api-2")
    cluster.tell_haproxy("set server api/api-2 state ready")
    cluster.await_door("api-2", "UP")


def test_a_backup_restores_the_cluster_on_machines_without_anything(
    running: Cluster, bucket: str, tmp_path: Path
) -> None:
    """The commands of docs/cluster.md: the database first, the buckets after it."""
    cluster, composed, picture = running, running.composed, flowers("load", 1)[0].jpeg()
    with composed.inside("haproxy"):
        rekognition = cluster.client("rekognition")
        answer = cluster.detected(rekognition, picture)
    dump = composed.run("postgres", "pg_dump", "--username=lensmith", "--format=custom", "lensmith")
    for name in (SYSTEM_BUCKET, bucket):
        cluster.aws("s3", "sync", f"s3://{name}", str(tmp_path / name))

    for name in (*_SERVERS, "s3", "postgres"):
        composed.services[name].kill()
        composed.forget(name)
    composed.start("postgres")
    composed.start("s3")
    composed.run(
        "postgres", "pg_restore", "--username=lensmith", "--dbname=lensmith", "--exit-on-error",
        given=dump,
    )  # fmt: skip
    until(lambda: re.search(r"^s3,s3,(?:[^,]*,){15}UP", cluster.tell_haproxy("show stat"), re.M))
    for name in (SYSTEM_BUCKET, bucket):
        cluster.aws("s3api", "create-bucket", "--bucket", name)
        cluster.aws("s3", "sync", str(tmp_path / name), f"s3://{name}")
    for name in ("api-1", "controller", "node-1"):  # the others are alike
        composed.start(name)
    cluster.await_door("api-1", "UP")
    with composed.inside("haproxy"):
        rekognition = cluster.client("rekognition")
        again = until(lambda: _detected_or_refused(cluster, rekognition, picture))
        assert again == answer
        restored = cluster.client("s3").get_object(Bucket=bucket, Key=KEY)
        assert restored["Body"].read() == MEGABYTES_20


def _detected_or_refused(
    cluster: Cluster, rekognition: Any, picture: bytes
) -> list[tuple[str, float]]:
    """What is detected; nothing until a unit is there."""
    try:
        return cluster.detected(rekognition, picture)
    except ClientError:
        return []
