"""A backup that is made while others write; restored elsewhere, nothing is missing."""

from __future__ import annotations

import os
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.api.hosted import Hosted
from tests.boto3.conftest import picture
from tests.support.command import lensmith, program
from tests.support.eventually import until
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

BUCKET = "kept"
LARGE = bytes(range(256)) * 4096  # a part of a volume that is linked, not copied


class Writers:
    """Put objects and create projects until the block ends; know what was acknowledged."""

    def __init__(self, server: LiveServer) -> None:
        self.objects: list[str] = []
        self.projects: list[str] = []
        self._ended = threading.Event()
        self._s3, self._rekognition = server.s3(), server.rekognition()
        self._threads = [
            threading.Thread(target=one) for one in (self._put_objects, self._create_projects)
        ]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _put_objects(self) -> None:
        while not self._ended.is_set():
            key = f"{len(self.objects)}"
            self._s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode() + LARGE)
            self.objects.append(key)

    def _create_projects(self) -> None:
        while not self._ended.is_set():
            name = f"written-{len(self.projects)}"
            self._rekognition.create_project(ProjectName=name)
            self.projects.append(name)


@pytest.fixture(name="server", scope="module")
def server_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path_factory.mktemp("backed-up"))
    live.start()
    live.s3().create_bucket(Bucket=BUCKET)
    yield live
    assert live.stop() == 0, live.log.read_text()


def refused(*arguments: str | Path) -> str:
    done = lensmith(os.environ, *arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_a_backup_under_load_restores_everything(server: LiveServer, tmp_path: Path) -> None:
    archive = tmp_path / "lensmith.tar"
    hosted = Hosted(server)
    hosted.lab.start(hosted.project_arn, hosted.arn)
    before = hosted.lab.detect(hosted.arn, picture("PNG"))
    with Writers(server) as writers:
        until(lambda: min(len(writers.objects), len(writers.projects)), lambda few: few > 3)
        objects, projects = list(writers.objects), list(writers.projects)
        program(server.environment(), "backup", archive).check_returncode()
        more = len(writers.objects)
        until(lambda: len(writers.objects) > more)  # the store goes on
    assert archive.stat().st_mode & 0o077 == 0
    assert not list((server.home / "data").glob("backup-*"))
    hosted.lab.stop(hosted.project_arn, hosted.arn)

    restored = LiveServer(tmp_path / "elsewhere")
    restored.home.mkdir()
    restored.run("restore", str(archive))
    restored.start()
    try:
        assert restored.environment() | {"x": ""} != {}
        assert_there(restored.s3(), restored.rekognition(), objects, projects)
        # The keys of the first server are those of the second, and its model runs again.
        rekognition = restored.rekognition()
        until(
            lambda: rekognition.describe_project_versions(ProjectArn=hosted.project_arn)[
                "ProjectVersionDescriptions"
            ][0]["Status"],
            lambda status: status == "RUNNING",
        )
        again = rekognition.detect_custom_labels(
            ProjectVersionArn=hosted.arn, Image={"Bytes": picture("PNG")}
        )
        assert again["CustomLabels"] == before
        same_key = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        old, new = server.environment(), restored.environment()
        assert [old[name] for name in same_key] == [new[name] for name in same_key]
    finally:
        assert restored.stop() == 0, restored.log.read_text()
    assert "is not empty" in refused("restore", archive, "--home", restored.home / "data")


def assert_there(
    s3: S3Client, rekognition: RekognitionClient, objects: list[str], projects: list[str]
) -> None:
    for key in objects:
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == key.encode() + LARGE
    s3.put_object(Bucket=BUCKET, Key="after", Body=b"writable")
    pages = rekognition.get_paginator("describe_projects").paginate()
    found = {
        project["ProjectArn"].split("/")[1]
        for page in pages
        for project in page["ProjectDescriptions"]
    }
    assert set(projects) <= found


def test_what_is_no_whole_backup_is_refused(server: LiveServer, tmp_path: Path) -> None:
    archive, cut, other = (tmp_path / name for name in ("whole.tar", "cut.tar", "other.tar"))
    server.run("backup", str(archive))
    with tarfile.open(archive) as whole:
        end = whole.getmember("lensmith-backup.end").offset
    cut.write_bytes(archive.read_bytes()[:end])
    with tarfile.open(other, "w") as tar:
        tar.add(__file__, "../evil")
    home = tmp_path / "home"
    assert "cut short" in refused("restore", cut, "--home", home)
    assert "no backup" in refused("restore", other, "--home", home)
    assert "cannot be restored" in refused("restore", tmp_path / "missing.tar", "--home", home)
    assert "nothing to back up" in refused("backup", tmp_path / "a.tar", "--home", home)
    assert not home.exists()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
