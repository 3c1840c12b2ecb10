"""A backup of the services of deploy/cluster/compose.yaml, restored where nothing is left."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.deploy.cluster import SYSTEM_BUCKET, Cluster, is_installed, started_cluster
from tests.e2e.drawn import flowers
from tests.support.eventually import until

pytestmark = pytest.mark.slow

MEGABYTES_20 = bytes(range(256)) * (20 << 12)
_SERVERS = ("api-1", "api-2", "controller", "node-1", "node-2")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if not is_installed():
        assert not os.environ.get("CI"), "CI is root and has HAProxy, see .ci/packages"
        pytest.skip("network namespaces, PostgreSQL or HAProxy are missing")
    with started_cluster(tmp_path_factory.mktemp("composed")) as made:
        yield made


def test_a_backup_restores_the_cluster_on_machines_without_anything(
    cluster: Cluster, tmp_path: Path
) -> None:
    """The commands of docs/cluster.md: the database first, the buckets after it."""
    composed, picture = cluster.composed, flowers("load", 1)[0].jpeg()
    with composed.inside("haproxy"):
        rekognition, s3 = cluster.client("rekognition"), cluster.client("s3")
        s3.create_bucket(Bucket="custom-labels-parts")
        s3.upload_fileobj(BytesIO(MEGABYTES_20), "custom-labels-parts", "ü /in parts")
        rekognition.start_project_version(ProjectVersionArn=cluster.model, MinInferenceUnits=1)
        cluster.await_running(rekognition)
        answer = cluster.detected(rekognition, picture)
    dump = composed.run("postgres", "pg_dump", "--username=lensmith", "--format=custom", "lensmith")
    cluster.aws("s3", "sync", f"s3://{SYSTEM_BUCKET}", str(tmp_path / SYSTEM_BUCKET))
    cluster.aws("s3", "sync", "s3://custom-labels-parts", str(tmp_path / "custom-labels-parts"))

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
    for bucket in (SYSTEM_BUCKET, "custom-labels-parts"):
        cluster.aws("s3api", "create-bucket", "--bucket", bucket)
        cluster.aws("s3", "sync", str(tmp_path / bucket), f"s3://{bucket}")
    for name in ("api-1", "controller", "node-1"):  # the others are alike
        composed.start(name)
    cluster.await_door("api-1", "UP")
    with composed.inside("haproxy"):
        rekognition = cluster.client("rekognition")
        again = until(lambda: _detected_or_refused(cluster, rekognition, picture))
        assert again == answer
        assert cluster.client("s3").get_object(
            Bucket="custom-labels-parts", Key="ü /in parts"
        )["Body"].read() == MEGABYTES_20  # fmt: skip


def _detected_or_refused(
    cluster: Cluster, rekognition: Any, picture: bytes
) -> list[tuple[str, float]]:
    """What is detected; nothing until a unit is there."""
    try:
        return cluster.detected(rekognition, picture)
    except ClientError:
        return []
