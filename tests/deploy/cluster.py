"""The servers of deploy/cluster/compose.yaml, as processes, with a model of two units planted."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from tests.support import command
from tests.support.composed import REPOSITORY, Composed, is_possible
from tests.support.eventually import until
from tests.support.installed_model import install_model

from lensmith.config import Settings
from lensmith.store.records.engine import Records

_DEPLOY = REPOSITORY / "deploy"
_POSTGRESQL = Path("/usr/lib/postgresql")
API, S3 = "http://127.0.0.1:7400", "http://127.0.0.1:7401"  # as HAProxy publishes them
SYSTEM_BUCKET = "lensmith-system"


@dataclass
class Cluster:
    """All services, and a model of two units."""

    composed: Composed
    secrets: Path
    project: str = ""
    model: str = ""

    @property
    def person(self) -> tuple[str, str]:
        key_id, _, secret = (self.secrets / "person-key").read_text().strip().partition(",")
        return key_id, secret

    def client(self, service: Any, attempts: int = 3) -> Any:
        """One of the person with a key for both doors, to be used inside HAProxy's network."""
        key_id, secret = self.person
        config = Config(
            retries={"total_max_attempts": attempts, "mode": "standard"},
            s3={"addressing_style": "path"},
        )
        return boto3.client(
            service,
            endpoint_url=S3 if service == "s3" else API,
            region_name="us-east-1",
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            config=config,
        )

    def plant(self, server: str) -> None:
        """Put a trained model on the disk of a server, which publishes it when it starts."""
        settings = Settings(
            self.composed.volume(server), root_key_file=str(self.secrets / "root-key")
        )
        password = (self.secrets / "postgres-password").read_text()
        address = self.composed.services["postgres"].address
        with self.composed.inside("api-1"):
            url = f"postgresql+psycopg://lensmith:{password}@{address}/lensmith"
            records = Records.open(url)
            project, version = install_model(records, [settings], "planted")
            records.close()
        for path in (settings.data_directory, *settings.data_directory.rglob("*")):
            os.chown(path, 7400, 7400)
        self.project, self.model = project.arn, version.arn

    def await_running(self, rekognition: Any) -> None:
        def status() -> str:
            found = rekognition.describe_project_versions(ProjectArn=self.project)
            return str(found["ProjectVersionDescriptions"][0]["Status"])

        assert until(status, lambda now: now not in {"STARTING", "STOPPED"}) == "RUNNING"

    def detected(self, rekognition: Any, picture: bytes) -> list[tuple[str, float]]:
        answer = rekognition.detect_custom_labels(
            ProjectVersionArn=self.model, Image={"Bytes": picture}, MinConfidence=0
        )
        return [(label["Name"], label["Confidence"]) for label in answer["CustomLabels"]]

    def tell_haproxy(self, command: str) -> str:
        """What HAProxy's own commands say."""
        with (
            self.composed.inside("haproxy"),
            socket.create_connection(("127.0.0.1", 9999)) as commands,
        ):
            commands.sendall(f"{command}\n".encode())
            return commands.makefile().read()

    def await_door(self, server: str, wanted: str) -> None:
        """Wait until HAProxy has this server of the API up or down."""
        pattern = rf"^api,{server},(?:[^,]*,){{15}}{wanted}"
        until(lambda: re.search(pattern, self.tell_haproxy("show stat"), re.M))

    def aws(self, *arguments: str) -> None:
        """Run the AWS CLI with the servers' own key of S3."""
        variables = {
            "AWS_SHARED_CREDENTIALS_FILE": str(self.secrets / "s3-credentials"),
            "AWS_REGION": "us-east-1",
        }
        with self.composed.inside("haproxy"):  # the CLI's threads, too
            done = command.aws({**os.environ, **variables}, "--endpoint-url", S3, *arguments)
        assert done.returncode == 0, done.stderr


def _is_installed() -> bool:
    return bool(
        is_possible() and _programs() and shutil.which("haproxy", path="/usr/sbin:/usr/bin")
    )


@contextmanager
def started_cluster(
    home: Path,
    files: Sequence[str] = ("compose.yaml",),
    nodes: Sequence[str] = ("node-1", "node-2"),
) -> Iterator[Cluster]:
    """All services with secrets of their own, and a user whose key S3 knows."""
    if not _is_installed():
        assert not os.environ.get("CI"), "CI is root and has HAProxy, see .ci/packages"
        pytest.skip("network namespaces, PostgreSQL or HAProxy are missing")
    shutil.copytree(_DEPLOY, home / "deploy")
    folder = home / "deploy" / "cluster"
    subprocess.run([folder / "secrets.sh"], check=True)
    named = [folder / file for file in files]
    with Composed.of(named, home, "inside", _programs()) as composed:
        cluster = Cluster(composed, folder / "secrets")
        composed.start("api-1")
        cluster.plant("controller")
        for name in (*nodes, "controller", "haproxy"):
            composed.start(name)
        until(lambda: "model published" in composed.log("controller"), message="see its log")
        key = "/run/secrets/person-key"
        composed.run("api-1", "lensmith", "user", "create", "person", "--key-file", key)
        yield cluster


def _programs() -> tuple[str, ...]:
    return tuple(sorted(str(path) for path in _POSTGRESQL.glob("*/bin"))[-1:])
