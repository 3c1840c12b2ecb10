"""Memory of each part of a cluster, and bytes of its database: `python -m bench sizing`.

Starts the services of deploy/cluster/compose.yaml as the tests do, as root.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table
from tests.deploy.cluster import Cluster, started_cluster
from tests.e2e.drawn import flowers
from tests.support.eventually import until
from tests.support.live_server import command_line

_SIZE = "SELECT pg_database_size('lensmith')"
_LINE = (
    '{{"source-ref": "s3://{bucket}/pictures/part-{number:07}.jpg", "parts": 0, "parts-metadata": '
    '{{"class-name": "bolt", "confidence": 1, "type": "groundtruth/image-classification", '
    '"human-annotated": "yes", "creation-date": "2026-11-30T12:00:00", "job-name": "job/parts"}}}}'
)


def memory(pid: int) -> dict[str, float]:
    """Return the proportional set sizes in MB of a service's processes, by what they are."""
    found: dict[str, float] = {}
    process = psutil.Process(pid)
    for one in (process, *process.children(recursive=True)):
        line = command_line(one)
        parts = ("serving.remote.worker", "lensmith.datasets", "lensmith serve")
        name = next((part for part in parts if part in line), "itself")
        found[name] = found.get(name, 0) + one.memory_full_info().pss / 1e6
    return found


def fill(cluster: Cluster, lines: int) -> None:
    """Make a dataset of a manifest with this number of lines."""
    s3, rekognition = cluster.client("s3"), cluster.client("rekognition")
    bucket = "custom-labels-sizing"
    s3.create_bucket(Bucket=bucket)
    text = "\n".join(_LINE.format(bucket=bucket, number=number) for number in range(lines))
    s3.put_object(Bucket=bucket, Key="parts.manifest", Body=text.encode())
    project = rekognition.create_project(ProjectName="sizing")["ProjectArn"]
    source = {"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": "parts.manifest"}}}
    made = rekognition.create_dataset(
        ProjectArn=project, DatasetType="TRAIN", DatasetSource=source
    )["DatasetArn"]

    def described() -> dict[str, Any]:
        return dict(rekognition.describe_dataset(DatasetArn=made)["DatasetDescription"])

    done = until(described, lambda it: it["Status"] != "CREATE_IN_PROGRESS")
    assert done["DatasetStats"]["TotalEntries"] == lines, done


def database_bytes(cluster: Cluster) -> int:
    said = cluster.composed.run("postgres", "psql", "--username=lensmith", "-Atc", _SIZE)
    return int(said)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench sizing", description=__doc__)
    parser.add_argument("--entries", type=int, default=50_000)
    given = parser.parse_args()
    console = Console()
    with TemporaryDirectory() as home, started_cluster(Path(home)) as cluster:
        empty = database_bytes(cluster)
        with cluster.composed.inside("haproxy"):
            rekognition, picture = cluster.client("rekognition"), flowers("load", 1)[0].jpeg()
            rekognition.start_project_version(ProjectVersionArn=cluster.model, MinInferenceUnits=2)
            cluster.await_running(rekognition)
            for _ in range(100):
                cluster.detected(rekognition, picture)
            fill(cluster, given.entries)
        table = Table("service", "process", "MB", box=None)
        for name, service in cluster.composed.services.items():
            for part, size in memory(service.pid).items():
                table.add_row(name, part, f"{size:.0f}")
        console.print(table)
        grown = (database_bytes(cluster) - empty) / given.entries
        console.print(f"database: {empty / 1e6:.1f} MB empty, {grown:.0f} bytes an entry")


if __name__ == "__main__":
    main()
