"""The server as a process: what survives which death, and who may run beside whom."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from botocore.exceptions import ClientError
from tests.support.command import lensmith
from tests.support.eventually import until
from tests.support.live_server import BIN, LiveServer, command_line, free_port
from tests.support.suspended import suspend

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NewServer = Callable[..., LiveServer]


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if one.is_running() and one.status() != "zombie"]


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that tests stop and kill, with an object; each starts it again, but for the last."""
    live = LiveServer(tmp_path_factory.mktemp("mortal"))
    live.start()
    live.s3().create_bucket(Bucket="kept")
    live.s3().put_object(Bucket="kept", Key="key", Body=b"acknowledged")
    yield live
    if live.process is not None and live.process.poll() is None:
        assert live.stop() == 0, live.log.read_text()


def project_arns(server: LiveServer) -> list[str]:
    found = server.rekognition().describe_projects()["ProjectDescriptions"]
    return [project["ProjectArn"] for project in found]


@pytest.mark.parametrize("name", ["-s3.config", "lensmith.gateway", "lensmith.datasets"])
def test_a_child_that_dies_is_started_again(mortal: LiveServer, name: str) -> None:
    (child,) = mortal.children(name)

    child.kill()

    until(lambda: any(other.pid != child.pid for other in mortal.children(name)))
    until(lambda: _read(mortal.s3()) == b"acknowledged")


def _read(s3: S3Client) -> bytes | None:
    """None while the store starts again, which clients are told with a status to retry."""
    try:
        return s3.get_object(Bucket="kept", Key="key")["Body"].read()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 503:
            return None
        raise


def test_kill_9_loses_nothing_and_leaves_no_orphans(mortal: LiveServer) -> None:
    s3 = mortal.s3()
    s3.put_object(Bucket="kept", Key="last", Body=b"acknowledged")
    arn = mortal.rekognition().create_project(ProjectName="killed")["ProjectArn"]
    before = project_arns(mortal)
    children = mortal.children()
    assert children

    assert mortal.stop(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: not running(children))

    mortal.start()
    assert s3.get_object(Bucket="kept", Key="last")["Body"].read() == b"acknowledged"
    assert project_arns(mortal) == before
    assert arn in before


def test_a_killed_server_starts_again_at_once_whatever_its_gateway_does(mortal: LiveServer) -> None:
    """Else it would hold the S3 port until it has noticed."""
    for gateway in mortal.children("lensmith.gateway"):
        suspend(gateway)
    assert mortal.stop(signal.SIGKILL) == -signal.SIGKILL
    mortal.start()
    assert _read(mortal.s3()) == b"acknowledged"


def test_a_second_start_continues_where_the_first_ended(mortal: LiveServer) -> None:
    arn = mortal.rekognition().create_project(ProjectName="stopped")["ProjectArn"]
    mortal.s3().put_object(Bucket="kept", Key="a/b", Body=b"data")
    before = project_arns(mortal)
    children = mortal.children()
    assert mortal.stop(signal.SIGINT) == 0
    assert not running(children)

    mortal.start()
    assert project_arns(mortal) == before
    assert arn in before
    assert mortal.s3().get_object(Bucket="kept", Key="a/b")["Body"].read() == b"data"


def test_a_server_that_was_suspended_hears_what_it_was_told_meanwhile(mortal: LiveServer) -> None:
    """The kernel gives the signal to any thread then, and Python's handlers wait for the first."""
    process = psutil.Process(mortal.pid)
    suspend(process)
    process.terminate()
    process.resume()
    assert mortal.process is not None
    assert mortal.process.wait(60) == 0
    mortal.start()


def test_two_servers_run_side_by_side(server: LiveServer, mortal: LiveServer) -> None:
    mortal.s3().create_bucket(Bucket="only-there")
    names = [bucket["Name"] for bucket in server.s3().list_buckets()["Buckets"]]
    assert "only-there" not in names
    assert mortal.stop() == 0
    server.s3().list_buckets()


def test_a_free_port_is_named_wherever_the_address_is(tmp_path: Path) -> None:
    home = {**os.environ, "LENSMITH_HOME": str(tmp_path / "data")}
    command = [str(BIN / "lensmith"), "serve", "--port", "0", "--s3-port", str(free_port())]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=home, stdout=log, stderr=log)
    try:
        banner = tmp_path / "log"
        until(lambda: "Console  " in banner.read_text(), message="no banner")
        found = re.search(r"Console  http://127\.0\.0\.1:([1-9]\d*)", banner.read_text())
        assert found is not None
        with socket.create_connection(("127.0.0.1", int(found[1]))):
            printed = lensmith(home, "console").stdout
        assert printed.startswith(f"http://127.0.0.1:{found[1]}/#token=")
    finally:
        process.terminate()
        process.wait(60)


def test_a_data_directory_has_one_server(server: LiveServer) -> None:
    refused = subprocess.run(
        [str(BIN / "lensmith"), "serve"], env=server.environment(), capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert f"process {server.pid}" in refused.stderr
    assert "lensmith stop" in refused.stderr


@pytest.mark.parametrize("taken", ["--port", "--s3-port"])
def test_a_taken_port_is_refused_by_name(server: LiveServer, tmp_path: Path, taken: str) -> None:
    ports = {"--port": "0", "--s3-port": str(server.s3_port)}
    ports[taken] = str(server.port)
    refused = subprocess.run(
        [str(BIN / "lensmith"), "serve", "--home", str(tmp_path), *sum(ports.items(), ())],
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert str(server.port) in refused.stderr
    assert f"{taken} or" in refused.stderr


def test_an_external_store_needs_no_child(server: LiveServer, new_server: NewServer) -> None:
    given = server.environment()
    credentials = {name: given[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    other = new_server(LENSMITH_S3_ENDPOINT_URL=given["AWS_ENDPOINT_URL_S3"], **credentials)
    other.start()
    assert not other.children("-s3.config")
    assert other.environment()["AWS_ENDPOINT_URL_S3"] == given["AWS_ENDPOINT_URL_S3"]
    assert other.rekognition().create_project(ProjectName="p")["ProjectArn"]
    assert other.stop() == 0


def test_other_users_cannot_read_the_data_directory(server: LiveServer) -> None:
    assert (server.home / "data").stat().st_mode & 0o077 == 0
    assert (server.home / "data" / "records.db").stat().st_mode & 0o077 == 0


def test_no_secret_is_in_a_log_or_on_a_command_line(server: LiveServer) -> None:
    secret = server.environment()["AWS_SECRET_ACCESS_KEY"]
    logs = [server.log, *(server.home / "data" / "run").glob("*.log")]
    assert not [log for log in logs if secret in log.read_text()]
    assert not [child for child in server.children() if secret in command_line(child)]
