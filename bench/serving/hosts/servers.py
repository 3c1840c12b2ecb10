"""The servers under test: each started for one model and a number of units, and ended."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import psutil
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.support.live_server import LiveServer, free_port

from bench.serving.running_models import trained
from lensmith.config import Settings
from lensmith.domain.precision import Precision
from lensmith.domain.project_version import ProjectVersion

READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Host:
    """A server that runs one model."""

    port: int
    pid: int
    request: Callable[[bytes], bytes]  # a picture as the bytes of one HTTP request
    version_arn: str = ""  # of Lensmith
    environment: Mapping[str, str] = field(default_factory=dict)  # with which boto3 finds it


@dataclass(frozen=True, slots=True)
class Model:
    """A network for a number of units, which share the machine's cores."""

    directory: Path
    units: int
    precision: Precision | None = None  # the fastest without one

    @property
    def threads(self) -> int:
        return max(1, (os.cpu_count() or 1) // self.units)


@contextmanager
def lensmith(home: Path, model: Model, source: Path | None = None) -> Iterator[Host]:
    """Run `lensmith serve` with the model started; its requests are signed once and sent often.

    `source` is the src folder of another tree, whose Lensmith runs instead of the installed one.
    Signing in boto3 takes longer than answering costs; a signature is good for 15 minutes.
    """
    with live_lensmith(home, model, source) as (server, version):
        given = server.environment()

        def request(picture: bytes) -> bytes:
            return _signed(given, _detection(picture, version.arn))

        yield Host(server.port, server.pid, request, version.arn, given)


@contextmanager
def live_lensmith(
    home: Path, model: Model, source: Path | None = None
) -> Iterator[tuple[LiveServer, ProjectVersion]]:
    """A server of its own whose only model runs."""
    shutil.rmtree(home, ignore_errors=True)
    given = {"LENSMITH_PRECISION": str(model.precision)} if model.precision else {}
    if source:  # another release, whose schema may be older
        given = {**given, "PYTHONPATH": str(source)}
    server = LiveServer(home, given=given, makes_records=True)
    server.start()
    try:
        settings = Settings.from_environment({"LENSMITH_HOME": str(home / "data")})
        project, version = trained(settings, model.directory)
        rekognition = server.rekognition()
        rekognition.start_project_version(
            ProjectVersionArn=version.arn, MinInferenceUnits=model.units
        )
        waiter = rekognition.get_waiter("project_version_running")
        waiter.wait(ProjectArn=project.arn, WaiterConfig={"Delay": 1})
        yield server, version
    finally:
        server.stop()


@contextmanager
def fastapi(_: Path, model: Model) -> Iterator[Host]:
    with _fastapi("plain_fastapi", model) as (port, pid):
        yield Host(port, pid, lambda picture: _post(picture, "image/jpeg"))


@contextmanager
def fastapi_pillow(_: Path, model: Model) -> Iterator[Host]:
    with _fastapi("pillow_fastapi", model) as (port, pid):
        yield Host(port, pid, lambda picture: _post(picture, "image/jpeg"))


@contextmanager
def fastapi_base64(_: Path, model: Model) -> Iterator[Host]:
    def request(picture: bytes) -> bytes:
        return _post(_detection(picture, "none"), "application/json", "/predict-base64")

    with _fastapi("plain_fastapi", model) as (port, pid):
        yield Host(port, pid, request)


@contextmanager
def litserve(_: Path, model: Model) -> Iterator[Host]:
    port = free_port()
    given = (model.directory, model.threads, model.units, port)
    with _process(["-m", "bench.serving.hosts.lit", *map(str, given)], {}, port) as pid:
        yield Host(port, pid, lambda picture: _post(_in_json(picture), "application/json"))


HOSTS: Mapping[str, Callable[[Path, Model], AbstractContextManager[Host]]] = {
    "Lensmith": lensmith,
    "FastAPI": fastapi,
    "LitServe": litserve,
    "FastAPI, base64": fastapi_base64,
    "FastAPI, Pillow": fastapi_pillow,
}


def _detection(picture: bytes, version_arn: str) -> bytes:
    """The body of DetectCustomLabels."""
    image = {"Bytes": base64.b64encode(picture).decode()}
    return json.dumps({"ProjectVersionArn": version_arn, "Image": image}).encode()


def _signed(given: dict[str, str], body: bytes) -> bytes:
    request = AWSRequest("POST", given["AWS_ENDPOINT_URL_REKOGNITION"] + "/", data=body)
    request.headers["X-Amz-Target"] = "RekognitionService.DetectCustomLabels"
    request.headers["Content-Type"] = "application/x-amz-json-1.1"
    keys = Credentials(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(keys, "rekognition", given["AWS_REGION"]).add_auth(request)
    request.headers["Host"] = given["AWS_ENDPOINT_URL_REKOGNITION"].removeprefix("http://")
    return _http("/", dict(request.headers), body)


def _post(body: bytes, content_type: str, path: str = "/predict") -> bytes:
    return _http(path, {"Host": "127.0.0.1", "Content-Type": content_type}, body)


def _http(path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{name}: {value}" for name, value in headers.items() if name != "Content-Length"]
    head = "\r\n".join([f"POST {path} HTTP/1.1", *lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode() + body


def _in_json(picture: bytes) -> bytes:
    return json.dumps({"image": base64.b64encode(picture).decode()}).encode()


@contextmanager
def _fastapi(module: str, model: Model) -> Iterator[tuple[int, int]]:
    """Port and process of one that is written down in a module beside this."""
    port = free_port()
    command = ["uvicorn", f"bench.serving.hosts.{module}:app", "--no-access-log"]
    options = ["--port", str(port), "--workers", str(model.units), "--log-level", "warning"]
    environment = {
        "BENCH_MODEL": str(model.directory),
        "BENCH_THREADS": str(model.threads),
        "BENCH_PRECISION": model.precision or "",
    }
    with _process(["-m", *command, *options], environment, port) as pid:
        yield port, pid


@contextmanager
def _process(arguments: list[str], environment: dict[str, str], port: int) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        _await_answer(process, port)
        yield process.pid
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all its children: some servers leave theirs behind."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    process.kill()
    process.wait()


def _await_answer(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if _status(port) not in {None, 503}:
            time.sleep(1.0)  # the workers beside the one that answered
            return
        time.sleep(0.1)
    raise SystemExit(f"nothing answers: {process.args!r}")


def _status(port: int) -> int | None:
    connection = HTTPConnection("127.0.0.1", port)
    with closing(connection), suppress(OSError):
        connection.request("GET", "/health")
        return connection.getresponse().status
    return None
