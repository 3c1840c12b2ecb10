"""Faults of the machine: one clear sentence, no traceback, nothing acknowledged is lost."""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from PIL import Image
from tests.support.live_server import BIN, LiveServer
from tests.support.sharing import plant_model

from lensmith.config import Settings
from lensmith.store.audit.files import MANAGEMENT, file_name
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import ImageTypeDef


def refused(home: Path, *arguments: str, wrapper: tuple[str, ...] = ()) -> str:
    """What `lensmith serve` says when it does not start."""
    done = subprocess.run(
        [*wrapper, str(BIN / "lensmith"), "serve", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        # Coverage's own file would meet the fault, too, and leave a traceback of its own.
        env={name: value for name, value in os.environ.items() if "COVERAGE" not in name},
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    (sentence,) = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    return sentence


def test_a_port_out_of_range(tmp_path: Path) -> None:
    sentence = refused(tmp_path, "--s3-port", "70000")
    assert sentence == "lensmith: LENSMITH_S3_PORT must be a port, 1 to 65535, not '70000'."


def test_too_few_file_descriptors(tmp_path: Path) -> None:
    sentence = refused(tmp_path, wrapper=("prlimit", "--nofile=64:64"))
    assert "may open 64 files only" in sentence
    assert "ulimit -n" in sentence


def test_broken_records(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_bytes(b"this is no database, " * 1000)
    sentence = refused(tmp_path)
    assert f"The records in {tmp_path / 'records.db'} cannot be used" in sentence
    assert "the file is damaged" in sentence
    assert "lensmith restore" in sentence


def test_a_disk_without_room(tmp_path: Path) -> None:
    """Writing beyond a file size fails as writing to a full disk does."""
    sentence = refused(tmp_path, wrapper=("prlimit", "--fsize=0"))
    assert str(tmp_path) in sentence


@pytest.fixture(name="faulty", scope="module")
def faulty_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path_factory.mktemp("faulty"))
    server.start()
    yield server
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


def test_a_disk_that_fills_up_refuses_writes_until_there_is_room(faulty: LiveServer) -> None:
    client = faulty.rekognition()
    client.create_project(ProjectName="before")
    resource.prlimit(faulty.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    with pytest.raises(ClientError, match="records are unavailable: the disk"):
        client.create_project(ProjectName="without-room")
    found = client.describe_projects()["ProjectDescriptions"]
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(faulty.pid, resource.RLIMIT_FSIZE, unlimited)

    assert [project["ProjectArn"].split("/")[1] for project in found] == ["before"]
    client.create_project(ProjectName="after")


def test_an_audit_trail_that_cannot_be_written_refuses_changes_only(faulty: LiveServer) -> None:
    days = _files_of_today(faulty)
    client = faulty.rekognition()
    model = _running_model(faulty, client.create_project(ProjectName="audited")["ProjectArn"])
    picture: ImageTypeDef = {"Bytes": _red_picture()}
    before = client.detect_custom_labels(ProjectVersionArn=model, Image=picture)
    for file in days:
        if file.exists():
            file.rename(file.with_suffix(".away"))
        file.symlink_to("/dev/full")
    client.create_project(ProjectName="last")  # whose event stays in memory
    with pytest.raises(ClientError, match="audit trail cannot be written: No space left"):
        client.create_project(ProjectName="not-audited")
    faulty.s3().create_bucket(Bucket="last")
    with pytest.raises(ClientError, match="audit trail cannot be written"):
        faulty.s3().create_bucket(Bucket="not-audited")
    described = client.describe_projects()["ProjectDescriptions"]
    after = client.detect_custom_labels(ProjectVersionArn=model, Image=picture)
    with pytest.raises(ClientError, match="audit trail cannot be written"):
        client.stop_project_version(ProjectVersionArn=model)
    for file in days:
        file.unlink()
        if file.with_suffix(".away").exists():
            file.with_suffix(".away").rename(file)
    client.create_project(ProjectName="audited-again")

    assert after["CustomLabels"] == before["CustomLabels"] != []
    found = {one["ProjectArn"].split("/")[1] for one in described}
    assert {"audited", "last"} <= found
    assert "not-audited" not in found
    lines = "".join(file.read_text() for file in days if file.exists()).splitlines()
    names = [json.loads(line)["requestParameters"] for line in lines]
    created = [one["projectName"] for one in names if one and "projectName" in one]
    assert created == [*created[:-4], "audited", "last", "not-audited", "audited-again"]


def _files_of_today(server: LiveServer) -> list[Path]:
    """Name the files of management events, also that of the next day: midnight may pass."""
    now = datetime.now(UTC)
    names = [file_name(MANAGEMENT, now + timedelta(days)) for days in range(2)]
    return [server.home / "data" / "audit" / name for name in names]


def _running_model(server: LiveServer, project_arn: str) -> str:
    records = Records.of(Settings(server.home / "data"))
    version = plant_model(server.home / "data", records, project_arn)
    records.close()
    client = server.rekognition()
    client.start_project_version(ProjectVersionArn=version.arn, MinInferenceUnits=1)
    client.get_waiter("project_version_running").wait(
        ProjectArn=project_arn, VersionNames=[version.name], WaiterConfig={"Delay": 1}
    )
    return version.arn


def _red_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 30, 30)).save(file, "PNG")
    return file.getvalue()


def test_records_that_are_deleted_are_noticed(faulty: LiveServer) -> None:
    client = faulty.rekognition()
    file = faulty.home / "data" / "records.db"
    kept = file.rename(file.with_suffix(".away"))
    with pytest.raises(ClientError, match="records are unavailable: the file is gone"):
        client.create_project(ProjectName="lost")
    assert not file.exists()

    shutil.copy(kept, file)
    with pytest.raises(ClientError, match="the file was replaced"):
        client.create_project(ProjectName="lost")

    kept.rename(file)
    client.create_project(ProjectName="there-again")
    assert "records unavailable" in faulty.log.read_text()
