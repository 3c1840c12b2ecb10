"""deploy/nginx.conf and deploy/Caddyfile, each in front of a live server, by TLS."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from tests.boto3.settling import code_of
from tests.deploy.conftest import API, S3
from tests.support.eventually import until
from tests.support.live_server import LiveServer, free_port

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

DEPLOY = Path(__file__).parents[2] / "deploy"
MEGABYTES_20 = bytes(range(256)) * (20 << 12)

_NGINX = """
user root;
pid {folder}/nginx.pid;
error_log stderr;
daemon off;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    include {folder}/lensmith.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """What a client of the proxy needs."""

    server: LiveServer
    port: int
    authority: Path  # the certificate that signed the proxy's

    def rekognition(self) -> RekognitionClient:
        return boto3.client("rekognition", **self._options(API))

    def s3(self) -> S3Client:
        return boto3.client("s3", **self._options(S3))

    def get(self, path: str) -> int:
        with urllib3.PoolManager(ca_certs=str(self.authority)) as pool:
            return pool.request("GET", f"https://{API}:{self.port}{path}", retries=False).status

    def _options(self, host: str) -> dict[str, Any]:
        given = self.server.environment()
        return {
            "endpoint_url": f"https://{host}:{self.port}",
            "region_name": given["AWS_REGION"],
            "aws_access_key_id": given["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": given["AWS_SECRET_ACCESS_KEY"],
            "verify": str(self.authority),
            "config": Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        }


def _own_ports(text: str, server: LiveServer) -> str:
    for usual, port in (("7400", server.port), ("7401", server.s3_port)):
        assert f"127.0.0.1:{usual}" in text
        text = text.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{port}")
    return text


def _nginx(folder: Path, server: LiveServer, port: int, certificate: Path) -> list[str]:
    text = _own_ports((DEPLOY / "nginx.conf").read_text(), server)
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
    text = text.replace("/etc/ssl/lensmith/", f"{certificate}/")
    (folder / "lensmith.conf").write_text(text)
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder))
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def _caddy(folder: Path, server: LiveServer, port: int, certificate: Path) -> list[str]:
    text = _own_ports((DEPLOY / "Caddyfile").read_text(), server)
    tls = f"tls {certificate}/fullchain.pem {certificate}/key.pem"
    for name in (API, S3):
        assert f"\n{name} {{\n" in text
        text = text.replace(f"\n{name} {{\n", f"\n{name}:{port} {{\n\t{tls}\n\tbind 127.0.0.1\n")
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(options + text)
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    log = folder / "log"
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        until(lambda: process.poll() is not None or _answers(port), message=log.read_text())
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


Write = Callable[[Path, LiveServer, int, Path], list[str]]


@pytest.fixture(scope="module", params=[_nginx, _caddy], ids=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest,
    server: LiveServer,
    certificate: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    write: Write = request.param
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    command = write(folder, server, port, certificate)
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    with ExitStack() as running:
        running.enter_context(_running(command, folder, port))
        yield Proxy(server, port, certificate / "fullchain.pem")


@pytest.mark.usefixtures("names_resolve")
def test_calls_and_objects_pass_the_proxy(proxy: Proxy) -> None:
    rekognition, s3 = proxy.rekognition(), proxy.s3()
    name = f"behind-{proxy.port}"
    arn = rekognition.create_project(ProjectName=name)["ProjectArn"]
    version = f"{arn.rsplit('/', 1)[0]}/version/none/1700000000000"
    picture = b"\xff\xd8\xff" + bytes(4 << 20)  # 5.6 MB in base64
    refusal = code_of(
        lambda: rekognition.detect_custom_labels(
            ProjectVersionArn=version, Image={"Bytes": picture}
        )
    )
    assert refusal in {"ResourceNotFoundException", "ImageTooLargeException"}

    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="whole", Body=MEGABYTES_20)
    s3.upload_fileobj(io.BytesIO(MEGABYTES_20), name, "ü /in parts")  # multipart, a key to quote
    for key in ("whole", "ü /in parts"):
        assert s3.get_object(Bucket=name, Key=key)["Body"].read() == MEGABYTES_20
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "whole"})
    with urllib3.PoolManager(ca_certs=str(proxy.authority)) as pool:
        assert pool.request("GET", signed).data == MEGABYTES_20


@pytest.mark.usefixtures("names_resolve")
def test_pages_pass_and_metrics_want_their_token(proxy: Proxy) -> None:
    assert proxy.get("/_lensmith/health") == 200
    assert proxy.get("/") in {200, 404}  # 404: the console was not built
    assert proxy.get("/metrics") == 401
